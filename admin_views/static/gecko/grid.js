// Grids: keys, selection, editing in the cell. Everything here has a way without JavaScript.
(() => {
  const $ = (selector, root = document) => root.querySelector(selector);
  const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];
  const grid = document.getElementById("grid");
  if (!grid) return;
  const typing = (target) => target.closest("input:not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable]");
  const columnOf = (cell) => $$("[data-rows] thead th", grid)[cell.cellIndex]?.dataset.name;
  const rows = () => $$("[data-rows] > tbody > tr:not(.g-detail)", grid);

  const focus = (element) => {
    if (!element) return;
    element.tabIndex = -1;
    element.focus();
  };

  // Selection and the bar that acts on it
  const boxes = () => $$("[data-rows] tbody input[name=ids]", grid);
  const selection = () => {
    const all = boxes();
    const chosen = all.filter((box) => box.checked);
    for (const box of all) box.closest("tr").classList.toggle("is-selected", box.checked);
    const head = $("[data-all]", grid);
    if (head) {
      head.checked = chosen.length > 0 && chosen.length === all.length;
      head.indeterminate = chosen.length > 0 && chosen.length < all.length;
    }
    const bar = $("[data-bulk]", grid);
    if (!bar) return;
    bar.classList.toggle("is-open", chosen.length > 0);
    const count = $("[data-bulk-count]", bar);
    count.textContent = chosen.length === 1 ? count.dataset.one : count.dataset.many.replace("{count}", chosen.length);
  };
  let lastBox = null;
  grid.addEventListener("change", (event) => {
    if (event.target.matches("[data-all]")) for (const box of boxes()) box.checked = event.target.checked;
    if (event.target.matches("[data-all], input[name=ids]")) selection();
  });
  grid.addEventListener("click", (event) => {
    const box = event.target.closest("input[name=ids]");
    if (!box) return;
    if (event.shiftKey && lastBox && lastBox.isConnected) {
      const all = boxes();
      const [from, to] = [all.indexOf(lastBox), all.indexOf(box)].sort((a, b) => a - b);
      for (const between of all.slice(from, to + 1)) between.checked = box.checked;
      selection();
    }
    lastBox = box;
  });

  // Editing in the cell
  const ask = (url, options = {}) =>
    fetch(url, { credentials: "same-origin", ...options, headers: { "HX-Request": "true", "HX-Current-URL": location.href } }).then((answer) => {
      const elsewhere = answer.headers.get("HX-Redirect");
      if (elsewhere) location.assign(elsewhere);
      return answer;
    });
  const failed = () => window.gecko?.announce(document.body.dataset.failed);
  const put = (cell, html) => {
    cell.innerHTML = html;
    cell.classList.add("is-editing");
    window.htmx?.process(cell);
    const field = $("input:not([type=hidden]), select, textarea", cell);
    field?.focus();
    if (field?.select) field.select();
  };
  const edit = (cell) => {
    if (!cell || cell.classList.contains("is-editing")) return;
    const before = cell.innerHTML;
    const url = new URL("inline", new URL(grid.dataset.url, location.href));
    url.searchParams.set("id", cell.closest("tr").dataset.id);
    url.searchParams.set("column", columnOf(cell));
    ask(url)
      .then((answer) => (answer.ok ? answer.text() : Promise.reject(answer.status)))
      .then((html) => {
        put(cell, html);
        cell.gBefore = before;
      })
      .catch(failed);
  };
  const cancel = (cell) => {
    cell.innerHTML = cell.gBefore;
    cell.classList.remove("is-editing");
    focus(cell);
  };
  const save = (form) => {
    const cell = form.closest("td");
    const row = cell.closest("tr");
    const [column, at] = [cell.cellIndex, rows().indexOf(row)];
    ask(form.action, { method: "POST", body: new URLSearchParams(new FormData(form)) })
      .then((answer) => answer.text().then((html) => [answer.status, html]))
      .then(([status, html]) => {
        if (status === 409 || status === 422) return put(cell, html);
        if (status !== 200) return failed();
        const box = document.createElement("tbody");
        box.innerHTML = html;
        row.replaceWith(...box.children);
        focus(rows()[at]?.cells[column]);
        selection();
      })
      .catch(failed);
  };
  grid.addEventListener("click", (event) => {
    const cell = event.target.closest("td[data-edit]");
    if (cell && !event.target.closest("a, button, form")) edit(cell);
  });
  grid.addEventListener("submit", (event) => {
    if (!event.target.matches("[data-editor]")) return;
    event.preventDefault();
    save(event.target);
  });

  // Keys: j/k and arrows move, Enter opens or edits, x selects, / searches this list
  const move = (by) => {
    const all = rows();
    const at = all.indexOf(document.activeElement?.closest("[data-rows] tbody tr"));
    const next = all[Math.max(0, Math.min(all.length - 1, at < 0 ? 0 : at + by))];
    focus(next);
    next?.scrollIntoView({ block: "nearest" });
  };
  const sideways = (cell, by) => {
    const cells = $$("td[data-edit]", cell.closest("tr"));
    const at = cells.indexOf(cell.closest("td"));
    focus(cells[Math.max(0, Math.min(cells.length - 1, at < 0 ? (by > 0 ? 0 : cells.length - 1) : at + by))]);
  };
  document.addEventListener(
    "keydown",
    (event) => {
      const editing = event.target.closest("td.is-editing");
      if (editing && event.key === "Escape") return cancel(editing);
      if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target) || $("dialog[open]")) return;
      const row = event.target.closest("[data-rows] tbody tr");
      const keys = {
        j: () => move(1),
        k: () => move(-1),
        ArrowDown: () => row && (move(1), true),
        ArrowUp: () => row && (move(-1), true),
        ArrowRight: () => row && (sideways(event.target, 1), true),
        ArrowLeft: () => row && (sideways(event.target, -1), true),
        x: () => row && ($("input[name=ids]", row)?.click(), true),
        "/": () => $("#g-q") && ($("#g-q").focus(), $("#g-q").select(), event.stopImmediatePropagation(), true),
        Enter: () => {
          if (!row || event.target.closest("a, button, input")) return false;
          const cell = event.target.closest("td[data-edit]");
          if (cell) edit(cell);
          else $("th a:not([data-open])", row)?.click();
          return true;
        },
      };
      const act = keys[event.key];
      if (act && act() !== false) event.preventDefault();
    },
    true,
  );

  // The menus beside the list follow the address, which htmx changes without loading the page.
  document.addEventListener("submit", (event) => {
    const url = $("[data-current-url]", event.target);
    if (url) url.value = location.pathname + location.search;
    const query = $("[data-current-query] input[name=query], input[data-current-query]", event.target.parentNode);
    if (query && event.target.contains(query)) query.value = location.search.slice(1);
  });
  document.addEventListener("htmx:afterSettle", selection);
  selection();
})();
