/* What a reader does with a chart: reads values with the pointer or keys, zooms, hides lines, saves a picture. */
"use strict";

(() => {
  const { Heat, colorNumbers, hatching, inWords, isEdge, keysOf, reading } = globalThis.meterbox;

  function element(name, className, text = "") {
    const made = document.createElement(name);
    if (className) made.className = className;
    made.textContent = text;
    return made;
  }

  function button(text, words, action) {
    const made = element("button", "secondary", text);
    made.type = "button";
    if (words) {
      made.title = words;
      made.setAttribute("aria-label", words);
    }
    made.addEventListener("click", action);
    return made;
  }

  const toolsOf = (box) => box.closest(".chart-box").querySelector(".chart-tools");
  const isHeat = (view) => view instanceof Heat;
  const readingOf = (view, place) => (isHeat(view) ? view.reading(place) : reading(view.data, place));

  // A box beside the pointer, and a stripe over what is read.
  class Reader {
    constructor(view) {
      this.view = view;
      this.place = null;
      this.stripe = element("div", "stripe");
      this.tip = element("div", "reading");
      this.live = element("p", "out-of-sight");
      this.live.setAttribute("aria-live", "polite");
      this.stripe.hidden = this.tip.hidden = true;
      view.over.append(this.stripe, this.tip);
      view.box.after(this.live);
      view.onRead = (place) => this.read(place);
      view.box.addEventListener("blur", () => this.read(null));
    }

    read(place, isSpoken = false) {
      this.place = place;
      this.stripe.hidden = this.tip.hidden = place === null;
      if (place === null) return;
      const read = readingOf(this.view, place);
      this.fill(read);
      this.stand(...this.view.edges(place));
      this.view.box.dataset.reading = inWords(read);
      if (isSpoken) this.live.textContent = inWords(read);
    }

    fill({ when, values }) {
      this.tip.replaceChildren(element("strong", "", when));
      const numbers = colorNumbers(this.view.data);
      for (const { index, line, words, quality } of values) {
        if (this.view.hidden?.has(index)) continue;
        const row = element("span", `value line-${numbers[index]} as-${isEdge(this.view.data, index) ? "band" : line.style}`);
        if (values.length > 1) row.append(element("span", "label", line.label));
        row.append(element("span", "number", quality ? `${words}, ${quality}` : words));
        this.tip.append(row);
      }
    }

    // The box is beside the stripe, on the side where there is room.
    stand(left, right, top = 0, bottom = null) {
      const over = this.view.over;
      const [width, height] = [over.clientWidth, over.clientHeight];
      const from = Math.max(Math.min(left, width), 0);
      const to = Math.max(Math.min(right, width), from);
      this.stripe.style.left = `${from}px`;
      this.stripe.style.width = `${Math.max(to - from, 1)}px`;
      this.stripe.style.top = `${top}px`;
      this.stripe.style.height = `${bottom === null ? height : Math.max(bottom - top, 1)}px`;
      const isRight = from > width - to;
      const room = isRight ? from - this.tip.offsetWidth - 8 : to + 8;
      this.tip.style.left = `${Math.max(Math.min(room, width - this.tip.offsetWidth), 0)}px`;
      this.tip.style.top = `${Math.max(Math.min(top, height - this.tip.offsetHeight), 0)}px`;
    }
  }

  const ZOOM = [
    ["-", "−", "Zoom out", (view, place) => view.zoom(2, 0, place)],
    ["+", "+", "Zoom in", (view, place) => view.zoom(0.5, 0, place)],
    ["<", "←", "Earlier", (view) => view.zoom(1, -0.25)],
    [">", "→", "Later", (view) => view.zoom(1, 0.25)],
    ["Escape", "All", "Show all", (view) => view.showAll()],
  ];
  const keyOf = ({ key, shiftKey }) => {
    if (shiftKey && key === "ArrowLeft") return "<";
    if (shiftKey && key === "ArrowRight") return ">";
    return key === "=" ? "+" : key;
  };

  function keysInWords(view) {
    if (isHeat(view)) return "← → another day, ↑ ↓ another half hour.";
    return view.mayZoom() ? "← → read values, Shift ← → move, + − zoom, Esc shows all." : "← → read values.";
  }

  function offerKeys(view, reader) {
    view.box.addEventListener("keydown", (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      const key = keyOf(event);
      const move = view.mayZoom() && ZOOM.find(([name]) => name === key);
      const next = move ? null : view.step(reader.place, key);
      if (!move && next === null) return;
      event.preventDefault();
      if (move) {
        move[3](view, reader.place);
        reader.read(key === "Escape" ? null : reader.place);
      } else {
        view.reveal(next);
        reader.read(next, true);
      }
    });
    const hint = element("p", "keys small quiet", `Keys: ${keysInWords(view)}`);
    hint.id = `keys-${view.box.dataset.key}`;
    view.box.setAttribute("aria-describedby", hint.id);
    view.box.after(hint);
  }

  function offerZoom(view) {
    if (!view.mayZoom()) return;
    const group = element("span", "zoom");
    group.setAttribute("role", "group");
    group.setAttribute("aria-label", "Zoom");
    for (const [, sign, words, move] of ZOOM) group.append(button(sign, words, () => move(view)));
    toolsOf(view.box).prepend(group);
    view.box.addEventListener("dblclick", () => view.showAll());
  }

  // Keys of the lines; each hides and shows its line.
  function offerLines(view) {
    const { data } = view;
    const keys = keysOf(data);
    if (isHeat(view) || keys.length < 2) return;
    const numbers = colorNumbers(data);
    const list = element("p", "legend lines");
    for (const index of keys) {
      const isBand = isEdge(data, index);
      const label = isBand ? `${data.lines[index].label} – ${data.lines[index + 1].label}` : data.lines[index].label;
      const key = button(label, "", () => {
        const isOff = !view.hidden.has(index);
        for (const each of isBand ? [index, index + 1] : [index]) view.hidden[isOff ? "add" : "delete"](each);
        key.setAttribute("aria-pressed", String(!isOff));
        view.show(...view.view);
      });
      key.className = `key line-${numbers[index]} as-${isBand ? "band" : data.lines[index].style}`;
      key.setAttribute("aria-pressed", "true");
      list.append(key);
    }
    view.box.after(list);
  }

  function offerLevels(view) {
    if (!isHeat(view)) return;
    const { levels, hasBlank } = view.legend();
    const list = element("p", "legend levels");
    for (const [level, words] of levels) list.append(element("span", `key level-${level}`, words));
    if (hasBlank) list.append(element("span", "key missing", "no value"));
    view.box.after(list);
  }

  // The legend of qualities comes with the page, or with the values.
  function offerShares(view) {
    const box = view.box.closest(".chart-box");
    if (box.querySelector(".shares") || !(view.data.shares || []).length) return;
    const list = element("p", "legend shares");
    for (const [mark, words] of view.data.shares) list.append(element("span", `key mark-${mark}`, words));
    view.box.after(list);
  }

  // Marks of hatching and dashes in the legend, drawn as in the chart: on paper, too.
  function paintKeys(view) {
    const { ink } = view;
    const box = view.box.closest(".chart-box");
    const ratio = devicePixelRatio || 1;
    const size = 13 * ratio;
    for (const key of box.querySelectorAll(".key[class*='mark-'], .key.as-dashed")) {
      let swatch = key.querySelector("canvas");
      if (!swatch) key.prepend(swatch = element("canvas", "swatch"));
      swatch.width = swatch.height = size;
      const pen = swatch.getContext("2d");
      const [, mark] = /mark-(\w)/.exec(key.className) || [];
      const [, number] = /line-(\d)/.exec(key.className) || [];
      pen.fillStyle = mark ? hatching(isHeat(view) ? ink.ink : ink.series[0], mark, ratio) : ink.series[number - 1];
      pen.strokeStyle = mark ? ink.series[0] : "transparent";
      pen.lineWidth = ratio;
      if (mark) pen.fillRect(0, 0, size, size);
      else for (const x of [0, size * 0.6]) pen.fillRect(x, size * 0.4, size * 0.4, size * 0.2);
      pen.strokeRect(ratio / 2, ratio / 2, size - ratio, size - ratio);
    }
  }

  // A line in words about values that the view leaves out at first.
  function offerRest(view) {
    if (isHeat(view)) return;
    const line = element("p", "rest small quiet");
    const { far, large } = view.leftOut();
    const count = (number, words) => (number ? [`${number} ${number === 1 ? "value is" : "values are"} ${words}`] : []);
    const parts = [...count(far, "far from the others"), ...count(large, "beyond the edge")];
    line.textContent = parts.length ? `${parts.join(", ")}: “All” shows ${far + large === 1 ? "it" : "them"}.` : "";
    line.hidden = !parts.length;
    view.box.after(line);
    view.onView = () => {
      view.box.dataset.shown = view.view.map(Math.round).join(" ");
      line.hidden = !parts.length || view.isWhole;
    };
    view.onView();
  }

  Object.assign(globalThis.meterbox, {
    Reader, button, toolsOf, isHeat, offerKeys, offerZoom, offerLines, offerLevels, offerShares, offerRest, paintKeys,
  });
})();
