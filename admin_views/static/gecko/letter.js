// The button that prints; without JavaScript the browser's own menu does.
"use strict";
const button = document.querySelector("[data-print]");
button.hidden = false;
button.addEventListener("click", () => window.print());
