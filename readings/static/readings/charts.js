/* Draws the charts of a page with uPlot. Without it, their tables say the same. */
"use strict";

(() => {
  const HEIGHT = 300;
  const COLORS = ["--series-1", "--series-2", "--series-3", "--series-4"];
  // Times are clock times without a zone, sent as if they were UTC: they are shown as they are.
  const asSent = (seconds) => uPlot.tzDate(new Date(seconds * 1000), "Etc/UTC");
  const dates = { day: "{WWW} {DD} {MMM} {YYYY}", month: "{MMMM} {YYYY}", time: "{WWW} {DD} {MMM} {YYYY} {HH}:{mm}" };
  const AXIS = [
    [3600 * 24 * 365, "{YYYY}", null, null, null, null, null, null, 1],
    [3600 * 24 * 28, "{MMM}", "\n{YYYY}", null, null, null, null, null, 1],
    [3600 * 24, "{D} {MMM}", "\n{YYYY}", null, null, null, null, null, 1],
    [60, "{HH}:{mm}", "\n{D} {MMM} {YYYY}", null, "\n{D} {MMM}", null, null, null, 1],
  ];

  const color = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const clock = (seconds) => {
    const minutes = Math.round(seconds / 60);
    return String(Math.floor(minutes / 60)).padStart(2, "0") + ":" + String(minutes % 60).padStart(2, "0");
  };
  const number = (value) => value.toLocaleString("en-GB", { maximumFractionDigits: 3 });

  const sizeOf = (chart, labels) => Math.max(48, 20 + 7 * Math.max(0, ...(labels || []).map((label) => label.length)));

  async function drawingOf(plot) {
    if (!plot.dataset.address) return JSON.parse(document.getElementById(plot.dataset.figure).textContent);
    const answer = await fetch(plot.dataset.address, { headers: { Accept: "application/json" } });
    if (!answer.ok) throw new Error(`the values of the chart cannot be loaded (status ${answer.status})`);
    const data = await answer.json();
    const x = data.values.map((_, place) => data.start + place * data.step);
    return { axis: "time", unit: data.unit, band: -1, x, lines: [{ label: "Half hour", values: data.values }] };
  }

  function xOf(drawing) {
    if (drawing.axis === "clock") return (chart, value) => (value === null ? "–" : clock(value));
    const write = uPlot.fmtDate(dates[drawing.axis]);
    return (chart, value) => (value === null ? "–" : write(asSent(value)));
  }

  function pathsOf(drawing) {
    if (drawing.axis === "time") return uPlot.paths.stepped({ align: 1 });
    return drawing.axis === "clock" ? undefined : uPlot.paths.bars({ size: [0.8, 60], align: 0 });
  }

  function seriesOf(drawing) {
    const isBars = drawing.axis === "day" || drawing.axis === "month";
    let used = 0;
    return drawing.lines.map((line, place) => {
      const isEdge = drawing.band >= 0 && (place === drawing.band || place === drawing.band + 1);
      const shade = color(COLORS[isEdge ? 0 : used++ % COLORS.length]);
      return {
        label: line.label,
        stroke: isEdge ? "transparent" : shade,
        fill: isBars ? shade : undefined,
        width: isBars ? 0 : 1.5,
        paths: pathsOf(drawing),
        points: { show: false },
        value: (chart, value) => (value === null || value === undefined ? "–" : `${number(value)} ${drawing.unit}`),
      };
    });
  }

  function optionsOf(drawing, width) {
    const isClock = drawing.axis === "clock";
    const axis = { stroke: color("--quiet"), grid: { stroke: color("--edge"), width: 1 }, ticks: { stroke: color("--edge"), width: 1 } };
    const places = { ...axis, space: 60 };
    if (isClock) {
      places.splits = () => [0, 3, 6, 9, 12, 15, 18, 21].map((hour) => hour * 3600);
      places.values = (chart, splits) => splits.map(clock);
      if (width < 480) places.splits = () => [0, 6, 12, 18].map((hour) => hour * 3600);
    } else if (drawing.axis === "month") {
      const each = Math.ceil(drawing.x.length / Math.max(1, Math.floor(width / 80)));
      places.splits = () => drawing.x.filter((_, place) => place % each === 0);
      places.values = (chart, splits) => splits.map((seconds) => uPlot.fmtDate("{MMM} {YYYY}")(asSent(seconds)));
    } else {
      places.values = AXIS;
    }
    const options = {
      width,
      height: HEIGHT,
      tzDate: asSent,
      scales: { x: { time: !isClock }, y: { range: (chart, low, high) => [Math.min(0, low ?? 0), (high || 1) * 1.05] } },
      axes: [places, { ...axis, size: sizeOf, values: (chart, splits) => splits.map(number) }],
      series: [{ label: isClock ? "Half hour from" : "When", value: xOf(drawing) }, ...seriesOf(drawing)],
      cursor: { drag: { x: !isClock, y: false } },
    };
    if (drawing.band >= 0) {
      const fill = color("--series-1") + "33";
      options.bands = [{ series: [drawing.band + 2, drawing.band + 1], fill }];
    }
    return options;
  }

  function rowsOf(drawing) {
    const rows = [drawing.x, ...drawing.lines.map((line) => line.values)];
    if (drawing.axis !== "day" && drawing.axis !== "month") return rows;
    // Room for half a bar at either end: places without a value.
    const half = (drawing.axis === "month" ? 16 : 0.5) * 86400;
    const [x, ...lines] = rows;
    return [[x[0] - half, ...x, x[x.length - 1] + half], ...lines.map((values) => [undefined, ...values, undefined])];
  }

  // The part of the axis that is shown becomes `factor` as wide, and moves by `step` of its width.
  function zoom(chart, factor, step) {
    const [first, last] = [chart.data[0][0], chart.data[0][chart.data[0].length - 1]];
    const { min, max } = chart.scales.x;
    const width = Math.min(Math.max((max - min) * factor, 3600), last - first);
    const middle = (min + max) / 2 + (max - min) * step;
    const from = Math.min(Math.max(middle - width / 2, first), last - width);
    chart.setScale("x", { min: from, max: from + width });
  }

  const MOVES = [
    ["ArrowLeft", "←", "Earlier", (chart) => zoom(chart, 1, -0.25)],
    ["-", "−", "Zoom out", (chart) => zoom(chart, 2, 0)],
    ["+", "+", "Zoom in", (chart) => zoom(chart, 0.5, 0)],
    ["ArrowRight", "→", "Later", (chart) => zoom(chart, 1, 0.25)],
    ["Escape", "All", "Show all", (chart) => zoom(chart, Infinity, 0)],
  ];

  function offerZoom(plot, chartOf) {
    const buttons = document.createElement("div");
    buttons.className = "zoom";
    for (const [, sign, words, move] of MOVES) {
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = sign;
      button.title = words;
      button.setAttribute("aria-label", words);
      button.addEventListener("click", () => move(chartOf()));
      buttons.append(button);
    }
    plot.before(buttons);
    plot.addEventListener("keydown", (event) => {
      const move = MOVES.find(([key]) => key === event.key || (key === "+" && event.key === "="));
      if (move && !event.ctrlKey && !event.metaKey && !event.altKey) {
        event.preventDefault();
        move[3](chartOf());
      }
    });
  }

  async function draw(plot) {
    const drawing = await drawingOf(plot);
    const rows = rowsOf(drawing);
    let chart;
    const redraw = () => {
      if (chart) chart.destroy();
      chart = new uPlot(optionsOf(drawing, plot.parentElement.clientWidth - 32), rows, plot);
    };
    redraw();
    if (drawing.axis === "time" || drawing.axis === "day") offerZoom(plot, () => chart);
    new ResizeObserver(() => {
      const width = plot.clientWidth;
      if (width && Math.abs(width - chart.width) > 1) chart.setSize({ width, height: HEIGHT });
    }).observe(plot);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redraw);
    plot.dataset.drawn = "yes";
  }

  for (const plot of document.querySelectorAll(".plot[data-figure], .plot[data-address]")) {
    draw(plot).catch((error) => {
      plot.textContent = `This chart cannot be drawn: ${error.message}.`;
    });
  }
})();
