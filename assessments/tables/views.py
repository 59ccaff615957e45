"""The Safety pages: summary, adverse events, listings, displays, and the patients behind a number of them."""

from collections.abc import Callable, Mapping
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_GET

from assessments.events.common import enter
from escalation.meetings import queries as meetings
from escalation.situation.held import Spell
from escalation.words import OUTCOMES
from trial.dates import shown
from trial.kept_page import kept_page
from trial.people.access import Frozen, Scope

from . import figures, listings, page
from .adverse import ALL, adverse_table, fits
from .behind import FOLLOWED, Behind
from .beyond import WHAT
from .common import Record, record
from .edish import QUADRANTS, quadrants
from .edish_figure import edish_figure, edish_legend, times
from .forms import ONLY, EventsFilter, PatientsFilter
from .heat import heat
from .incidence import incidence
from .page import Links
from .queries import Safety
from .summary import days_held

TABS = {
    "safety": "Summary",
    "safety_events": "Adverse events",
    "safety_listings": "Listings",
    "safety_displays": "Displays",
    "safety_beyond": "Beyond the window",
}
EXPOSURE = (
    "Dose intensity: taken of planned by the schedule of the level received, of what is recorded. Days on treatment: "
    "from the first dose to the last, while it goes on to the day of the cut. "
)
MANY = 20  # patients who are not named any more
Shows = Callable[[Record, Any, Links], Mapping[str, Any]]


def _page(request: HttpRequest, trial: str, name: str, kind: type[forms.Form], shows: Shows) -> HttpResponse:
    """One of the pages. kind: of its filter; shows: its own part of the context."""
    scope, here = enter(request, trial)
    form = kind(request.GET)

    def context() -> dict[str, Any]:
        valid = form.is_valid()
        asked = (form.filters if valid else []) if isinstance(form, EventsFilter) else None
        found = record(scope, here, table=asked)
        kept = {field: str(said) for field, said in form.cleaned_data.items() if said} if valid else {}
        links = Links(reverse("assessments:safety_patients", args=[trial]), kept)
        return {**_frame(found, trial, name, form), **shows(found, form, links)}

    def status(shown: Mapping[str, Any]) -> int:
        return 422 if shown["filter"].errors else 200

    return kept_page(request, scope, f"assessments/tables/{name}.html", context, status=status)


def _frame(found: Record, trial: str, name: str, form: forms.Form) -> dict[str, Any]:
    """What every page says of the record that it stands on, and where the others are."""
    scope = found.scope
    return {
        "scope": scope,
        "filter": form,
        "tabs": [(reverse(f"assessments:{tab}", args=[trial]), words, tab == name) for tab, words in TABS.items()],
        "safety": found.safety,
        "n": found.safety.n[ALL],
        "on": found.on,
        "number": found.number,
        "cuts": _cuts(scope),
        "levels": [page.column(level) for level in (*found.safety.levels, ALL)],
    }


def _cuts(scope: Scope) -> list[Frozen]:
    """Which cuts the page offers: those that there are, then with the one that is read; another moment offers none."""
    if scope.past is None or scope.cut:
        return [*([scope.cut] if scope.cut else []), *meetings.moments(scope.trial.pk)]
    return []


def _totals(safety: Safety) -> str:
    """Whose doses are not recorded by cycle."""
    without = [one.code for one in safety.patients if not one.recorded]
    if not without:
        return ""
    who = f"patient{'' if len(without) == 1 else 's'} {', '.join(without)}" if len(without) < MANY else "some patients"
    return f"Of {who} doses are not recorded by cycle: the totals of the DLT window count, where there are any."


@require_GET
def summary(request: HttpRequest, trial: str) -> HttpResponse:
    """Overview, treatment, DLT rates, exposure and time on hold."""

    def shows(found: Record, form: forms.Form, links: Links) -> dict[str, Any]:
        return {
            "overview": page.overview_rows(found.safety, links),
            "treatment": page.disposition_rows(found.safety, links),
            "rates": page.rate_rows(found.safety, found.outcomes, links),
            "exposure": page.exposure_rows(found.safety, links),
            "reductions": page.reduction_rows(found.safety, links),
            "exposure_note": EXPOSURE + _totals(found.safety),
            "held": found.days_held,
            "holds": found.holds,
            "levels_held": [(one, page.part(one.days_held, one.days_open)) for one in found.levels_held],
            "level_spells": [
                (one.level, spell, days_held([(spell.since, spell.until)], found.on), _leads(trial, spell))
                for one in found.levels_held
                for spell in one.spells
            ],
        }

    return _page(request, trial, "safety", forms.Form, shows)


def _leads(trial: str, spell: Spell) -> list[tuple[str, str]]:
    """From a hold to what it was for and to the decision that lifted it."""
    found = [(f"AE {number}", reverse("assessments:event", args=[trial, number])) for number in spell.events]
    if spell.patient is not None and not found:
        code = f"{spell.patient:03d}"
        found = [(f"Patient {code}", reverse("patients:patient", args=[trial, code]))]
    if spell.decision is not None:
        found.append((f"Decision {spell.decision}", reverse("escalation:decision", args=[trial, spell.decision])))
    return found


@require_GET
def adverse_events(request: HttpRequest, trial: str) -> HttpResponse:
    """Treatment-emergent events by class, term and worst grade, of each level and of all."""

    def shows(found: Record, form: EventsFilter, links: Links) -> dict[str, Any]:
        asked = form.filters if form.is_valid() else []
        events = [one for one in found.safety.emergent if fits(one, asked)]
        table = adverse_table(events, found.safety.patients, found.safety.levels)
        return {
            "table": page.adverse_page(table, links),
            "events": len(events),
            "of": len(found.safety.emergent),
            "others": len(found.safety.events) - len(found.safety.emergent),
            "asked": [ONLY[name] for name in asked],
        }

    return _page(request, trial, "safety_events", EventsFilter, shows)


@require_GET
def listing_page(request: HttpRequest, trial: str) -> HttpResponse:
    """Serious events, DLTs, deaths, ends of treatment, and the events that no table counts."""

    def shows(found: Record, form: forms.Form, links: Links) -> dict[str, Any]:
        safety = found.safety
        return {
            "event_lists": [
                ("serious", "Serious adverse events", listings.serious(safety)),
                ("dlt", "Dose-limiting toxicities", listings.dlts(safety, found.dlts)),
                ("others", "Events that are not treatment-emergent", listings.others(safety)),
            ],
            "deaths": listings.deaths(safety),
            "stops": listings.discontinuations(safety),
            "within": listings.WITHIN,
        }

    return _page(request, trial, "safety_listings", forms.Form, shows)


@require_GET
def displays(request: HttpRequest, trial: str) -> HttpResponse:
    """Heat map of worst grades, toxicity over time, and the quadrants of Hy's law."""

    def shows(found: Record, form: forms.Form, links: Links) -> dict[str, Any]:
        safety, cycle_days = found.safety, found.safety.settings.cycle_days
        rows = heat(safety.patients, safety.emergent, cycle_days)
        followed = list(found.followed.values())
        steps = incidence(followed)
        return {
            "heat": figures.heat_figure(
                rows, lambda number: reverse("patients:patient", args=[trial, f"{number:03d}"])
            ),
            "heat_legend": figures.heat_legend(),
            "heat_rows": [(row, figures.heat_words(row)) for row in rows],
            "incidence": figures.incidence_figure(steps, followed, cycle_days),
            "incidence_legend": figures.incidence_legend(),
            "incidence_rows": page.incidence_rows(steps, followed, cycle_days, links),
            "ends": [
                (words, sum(one.end == end for one in followed), links(show=f"first-{end}"))
                for end, words in FOLLOWED.items()
            ],
            **_liver(found, trial),
        }

    return _page(request, trial, "safety_displays", forms.Form, shows)


def _liver(found: Record, trial: str) -> dict[str, Any]:
    """Values as points, and of those without a point what was answered."""
    safety, points = found.safety, found.safety.points
    drawn = {one.patient for one in points}
    answered = [one for one in safety.liver if one.patient not in drawn]
    return {
        "edish": edish_figure(points, lambda number: reverse("patients:patient", args=[trial, f"{number:03d}"])),
        "edish_legend": edish_legend(),
        "points": [
            (one, times(one.transferase.times), times(one.bilirubin.times), QUADRANTS[one.quadrant]) for one in points
        ],
        "without": [one.code for one in safety.patients if one.number not in drawn],
        "quadrants": [(QUADRANTS[name], of) for name, of in quadrants(answered).items() if of],
    }


@require_GET
def beyond_window(request: HttpRequest, trial: str) -> HttpResponse:
    """By level and cycle, after the DLT window: who was at risk, later events, reductions, interruptions, stops."""

    def shows(found: Record, form: forms.Form, links: Links) -> dict[str, Any]:
        return {"lines": page.beyond_rows(found.beyond, found.safety.levels, links), "what": WHAT.values()}

    return _page(request, trial, "safety_beyond", forms.Form, shows)


@require_GET
def patients(request: HttpRequest, trial: str) -> HttpResponse:
    """The patients behind a number, with the events that put them there."""
    scope, here = enter(request, trial)

    def context() -> dict[str, Any]:
        found = record(scope, here)
        form = PatientsFilter(request.GET, levels=found.safety.levels)
        wanted = form.wanted if form.is_valid() else None
        rows = found.behind(wanted) if wanted else []
        return {
            **_frame(found, trial, "safety_patients", form),
            "rows": [_behind(found, one) | {"value": page.value_words(wanted, one.value)} for one in rows]
            if wanted
            else [],
            "wanted": wanted,
            "words": page.wanted_words(wanted) if wanted else "",
            "valued": any(one.value is not None for one in rows),
        }

    def status(shown: Mapping[str, Any]) -> int:
        return 422 if shown["filter"].errors else 200

    return kept_page(request, scope, "assessments/tables/safety_patients.html", context, status=status)


def _behind(found: Record, one: Behind) -> dict[str, Any]:
    patient = one.patient
    return {
        "patient": patient,
        "treatment": f"stopped {shown(patient.stopped)}: {patient.stop_reason}" if patient.stopped else "on treatment",
        "exposed": page.exposed(patient),
        "outcome": OUTCOMES[found.outcomes.get(patient.number, "pending")],
        "events": [(listings.event_line(found.safety, event.event), event.grade) for event in one.events],
    }
