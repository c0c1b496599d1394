// Rows that open to what is below them, in grids and in tabs: the link's own page gives it, as a part. Without JavaScript
// the link leads to that page.
(() => {
  const show = (link, detail, isOpen) => {
    detail.hidden = !isOpen;
    link.setAttribute("aria-expanded", String(isOpen));
  };
  const fetched = (link) =>
    fetch(`${link.pathname}/lines${link.search}`, { credentials: "same-origin", headers: { "HX-Request": "true", "HX-Current-URL": location.href } }).then(
      (answer) => {
        const elsewhere = answer.headers.get("HX-Redirect");
        if (elsewhere) location.assign(elsewhere);
        return answer.ok ? answer.text() : Promise.reject(answer.status);
      },
    );
  const open = (link) => {
    const row = link.closest("tr");
    const below = row.nextElementSibling?.matches(".g-detail") ? row.nextElementSibling : null;
    if (below) return show(link, below, below.hidden);
    fetched(link)
      .then((html) => {
        const detail = document.createElement("tr");
        detail.className = "g-detail";
        detail.insertCell().colSpan = row.cells.length;
        detail.cells[0].innerHTML = html;
        row.after(detail);
        show(link, detail, true);
      })
      .catch(() => window.gecko?.announce(document.body.dataset.failed));
  };
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-open]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    open(link);
  });
})();
