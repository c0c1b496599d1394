// Runs before the first paint: "auto" follows the system, now and when it changes.
(() => {
  const root = document.documentElement;
  const dark = window.matchMedia("(prefers-color-scheme: dark)");
  const apply = () => {
    if (root.dataset.theme === "auto") root.setAttribute("data-bs-theme", dark.matches ? "dark" : "light");
  };
  root.classList.add("g-has-js");
  apply();
  dark.addEventListener("change", apply);
})();
