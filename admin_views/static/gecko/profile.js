// The profile: when a tab was fetched alone, mark it in the row of tabs. A changed form keeps its page. What an action
// shows in place opens its dialog at once, and says there what came.
(() => {
  const tabs = document.querySelector(".g-profile-tabs");
  if (!tabs) return;
  tabs.addEventListener("htmx:beforeRequest", (event) => {
    const form = document.querySelector("#g-tab form[data-guard]");
    const mark = form && form.querySelector(".g-unsaved");
    if (mark && !mark.hidden) {
      event.preventDefault();
      window.location.assign(event.target.href);
    }
  });
  const dialogOf = (event) => event.detail.target?.closest("dialog.g-part-dialog");
  document.addEventListener("htmx:beforeRequest", (event) => {
    const dialog = dialogOf(event);
    if (!dialog) return;
    if (window.gecko.show(dialog.id.slice(2))) event.detail.target.replaceChildren();
    window.gecko.announce(dialog.querySelector("[role=status]").dataset.busy);
  });
  document.addEventListener("htmx:afterSwap", (event) => {
    const dialog = dialogOf(event);
    if (!dialog?.open) return;
    window.gecko.announce(event.detail.target.querySelector("[data-said]").dataset.said);
    if (!dialog.contains(document.activeElement)) dialog.querySelector("[autofocus]").focus();
  });
  document.addEventListener("htmx:afterSettle", () => {
    const here = window.location.pathname;
    for (const link of tabs.querySelectorAll("a")) {
      const isCurrent = link.pathname === here;
      link.classList.toggle("active", isCurrent);
      if (isCurrent) link.setAttribute("aria-current", "page");
      else link.removeAttribute("aria-current");
    }
  });
})();
