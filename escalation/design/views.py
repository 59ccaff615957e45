"""The design properties for statisticians: rates go in, exact properties of several designs come out side by side."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from trial.people import access

from .. import words
from ..characteristics import falls
from ..common import here_of
from ..situation.situation import Situation
from . import comparison, figure, present, queries
from .comparison import Ladder
from .forms import DesignForm, LadderForm, Question, first_asked

TEMPLATE = "escalation/design/design.html"
CHOSEN = ("variant", "design", "level")  # what a link may leave to the page


@require_GET
def page(request: HttpRequest, trial: str) -> HttpResponse:
    """Nothing is written. Before the protocol is, the ladder is asked for too: `?levels=5&first=1`."""
    scope = access.enter(request, trial)
    here = here_of(request, scope)
    shown: dict[str, Any] = {"here": here, "scope": scope}
    if here:
        ladder = queries.ladder(here)
    else:
        climbed = LadderForm({"levels": request.GET.get("levels", "5"), "first": request.GET.get("first", "1")})
        shown |= {"climbed": climbed}
        if not climbed.is_valid():
            return render(request, TEMPLATE, shown, status=422)
        ladder = queries.drafted(climbed.cleaned_data["levels"], climbed.cleaned_data["first"])
    first = first_asked(ladder)
    fields = DesignForm(first, ladder=ladder).fields
    asked = {name: request.GET[name] for name in fields if name in request.GET}
    form = DesignForm({name: first[name] for name in CHOSEN} | asked if asked else first, ladder=ladder)
    shown |= {"form": form, "ladder": ladder, "untouched": not asked}
    if not form.is_valid():
        return render(request, TEMPLATE, shown, status=422)
    return render(request, TEMPLATE, shown | _answered(form.question, ladder, here))


def _answered(question: Question, ladder: Ladder, here: Situation | None) -> dict[str, Any]:
    assumed = question.assumed
    designs = comparison.compare(ladder, assumed, question.rules)
    fall = falls(assumed.rates)
    return {
        "heads": present.heads(designs),
        "tables": [
            ("recommended", "Probability of being recommended", present.recommended(designs, ladder, assumed)),
            ("patients", "Expected patients", present.patients(designs, ladder, assumed)),
            ("dlts", "Expected patients with a DLT", present.dlts(designs, ladder, assumed)),
        ],
        "assumed": assumed,
        "rates": ", ".join(f"level {la}: {r:g}" for la, r in zip(ladder.labels, assumed.rates, strict=True)),
        "falls": (ladder.labels[fall - 1], ladder.labels[fall - 2]) if fall else None,
        "top": ladder.labels[-1],
        "start": ladder.labels[ladder.start - 1],
        "on": f"{words.shown(here.on)}, record no. {here.number}" if here else "",
        "curve": _curve(question, ladder),
    }


def _curve(question: Question, ladder: Ladder) -> dict[str, Any]:
    rule, assumed = question.rules[question.design], question.assumed
    name, at = words.design(rule), assumed.rates[question.level - 1]
    try:
        points = comparison.curve(ladder, assumed, rule, question.level)
    except ValueError:
        return {"design": name, "level": ladder.labels[question.level - 1]}
    return {
        "design": name,
        "level": ladder.labels[question.level - 1],
        "figure": figure.curves(points, ladder.labels, level=question.level, assumed=at, design=name),
        "names": figure.names(ladder.labels),
        "rows": present.curve_rows(points, at),
    }
