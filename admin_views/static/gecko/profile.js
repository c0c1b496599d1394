// The profile: when a tab was fetched alone, mark it in the row of tabs. A changed form keeps its page.
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
