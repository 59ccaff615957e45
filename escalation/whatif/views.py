"""What-if: the decision tree from the present state; and the decision table of the protocol, to be printed."""

import re
from fractions import Fraction
from itertools import groupby
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from trial.numbers import NotANumber, share
from trial.people import access

from .. import engines, words
from ..common import written
from ..engine.terms import Action
from ..situation import queries
from ..situation.situation import Situation
from . import figure as whatif_figure
from . import outcomes as whatif
from . import table as decision_table
from .figure import Ladder, Past
from .table import COLUMNS, PLACES

BEFORE_PERCENT = re.compile(r"\s+%")


@require_GET
def what_if(request: HttpRequest, trial: str) -> HttpResponse:
    """The tree; `?rates=0.05,0.1,0.2` (or 5%,10%,20%; one a level) adds chances under those assumed rates."""
    scope = access.enter(request, trial)
    here = written(request, scope)
    ladder = _ladder(here)
    typed = request.GET.get("rates", "").strip()
    rates, wrong = _rates(typed, len(ladder.labels))
    inputs = here.inputs
    root = whatif.gathered(
        whatif.tree(
            engines.patients_of(inputs),
            levels=inputs["levels"],
            rule=queries.rule_of(here.protocol.settings),
            start=inputs["start"],
            closed_by_committee=inputs["closed_by_committee"],
            rates=rates,
        )
    )
    on = f"{words.shown(here.on)}, record no. {here.number}"
    shown = {
        "here": here,
        "because": here.because,
        "figure": whatif_figure.tree_figure(root, _past(here, ladder), ladder, as_of=on),
        "table": whatif_figure.tree_table(root, ladder, caption=f"What follows, as of {on}"),
        "on": on,
        "design": words.design(queries.rule_of(here.protocol.settings)),
        "ended": here.conclusion,
        "typed": typed,
        "wrong": wrong,
        "assumed": [f"level {label}: {float(rate):g}" for label, rate in zip(ladder.labels, rates, strict=False)],
        "labels": ladder.labels,
    }
    return render(request, "escalation/whatif/what_if.html", shown, status=422 if wrong else 200)


@require_GET
def table(request: HttpRequest, trial: str) -> HttpResponse:
    """The decision table of the version in force."""
    scope = access.enter(request, trial)
    here = written(request, scope)
    rule = queries.rule_of(here.protocol.settings)
    try:
        rows = decision_table.table(rule)
    except ValueError:
        rows = []
    shown = {
        "scope": scope,
        "here": here,
        "rule": rule,
        "full": rule.a + rule.b,
        "design": words.design(rule),
        "most": decision_table.MOST,
        "places": [PLACES[place] for place in COLUMNS],
        "rows": [
            {
                "limits": decision_table.limits(row, rule),
                "answers": _joined(row),
            }
            for row in rows
        ],
    }
    return render(request, "escalation/whatif/decision_table.html", shown)


def _joined(row: decision_table.Row) -> list[dict[str, Any]]:
    """The answers of a row, neighbours with the same answer in one cell; a phone reads the places in its label."""
    found = []
    for said, same in groupby(COLUMNS, key=lambda place: decision_table.said(row.answers[place])):
        places = list(same)
        names = [PLACES[place] for place in places]
        where = "Wherever the level is" if len(places) == len(COLUMNS) else " · ".join(names)
        found.append({"where": where, "span": len(places), "said": said, "kind": _kind(row.answers[places[0]])})
    return found


def _ladder(here: Situation) -> Ladder:
    settings = here.protocol.settings
    return Ladder([level.label for level in here.protocol.levels], settings.a + settings.b)


def _past(here: Situation, ladder: Ladder) -> list[Past]:
    """The cohorts so far in order of treatment, as they were received; who is pending is told by the tree."""
    counted = [p for p in here.inputs["patients"] if p["role"] == "escalation" and p["outcome"] != "not_evaluable"]
    cohorts = {f.patient.number: f.patient.cohort_id for f in here.facts}
    found = []
    for (_, level), same in groupby(counted, key=lambda p: (cohorts[p["patient"]], p["level"])):
        known = [p["outcome"] for p in same if p["outcome"] in ("dlt", "no_dlt")]
        if known:
            found.append(Past(ladder.level(level), f"{known.count('dlt')}/{len(known)}"))
    return found


def _rates(typed: str, levels: int) -> tuple[list[Fraction], str]:
    """Parts of one, one a level; or the sentence that says what is wrong with them."""
    if not typed:
        return [], ""
    try:
        rates = [Fraction(share(part)) for part in _parts(typed, levels)]
    except NotANumber as wrong:
        said = "write numbers from 0 to 1, like 0.05 0.1 0.375." if wrong.plain else str(wrong)
        return [], f"Assumed rates: {said}"
    if len(rates) != levels:
        return [], f"Assumed rates: one for each of the {levels} levels, lowest first; these are {len(rates)}."
    if any(not 0 <= rate <= 1 for rate in rates):
        return [], "Assumed rates: each must be from 0 to 1; write 0.05 or 5 %."
    return rates, ""


def _parts(typed: str, levels: int) -> list[str]:
    """The numbers one by one. Commas alone part them, as in a link; beside blanks or semicolons they are decimal."""
    parts = [part.removesuffix(",") for part in BEFORE_PERCENT.sub("%", typed).replace(";", " ").split()]
    if len(parts) == 1 and levels > 1:
        return parts[0].split(",")
    return [part for part in parts if part]


def _kind(answer: decision_table.Answer) -> str:
    """The tone of an answer; the words say it too."""
    if answer.step is None or answer.step < 0:
        return "red"
    match answer.action:
        case Action.WAIT:
            return "amber"
        case Action.ESCALATE | Action.MTD | Action.TOP_TOLERATED:
            return "green"
    return ""
