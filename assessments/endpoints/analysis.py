"""The efficacy result of one data cut under one set of settings (docs/domain.md, section 8).

Heavy (statistics): only tasks import it. A result is plain JSON, days as whole numbers, None = not estimable.
"""

import statistics as descriptive
from bisect import bisect_left
from collections.abc import Collection, Mapping, Sequence
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Any

from trial.protocol_settings import ProtocolSettings

from ..imwg.terms import BENEFIT, OBJECTIVE, Response
from ..statistics.proportions import proportion
from ..statistics.survival import km
from . import inputs
from .inputs import Records
from .subjects import TIMES, Subject, Time, in_denominator

VERSION = "3"  # raise it whenever a result can change
VERSIONS = {"analysis": VERSION, **inputs.RULES}  # stored with each result
MONTH = Decimal("30.4375")  # days
LANDMARKS = (3, 6, 12, 18, 24, 30)  # months
AT_RISK = tuple(range(0, 31, 3))  # months
ALL = "all"


def efficacy(records: Records, on: date, settings: ProtocolSettings) -> dict[str, Any]:
    """The result for what was read of the record (`inputs.read`), on the clinical date `on`, with its versions."""
    found = inputs.derived(records, on, settings)
    return {"versions": VERSIONS} | summary(found.subjects, found.levels, settings.denominator)


def summary(subjects: Sequence[Subject], levels: Sequence[str], denominator: str) -> dict[str, Any]:
    """Everything that the Efficacy page shows.

    levels: labels, lowest dose first. denominator: "all_treated" or "response_evaluable", of ORR and CBR.
    Gives {"sets", "levels", "response", "times", "patients"}.
    """
    by_level = {label: [s for s in subjects if s.level == label] for label in levels}
    return {
        "sets": {
            "safety": len(subjects),
            "dlt_evaluable": sum(s.dlt_evaluable for s in subjects),
            "all_treated": len(subjects),
            "response_evaluable": sum(s.response_evaluable for s in subjects),
        },
        "levels": list(levels),
        "response": {
            "levels": {label: _response(mine, denominator) for label, mine in by_level.items()},
            ALL: _response(subjects, denominator),
        },
        "times": {
            name: {
                ALL: curve(_of(name, subjects)),
                "levels": {label: curve(_of(name, mine)) for label, mine in by_level.items()},
            }
            for name in TIMES
        },
        "patients": [_patient(s) for s in subjects],
    }


def counted(subjects: Sequence[Subject], denominator: str) -> list[Subject]:
    """The patients in the denominator of ORR and CBR."""
    return [s for s in subjects if in_denominator(s.response_evaluable, denominator)]


def _response(subjects: Sequence[Subject], denominator: str) -> dict[str, Any]:
    base = counted(subjects, denominator)
    return {
        "treated": len(subjects),
        "denominator": len(base),
        "unassessed": sum(not s.assessed for s in base),
        "best": {response: sum(s.best_confirmed == response for s in base) for response in Response},
        "orr": _rate(base, OBJECTIVE),
        "cbr": _rate(base, BENEFIT),
        "orr_unconfirmed": _rate(base, OBJECTIVE, confirmed=False),
        "cbr_unconfirmed": _rate(base, BENEFIT, confirmed=False),
    }


def _rate(base: Sequence[Subject], responses: Collection[str], *, confirmed: bool = True) -> dict[str, Any]:
    x = sum((s.best_confirmed if confirmed else s.best_unconfirmed) in responses for s in base)
    found = proportion(x, len(base))
    return {"x": x, "n": len(base), "estimate": found.estimate, "lower": found.lower, "upper": found.upper}


def _of(name: str, subjects: Sequence[Subject]) -> list[Time]:
    return [time for s in subjects if (time := s.times[name]) is not None]


def curve(times: Sequence[Time]) -> dict[str, Any]:
    """One endpoint in one group: curve with log-log limits, quartiles, at-risk table, landmarks."""
    return _curve(tuple((time.days, time.event) for time in times))


@lru_cache(maxsize=512)
def _curve(times: tuple[tuple[int, int], ...]) -> dict[str, Any]:
    """Kept, for most groups have the same times under both sets of settings. One answer for all: nobody changes it."""
    days, events = [day for day, _ in times], [event for _, event in times]
    found = km(days, events, at=[float(month * MONTH) for month in LANDMARKS])["groups"]["all"]
    reached = [day for day, event in times if event]
    return {
        "n": found["n"],
        "n_events": found["n_events"],
        "n_censored": found["n"] - found["n_events"],
        "last": max(days, default=None),
        "curve": found["curve"],
        "quartiles": found["quantiles"],
        "median": found["quantiles"]["0.5"],
        "at_risk": _at_risk(times),
        "landmarks": [
            {"month": month, **{k: row[k] for k in ("n_risk", "surv", "lower", "upper")}}
            for month, row in zip(LANDMARKS, found["at"], strict=True)
        ],
        "of_events": {
            "n": len(reached),
            "median": descriptive.median(reached) if reached else None,
            "least": min(reached, default=None),
            "most": max(reached, default=None),
        },
    }


def _at_risk(times: Sequence[tuple[int, int]]) -> list[dict[str, int]]:
    """Who is still followed at the start of each day of AT_RISK, and what had happened before; they add up to n."""
    reached = sorted(day for day, event in times if event)
    left = sorted(day for day, event in times if not event)
    found = []
    for month in AT_RISK:
        start = month * MONTH
        events, censored = bisect_left(reached, start), bisect_left(left, start)
        at_risk = len(times) - events - censored
        found.append({"month": month, "n_risk": at_risk, "events": events, "censored": censored})
    return found


def _patient(s: Subject) -> dict[str, Any]:
    def time(name: str, times: Mapping[str, Any]) -> dict[str, Any] | None:
        found = times[name]
        return None if found is None else {"event": found.event, "days": found.days, "because": found.because}

    return {
        "number": s.number,
        "level": s.level,
        "first_dose_on": s.first_dose_on.isoformat(),
        "dlt_evaluable": s.dlt_evaluable,
        "response_evaluable": s.response_evaluable,
        "best_confirmed": s.best_confirmed,
        "best_confirmed_on": s.best_confirmed_on.isoformat() if s.best_confirmed_on else None,
        "best_unconfirmed": s.best_unconfirmed,
        "times": {name: time(name, s.times) for name in TIMES},
    }
