/* A heat map: days from left to right, half hours from top to bottom, on one canvas. */
"use strict";

(() => {
  const { DAY, inkOf, hatching, isNone, ticksOf, amountOf, clock, dayOf, number, QUALITIES } = globalThis.meterbox;
  const HALF_HOUR = 1800;
  const HALF_HOURS = 48;
  const LEVELS = 7;
  //: Opacity of the color of each level.
  const SHADES = [0.1, 0.22, 0.36, 0.52, 0.68, 0.84, 1];
  //: Share of the values below the highest level, so that a single peak does not make everything else pale.
  const TOP = 0.98;
  const EDGES = { left: 48, right: 8, top: 6, bottom: 36, height: 288 };
  //: Width at which a map scrolls instead of becoming narrower.
  const NARROWEST = 480;

  // Sum and mark of each half hour, by day and place; undefined without a value.
  function cellsOf(data) {
    const cells = [];
    const first = Math.floor(data.x[0] / DAY);
    for (const { values, marks } of data.lines.slice(0, 1)) {
      data.x.forEach((seconds, place) => {
        if (isNone(values[place])) return;
        const index = (Math.floor(seconds / DAY) - first) * HALF_HOURS + Math.floor((seconds % DAY) / HALF_HOUR);
        const mark = QUALITIES[marks[place]] ? marks[place] : "";
        const before = cells[index];
        cells[index] = { value: (before ? before.value : 0) + values[place], mark: mark || (before ? before.mark : "") };
      });
    }
    return cells;
  }

  class Heat {
    constructor(box, data) {
      this.box = box;
      this.data = data;
      this.isSpan = true;
      this.cells = cellsOf(data);
      this.first = Math.floor(data.x[0] / DAY);
      this.days = Math.floor(data.x[data.x.length - 1] / DAY) - this.first + 1;
      const sizes = this.cells.filter(Boolean).map((cell) => cell.value).sort((one, other) => one - other);
      this.size = (sizes[Math.floor((sizes.length - 1) * TOP)] || 0) / (LEVELS - 1);
      this.onRead = () => {};
      this.onView = () => {};
      this.build();
    }

    build() {
      this.over = document.createElement("div");
      this.over.className = "heat-over";
      this.canvas = document.createElement("canvas");
      this.over.append(this.canvas);
      this.box.append(this.over);
      this.over.addEventListener("pointermove", (event) => this.point(event));
      this.over.addEventListener("pointerdown", (event) => this.point(event));
      this.over.addEventListener("pointerleave", () => this.onRead(null));
      this.redraw();
    }

    point(event) {
      const box = this.canvas.getBoundingClientRect();
      const day = Math.floor((event.clientX - box.left - EDGES.left) / this.across);
      const place = Math.floor((event.clientY - box.top - EDGES.top) / this.down);
      const isInside = day >= 0 && day < this.days && place >= 0 && place < HALF_HOURS;
      this.onRead(isInside ? day * HALF_HOURS + place : null);
    }

    get across() {
      return (this.width - EDGES.left - EDGES.right) / this.days;
    }

    get down() {
      return (EDGES.height - EDGES.top - EDGES.bottom) / HALF_HOURS;
    }

    levelOf(value) {
      return this.size > 0 ? Math.max(0, Math.min(Math.floor(value / this.size), LEVELS - 1)) : 0;
    }

    // Levels that occur, in words, and whether a half hour has no value.
    legend() {
      const levels = new Set(this.cells.filter(Boolean).map((cell) => this.levelOf(cell.value)));
      const words = [...levels].sort().map((level) => [level, this.levelWords(level)]);
      return { levels: words, hasBlank: this.cells.filter(Boolean).length < this.days * HALF_HOURS };
    }

    levelWords(level) {
      const { unit } = this.data;
      if (!(this.size > 0)) return `0 ${unit}`;
      if (level === LEVELS - 1) return `${number(level * this.size)} ${unit} or more`;
      return `${number(level * this.size)} to ${number((level + 1) * this.size)} ${unit}`;
    }

    redraw() {
      this.ink = inkOf(this.box);
      this.width = Math.max(this.box.clientWidth, Math.min(NARROWEST, this.days + EDGES.left + EDGES.right), 240);
      const ratio = devicePixelRatio || 1;
      this.canvas.width = Math.round(this.width * ratio);
      this.canvas.height = EDGES.height * ratio;
      this.canvas.style.width = `${this.width}px`;
      this.canvas.style.height = `${EDGES.height}px`;
      const pen = this.canvas.getContext("2d");
      pen.scale(ratio, ratio);
      this.drawAxes(pen);
      this.drawCells(pen, ratio);
    }

    drawAxes(pen) {
      const [right, bottom] = [this.width - EDGES.right, EDGES.height - EDGES.bottom];
      pen.font = `12px ${this.ink.font}`;
      pen.fillStyle = this.ink.quiet;
      pen.strokeStyle = this.ink.edge;
      pen.textAlign = "right";
      pen.textBaseline = "middle";
      for (const hour of [0, 6, 12, 18, 24]) {
        // The first and the last stay beside the map.
        const inwards = { 0: 4, 24: -4 }[hour] || 0;
        pen.fillText(clock(hour * 3600), EDGES.left - 8, EDGES.top + this.down * 2 * hour + inwards);
      }
      pen.strokeRect(EDGES.left - 0.5, EDGES.top - 0.5, right - EDGES.left + 1, bottom - EDGES.top + 1);
      const from = this.first * DAY;
      const [ticks, words] = ticksOf("day", from, from + this.days * DAY - 1, this.width - EDGES.left);
      pen.textBaseline = "top";
      words(ticks).forEach((label, index) => {
        const x = EDGES.left + ((ticks[index] - from) / DAY) * this.across;
        pen.textAlign = x > right - 40 ? "right" : "left";
        pen.beginPath();
        pen.moveTo(x, bottom);
        pen.lineTo(x, bottom + 5);
        pen.stroke();
        label.split("\n").forEach((part, row) => pen.fillText(part, Math.min(x, right), bottom + 7 + row * 14));
      });
    }

    // Columns and rows begin at whole pixels, so that no lines are between them.
    drawCells(pen, ratio) {
      const whole = (value) => Math.round(value * ratio) / ratio;
      const paths = Array.from({ length: LEVELS }, () => new Path2D());
      const marked = {};
      this.cells.forEach((cell, index) => {
        const [day, place] = [Math.floor(index / HALF_HOURS), index % HALF_HOURS];
        const x = whole(EDGES.left + day * this.across);
        const y = whole(EDGES.top + place * this.down);
        const width = Math.max(whole(EDGES.left + (day + 1) * this.across) - x, 1 / ratio);
        const height = whole(EDGES.top + (place + 1) * this.down) - y;
        paths[this.levelOf(cell.value)].rect(x, y, width, height);
        if (cell.mark) (marked[cell.mark] ||= new Path2D()).rect(x, y, width, height);
      });
      paths.forEach((path, level) => {
        pen.fillStyle = this.ink.series[0];
        pen.globalAlpha = SHADES[level];
        pen.fill(path);
      });
      pen.globalAlpha = 0.5;
      for (const [mark, path] of Object.entries(marked)) {
        pen.fillStyle = hatching(this.ink.ink, mark, 1, 0);
        pen.fill(path);
      }
      pen.globalAlpha = 1;
    }

    reading(index) {
      const cell = this.cells[index];
      const when = `${dayOf((this.first + Math.floor(index / HALF_HOURS)) * DAY)} ${clock((index % HALF_HOURS) * HALF_HOUR)}`;
      const [line] = this.data.lines;
      const { value = null, mark = "" } = cell || {};
      return { when, values: [{ index: 0, line, value, words: amountOf(value, this.data.unit), quality: QUALITIES[mark] || "" }] };
    }

    // Left, right, top and bottom of a half hour, in pixels of the page.
    edges(index) {
      const [x, y] = [EDGES.left + Math.floor(index / HALF_HOURS) * this.across, EDGES.top + (index % HALF_HOURS) * this.down];
      return [x, x + this.across, y, y + this.down];
    }

    step(index, key) {
      const by = { ArrowLeft: -HALF_HOURS, ArrowRight: HALF_HOURS, ArrowUp: -1, ArrowDown: 1 }[key];
      if (key === "Home") return 0;
      if (key === "End") return this.days * HALF_HOURS - 1;
      if (!by) return null;
      if (index === null) return 0;
      const next = index + by;
      return next < 0 || next >= this.days * HALF_HOURS ? index : next;
    }

    reveal(index) {
      const [left, right] = this.edges(index);
      const { scrollLeft, clientWidth } = this.box;
      if (left < scrollLeft + EDGES.left || right > scrollLeft + clientWidth) this.box.scrollLeft = left - clientWidth / 2;
    }

    mayZoom() {
      return false;
    }

    resize(width) {
      if (Math.abs(width - this.width) > 1) this.redraw();
    }
  }

  Object.assign(globalThis.meterbox, { Heat });
})();
