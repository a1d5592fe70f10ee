/* Saves a chart as a picture: title, chart and legend on one ground. */
"use strict";

(() => {
  const { button, colorNumbers, hatching, inkOf, isEdge, isHeat, keysOf, toolsOf } = globalThis.meterbox;
  const EDGE = 16;
  const SHADES = [0.1, 0.22, 0.36, 0.52, 0.68, 0.84, 1];

  // Keys of the legend: words, and how their mark is painted.
  function keysIn(view, ink, ratio) {
    const { data } = view;
    const keys = [];
    if (isHeat(view)) {
      const { levels, hasBlank } = view.legend();
      for (const [level, words] of levels) keys.push({ words, fill: ink.series[0], alpha: SHADES[level] });
      if (hasBlank) keys.push({ words: "no value", fill: ink.sheet });
    } else if (keysOf(data).length > 1) {
      const numbers = colorNumbers(data);
      for (const index of keysOf(data)) {
        if (view.hidden.has(index)) continue;
        const isBand = isEdge(data, index);
        const words = isBand ? `${data.lines[index].label} – ${data.lines[index + 1].label}` : data.lines[index].label;
        keys.push({ words, fill: ink.series[numbers[index] - 1], alpha: isBand ? 0.25 : 1 });
      }
    }
    for (const key of view.box.closest(".chart-box").querySelectorAll(".shares .key")) {
      const mark = key.className.slice(-1);
      keys.push({ words: key.textContent, fill: hatching(isHeat(view) ? ink.ink : ink.series[0], mark, ratio) });
    }
    return keys;
  }

  // Places of the keys in rows of a width.
  function rowsOf(pen, keys, width) {
    let [x, row] = [0, 0];
    return keys.map((key) => {
      const room = 20 + pen.measureText(key.words).width + 18;
      if (x && x + room > width) [x, row] = [0, row + 1];
      const place = { ...key, x, row };
      x += room;
      return place;
    });
  }

  function linesOf(pen, text, width) {
    const lines = [""];
    for (const word of text.split(/\s+/)) {
      const longer = `${lines[lines.length - 1]} ${word}`.trim();
      if (pen.measureText(longer).width > width && lines[lines.length - 1]) lines.push(word);
      else lines[lines.length - 1] = longer;
    }
    return lines.filter(Boolean);
  }

  function pictureOf(view) {
    const ratio = devicePixelRatio || 1;
    const ink = inkOf(view.box);
    const box = view.box.closest(".chart-box");
    const chart = view.canvas;
    const width = chart.width / ratio;
    const canvas = document.createElement("canvas");
    const pen = canvas.getContext("2d");
    const fonts = { title: `600 16px ${ink.font}`, words: `13px ${ink.font}` };
    pen.font = fonts.title;
    const title = linesOf(pen, box.querySelector("figcaption").textContent, width);
    pen.font = fonts.words;
    const keys = rowsOf(pen, keysIn(view, ink, 1), width);
    const notes = [...box.querySelectorAll(".note")].flatMap((note) => linesOf(pen, note.textContent, width));
    const below = keys.length ? (keys[keys.length - 1].row + 1) * 20 + 8 : 0;
    const top = EDGE + title.length * 22 + 6;
    canvas.width = chart.width + 2 * EDGE * ratio;
    canvas.height = chart.height + (top + below + notes.length * 18 + EDGE) * ratio;
    pen.scale(ratio, ratio);
    pen.fillStyle = ink.sheet;
    pen.fillRect(0, 0, canvas.width, canvas.height);
    pen.textBaseline = "top";
    pen.fillStyle = ink.ink;
    pen.font = fonts.title;
    title.forEach((line, row) => pen.fillText(line, EDGE, EDGE + row * 22));
    pen.drawImage(chart, EDGE, top, width, chart.height / ratio);
    pen.font = fonts.words;
    const under = top + chart.height / ratio + 8;
    keys.forEach((key) => paintKey(pen, key, ink, EDGE + key.x, under + key.row * 20));
    pen.fillStyle = ink.quiet;
    notes.forEach((line, row) => pen.fillText(line, EDGE, under + below + row * 18 - 8));
    return canvas;
  }

  function paintKey(pen, { words, fill, alpha = 1 }, ink, x, y) {
    pen.globalAlpha = alpha;
    pen.fillStyle = fill;
    pen.fillRect(x, y + 1, 13, 13);
    pen.globalAlpha = 1;
    pen.strokeStyle = ink.edge;
    pen.strokeRect(x + 0.5, y + 1.5, 12, 12);
    pen.fillStyle = ink.ink;
    pen.fillText(words, x + 20, y);
  }

  function save(view) {
    pictureOf(view).toBlob((blob) => {
      const link = document.createElement("a");
      link.href = URL.createObjectURL(blob);
      link.download = `${view.box.dataset.key || "chart"}.png`;
      link.click();
      setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
    }, "image/png");
  }

  function offerPicture(view) {
    toolsOf(view.box).append(button("PNG", "Save this chart as a picture (PNG)", () => save(view)));
  }

  Object.assign(globalThis.meterbox, { offerPicture });
})();
