// The key "/" moves the focus to the search box.
"use strict";
(() => {
  const box = document.getElementById("find");
  const hint = document.querySelector(".with-keys");
  if (!box) return;
  if (hint) hint.hidden = false;
  document.addEventListener("keydown", (event) => {
    const isTyped = event.target.closest("input, select, textarea, [contenteditable]");
    if (event.key !== "/" || isTyped || event.ctrlKey || event.altKey || event.metaKey) return;
    event.preventDefault();
    box.focus();
    box.select();
  });
})();
