// The frame: drop-downs, dialogs, shortcuts, the search dialog. Everything here has a way without JavaScript.
(() => {
  const $ = (selector, root = document) => root.querySelector(selector);
  const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];
  const typing = (target) => target.closest("input:not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable]");

  // Drop-downs are <details>: one open at a time, closed by Escape and by a click elsewhere.
  document.addEventListener("click", (event) => {
    for (const open of $$("details.g-dropdown[open]")) if (!open.contains(event.target)) open.open = false;
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    const open = $("details.g-dropdown[open]");
    if (open) {
      open.open = false;
      $("summary", open).focus();
    }
  });

  // The menu may be longer than the window: the line of this page is in sight.
  const side = $(".g-sidebar");
  const line = side && $(".g-menu .active", side);
  if (line && line.offsetTop + line.offsetHeight > side.clientHeight) side.scrollTop = line.offsetTop - side.clientHeight / 2;

  // Dialogs
  const show = (id) => {
    const dialog = document.getElementById("g-" + id);
    if (!dialog || dialog.open) return false;
    for (const menu of $$("details.g-dropdown[open]")) menu.open = false;
    dialog.showModal();
    return dialog;
  };
  const openSearch = (text = "") => {
    const dialog = show("search");
    if (!dialog) return;
    const box = $("#g-search-box");
    box.value = text;
    box.focus();
    box.dispatchEvent(new CustomEvent("g:opened", { bubbles: true }));
  };
  document.addEventListener("click", (event) => {
    const opener = event.target.closest("[data-g-open]");
    if (opener && opener.tagName === "BUTTON") show(opener.dataset.gOpen);
    if (event.target.tagName === "DIALOG" && event.target.classList.contains("g-dialog")) event.target.close();
    const toggle = event.target.closest("[data-g-toggle=sidebar]");
    if (toggle) {
      const isOpen = document.body.classList.toggle("g-sidebar-open");
      toggle.setAttribute("aria-expanded", String(isOpen));
    } else if (document.body.classList.contains("g-sidebar-open") && !event.target.closest(".g-sidebar")) {
      document.body.classList.remove("g-sidebar-open");
      $("[data-g-toggle=sidebar]").setAttribute("aria-expanded", "false");
    }
  });
  $("input[data-g-open=search]")?.addEventListener("input", (event) => {
    const text = event.target.value;
    event.target.value = "";
    openSearch(text);
  });

  // The results of the search dialog: arrows choose, Enter opens.
  const options = () => $$("#g-search-results [role=option]");
  const choose = (index) => {
    const all = options();
    const box = $("#g-search-box");
    for (const option of all) option.setAttribute("aria-selected", "false");
    const chosen = all[(index + all.length) % all.length];
    if (!chosen) return box.removeAttribute("aria-activedescendant");
    chosen.setAttribute("aria-selected", "true");
    box.setAttribute("aria-activedescendant", chosen.id);
    chosen.scrollIntoView({ block: "nearest" });
  };
  $("#g-search-box")?.addEventListener("keydown", (event) => {
    const at = options().findIndex((option) => option.getAttribute("aria-selected") === "true");
    if (event.key === "ArrowDown") choose(at + 1);
    else if (event.key === "ArrowUp") choose(at < 0 ? -1 : at - 1);
    else if (event.key === "Enter" && at >= 0) options()[at].click();
    else return;
    event.preventDefault();
  });
  document.addEventListener("htmx:afterSwap", (event) => {
    if (event.target.id === "g-search-results") choose(0);
  });

  // Shortcuts
  document.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") {
      event.preventDefault();
      openSearch();
    } else if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target) || $("dialog[open]")) {
      return;
    } else if (event.key === "/") {
      event.preventDefault();
      openSearch();
    } else if (event.key === "?") {
      event.preventDefault();
      show("shortcuts");
    }
  });

  // htmx: our token with every request that writes, and words when the server says no or does not answer.
  document.addEventListener("htmx:configRequest", (event) => {
    if (event.detail.verb !== "get") event.detail.headers["X-CSRFToken"] = $("meta[name=csrf-token]").content;
  });
  for (const name of ["htmx:responseError", "htmx:sendError", "htmx:timeout"]) {
    document.addEventListener(name, () => announce(document.body.dataset.failed));
  }
  const announce = (text) => {
    const live = $("dialog[open] [role=status]") || document.getElementById("g-live"); // beside a dialog nothing is read
    if (live) live.textContent = text || "";
  };
  window.gecko = { announce, show, openSearch };
})();
