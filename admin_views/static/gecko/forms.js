// Forms: look-ups, a guard for unsaved changes, Ctrl+S, one submit per press, focus on what was refused.
(() => {
  const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];

  // Look-ups: <select data-lookup="/debtors/lookup"> searched on the server; without JavaScript its text box is used.
  const enhance = (root) => {
    for (const select of $$("select[data-lookup]", root)) {
      if (select.tomselect || !window.TomSelect) continue;
      const typed = document.getElementById(select.dataset.lookupText);
      if (typed) {
        typed.disabled = true;
      }
      const label = select.id && document.querySelector(`label[for="${CSS.escape(select.id)}"]`);
      if (label && !select.hasAttribute("aria-label")) select.setAttribute("aria-label", label.textContent.trim());
      const box = new window.TomSelect(select, {
        valueField: "id",
        labelField: "text",
        searchField: [],
        maxItems: 1,
        maxOptions: 20,
        openOnFocus: true,
        preload: "focus",
        allowEmptyOption: false,
        placeholder: select.dataset.placeholder,
        plugins: [],
        load: (query, done) => {
          box.clearOptions();
          const url = new URL(select.dataset.lookup, window.location.origin);
          url.searchParams.set("q", query);
          fetch(url, { headers: { Accept: "application/json" }, credentials: "same-origin" })
            .then((answer) => (answer.ok ? answer.json() : Promise.reject(answer.status)))
            .then((rows) => done(rows.results || rows))
            .catch(() => done());
        },
        render: {
          option: (row, escape) => `<div>${escape(row.text)}${row.hint ? ` <span class="text-secondary">${escape(row.hint)}</span>` : ""}</div>`,
          no_results: (_data, escape) => `<div class="no-results">${escape(select.dataset.nothing || "–")}</div>`,
        },
      });
      for (const name of ["aria-describedby", "aria-invalid"]) {
        if (select.hasAttribute(name)) box.control_input.setAttribute(name, select.getAttribute(name));
      }
      const forget = () => { // the choice that was active is gone with the list it stood in
        const active = box.control_input.getAttribute("aria-activedescendant");
        if (active && !document.getElementById(active)) box.control_input.removeAttribute("aria-activedescendant");
      };
      const watch = new MutationObserver(forget);
      watch.observe(box.dropdown_content, { childList: true, subtree: true });
      watch.observe(box.control_input, { attributeFilter: ["aria-activedescendant"] });
    }
  };
  document.addEventListener("DOMContentLoaded", () => enhance(document));
  document.addEventListener("htmx:load", (event) => enhance(event.target));

  // Unsaved changes: <form data-guard>; fields named in data-unguarded are none
  const state = (form) => {
    const passed = (form.dataset.unguarded || "").split(" ");
    return new URLSearchParams([...new FormData(form)].filter(([name, value]) => typeof value === "string" && !passed.includes(name))).toString();
  };
  const guarded = new Map();
  let leaving = false;
  const isChanged = (form) => form.isConnected && guarded.get(form) !== state(form);
  document.addEventListener("DOMContentLoaded", () => {
    for (const form of $$("form[data-guard]")) {
      guarded.set(form, form.hasAttribute("data-dirty") ? null : state(form));
      const show = () => {
        for (const mark of $$(".g-unsaved", form)) mark.hidden = !isChanged(form);
      };
      form.addEventListener("input", show);
      form.addEventListener("change", show);
      show();
    }
    const refused = document.querySelector("[aria-invalid=true]:not([type=hidden])");
    if (refused) {
      const target = refused.tomselect ? refused.tomselect.control_input : refused;
      target.focus();
      target.scrollIntoView({ block: "center" });
    }
  });
  window.addEventListener("beforeunload", (event) => {
    if (!leaving && [...guarded.keys()].some(isChanged)) event.preventDefault();
  });

  // One submit per press; a page restored from the browser's history can be sent again.
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (event.defaultPrevented || form.method === "dialog" || form.method === "get") return;
    if (form.dataset.sent) return event.preventDefault();
    leaving = guarded.has(form) || ![...guarded.keys()].some(isChanged);
    if (!leaving) return; // the browser asks about the changed form first; whoever stays may press again
    form.dataset.sent = "1";
    form.setAttribute("aria-busy", "true");
  });
  window.addEventListener("pageshow", () => {
    leaving = false;
    for (const form of $$("form[data-sent]")) {
      delete form.dataset.sent;
      form.removeAttribute("aria-busy");
    }
  });

  document.addEventListener("keydown", (event) => {
    if (!(event.ctrlKey || event.metaKey) || event.key.toLowerCase() !== "s") return;
    const form = event.target.closest?.("form[data-guard]") || document.querySelector("form[data-guard]");
    if (!form) return;
    event.preventDefault();
    form.requestSubmit();
  });
})();
