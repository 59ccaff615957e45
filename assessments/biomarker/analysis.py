"""The sBCMA analyses of one data cut: diagnostic, prognostic, stratification (docs/domain.md, section 9).

Heavy (statistics): only tasks import it. A result is plain JSON (docs/biomarker.md): concentrations in ng/mL, days as
whole numbers, None = not estimable with the reason beside it. Every assay is an analysis of its own.
"""

import statistics as descriptive
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from assessments.endpoints import inputs as efficacy
from assessments.endpoints.analysis import counted, curve
from assessments.endpoints.subjects import Subject, Time
from assessments.statistics.cox import cox
from assessments.statistics.proportions import proportion
from assessments.statistics.roc import roc
from assessments.statistics.survival import logrank
from assessments.statistics.tables import fisher
from patients.queries import plain
from trial.protocol_settings import ProtocolSettings

from ..imwg.terms import BENEFIT, OBJECTIVE, Response
from . import inputs
from .inputs import Records
from .subjects import CHANGES, Division, Found, Measured, OneAssay

VERSION = "3"  # raise it whenever a result can change
VERSIONS = {"analysis": VERSION, **efficacy.RULES}  # stored with each result
EXPLORATORY_BELOW = 40  # patients
WEEK_12 = 84  # days
TIMES = ("PFS", "OS")
HALVES, THIRDS = ("low", "high"), ("low", "middle", "high")


@dataclass(frozen=True, slots=True)
class Case:
    """A treated patient with a baseline value. ranked: that value, half of the limit when below it."""

    measured: Measured
    subject: Subject
    ranked: Decimal


@dataclass(frozen=True, slots=True)
class Split:
    """Groups by baseline. cuts: ng/mL, rising; at or above one is the next group. because: why there are none."""

    key: str
    cuts: Sequence[Decimal] = ()
    source: str = ""
    because: str = ""

    @property
    def groups(self) -> Sequence[str]:
        return () if self.because else THIRDS if len(self.cuts) == 2 else HALVES

    def group(self, value: Decimal) -> str | None:
        return self.groups[sum(value >= cut for cut in self.cuts)] if self.groups else None


def biomarker(records: Records, on: date, settings: ProtocolSettings) -> dict[str, Any]:
    """The result for what was read of the record (`inputs.read`), on the clinical date `on`, with its versions."""
    landmark = WEEK_12 + settings.assessment_window_days
    return {"versions": VERSIONS} | summary(inputs.derived(records, on, settings), landmark, settings.denominator)


def summary(found: Found, landmark: int, denominator: str) -> dict[str, Any]:
    """Everything that the biomarker page shows of a run.

    landmark: days after the first dose until which a value counts for week 12, and from which times count then.
    denominator: "all_treated" or "response_evaluable", of ORR and CBR.
    """
    return {
        "sets": {
            "consented": found.consented,
            "withdrawn": found.withdrawn,
            "biomarker": found.consented - found.withdrawn,
        },
        "landmark": landmark,
        "assays": [_assay(assay, landmark, denominator) for assay in found.assays],
    }


def _assay(assay: OneAssay, landmark: int, denominator: str) -> dict[str, Any]:
    cases = [
        Case(one, one.subject, _ranked(one.baseline.value, assay.lower_limit))
        for one in assay.patients
        if one.subject and one.baseline
    ]
    splits = _splits(cases, assay)
    return {
        "name": assay.name,
        "lower_limit": float(assay.lower_limit),
        "sets": {
            "measured": sum(bool(one.values) for one in assay.patients),
            "baseline": sum(one.baseline is not None for one in assay.patients),
            "treated": len(cases),
        },
        "diagnostic": _diagnostic(assay),
        "prognostic": {
            "n": len(cases),
            "exploratory": len(cases) < EXPLORATORY_BELOW,
            "splits": [_said(split) | {"times": _by_split(split, cases)} for split in splits],
            "change": _by_change(cases, landmark, assay.lower_limit),
        },
        "stratification": _stratification(splits, cases, denominator),
        "patients": [_patient(one, assay, splits, landmark) for one in assay.patients],
    }


def _ranked(value: Decimal | None, lower_limit: Decimal) -> Decimal:
    """What an analysis ranks by: all values below the limit tie, under every value that was measured."""
    return lower_limit / 2 if value is None else value


# ---- diagnostic ----


def _diagnostic(assay: OneAssay) -> dict[str, Any]:
    """Patients at baseline against external controls; higher means myeloma, fixed beforehand."""
    cases = [one.baseline.value for one in assay.patients if one.baseline]
    label = [1] * len(cases) + [0] * len(assay.controls)
    found = roc(label, [float(_ranked(v, assay.lower_limit)) for v in (*cases, *assay.controls)])
    return {
        "cases": len(cases),
        "controls": len(assay.controls),
        "below_limit": {"cases": cases.count(None), "controls": list(assay.controls).count(None)},
        "exploratory": len(cases) < EXPLORATORY_BELOW,
        **found,
        "at": [_at(cut, cases, assay) for cut in assay.diagnostic],
    }


def _at(cut: Division, cases: Sequence[Decimal | None], assay: OneAssay) -> dict[str, Any]:
    """Sensitivity and specificity at a cut-off of the record, each with its exact interval."""
    said = {"value": float(cut.value), "source": cut.source}
    if why := _undivided(cut, [*cases, *assay.controls], assay.lower_limit):
        return said | {"sensitivity": None, "specificity": None, "because": why}
    hits = sum(value is not None and value >= cut.value for value in cases)
    clear = sum(value is None or value < cut.value for value in assay.controls)
    return said | {
        "sensitivity": _rate(hits, len(cases)),
        "specificity": _rate(clear, len(assay.controls)),
        "because": None,
    }


def _undivided(cut: Division, values: Sequence[Decimal | None], lower_limit: Decimal) -> str:
    """Why a cut-off cannot say who is high; "" when it can."""
    if cut.value < lower_limit and None in values:
        return "Not estimable: the cut-off lies below the assay's lower limit, and some values do too."
    return ""


def _rate(x: int, n: int) -> dict[str, Any]:
    found = proportion(x, n)
    return {"x": x, "n": n, "estimate": found.estimate, "lower": found.lower, "upper": found.upper}


# ---- prognostic ----


def _splits(cases: Sequence[Case], assay: OneAssay) -> list[Split]:
    """By median, by tertiles (R's quantile type 7) and by every prognostic cut-off of the record."""
    ranked = [case.ranked for case in cases]
    few = "Not estimable: fewer than {} treated patients with a baseline value."
    found = [
        Split("median", [descriptive.median(ranked)]) if len(ranked) > 1 else Split("median", because=few.format(2)),
        Split("tertile", descriptive.quantiles(ranked, n=3, method="inclusive"))
        if len(ranked) > 2
        else Split("tertile", because=few.format(3)),
    ]
    values = [case.measured.baseline.value for case in cases if case.measured.baseline]
    for cut in assay.prognostic:
        why = _undivided(cut, values, assay.lower_limit)
        found.append(Split(f"cutoff-{plain(cut.value)}", [cut.value], cut.source, why))
    return found


def _said(split: Split) -> dict[str, Any]:
    return {
        "split": split.key,
        "cuts": [float(cut) for cut in split.cuts],
        "source": split.source,
        "groups": list(split.groups),
        "because": split.because or None,
    }


def _by_split(split: Split, cases: Sequence[Case]) -> dict[str, Any]:
    times: dict[str, dict[str, list[Time]]] = {name: {group: [] for group in split.groups} for name in TIMES}
    for case in cases:
        group = split.group(case.ranked)
        for name in TIMES:
            if group and (time := case.subject.times[name]):
                times[name][group].append(time)
    against = _reference(times, "low")
    return {name: _compared(groups, against) for name, groups in times.items()}


def _by_change(cases: Sequence[Case], landmark: int, lower_limit: Decimal) -> dict[str, Any]:
    """Change by week 12 as a landmark analysis: who is still followed without the event, with times from there on."""
    changes = [(case, case.measured.change(landmark, lower_limit)) for case in cases]
    times: dict[str, dict[str, list[Time]]] = {name: {change: [] for change in CHANGES} for name in TIMES}
    gone = dict.fromkeys(TIMES, 0)
    for name in TIMES:
        for case, change in changes:
            time = case.subject.times[name]
            if change is None or time is None:
                continue
            if time.days > landmark:
                times[name][change].append(Time(time.event, time.days - landmark, time.because))
            else:
                gone[name] += 1
    against = _reference(times, "neither")
    compared = {name: _compared(times[name], against) | {"before_landmark": gone[name]} for name in TIMES}
    both = sum(case.measured.latest(landmark) is not None for case in cases)
    known = sum(change is not None for _, change in changes)
    return {"landmark": landmark, "groups": list(CHANGES), "n": known, "undetermined": both - known, "times": compared}


def _reference(times: Mapping[str, Mapping[str, Sequence[Time]]], wanted: str) -> str | None:
    """The one group that the hazard ratios of all times are held against: the wanted one, else the first, that has
    somebody in each of the times; where none has, the first that has somebody in one."""
    there = [{group for group, followed in groups.items() if followed} for groups in times.values()]
    there = [groups for groups in there if groups]
    order = [wanted, *(group for groups in times.values() for group in groups)]
    in_all = (group for group in order if there and all(group in groups for groups in there))
    in_any = (group for group in order if any(group in groups for groups in there))
    return next(in_all, next(in_any, None))


def _compared(groups: Mapping[str, Sequence[Time]], against: str | None) -> dict[str, Any]:
    """Curves by group, the log-rank test between them, and Cox hazard ratios against one of them."""
    days = [time.days for times in groups.values() for time in times]
    events = [time.event for times in groups.values() for time in times]
    names = [name for name, times in groups.items() for _ in times]
    there = [name for name, times in groups.items() if times]
    found: dict[str, Any] = {
        "n": len(days),
        "n_events": sum(events),
        "groups": {name: curve(times) for name, times in groups.items()},
        "logrank": logrank(days, events, names) if len(there) > 1 else None,
        "reference": against,
        "hazard": {},
        "because": None,
    }
    if len(there) < 2:
        nobody = f"everybody is in one group ({there[0]})" if there else "nobody has a value"
        return found | {"because": f"Not estimable: {nobody}."}
    if against not in there:
        return found | {"because": f"Hazard ratio not estimable: nobody is in the reference group ({against})."}
    others = [name for name in there if name != against]
    fit = cox(days, events, {other: [float(name == other) for name in names] for other in others})
    rows = zip(others, fit["hr"], fit["lower"], fit["upper"], fit["p"], strict=True)
    return found | {
        "hazard": {name: {"hr": hr, "lower": lower, "upper": upper, "p": p} for name, hr, lower, upper, p in rows},
        "because": f"Hazard ratio not estimable. {fit['warning']}" if fit["warning"] else None,
    }


# ---- stratification ----


def _stratification(splits: Sequence[Split], cases: Sequence[Case], denominator: str) -> dict[str, Any]:
    base = {subject.number for subject in counted([case.subject for case in cases], denominator)}
    among = [case for case in cases if case.subject.number in base]
    return {
        "n": len(among),
        "exploratory": len(among) < EXPLORATORY_BELOW,
        "splits": [
            _said(split) | {"rates": {"orr": _fisher(split, among, OBJECTIVE), "cbr": _fisher(split, among, BENEFIT)}}
            for split in splits
            if split.because or len(split.groups) == len(HALVES)
            if split.key != "tertile"
        ],
        "by_response": [_values(best, [case.ranked for case in cases if _best(case) == best]) for best in Response],
    }


def _best(case: Case) -> str:
    return case.subject.best_confirmed


def _fisher(split: Split, cases: Sequence[Case], responses: Collection[str]) -> dict[str, Any]:
    """High against low, responders against the others. rates: each group's with its exact interval."""
    counts = {group: [0, 0] for group in HALVES}
    for case in cases:
        if group := split.group(case.ranked):
            counts[group][_best(case) not in responses] += 1
    table = [counts["high"], counts["low"]]
    empty = not all(sum(row) for row in table)
    return {
        "table": table,
        "rates": {group: _rate(responders, responders + rest) for group, (responders, rest) in counts.items()},
        **(dict.fromkeys(("p", "odds_ratio", "lower", "upper")) if empty else fisher(table)),
        "because": split.because or ("Not estimable: nobody is in one of the groups." if empty else None),
    }


def _values(best: str, ranked: Sequence[Decimal]) -> dict[str, Any]:
    return {
        "best": str(best),
        "n": len(ranked),
        "median": float(descriptive.median(ranked)) if ranked else None,
        "least": float(min(ranked)) if ranked else None,
        "most": float(max(ranked)) if ranked else None,
    }


# ---- the patients behind the numbers ----


def _patient(one: Measured, assay: OneAssay, splits: Sequence[Split], landmark: int) -> dict[str, Any]:
    """A patient's values, and in which group each analysis took him; None where he is in none of it."""
    base, subject = one.baseline, one.subject
    groups: dict[str, str | None] = {split.key: None for split in splits}
    if base and subject:
        groups = {split.key: split.group(_ranked(base.value, assay.lower_limit)) for split in splits}
    return {
        "number": one.number,
        "treated": subject is not None,
        "level": subject.level if subject else None,
        "response_evaluable": bool(subject and subject.response_evaluable),
        "best_confirmed": subject.best_confirmed if subject else None,
        "baseline": None
        if base is None
        else {"on": base.on.isoformat(), "day": base.day, "value": None if base.value is None else float(base.value)},
        "groups": groups,
        "change": one.change(landmark, assay.lower_limit) if base and subject else None,
        "times": {
            name: {"event": time.event, "days": time.days, "because": time.because}
            for name in TIMES
            if subject and (time := subject.times[name])
        },
        "values": [
            {"on": v.on.isoformat(), "day": v.day, "value": None if v.value is None else float(v.value)}
            for v in one.values
        ],
    }
