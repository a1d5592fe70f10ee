/* Extent of a chart: where its data is, and ticks at round places. */
"use strict";

(() => {
  const { DAY, clock, clockOf, isNone, moment, monthAfter, monthOf, short, yearOf } = globalThis.meterbox;
  //: Strays are so few at most, and so many times farther or larger than the rest.
  const STRAYS = 3;
  const FARTHER = 2;
  const LARGER = 4;
  const LEAST = 12;

  // First and last place that a chart shows at first: without places that have no value at either end, and without
  // a few that are far from all the others.
  function homeOf({ axis, x, ends, lines }) {
    const has = x.map((_, place) => place).filter((place) => lines.some((line) => !isNone(line.values[place])));
    if (!has.length) return [x[0] ?? 0, ends[ends.length - 1] ?? 1];
    let [first, last] = [0, has.length - 1];
    if (has.length >= LEAST && axis !== "clock" && axis !== "share") {
      for (let few = 1; few <= STRAYS; few++) {
        if (x[has[few]] - x[has[few - 1]] > FARTHER * (x[has[last]] - x[has[few]])) first = few;
      }
      for (let few = 1; few <= STRAYS; few++) {
        const inner = has.length - 1 - few;
        if (x[has[inner + 1]] - x[has[inner]] > FARTHER * (x[has[inner]] - x[has[first]])) last = inner;
      }
    }
    return [x[has[first]], ends[has[last]]];
  }

  // The largest value that is no stray: at most three values are many times larger than it.
  function ceilingOf({ lines }) {
    const sizes = lines.flatMap((line) => line.values.filter((value) => !isNone(value)).map(Math.abs));
    const largest = sizes.length < 5000 ? sizes.sort((one, other) => other - one) : topOf(sizes);
    if (sizes.length < LEAST) return Infinity;
    let ceiling = Infinity;
    for (let few = 1; few <= STRAYS; few++) {
      if (largest[few] > 0 && largest[few - 1] > LARGER * largest[few]) ceiling = largest[few];
    }
    return ceiling;
  }

  function topOf(sizes) {
    const top = [];
    for (const size of sizes) {
      if (top.length <= STRAYS || size > top[top.length - 1]) {
        top.push(size);
        top.sort((one, other) => other - one);
        top.length = Math.min(top.length, STRAYS + 1);
      }
    }
    return top;
  }

  // Lowest and highest value between two places, with room above; levels need not begin at zero.
  function heightOf({ x, ends, lines, levels }, from, to, ceiling) {
    let [low, high] = [Infinity, -Infinity];
    for (const line of lines) {
      for (let place = 0; place < x.length; place++) {
        const value = line.values[place];
        if (ends[place] < from || x[place] > to || isNone(value)) continue;
        low = Math.min(low, Math.max(value, -ceiling));
        high = Math.max(high, Math.min(value, ceiling));
      }
    }
    if (low > high) return [0, 1];
    if (!levels) [low, high] = [Math.min(low, 0), Math.max(high, 0)];
    const room = (high - low || Math.abs(high) || 1) * 0.06;
    return [low < 0 || levels ? low - room : 0, high > 0 || levels ? high + room : 0];
  }

  const MINUTE = 60;
  const HOUR = 60 * MINUTE;
  const STEPS = [
    ...[5, 10, 15, 30].map((number) => number * MINUTE),
    ...[1, 2, 3, 6, 12].map((number) => number * HOUR),
    ...[1, 2, 7, 14].map((number) => number * DAY),
  ];
  const MONTHLY = [1, 2, 3, 6, 12, 24, 60, 120, 240];

  // Ticks of time: minutes and hours from midnight, days at midnight, weeks on Mondays, months on their first day.
  function timesOf(from, to, most, smallest) {
    // Months are plainer than fortnights, where there is more than one.
    const size = STEPS.find((each) => each >= smallest && (to - from) / each <= most && !(each === 14 * DAY && to - from > 80 * DAY));
    if (size) {
      const monday = 4 * DAY;
      const origin = size % (7 * DAY) === 0 ? monday : 0;
      const first = Math.ceil((from - origin) / size) * size + origin;
      return range(first, to, (place) => place + size);
    }
    const months = (to - from) / (30.44 * DAY);
    const number = MONTHLY.find((each) => months / each <= most) || MONTHLY[MONTHLY.length - 1];
    const index = Math.floor((yearOf(from) * 12 + moment(from).getUTCMonth()) / number) * number;
    const start = Date.UTC(Math.floor(index / 12), index % 12, 1) / 1000;
    return range(start, to, (place) => monthAfter(place, number)).filter((place) => place >= from);
  }

  function range(first, last, next) {
    const places = [];
    for (let place = first; place <= last && places.length < 200; place = next(place)) places.push(place);
    return places;
  }

  // The label of a tick, and below it the day or year where that changes.
  function timeLabels(ticks) {
    const size = ticks.length > 1 ? ticks[1] - ticks[0] : DAY;
    const day = (place) => `${moment(place).getUTCDate()} ${monthOf(place).slice(0, 3)}`;
    let before = null;
    return ticks.map((place, index) => {
      const [label, more] =
        size < DAY ? [clockOf(place), `${day(place)} ${yearOf(place)}`]
        : size < 28 * DAY ? [day(place), yearOf(place)]
        : size < 360 * DAY ? [monthOf(place).slice(0, 3), yearOf(place)]
        : [yearOf(place), ""];
      const isNew = more !== before && (index === 0 || size >= DAY || place % DAY === 0);
      before = more;
      return isNew && more !== "" ? `${label}\n${more}` : `${label}`;
    });
  }

  function ticksOf(axis, from, to, width) {
    if (axis === "clock") {
      const step = (width < 520 ? 6 : 3) * HOUR;
      return [range(0, DAY, (place) => place + step), (ticks) => ticks.map(clock)];
    }
    if (axis === "share") {
      const step = [1, 2, 5, 10, 20, 25, 50].find((each) => (to - from) / each <= width / 60) || 50;
      return [range(Math.ceil(from / step) * step, to, (place) => place + step), (ticks) => ticks.map((tick) => `${short(tick)} %`)];
    }
    const smallest = { day: DAY, month: 28 * DAY }[axis] || 0;
    return [timesOf(from, to, Math.max(2, width / 72), smallest), timeLabels];
  }

  Object.assign(globalThis.meterbox, { homeOf, ceilingOf, heightOf, ticksOf });
})();
