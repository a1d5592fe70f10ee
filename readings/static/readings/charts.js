/* Draws the charts of a page. Without it, their tables say the same. The files in charts/ have the parts. */
"use strict";

(() => {
  const meterbox = globalThis.meterbox;
  const fetched = new Map();

  async function load(address) {
    const answer = await fetch(address, { headers: { Accept: "application/json" } });
    if (!answer.ok) throw new Error(`the server answers its values with status ${answer.status}`);
    // The log-in answers when the session has ended.
    if (answer.redirected) throw new Error("the session has ended, load the page again");
    return answer.json();
  }

  // Charts of the same address share its values.
  function drawingOf(box) {
    const { address, key } = box.dataset;
    if (!address) return JSON.parse(document.getElementById(`figure-${key}`).textContent);
    if (!fetched.has(address)) fetched.set(address, load(address));
    return fetched.get(address);
  }

  // Number of values of a line that are not actual as a whole.
  function hatchedIn(line) {
    const isHatched = (place) => meterbox.QUALITIES[line.marks[place]] || Object.values(line.parts).some((amounts) => amounts[place]);
    return line.values.filter((value, place) => !meterbox.isNone(value) && isHatched(place)).length;
  }

  async function draw(box) {
    const data = meterbox.read(await drawingOf(box), box.dataset.axis);
    if (data.lines.every((line) => line.values.every(meterbox.isNone))) {
      box.textContent = "No values.";
      box.dataset.drawn = "nothing";
      return;
    }
    const view = data.axis === "heat" ? new meterbox.Heat(box, data) : new meterbox.Plot(box, data);
    const reader = new meterbox.Reader(view);
    // Each of these but the first two stands directly below the chart, above the one before.
    meterbox.offerPicture(view);
    meterbox.offerZoom(view);
    const { offerKeys, offerRest, offerShares, offerLevels, offerLines } = meterbox;
    for (const offer of [offerKeys, offerRest, offerShares, offerLevels, offerLines]) offer(view, reader);
    follow(view);
    box.dataset.hatched = String(data.lines.reduce((sum, line) => sum + hatchedIn(line), 0));
    box.dataset.drawn = data.axis;
  }

  // Redraw when the size, the colors or the medium change.
  function follow(view) {
    const redraw = () => {
      view.redraw();
      meterbox.paintKeys(view);
    };
    meterbox.paintKeys(view);
    new ResizeObserver(() => view.box.clientWidth && view.resize(view.box.clientWidth)).observe(view.box);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redraw);
    new MutationObserver(redraw).observe(document.documentElement, { attributeFilter: ["data-theme"] });
    const print = (isPrint) => {
      view.box.closest(".chart-box").classList.toggle("on-paper", isPrint);
      view.resize(view.box.clientWidth);
      redraw();
    };
    matchMedia("print").addEventListener("change", (event) => print(event.matches));
    addEventListener("beforeprint", () => print(true));
    addEventListener("afterprint", () => print(false));
  }

  for (const box of document.querySelectorAll(".plot[data-key]")) {
    // A promise, so that one chart that fails does not stop the others.
    Promise.resolve().then(() => draw(box)).catch((error) => {
      box.textContent = `This chart cannot be drawn: ${error.message}.`;
    });
  }
})();
