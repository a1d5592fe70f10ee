/* Values of a chart: places with their spans, numbers, and words. Without a document, so that it stays easy to read. */
"use strict";

globalThis.meterbox = {};

(() => {
  const DAY = 86400;
  const QUALITIES = { S: "substituted", E: "estimated", D: "in doubt" };
  const DAYS = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];
  const MONTHS = ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"];
  const isNone = (value) => value === null || value === undefined;
  const two = (number) => String(number).padStart(2, "0");

  // Times are clock times without a zone, in seconds as if they were UTC: they are shown as they are.
  const moment = (seconds) => new Date(seconds * 1000);
  const clock = (seconds) => `${two(Math.floor(seconds / 3600))}:${two(Math.floor((seconds % 3600) / 60))}`;
  const clockOf = (seconds) => clock(((seconds % DAY) + DAY) % DAY);
  const monthOf = (seconds) => MONTHS[moment(seconds).getUTCMonth()];
  const yearOf = (seconds) => moment(seconds).getUTCFullYear();
  const monthAfter = (seconds, number = 1) => Date.UTC(yearOf(seconds), moment(seconds).getUTCMonth() + number, 1) / 1000;
  const dayOf = (seconds) => {
    const day = moment(seconds);
    return `${DAYS[day.getUTCDay()]} ${two(day.getUTCDate())} ${monthOf(seconds).slice(0, 3)} ${day.getUTCFullYear()}`;
  };
  const isMidnight = (seconds) => seconds % DAY === 0;
  const momentOf = (seconds) => (isMidnight(seconds) ? dayOf(seconds) : `${dayOf(seconds)} ${clockOf(seconds)}`);

  // Like totals on the page: one decimal place; three below 10; more where three would write zero.
  function number(value) {
    const size = Math.abs(value);
    const places = Number(size.toFixed(3)) >= 10 || !size ? 1 : Math.max(3, -Math.floor(Math.log10(size)));
    return value.toLocaleString("en-GB", { minimumFractionDigits: Math.min(places, 20), maximumFractionDigits: Math.min(places, 20) });
  }
  const short = (value) => value.toLocaleString("en-GB", { maximumFractionDigits: 6 });

  function placesOf(x) {
    if (x.months) return Array.from({ length: x.months }, (_, number) => monthAfter(x.start, number));
    return Array.isArray(x) ? x : Array.from({ length: x.count }, (_, place) => x.start + place * x.step);
  }

  function stepOf(places) {
    let step = Infinity;
    for (let place = 1; place < places.length; place++) step = Math.min(step, places[place] - places[place - 1]);
    return Number.isFinite(step) ? step : 1800;
  }

  // Each place with its end: a day, a month, a half hour, or what the drawing states.
  function endsOf(axis, x, places, ends) {
    if (ends && ends.length) return ends;
    if (axis === "day") return places.map((start) => start + DAY);
    if (axis === "month") return places.map((start) => monthAfter(start));
    const step = axis === "share" ? 0 : Array.isArray(x) ? stepOf(places) : x.step;
    return places.map((start, place) => (place + 1 < places.length ? places[place + 1] : start + step));
  }

  function read(drawing, axis) {
    const x = placesOf(drawing.x);
    const kind = axis || drawing.axis;
    const lines = drawing.lines.map((line) => ({ marks: "", parts: {}, style: "line", ...line }));
    return { ...drawing, axis: kind, x, ends: endsOf(kind === "heat" ? "time" : kind, drawing.x, x, drawing.ends), lines };
  }

  function placeOf({ axis, x, ends }, place) {
    const start = x[place];
    if (axis === "clock") return clock(start);
    if (axis === "share") return `${short(Math.round(start * 100) / 100)} %`;
    if (axis === "month") return `${monthOf(start)} ${yearOf(start)}`;
    if (axis === "day") return dayOf(start);
    return axis === "spans" ? spanOf(start, ends[place]) : `${dayOf(start)} ${clockOf(start)}`;
  }

  function spanOf(start, end) {
    if (isMidnight(start) && end - start === DAY) return dayOf(start);
    if (dayOf(start) === dayOf(end - 1)) return `${dayOf(start)} ${clockOf(start)} to ${end % DAY ? clockOf(end) : "24:00"}`;
    return `${momentOf(start)} to ${momentOf(end)}`;
  }

  // The values at a place, each with its line and its quality in words.
  function reading(data, place) {
    const values = data.lines.map((line, index) => {
      const value = line.values[place];
      const quality = partsOf(data, line, place) || QUALITIES[line.marks[place]] || "";
      return { index, line, value, quality, words: amountOf(value, data.unit) };
    });
    return { when: placeOf(data, place), values };
  }

  // What of a value is not actual, in words.
  function partsOf({ unit }, { parts, values }, place) {
    const some = Object.entries(parts).filter(([, amounts]) => amounts[place]);
    const whole = some.find(([, amounts]) => Math.abs(values[place] - amounts[place]) < Math.abs(values[place]) * 1e-9);
    if (whole) return QUALITIES[whole[0]];
    const words = some.map(([mark, amounts]) => `${amountOf(amounts[place], unit)} ${QUALITIES[mark]}`);
    return words.length ? `of which ${words.join(" and ")}` : "";
  }

  const amountOf = (value, unit) => (isNone(value) ? "no value" : `${number(value)} ${unit}`);

  function inWords({ when, values }) {
    const label = (line) => (values.length > 1 ? `${line.label} ` : "");
    const each = values.map(({ line, words, quality }) => label(line) + (quality ? `${words}, ${quality}` : words));
    return `${when}: ${each.join("; ")}`;
  }

  Object.assign(globalThis.meterbox, {
    DAY, QUALITIES, isNone, clock, clockOf, dayOf, monthOf, yearOf, monthAfter, moment,
    number, short, read, reading, inWords, amountOf,
  });
})();
