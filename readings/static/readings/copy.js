// Copies the text of a readonly field to the clipboard; without this script the field itself can be selected.
"use strict";

for (const box of document.querySelectorAll("[data-copies]")) {
  const text = box.querySelector("textarea");
  const button = box.querySelector("button");
  const note = box.querySelector("[role=status]");
  button.hidden = false;
  button.addEventListener("click", async () => {
    text.select();
    try {
      await navigator.clipboard.writeText(text.value);
      note.textContent = "Copied.";
    } catch {
      note.textContent = "Selected: copy it with Ctrl+C.";
    }
  });
}
