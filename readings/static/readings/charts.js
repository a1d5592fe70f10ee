/* Draws the charts of a page. Without it, their tables say the same. The files in charts/ have the parts. */
"use strict";

(() => {
  const meterbox = globalThis.meterbox;
  const fetched = new Map();

  async function load(address) {
    const answer = await fetch(address, { headers: { Accept: "application/json" } });
    if (!answer.ok) throw new Error(`the values of the chart cannot be loaded (status ${answer.status})`);
    return answer.json();
  }

  // Charts of the same address share its values.
  function drawingOf(box) {
    const { address, key } = box.dataset;
    if (!address) return JSON.parse(document.getElementById(`figure-${key}`).textContent);
    if (!fetched.has(address)) fetched.set(address, load(address));
    return fetched.get(address);
  }

  async function draw(box) {
    const data = meterbox.read(await drawingOf(box), box.dataset.axis);
    if (!data.x.length) {
      box.textContent = "No values.";
      return;
    }
    const view = data.axis === "heat" ? new meterbox.Heat(box, data) : new meterbox.Plot(box, data);
    const reader = new meterbox.Reader(view);
    // Each of these but the first two stands directly below the chart, above the one before.
    meterbox.offerPicture(view);
    meterbox.offerZoom(view);
    for (const offer of [meterbox.offerKeys, meterbox.offerRest, meterbox.offerShares, meterbox.offerLevels, meterbox.offerLines]) offer(view, reader);
    follow(view);
    const isHatched = (line, place) => meterbox.QUALITIES[line.marks[place]] || Object.values(line.parts).some((amounts) => amounts[place]);
    box.dataset.hatched = String(data.lines.reduce((sum, line) => sum + line.values.filter((value, place) => !meterbox.isNone(value) && isHatched(line, place)).length, 0));
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
