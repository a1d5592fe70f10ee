/* A chart of lines and bars: uPlot has the axes, the zoom and the pointer; ink.js draws the shapes. */
"use strict";

(() => {
  const { homeOf, ceilingOf, heightOf, ticksOf, inkOf, drawLines, isEdge, isNone, short } = globalThis.meterbox;
  const HEIGHT = 300;

  const sizeOf = (chart, labels) => Math.max(40, 18 + 7 * Math.max(0, ...(labels || []).map((label) => label.length)));

  // Index of the place whose span contains a value of the axis, or of the nearest place.
  function nearest(data, value, isSpan) {
    let [low, high] = [0, data.x.length - 1];
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if (data.x[middle] <= value) low = middle;
      else high = middle - 1;
    }
    const next = Math.min(low + 1, data.x.length - 1);
    return isSpan || value - data.x[low] <= data.x[next] - value ? low : next;
  }

  class Plot {
    constructor(box, data) {
      this.box = box;
      this.data = data;
      this.hidden = new Set();
      this.home = homeOf(data);
      this.ceiling = ceilingOf(data);
      this.isWhole = false;
      const [first, last] = [data.x[0], data.ends[data.ends.length - 1]];
      this.whole = data.axis === "clock" ? [0, 86400] : [first, last];
      if (data.axis === "clock") this.home = this.whole;
      // Values of spans are read anywhere in them, those of points near them.
      const isWide = ({ style }) => style === "bars" || style === "steps";
      this.isSpan = ["day", "month", "spans"].includes(data.axis) || data.lines.some(isWide);
      this.onRead = () => {};
      this.onView = () => {};
      this.ink = inkOf(box);
      this.draw();
    }

    draw() {
      this.chart = new uPlot(this.options(), [this.data.x, ...this.data.lines.map((line) => line.values)], this.box);
      this.show(...this.home);
    }

    options() {
      const stroke = () => this.ink.quiet;
      const lines = { stroke: () => this.ink.edge, width: 1 };
      const axis = { stroke, grid: lines, ticks: lines, font: `12px ${this.ink.font}` };
      const ticks = (chart, from, to) => ticksOf(this.data.axis, from, to, chart.width - 60);
      return {
        width: this.width(),
        height: HEIGHT,
        padding: [10, 20, 0, 0],
        scales: {
          // uPlot asks for the range of x first.
          x: { time: false, range: (chart, from, to) => (this.view = from < to ? [from, to] : this.home) },
          y: { range: () => heightOf(this.shown(), ...this.view, this.limit()) },
        },
        axes: [
          {
            ...axis, align: this.isTime() ? 1 : undefined,
            splits: (chart, _, from, to) => ticks(chart, from, to)[0],
            values: (chart, splits) => this.fitting(chart, splits, ticks(chart, ...this.view)[1](splits)),
          },
          { ...axis, size: sizeOf, values: (chart, splits) => splits.map(short) },
        ],
        series: [{}, ...this.data.lines.map(() => ({ paths: () => null, points: { show: false } }))],
        legend: { show: false },
        cursor: {
          x: false, y: false, points: { show: false },
          drag: { x: this.mayZoom(), y: false, dist: 4 },
          bind: { dblclick: () => null },
        },
        hooks: {
          draw: [(chart) => drawLines(chart, this.data, this.ink, this.hidden, this.limit())],
          setCursor: [(chart) => this.point(chart)],
          setScale: [(chart, key) => key === "x" && this.onView()],
        },
      };
    }

    isTime() {
      return this.data.axis !== "clock" && this.data.axis !== "share";
    }

    // Labels begin at their ticks; one that would be cut at the edge is left out.
    fitting(chart, splits, labels) {
      if (!this.isTime()) return labels;
      const [from, to] = this.view;
      const room = (label) => 7 * Math.max(...label.split("\n").map((part) => part.length));
      const left = (split) => ((to - split) / (to - from)) * (chart.width - 66) + 20;
      return labels.map((label, index) => (room(label) > left(splits[index]) ? "" : label));
    }

    shown() {
      return { ...this.data, lines: this.data.lines.filter((_, index) => !this.hidden.has(index)) };
    }

    limit() {
      return this.isWhole ? Infinity : this.ceiling;
    }

    width() {
      return Math.max(this.box.clientWidth, 120);
    }

    mayZoom() {
      return this.data.axis !== "clock" && this.data.x.length > 7;
    }

    point(chart) {
      const { left } = chart.cursor;
      if (left === undefined || left < 0) this.onRead(null);
      else this.onRead(nearest(this.data, chart.posToVal(left, "x"), this.isSpan));
    }

    // Left and right edge of a place in the plot, in pixels of the page; the same for a point.
    edges(place) {
      const { data, chart } = this;
      if (!this.isSpan) return [chart.valToPos(data.x[place], "x"), chart.valToPos(data.x[place], "x")];
      return [chart.valToPos(data.x[place], "x"), chart.valToPos(data.ends[place], "x")];
    }

    get over() {
      return this.chart.over;
    }

    get canvas() {
      return this.chart.ctx.canvas;
    }

    // Place after a key, or null if the key does not read.
    step(place, key) {
      const last = this.data.x.length - 1;
      const { min, max } = this.chart.scales.x;
      if (key === "Home") return nearest(this.data, min, this.isSpan);
      if (key === "End") return nearest(this.data, max - 1e-6, this.isSpan);
      const by = { ArrowLeft: -1, ArrowRight: 1 }[key];
      if (!by) return null;
      if (place === null) return nearest(this.data, by > 0 ? min : max - 1e-6, this.isSpan);
      return Math.min(Math.max(place + by, 0), last);
    }

    // Move the view so that a place is in it.
    reveal(place) {
      const { min, max } = this.chart.scales.x;
      const [from, to] = [this.data.x[place], this.isSpan ? this.data.ends[place] : this.data.x[place]];
      if (from < min) this.show(from, from + (max - min));
      else if (to > max) this.show(to - (max - min), to);
    }

    show(from, to) {
      this.chart.batch(() => this.chart.setScale("x", { min: from, max: to }));
    }

    // The part of the axis that is shown becomes `factor` as wide about a place, or moves by `step` of its width.
    zoom(factor, step, place = null) {
      const [first, last] = this.whole;
      const { min, max } = this.chart.scales.x;
      const least = Math.min(last - first, this.data.axis === "share" ? 1 : 3600);
      const width = Math.min(Math.max((max - min) * factor, least), last - first);
      const about = place === null || factor === 1 ? (min + max) / 2 : (this.data.x[place] + this.data.ends[place]) / 2;
      const middle = about + (max - min) * step;
      const from = Math.min(Math.max(middle - width / 2, first), last - width);
      this.show(from, from + width);
    }

    showAll() {
      this.isWhole = true;
      this.show(...this.whole);
    }

    // What the view leaves out, in words.
    leftOut() {
      const { data, ceiling } = this;
      const inside = (place) => data.x[place] >= this.home[0] && data.ends[place] <= this.home[1];
      let [far, large] = [0, 0];
      data.x.forEach((_, place) => {
        const values = data.lines.map((line) => line.values[place]).filter((value) => !isNone(value));
        far += values.length && !inside(place) ? 1 : 0;
        large += values.filter((value) => Math.abs(value) > ceiling).length;
      });
      return { far, large };
    }

    resize(width) {
      if (Math.abs(width - this.chart.width) > 1) this.chart.setSize({ width, height: HEIGHT });
    }

    redraw() {
      this.ink = inkOf(this.box);
      this.chart.redraw(false, true);
    }
  }

  // Lines that share a key: the edges of a band have one.
  const keysOf = (data) => data.lines.map((_, index) => index).filter((index) => !isEdge(data, index) || index === data.band);

  Object.assign(globalThis.meterbox, { Plot, keysOf });
})();
