"""Figures of raw files, computed with pandas alone. This script knows nothing of Meterbox.

    PYTHON alone.py FILE…

The files are read in the order in which they arrived. Prints, as JSON, the figures of each consumer, NMI and MPAN, of
each area and tariff, and of all together. Amounts are in kWh, power is in kW, and times are those of the clock in the
files, at the start of an interval. Sums are exact decimals.
"""

from __future__ import annotations

import csv
import json
import sys
from collections import Counter
from collections.abc import Iterable
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import pandas as pd

SCALES: Final = {"WH": Decimal("0.001"), "KWH": Decimal(1), "MWH": Decimal(1000)}
#: Day that is compared with the other days of its month.
COMPARED: Final = "2016-12-25"
COLUMNS: Final = ["subject", "channel", "day", "minute", "again", "length", "value", "quality", "version"]
#: Worst last.
QUALITIES: Final = "ASE"


def consumption(path: Path, version: int) -> pd.DataFrame:
    """Read half hours of a consumer; an hour that the clock shows twice is told apart by its order in the file."""
    rows = pd.read_csv(path, dtype=str)
    at = pd.to_datetime(rows["datetime"], format="mixed")
    rows["again"] = at.groupby(at).cumcount()
    rows["day"] = at.dt.strftime("%Y-%m-%d")
    rows["minute"] = at.dt.hour * 60 + at.dt.minute
    rows["value"] = [Decimal(text) / 1000 for text in rows["consumption"]]
    constant = {
        "subject": f"CONSUMER {path.stem}",
        "channel": "",
        "length": 30,
        "quality": "A",
        "version": f"{version:06}",
    }
    return rows.assign(**constant)[COLUMNS]


def nem12(lines: list[list[str]], version: int) -> pd.DataFrame:
    """Read the channels E of a NEM12; the statement with the later time of update counts, of equal ones the last."""
    rows: list[tuple[Any, ...]] = []
    created = next((line[2] for line in lines if line[0] == "100"), "")
    nmi = suffix = serial = unit = ""
    length = first = 0
    for number_of_line, line in enumerate(lines):
        if line[0] == "200":
            nmi, suffix, serial, unit, length = (
                *map(str.upper, (line[1][:10], line[4], line[6], line[7])),
                int(line[8]),
            )
        elif line[0] == "300":
            number, first = 1440 // length, len(rows)
            quality, stated = line[2 + number], (line[5 + number] if len(line) > 5 + number else "") or created
            if suffix[0] != "E" or unit not in SCALES:
                continue
            day = f"{line[1][:4]}-{line[1][4:6]}-{line[1][6:8]}"
            for place, text in enumerate(line[2 : 2 + number]):
                if text:
                    value = Decimal(text) * SCALES[unit]
                    key = f"NMI {nmi}", f"{suffix} {serial}", day, place * length, 0, length
                    rows.append((*key, value, quality, f"{stated:0<14} {version:06} {number_of_line:06}"))
        elif line[0] == "400" and suffix[0] == "E" and unit in SCALES:
            for place in range(int(line[1]) - 1, int(line[2])):
                rows[first + place] = (*rows[first + place][:7], line[3], rows[first + place][8])
    frame = pd.DataFrame(rows, columns=COLUMNS)
    frame["quality"] = frame["quality"].str[:1].replace({"F": "S", "": "A"})
    return frame


def that_count(rows: pd.DataFrame) -> pd.DataFrame:
    """Keep the last version of each day of a channel, or of each half hour of a consumer; drop null data."""
    is_day = rows["subject"].str.startswith("NMI")
    keys = [rows["subject"], rows["channel"], rows["day"], rows["minute"].where(~is_day, -1)]
    rows = rows[rows["version"] == rows.groupby(keys)["version"].transform("max")]
    return rows[rows["quality"] != "N"]


def channels_added(rows: pd.DataFrame) -> pd.DataFrame:
    """Add up the channels of each subject, in intervals of the longest of them; the worst quality counts."""
    rows = rows.copy()
    rows["length"] = rows.groupby(["subject", "day", "again"])["length"].transform("max")
    rows["minute"] = rows["minute"] // rows["length"] * rows["length"]
    rows["worst"] = rows["quality"].map(QUALITIES.index)
    added = rows.groupby(["subject", "day", "minute", "again", "length"], as_index=False)
    return added.agg(value=("value", total), worst=("worst", "max"), number=("value", "size"))


def total(values: Any) -> Decimal:
    """Add decimals exactly."""
    return sum(values, start=Decimal(0))


def figures_of(rows: pd.DataFrame) -> dict[str, str]:
    """Return the figures of one subject from its intervals, channels added."""
    whole = total(rows["value"])
    power = pd.Series([value * 60 / length for value, length in zip(rows["value"], rows["length"], strict=True)])
    place = int(power.map(float).argmax())
    at = rows.iloc[place]
    result = {
        "total": text(whole),
        "first day": rows["day"].min(),
        "last day": rows["day"].max(),
        "days": str(rows["day"].nunique()),
        "mean in the list": repr(float(whole) / rows["day"].nunique()),
        "mean per day with a value": repr(float(whole) / rows["day"].nunique()),
        "peak": text(power[place]),
        "peak at": f"{at['day']} {at['minute'] // 60:02}:{at['minute'] % 60:02}",
    }
    for month, of_month in rows.groupby(rows["day"].str[:7]):
        result[f"total {month}"] = result[f"total in the chart {month}"] = text(total(of_month["value"]))
    result |= of_qualities(rows)
    result |= {f"total in the chart {letter}": result[f"total {letter}"] for letter in "SE"}
    result |= {"total of the days in the chart": result["total"], "days in the chart": result["days"]}
    not_actual = float(total(rows["value"][rows["worst"] > 0]))
    result |= {"total in the list": result["total"], "peak in the list": result["peak"]}
    result["share not actual"] = repr(100 * not_actual / float(whole) if whole else 0.0)
    if rows["subject"].iloc[0].startswith("NMI"):
        title = "From grid (consumption), channels E"
        result |= {f"use, {title}": result["total"], f"days of use, {title}": result["days"]}
    month = rows[rows["day"].str[:7] == COMPARED[:7]]
    is_day = month["day"] == COMPARED
    if is_day.any() and not is_day.all():
        others = month[~is_day]
        minutes = others.loc[others["again"] == 0, "length"].sum()
        result[f"total of {COMPARED}"] = text(total(month["value"][is_day]))
        result[f"usual instead of {COMPARED}"] = repr(float(total(others["value"])) * 1440 / int(minutes))
    power = half_hours(rows)
    result |= {"half hours": str(len(power)), "total of half hours": text(total(power) / 2)}
    if len(power):
        result["largest half hour"] = text(max(power))
    return result | duration(power.map(float)) | typical(power.map(float))


def of_qualities(rows: pd.DataFrame) -> dict[str, str]:
    """Return the total of each quality, and the share of those that are not actual, in per cent."""
    totals = {letter: total(rows["value"][rows["worst"] == place]) for place, letter in enumerate(QUALITIES)}
    whole = float(total(map(abs, totals.values())))
    shares = {f"share {letter}": repr(float(abs(totals[letter])) * 100 / whole) for letter in "SE" if whole}
    return {f"total {letter}": text(value) for letter, value in totals.items()} | shares


def covered(rows: pd.DataFrame) -> dict[str, dict[str, str]]:
    """Return the minutes of each month with a value of any channel; a time that the clock repeats counts once."""
    rows = rows[rows["again"] == 0]
    fives = rows.loc[rows.index.repeat(rows["length"] // 5), ["subject", "day", "minute"]]
    fives["minute"] += fives.groupby(level=0).cumcount() * 5
    fives = fives.drop_duplicates()
    found: dict[str, dict[str, str]] = {}
    for (subject, month), number in fives.groupby(["subject", fives["day"].str[:7]]).size().items():
        found.setdefault(subject, {})[f"minutes {month}"] = str(number * 5)
    for subject, days in fives.groupby("subject")["day"]:
        calendar_days = (pd.Timestamp(days.max()) - pd.Timestamp(days.min())).days + 1
        missing = str(calendar_days * 1440 - len(days) * 5)
        found[subject] |= {"minutes missing in the chart": missing, "minutes missing in the list": missing}
    return found


def half_hours(rows: pd.DataFrame) -> pd.Series:
    """Return the mean power of each whole half hour; longer intervals have none."""
    short = rows[rows["length"] <= 30].copy()
    short["place"] = short["minute"] // 30
    groups = short.groupby(["day", "place", "again"])
    sums = groups.agg(value=("value", total), minutes=("length", "sum"))
    return sums["value"][sums["minutes"] == 30] * 2


def duration(power: pd.Series) -> dict[str, str]:
    """Return the power that is exceeded in each part of the time."""
    if power.empty:
        return {}
    tenths = list(range(1001))
    loads = power.quantile([1 - tenth / 1000 for tenth in tenths])
    points = {f"exceeded {tenth / 10:g} %": repr(float(load)) for tenth, load in zip(tenths, loads, strict=True)}
    return points | {"base load": repr(float(power.quantile(0.05)))}


def typical(power: pd.Series) -> dict[str, str]:
    """Return the distribution of the power in each half hour of the day."""
    found = {}
    for place, values in power.groupby(level="place"):
        for part in (10, 50, 90):
            clock = f"{place // 2:02}:{place % 2 * 30:02}"
            found[f"typical {clock} {part} %"] = repr(float(values.quantile(part / 100)))
    return found


def together(rows: pd.DataFrame) -> dict[str, str]:
    """Return the figures of several subjects: their sums at each time."""
    power = half_hours_of_all(rows) * 2
    result = {"total": text(total(rows["value"])), "subjects": str(rows["subject"].nunique())}
    if len(power):
        place = power.map(float).argmax()
        day, number, _ = power.index[place]
        at = f"{day} {number // 2:02}:{number % 2 * 30:02}"
        result |= {"peak": text(power.iloc[place]), "peak at": at}
        result |= {"peak in the chart": result["peak"], "peak in the chart at": at}
    for month, of_month in rows.groupby(rows["day"].str[:7]):
        result[f"total {month}"] = text(total(of_month["value"]))
    point_days = rows.drop_duplicates(["subject", "day"])
    for month, number in point_days.groupby(rows["day"].str[:7]).size().items():
        result[f"point days {month}"], result[f"total in the chart {month}"] = str(number), result[f"total {month}"]
    whole = float(result["total"])
    result["mean per day with a value"] = repr(whole / rows["day"].nunique())
    result["mean per meter point and day"] = repr(whole / len(point_days))
    not_actual = total(rows["value"][rows["worst"] > 0])
    result["share not actual"] = repr(100 * float(not_actual) / whole if whole else 0.0)
    return result | of_qualities(rows) | duration(power.map(float))


def half_hours_of_all(rows: pd.DataFrame) -> pd.Series:
    """Return the sum of each half hour of the clock, in kWh: of those that a subject has whole."""
    short = rows[rows["length"] <= 30].copy()
    short["place"] = short["minute"] // 30
    each = short.groupby(["subject", "day", "place", "again"]).agg(value=("value", total), minutes=("length", "sum"))
    each = each[each["minutes"] == 30].reset_index()
    return each.groupby(["day", "place", "again"])["value"].agg(total)


def coverage(subjects: list[dict[str, str]]) -> dict[str, str]:
    """Return the minutes of each month that subjects cover, and those from the first day of each to its last."""
    minutes: Counter[str] = Counter()
    for each in subjects:
        for name, value in each.items():
            if name.startswith("minutes 2"):
                minutes[name.replace("minutes", "covered")] += int(value)
        for day in pd.date_range(each["first day"], each["last day"]):
            minutes[f"expected {day:%Y-%m}"] += 1440
    return {name: str(number) for name, number in minutes.items()}


def nem13(lines: list[list[str]]) -> list[tuple[Any, ...]]:
    """Read the quantities of a NEM13: key of the period, update, quality at its end, and quantity."""
    created = next((line[2] for line in lines if line[0] == "100"), "")
    rows = []
    for line in lines:
        if line[0] == "250" and line[19].strip().upper() in SCALES:
            stated = f"{line[21].strip() or created:0<14}"
            channel = (line[1].upper(), line[4].upper(), line[6], line[7])
            quality = line[15].strip()[:1]
            value = Decimal(line[18].strip()) * SCALES[line[19].strip().upper()]
            rows.append((*channel, line[9].strip(), line[14].strip(), stated, quality, value))
    return rows


def quantities(rows: list[tuple[Any, ...]]) -> dict[str, dict[str, str]]:
    """Return the totals of each NMI: of the last statement of each period, without overtaken estimates."""
    names = ["nmi", "suffix", "serial", "direction", "since", "until", "stated", "quality", "value"]
    frame = pd.DataFrame(rows, columns=names).sort_values("stated", kind="stable")
    frame = frame.drop_duplicates(["nmi", "suffix", "serial", "direction", "since", "until"], keep="last")
    actual_since = frame[frame["quality"] != "E"].groupby(["nmi", "suffix", "serial"])["since"].agg(set).to_dict()
    keys = zip(frame["nmi"], frame["suffix"], frame["serial"], frame["since"], frame["quality"], strict=True)
    if frame.empty:
        return {}
    frame = frame[[q != "E" or since not in actual_since.get((n, x, s), ()) for n, x, s, since, q in keys]]
    found: dict[str, dict[str, str]] = {}
    for (nmi, suffix), values in frame.groupby(["nmi", "suffix"])["value"]:
        found.setdefault(f"NMI {nmi} quantities", {})[f"total {suffix}"] = text(total(values))
    for (nmi, direction), rows_of_one in frame.groupby(["nmi", "direction"]):
        words = {"E": "From grid (consumption)", "I": "To grid (generation)"}[direction]
        spans = zip(rows_of_one["since"], rows_of_one["until"], strict=True)
        found[f"NMI {nmi} quantities"] |= use(f"{words}, between reads", total(rows_of_one["value"]), spans)
    return found


def use(title: str, amount: Decimal, spans: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Return the use between readings, and the number of calendar days between them; days that overlap count once."""
    days = {day for since, until in spans for day in pd.date_range(since[:8], until[:8], inclusive="left")}
    return {f"use, {title}": text(amount), f"days of use, {title}": str(len(days))}


def d0010(lines: list[list[str]]) -> list[tuple[str, ...]]:
    """Read a D0010: meter point, meter, register, time, type, and value; none of readings that failed validation."""
    rows: list[tuple[str, ...]] = []
    mpan = meter = kind = ""
    for line in lines:
        if line[0] == "026":
            mpan = line[1]
        elif line[0] == "028":
            meter, kind = line[1], line[2]
        elif line[0] == "030":
            rows.append((mpan, meter, line[1], line[2], kind, "" if line[6] == "F" else line[3]))
    return rows


def advances(rows: list[tuple[str, ...]]) -> dict[str, dict[str, str]]:
    """Return the sum of the differences of the readings of each register, over all meters of a meter point."""
    frame = pd.DataFrame(rows, columns=["mpan", "meter", "register", "at", "kind", "value"])
    frame = frame.drop_duplicates(["mpan", "meter", "register", "at", "kind"], keep="last").sort_values("at")
    frame["value"] = frame["value"].map(lambda value: Decimal(value) if value else None)
    result: dict[str, dict[str, str]] = {}
    for mpan, of_point in frame.groupby("mpan"):
        valid = of_point.dropna(subset="value")
        registers = [group for _, group in valid.groupby(["meter", "register"])]
        amount = total(value for group in registers for value in group["value"].diff().dropna())
        result[f"MPAN {mpan}"] = {"total": text(amount)}
        spans = [(group["at"].min(), group["at"].max()) for group in registers if len(group) > 1]
        if spans:
            result[f"MPAN {mpan}"] |= use("Use", amount, spans)
    return result


def text(value: Decimal) -> str:
    """Write a decimal without an exponent and without zeros at its end."""
    return f"{value.normalize():f}" if value else "0"


def main() -> None:
    """Print the figures of the files."""
    frames, reads, dials = [], [], []
    groups: dict[str, tuple[str, str]] = {}
    for version, path in enumerate(map(Path, sys.argv[1:])):
        start = path.read_text(errors="replace")[:60]
        if start.startswith("id,"):
            users = pd.read_csv(path, dtype=str)
            groups |= {f"CONSUMER {row.id}": (row.area, row.tariff) for row in users.itertuples()}
        elif start.startswith("datetime,"):
            frames.append(consumption(path, version))
        elif start.startswith("ZHV"):
            dials += d0010([line.split("|") for line in path.read_text().splitlines()])
        else:
            lines = [line for line in csv.reader(path.read_text().splitlines()) if line]
            reads += nem13(lines)
            frames.append(nem12(lines, version))
    counting = that_count(pd.concat([frame for frame in frames if not frame.empty], ignore_index=True))
    rows, minutes = channels_added(counting), covered(counting)
    found = {
        subject: figures_of(of_one.reset_index(drop=True)) | minutes[subject]
        for subject, of_one in rows.groupby("subject")
    }
    for place, word in enumerate(("area", "tariff")):
        names = rows["subject"].map({subject: group[place] for subject, group in groups.items()})
        for name, part in rows.groupby(names):
            found[f"{word} {name}"] = together(part) | coverage([found[subject] for subject in set(part["subject"])])
    found["all"] = together(rows)
    print(json.dumps(found | quantities(reads) | advances(dials), indent=1))


if __name__ == "__main__":
    main()
