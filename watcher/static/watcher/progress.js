// Refreshes the imports under way. Without scripts, the page shows them as they were when it was loaded.
"use strict";
(() => {
  const section = document.querySelector(".progress[data-address]");
  if (!section) return;
  const list = section.querySelector("ul");
  let wasBusy = !section.hidden;

  const line = (words, percent) => {
    const item = document.createElement("li");
    const bar = document.createElement("progress");
    const text = document.createElement("span");
    bar.max = 100;
    bar.value = percent;
    bar.setAttribute("aria-label", words);
    text.textContent = words;
    item.append(bar, " ", text);
    return item;
  };

  const end = () => {
    // What somebody has selected or typed is not lost.
    const inUse = document.querySelector("input:checked") || document.activeElement?.closest("form, table, details[open]");
    if (inUse) section.querySelector(".over").hidden = false;
    else location.reload();
  };

  const show = (imports) => {
    list.replaceChildren(...imports.map((each) => line(each.words, each.percent)));
    if (imports.length) {
      section.hidden = false;
      section.querySelector(".over").hidden = true;
    } else if (wasBusy) end();
    wasBusy = imports.length > 0;
  };

  const look = async () => {
    if (!document.hidden) {
      try {
        const answer = await fetch(section.dataset.address, { headers: { Accept: "application/json" } });
        if (!answer.ok || answer.redirected) return; // The user has logged out.
        show((await answer.json()).importing);
      } catch {
        // The server does not answer: the next look may.
      }
    }
    setTimeout(look, wasBusy ? 2000 : 5000);
  };
  setTimeout(look, 2000);
})();
