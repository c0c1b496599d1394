// A debtor's open postings: what is ticked is summed up on both sides, and every row of a side is ticked at once.
(() => {
  const form = document.querySelector("[data-settling]");
  const told = form?.querySelector("[data-sums]");
  if (!told) return;
  const danish = document.documentElement.lang === "da";
  const written = (ore) =>
    new Intl.NumberFormat(danish ? "da-DK" : "en-GB", { minimumFractionDigits: 2, maximumFractionDigits: 2 }).format(ore / 100);
  const ticks = () => [...form.querySelectorAll("input[name=tick]")];
  const tell = () => {
    let owed = 0;
    let paid = 0;
    for (const tick of ticks()) {
      const ore = Number(tick.dataset.ore);
      if (!tick.checked) continue;
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
      for (const tick of event.target.closest("table").querySelectorAll("input[name=tick]")) tick.checked = event.target.checked;
    tell();
  });
  tell();
})();
