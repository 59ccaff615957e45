#!/usr/bin/env python3
"""Derive the answers of an exported trial anew from its data sets, and compare them with the program's own.

    python3 check.py [EXPORT.zip or FOLDER]

Needs Python 3.10 or newer and nothing else. Without an argument it checks the export that it lies in. It is written
from the rules, not from the program: docs/domain.md of the program, sections 3 (3+3), 7 and 8 (response and times).
Prints each figure with "equal" or "differs"; ends with 0 when all are equal, with 1 when one differs.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import math
import sys
import zipfile
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from fractions import Fraction
from itertools import product
from pathlib import Path

OBJECTIVE = ("sCR", "CR", "VGPR", "PR")
BENEFIT = (*OBJECTIVE, "MR")
NEAR = 1e-6
Value = str | int | float | Fraction | None  # None: not estimable
Figures = dict[tuple[str, str, str], Value]  # by figure, group and name
Row = Mapping[str, str]
Count = tuple[int, int, int]  # of a level: evaluable, of those with a DLT, pending
Read = Callable[[str], bytes]


def main() -> None:
    where = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).resolve().parent.parent
    try:
        read = reader(where)
        wrong = checksums(read)
        derived, told = answers(read), json.loads(read("capsule/answers.json"))["answers"]
    except (OSError, KeyError, ValueError, zipfile.BadZipFile) as fault:
        sys.exit(f"{where} cannot be read as an export: {type(fault).__name__}: {fault}")
    for one in told:
        key = (one["figure"], one["group"], one["name"])
        mine = derived.pop(key, "not derived")
        same = alike(mine, one["value"])
        wrong += not same
        print(f"{' '.join(key)}: {said(one['value'])} {'equal' if same else f'differs: derived {said(mine)}'}")
    for key, mine in derived.items():
        wrong += 1
        print(f"{' '.join(key)}: the program says nothing, differs: derived {said(mine)}")
    print(f"{wrong} of {len(told)} figures and the files differ." if wrong else f"All {len(told)} figures are equal.")
    sys.exit(1 if wrong else 0)


def reader(where: Path) -> Read:
    """What gives a file of the export as bytes, by its name."""
    if where.is_dir():
        return lambda name: (where / name).read_bytes()
    archive = zipfile.ZipFile(where)
    return archive.read


def checksums(read: Read) -> int:
    """How many files are not those of the manifest; each is named."""
    wrong = 0
    for one in json.loads(read("manifest.json"))["files"]:
        if hashlib.sha256(read(one["file"])).hexdigest() != one["sha256"]:
            print(f"{one['file']}: its SHA-256 differs from the manifest's")
            wrong += 1
    return wrong


def table(read: Read, name: str) -> list[Row]:
    files = [one["file"] for one in json.loads(read("manifest.json"))["files"]]
    path = next(file for file in files if file.endswith(f"data/{name}.csv"))
    return list(csv.DictReader(io.StringIO(read(path).decode(), newline="")))


def alike(mine: Value, told: Value) -> bool:
    if isinstance(mine, (int, float, Fraction)) and isinstance(told, (int, float)):
        return math.isclose(mine, told, rel_tol=NEAR, abs_tol=NEAR)
    return mine == told


def said(value: Value) -> str:
    if value is None:
        return "not estimable"
    return f"{float(value):.6g}" if isinstance(value, (float, Fraction)) else str(value)


def answers(read: Read) -> Figures:
    """Every figure that the program answers, by (figure, group, name)."""
    rule: dict[str, list[str]] = defaultdict(list)
    for row in csv.DictReader(io.StringIO(read("capsule/rule.csv").decode(), newline="")):
        rule[row["name"]].append(row["value"])
    if not rule:
        return {}  # the protocol is not written yet
    found = of_rule(rule, table(read, "addlt"))
    subjects, responses, times = table(read, "adsl"), table(read, "adrs"), table(read, "adtte")
    found.update(of_responses(rule, subjects, responses))
    found.update(of_times(subjects, times))
    return found


# The 3+3 rule: counts of patients by level, where the trial stands, and what follows


def of_rule(rule: Mapping[str, list[str]], patients: Sequence[Row]) -> Figures:
    labels = rule["level"]
    patients = sorted(patients, key=lambda p: (p["WINSDT"], p["USUBJID"]))
    counted = [p for p in patients if p["COHROLE"] == "ESCALATION"]
    counts: list[Count] = []
    for label in labels:
        here = [p["DLTSTAT"] for p in counted if p["TRT01A"] == label]
        dlts = here.count("DLT")
        counts.append((dlts + here.count("NO DLT"), dlts, here.count("PENDING") + here.count("SUSPECTED")))
    found: Figures = {}
    for label, (n, x, w) in zip(labels, counts, strict=True):
        found["tally", label, "evaluable"] = n
        found["tally", label, "dlts"] = x
        found["tally", label, "pending"] = w
    last = [labels.index(p["TRT01A"]) + 1 for p in counted if p["DLTSTAT"] != "NOT EVALUABLE"]
    action, level = recommended(Design(rule), counts, last[-1] if last else 0)
    found["recommendation", "all", "action"] = action
    found["recommendation", "all", "level"] = labels[level - 1] if level else None
    return found


class Design:
    """The settings of the protocol: A + B patients, fewer than C DLTs pass A of them, more than D or E fail."""

    def __init__(self, rule: Mapping[str, list[str]]) -> None:
        one = {name: values[0] for name, values in rule.items()}
        self.variant = one["variant"]
        self.a, self.b, self.c, self.d, self.e = (int(one[name]) for name in "abcde")
        self.six = self.a + self.b
        self.rolling = self.variant == "rolling_six"  # two to six at a level, judged while it fills
        self.first = self.six if self.rolling else self.a
        self.early_stop = one["early_stop"] == "yes"
        self.start = int(one["start"])
        self.levels = len(rule["level"])
        self.committee = int(one["closed_by_committee"]) if one["closed_by_committee"] else self.levels + 1

    def failed(self, n: int, x: int) -> bool:
        return x > (self.d if n <= self.a else min(self.e, self.d + n - self.a))

    def passed(self, n: int, x: int, w: int) -> bool:
        if self.rolling and w:  # three to five must all be known; of six all but one, and none with a DLT
            return n + w >= self.six and x + w <= self.e
        return (n >= self.a and x < self.c) or n >= self.six

    def enough(self, n: int, x: int) -> bool:
        """To be the MTD."""
        return n >= self.six or (self.rolling and n == self.six - 1 and x == 0)

    def places(self, n: int) -> int:
        return self.first if n < self.a else self.six


def closed_from(design: Design, counts: Sequence[Count]) -> int:
    """The lowest level that is closed: by its own numbers, all dosed patients taken, or by the committee."""
    failed = [k for k, (n, x, w) in enumerate(counts, 1) if design.failed(n + w, x)]
    return min([*failed, design.committee, design.levels + 1])


def stands(design: Design, counts: Sequence[Count]) -> tuple[int, int]:
    """The level where the trial stands and the patients wanted there in all; 0 patients: it ends there."""
    top_open = closed_from(design, counts) - 1
    if top_open < design.start:
        if top_open == 0 or design.variant == "N":
            return 0, 0
        n, x, _ = counts[top_open - 1]
        return top_open, 0 if design.enough(n, x) else design.places(n)
    for level in range(design.start, top_open + 1):
        n, x, w = counts[level - 1]
        if design.passed(n, x, w):
            continue
        above = [c for c in counts[level:top_open] if design.passed(*c) and (not x or c[0] >= design.six)]
        if n and above:
            continue  # it lost its standing after the trial moved on
        return level, design.places(n)
    n, x, _ = counts[top_open - 1]
    ends = design.variant == "N" or (design.variant == "D3" and top_open == design.levels)
    return top_open, 0 if ends or design.enough(n, x) else design.six


def follows(design: Design, counts: Sequence[Count], stand: tuple[int, int], last: int) -> tuple[str, int]:
    level, wanted = stand
    if level == 0:
        return "none_tolerated", 0
    if wanted == 0:
        return ("top_tolerated" if level == design.levels else "mtd"), level
    if last and level > last:
        return "escalate", level
    if level < last:
        return "de_escalate", level
    n, _, w = counts[level - 1]
    return ("expand" if n + w == design.first and wanted > design.first else "enrol"), level


def recommended(design: Design, counts: Sequence[Count], last: int) -> tuple[str, int]:
    """What holds for every way in which the pending patients can turn out; else fill what is open, or wait."""
    known = stands(design, counts)
    ways = [
        [(n + w, x + bad, 0) for (n, x, w), bad in zip(counts, bads, strict=True)]
        for bads in product(*(range(w + 1) for _, _, w in counts))
    ]
    if not design.early_stop:
        failed = closed_from(design, counts)
        n, x, w = counts[failed - 1] if failed <= design.levels else (0, 0, 0)
        if w and design.failed(n + w, x):  # the protocol lets the conclusion wait for those already dosed there
            return "wait", last
    outcomes = {follows(design, way, stands(design, way), last) for way in ways}
    if len(outcomes) == 1:
        return outcomes.pop()
    level, wanted = known
    n, _, w = counts[level - 1]
    at_best = stands(design, ways[0])
    if design.rolling:
        fills = wanted and level in (at_best[0], last) and 0 < n + w < wanted
        return follows(design, counts, known, last) if fills else ("wait", last)
    if wanted and 0 < n + w < design.a:
        return follows(design, counts, known, last)
    if wanted and at_best[0] == level and design.a < n + w < at_best[1]:
        return follows(design, counts, at_best, last)
    return "wait", last


# Response: patients with a confirmed response, of all treated or of those who can be judged


def of_responses(rule: Mapping[str, list[str]], subjects: Sequence[Row], responses: Sequence[Row]) -> Figures:
    best = {row["USUBJID"]: row["AVALC"] for row in responses if row["PARAMCD"] == "CBRSP"}
    treated = [s for s in subjects if s["SAFFL"] == "Y"]
    found: Figures = {}
    for group, members in grouped(treated):
        base = [s for s in members if rule["denominator"][0] == "all_treated" or s["RESPFL"] == "Y"]
        for figure, counts in (("ORR", OBJECTIVE), ("CBR", BENEFIT)):
            x, n = sum(best.get(s["USUBJID"]) in counts for s in base), len(base)
            lower, upper = exact(x, n)
            found.update({(figure, group, "x"): x, (figure, group, "n"): n})
            found.update({(figure, group, "lower"): lower, (figure, group, "upper"): upper})
    return found


def grouped(subjects: Sequence[Row]) -> Iterator[tuple[str, Sequence[Row]]]:
    """All of them, then those of each level received."""
    yield "all", subjects
    for label in dict.fromkeys(s["TRT01A"] for s in subjects):
        yield label, [s for s in subjects if s["TRT01A"] == label]


def exact(x: int, n: int) -> tuple[Value, Value]:
    """The two-sided 95 % interval of Clopper and Pearson: where the tails of the binomial have 2.5 %."""
    if n == 0:
        return None, None

    def tail(p: float, least: int) -> float:
        return math.fsum(math.comb(n, k) * p**k * (1 - p) ** (n - k) for k in range(least, n + 1))

    lower = 0.0 if x == 0 else crossing(lambda p: tail(p, x) - 0.025)
    upper = 1.0 if x == n else crossing(lambda p: tail(p, x + 1) - 0.975)
    return lower, upper


def crossing(rising: Callable[[float], float]) -> float:
    low, high = 0.0, 1.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if rising(middle) < 0 else (low, middle)
    return (low + high) / 2


# Times: Kaplan-Meier with log-log limits, medians by the rule of R's survfit


def of_times(subjects: Sequence[Row], times: Sequence[Row]) -> Figures:
    found: Figures = {}
    treated = [s for s in subjects if s["SAFFL"] == "Y"]
    for figure in ("TTP", "PFS", "TTR", "DOR", "OS"):
        of = {t["USUBJID"]: (int(t["AVAL"]), t["CNSR"] == "0") for t in times if t["PARAMCD"] == figure}
        for group, members in grouped(treated):
            mine = [of[s["USUBJID"]] for s in members if s["USUBJID"] in of]
            found[figure, group, "n"] = len(mine)
            found[figure, group, "events"] = sum(event for _, event in mine)
            for name, value in zip(("median", "lower", "upper"), median(mine), strict=True):
                found[figure, group, name] = value
    return found


def median(times: Sequence[tuple[int, bool]]) -> tuple[Value, Value, Value]:
    """The first day on which the curve is at one half or below, and the same of its limits; None where none is."""
    surv, greenwood = Fraction(1), Fraction(0)
    curve: list[tuple[int, Fraction]] = []
    limits: tuple[list[tuple[float, int]], list[tuple[float, int]]] = ([], [])
    for day in sorted({day for day, _ in times}):
        at_risk = sum(other >= day for other, _ in times)
        events = sum(other == day and event for other, event in times)
        surv *= 1 - Fraction(events, at_risk)
        curve.append((day, surv))
        if events < at_risk:
            greenwood += Fraction(events, at_risk * (at_risk - events))
        if 0 < surv < 1:
            log = math.log(surv)
            width = 1.959963984540054 * math.sqrt(greenwood) / log
            for limit, side in zip(limits, (-width, width), strict=True):
                limit.append((1 - math.exp(-math.exp(math.log(-log) + side)), day))
    reached = [day for day, s in curve if s <= Fraction(1, 2)]
    middle: Value = reached[0] if reached else None
    if reached and dict(curve)[reached[0]] == Fraction(1, 2):  # half way to the next drop, or to the last day if none
        after = [day for day, s in curve if s < Fraction(1, 2)]
        middle = Fraction(reached[0] + (after[0] if after else curve[-1][0]), 2)
    # a limit can rise again: the lowest level that reaches one half counts, on its first day
    lower, upper = ([(level, day) for level, day in limit if level >= 0.5] for limit in limits)
    return middle, min(lower)[1] if lower else None, min(upper)[1] if upper else None


if __name__ == "__main__":
    main()
