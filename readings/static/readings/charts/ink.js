/* Ink of a chart: colors, hatching, and the shapes of lines on a canvas. */
"use strict";

(() => {
  const { isNone } = globalThis.meterbox;
  const NUMBER_OF_COLORS = 8;
  const DASHES = { E: [6, 4], S: [2, 3], D: [8, 3, 2, 3] };

  // Colors come from the style sheet: they follow dark mode and print.
  function inkOf(plot) {
    const style = getComputedStyle(plot);
    const color = (name) => style.getPropertyValue(name).trim();
    return {
      ink: color("--ink"), quiet: color("--quiet"), edge: color("--edge"), sheet: color("--sheet"), font: style.fontFamily,
      series: Array.from({ length: NUMBER_OF_COLORS }, (_, number) => color(`--series-${number + 1}`)),
    };
  }

  // Stripes to the right for estimated, to the left for substituted, crossed for doubtful.
  function hatching(color, mark, ratio, tint = 0.14) {
    const size = 6 * ratio;
    const tile = document.createElement("canvas");
    tile.width = tile.height = size;
    const pen = tile.getContext("2d");
    pen.fillStyle = color;
    pen.globalAlpha = tint;
    pen.fillRect(0, 0, size, size);
    pen.globalAlpha = 1;
    pen.strokeStyle = color;
    pen.lineWidth = 1.25 * ratio;
    pen.beginPath();
    for (const shift of [-size, 0, size]) {
      if (mark !== "S") pen.moveTo(shift - 1, size + 1), pen.lineTo(shift + size + 1, -1);
      if (mark !== "E") pen.moveTo(shift - 1, -1), pen.lineTo(shift + size + 1, size + 1);
    }
    pen.stroke();
    return pen.createPattern(tile, "repeat");
  }

  // Pen for one drawing: the context, the ratio of pixels, and where values are on the canvas.
  function penOf(chart, data, ink) {
    const pen = chart.ctx;
    const at = (value) => chart.valToPos(value, "x", true);
    const up = (value) => chart.valToPos(value, "y", true);
    const ratio = devicePixelRatio || 1;
    const { min, max } = chart.scales.x;
    const base = up(Math.max(chart.scales.y.min, Math.min(0, chart.scales.y.max)));
    const visible = [];
    for (let place = 0; place < data.x.length; place++) {
      if (data.ends[place] >= min && data.x[place] <= max) visible.push(place);
    }
    // A line continues to the first value beyond either edge.
    if (visible.length) visible.unshift(Math.max(visible[0] - 1, 0));
    if (visible.length) visible.push(Math.min(visible[visible.length - 1] + 1, data.x.length - 1));
    const places = [...new Set(visible)];
    const isWide = ["day", "month", "spans"].includes(data.axis);
    const middle = (place) => at(isWide ? (data.x[place] + data.ends[place]) / 2 : data.x[place]);
    return { pen, at, up, ratio, base, places, middle, data, ink };
  }

  const markOf = (line, place) => (DASHES[line.marks[place]] ? line.marks[place] : "");

  // Pieces of a bar from the axis outwards: the actual part, then what is of another quality.
  function piecesOf(line, place, value) {
    const parts = Object.entries(line.parts).filter(([, amounts]) => amounts[place]);
    const inner = parts.reduce((rest, [, amounts]) => rest - amounts[place], value);
    let from = inner;
    const outer = parts.map(([mark, amounts]) => [mark, from, (from += amounts[place])]);
    return parts.length && Math.abs(inner) < Math.abs(value) * 1e-9 ? outer : [[markOf(line, place), 0, inner], ...outer];
  }

  // Bars of several lines are side by side.
  function bars(tools, line, color, order, number) {
    const { pen, at, up, ratio, places, data } = tools;
    const paths = new Map();
    for (const place of places) {
      const value = line.values[place];
      if (isNone(value)) continue;
      // Edges are at whole pixels, so that narrow bars are not pale; very narrow ones touch.
      const exact = at(data.ends[place]) - at(data.x[place]);
      const gap = exact < 5 * ratio || data.axis === "spans" ? 0 : Math.max(ratio, Math.round(exact * 0.16));
      const start = Math.round(at(data.x[place]));
      const width = Math.max((Math.round(at(data.ends[place])) - start - gap) / number, ratio);
      const left = start + Math.floor(gap / 2) + order * width;
      for (const [mark, from, to] of piecesOf(line, place, value)) {
        const [top, bottom] = [up(from), up(to)].sort((one, other) => one - other);
        if (!paths.has(mark)) paths.set(mark, new Path2D());
        paths.get(mark).rect(left, top, width, Math.max(bottom - top, value ? ratio : 0));
      }
    }
    for (const [mark, path] of paths) {
      pen.fillStyle = mark ? hatching(color, mark, ratio) : color;
      pen.fill(path);
      if (!mark && data.axis !== "spans") continue;
      pen.strokeStyle = mark ? color : tools.ink.sheet;
      pen.lineWidth = ratio;
      pen.setLineDash([]);
      pen.stroke(path);
    }
  }

  // The corners of a line: two for each place of a step, else one; null where it is broken.
  function corners(tools, line) {
    const { at, up, middle, places, data } = tools;
    const isStep = line.style === "steps";
    return places.flatMap((place) => {
      const value = line.values[place];
      if (isNone(value)) return [null];
      const mark = markOf(line, place);
      const y = up(value);
      const broken = isStep && place && data.ends[place - 1] < data.x[place] ? [null] : [];
      if (!isStep) return [{ x: middle(place), y, mark }];
      return [...broken, { x: at(data.x[place]), y, mark }, { x: at(data.ends[place]), y, mark }];
    });
  }

  function strokes(tools, line, color, isDashed) {
    const { pen, ratio, base } = tools;
    const paths = new Map();
    const areas = new Map();
    const single = new Path2D();
    const all = corners(tools, line);
    all.forEach((corner, index) => {
      const before = all[index - 1];
      if (!corner) return;
      if (!before && !all[index + 1]) single.rect(corner.x - 1.5 * ratio, corner.y - 1.5 * ratio, 3 * ratio, 3 * ratio);
      if (!before) return;
      const mark = corner.mark || before.mark;
      if (!paths.has(mark)) paths.set(mark, new Path2D());
      const path = paths.get(mark);
      if (path.last !== before) path.moveTo(before.x, before.y);
      path.lineTo(corner.x, corner.y);
      path.last = corner;
      if (!corner.mark || corner.mark !== before.mark) return;
      if (!areas.has(mark)) areas.set(mark, new Path2D());
      areas.get(mark).rect(before.x, Math.min(corner.y, base), corner.x - before.x, Math.abs(base - corner.y));
    });
    if (line.style === "steps") for (const [mark, area] of areas) fill(pen, area, hatching(color, mark, ratio));
    pen.strokeStyle = pen.fillStyle = color;
    pen.lineJoin = "round";
    pen.lineWidth = (isDashed ? 1.5 : 1.75) * ratio;
    for (const [mark, path] of paths) {
      pen.setLineDash((mark ? DASHES[mark] : isDashed ? [5, 4] : []).map((each) => each * ratio));
      pen.stroke(path);
    }
    pen.setLineDash([]);
    pen.fill(single);
  }

  function fill(pen, path, style) {
    pen.fillStyle = style;
    pen.fill(path);
  }

  // A point of a span marks its beginning: the middle of its first day.
  function points(tools, line, color) {
    const { pen, at, up, ratio, middle, places, data } = tools;
    const across = (place) => (data.axis === "spans" ? Math.min(middle(place), at(data.x[place] + 43200)) : middle(place));
    pen.lineWidth = 1.5 * ratio;
    pen.strokeStyle = color;
    pen.setLineDash([]);
    for (const place of places) {
      if (isNone(line.values[place])) continue;
      pen.beginPath();
      pen.arc(across(place), up(line.values[place]), 3 * ratio, 0, 2 * Math.PI);
      pen.fillStyle = markOf(line, place) ? tools.ink.sheet : color;
      pen.fill();
      pen.stroke();
    }
  }

  // The area between two lines, broken where either has no value.
  function band(tools, low, high, color) {
    const { pen, up, middle, places } = tools;
    pen.fillStyle = color;
    pen.globalAlpha = 0.2;
    let run = [];
    const close = () => {
      const path = new Path2D();
      run.forEach((place) => path.lineTo(middle(place), up(high.values[place])));
      [...run].reverse().forEach((place) => path.lineTo(middle(place), up(low.values[place])));
      pen.fill(path);
      run = [];
    };
    for (const place of places) {
      if (isNone(low.values[place]) || isNone(high.values[place])) close();
      else run.push(place);
    }
    close();
    pen.globalAlpha = 1;
  }

  const isEdge = (data, index) => data.band >= 0 && (index === data.band || index === data.band + 1);

  // Color of each line, by its number; the edges of the band have that of the line behind them.
  function colorNumbers(data) {
    let used = 0;
    return data.lines.map((_, index) => (isEdge(data, index) ? 1 : (used++ % NUMBER_OF_COLORS) + 1));
  }

  // Small triangles at the edge, where a stray value is beyond it.
  function strays(tools, line, color, ceiling) {
    const { pen, middle, places, ratio, at, data } = tools;
    const top = tools.top + 2 * ratio;
    pen.fillStyle = color;
    for (const place of places) {
      const value = line.values[place];
      if (isNone(value) || Math.abs(value) <= ceiling) continue;
      const x = line.style === "bars" || line.style === "steps" ? (at(data.x[place]) + at(data.ends[place])) / 2 : middle(place);
      pen.beginPath();
      pen.moveTo(x, top);
      pen.lineTo(x - 4 * ratio, top + 7 * ratio);
      pen.lineTo(x + 4 * ratio, top + 7 * ratio);
      pen.fill();
    }
  }

  function drawLines(chart, data, ink, hidden, ceiling) {
    const tools = { ...penOf(chart, data, ink), top: chart.bbox.top };
    const { pen } = tools;
    const numbers = colorNumbers(data);
    const isShown = (index) => !hidden.has(index);
    const side = data.lines.map((line, index) => index).filter((index) => data.lines[index].style === "bars" && isShown(index));
    pen.save();
    pen.beginPath();
    // A point at an edge is drawn whole.
    pen.rect(chart.bbox.left - 4 * tools.ratio, chart.bbox.top, chart.bbox.width + 8 * tools.ratio, chart.bbox.height);
    pen.clip();
    if (data.band >= 0 && isShown(data.band)) band(tools, data.lines[data.band], data.lines[data.band + 1], ink.series[0]);
    data.lines.forEach((line, index) => {
      const color = ink.series[numbers[index] - 1];
      if (isEdge(data, index) || !isShown(index)) return;
      if (line.style === "bars") bars(tools, line, color, side.indexOf(index), side.length);
      else if (line.style === "points") points(tools, line, color);
      else strokes(tools, line, color, line.style === "dashed");
      if (Number.isFinite(ceiling)) strays(tools, line, color, ceiling);
    });
    pen.restore();
  }

  Object.assign(globalThis.meterbox, { inkOf, hatching, drawLines, colorNumbers, isEdge });
})();
