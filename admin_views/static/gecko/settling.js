// Settling: every row of a list is ticked at once; of a debtor's open postings, what is ticked is summed up by side.
(() => {
  const form = document.querySelector("[data-settling]");
  if (!form) return;
  const told = form.querySelector("[data-sums]");
  const danish = document.documentElement.lang === "da";
  const written = (ore) =>
    new Intl.NumberFormat(danish ? "da-DK" : "en-GB", { minimumFractionDigits: 2, maximumFractionDigits: 2 }).format(ore / 100);
  const tell = () => {
    if (!told) return;
    let owed = 0;
    let paid = 0;
    for (const tick of form.querySelectorAll("input[name=tick]:checked")) {
      const ore = Number(tick.dataset.ore);
      if (ore > 0) owed += ore;
      else paid -= ore;
    }
    told.textContent =
      owed || paid
        ? told.dataset.words
            .replace("{owed}", written(owed))
            .replace("{paid}", written(paid))
            .replace("{fits}", written(Math.min(owed, paid)))
        : told.dataset.nothing;
  };
  form.addEventListener("change", (event) => {
    if (event.target.matches("[data-side]"))
      for (const tick of event.target.closest("table").querySelectorAll("td.sel input")) tick.checked = event.target.checked;
    tell();
  });
  tell();
})();
