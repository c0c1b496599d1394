// A click on a code puts it where the author writes: into the subject or the text, wherever the cursor was last.
(() => {
  let target = document.getElementById("body");
  document.addEventListener("focusin", (event) => {
    if (event.target.matches("[data-codes]")) target = event.target;
  });
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-insert]");
    if (!button || !target) return;
    const code = target.matches("textarea") ? button.dataset.insert : button.dataset.insert.replaceAll("\n", "");
    target.setRangeText(code, target.selectionStart, target.selectionEnd, "end");
    target.focus();
    target.dispatchEvent(new Event("input", { bubbles: true }));
  });
})();
