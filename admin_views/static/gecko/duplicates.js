// Deciding duplicates by keyboard. Every key presses a button or follows a link that stands on the page.
(() => {
  const $ = (selector, root = document) => root.querySelector(selector);
  const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];
  const page = () => document.getElementById("g-case");
  if (!page()) return;
  const typing = (target) => target.closest("input:not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable]");

  // Which match the keys speak about: its column is marked, its reasons are open.
  let active = 1;
  const heads = () => $$("[data-match]", page());
  const activate = (index, withFocus) => {
    const all = heads();
    if (!all.length) return;
    active = Math.max(1, Math.min(all.length, index));
    for (const cell of $$("[data-column]", page())) cell.classList.toggle("is-active", Number(cell.dataset.column) === active);
    for (const reasons of $$("details[data-reasons]", page())) reasons.open = Number(reasons.dataset.reasons) === active;
    const head = all[active - 1];
    for (const one of all) one.tabIndex = one === head ? 0 : -1;
    if (!withFocus) return;
    head.focus({ preventScroll: true });
    head.scrollIntoView({ block: "nearest", inline: "nearest" });
  };

  const press = (selector) => {
    const button = $(selector, page());
    if (!button) return false;
    if (button.form) button.form.requestSubmit(button);
    else button.click();
    return true;
  };
  const keys = {
    m: () => press("[data-key=m]"),
    d: () => press("[data-key=d]"),
    l: () => press("[data-key=l]"),
    u: () => press("[data-key=u]"),
    x: () => press(`[data-column="${active}"] [data-key=x]`),
    j: () => activate(active + 1, true),
    k: () => activate(active - 1, true),
    ArrowRight: () => activate(active + 1, true),
    ArrowLeft: () => activate(active - 1, true),
  };
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.repeat || typing(event.target) || $("dialog[open]")) return;
    if (event.target.type === "radio" && event.key.startsWith("Arrow")) return; // they choose a value there
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    const act = /^[1-9]$/.test(key) ? () => press(`[data-key="${key}"]`) : keys[key];
    if (act && act() !== false) event.preventDefault();
  });

  // A value is chosen by a click anywhere in its cell.
  document.addEventListener("click", (event) => {
    const cell = event.target.closest("#g-case td[data-column]");
    const radio = cell && !event.target.closest("a, button, label, input") && $("input[type=radio]", cell);
    if (radio) radio.click();
  });

  // Another survivor or a member left out is another page of the same case; fetched alone where htmx is at hand. Keys
  // speak about it from the moment it stands there: after the swap, not after what htmx still settles.
  document.addEventListener("htmx:afterSwap", (event) => {
    if (event.target.id !== "g-case") return;
    activate(1, true);
    window.gecko?.announce(page().dataset.said);
  });
  activate(1, false);
})();
