"""The Response pages: every treated patient's derived response, and one patient's course with all that it stands on."""

from collections.abc import Callable, Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from assessments.endpoints import queries as endpoints
from assessments.endpoints import settings_sets
from assessments.endpoints.models import EndpointRun
from assessments.endpoints.models import Kind as Run
from assessments.endpoints.present import rate_words
from assessments.events.common import enter, patient_of
from escalation.situation.situation import Situation
from patients import queries as patients
from patients.consent import withdrawn
from patients.consent.models import Covers
from trial.kept_page import kept_page
from trial.people.access import Scope
from trial.record import ledger
from trial.roles import May
from trial.sheets.paging import page_of
from trial.sorting import sort

from ..imwg.terms import settings_of
from . import present, queries, whole
from .list_forms import ResponseFilter
from .outstanding import Kind, outstanding
from .present import Row
from .queries import Course
from .whole import WholeFigure

ORDERS: dict[str, Callable[[Row, Situation | None], Any]] = {
    "number": lambda row, here: row.course.patient.number,
    "level": lambda row, here: (_position(row, here), row.course.patient.number),
    "best": lambda row, here: (row.best.response.rank, row.course.patient.number),
    "last": lambda row, here: (row.last_on is not None, row.last_on, row.course.patient.number),
}


@require_GET
def response_list(request: HttpRequest, trial: str) -> HttpResponse:
    """Every treated patient of the person's sites, live from the record."""
    scope, here = enter(request, trial)
    scope.need_responses()
    run = endpoints.latest(scope.trial.pk, Run.EFFICACY, settings_sets.PRIMARY) if _overall(scope) else None

    def shown() -> dict[str, Any]:
        return _list(request, scope, here, run)

    def status(shown: Mapping[str, Any]) -> int:
        return 422 if shown["filter"].errors else 200

    return kept_page(request, scope, "assessments/response/list.html", shown, besides=run and run.pk, status=status)


def _list(request: HttpRequest, scope: Scope, here: Situation | None, run: EndpointRun | None) -> dict[str, Any]:
    trial = scope.trial.code
    seen = [f.patient for f in here.facts if scope.sees(f.patient.site_id)] if here else []
    courses = queries.timelines_read(seen, scope.days, settings_of(here.protocol.settings)) if here else []
    rows = [present.row(course, trial) for course in courses]
    levels = _levels(courses, here)
    asked = set(request.GET) & {"level", "difference"}
    filtered = ResponseFilter(request.GET if asked else None, levels=levels)
    found = rows
    if filtered.is_bound:
        found = [row for row in rows if _fits(row, filtered.cleaned_data)] if filtered.is_valid() else []
    order = sort(request, ORDERS, "number")
    found = sorted(found, key=lambda row: ORDERS[order.name](row, here), reverse=order.down)
    page = page_of(request, found, 50)
    mine = [f for f in here.facts if scope.sees(f.patient.site_id)] if here else []
    treated = {course.patient.pk: course.patient for course in courses}
    return {
        "scope": scope,
        "rows": list(page),
        "page": page,
        "filter": filtered,
        "total": len(rows),
        "fits": len(found),
        "sorts": order.links,
        "untreated": len(mine) - len(rows),
        "assessed": sum(row.last_on is not None for row in rows),
        "open": sum(len(course.differences) for course in courses),
        "owed": [
            (treated[one.patient], one, one.missed)
            for one in outstanding(scope.trial.pk, scope.days)
            if one.kind == Kind.ASSESSMENT and one.patient in treated
        ],
        "may_record": scope.may(May.RECORD_RESPONSE),
        "figures": _figures(scope, here, rows),
        "rate": _rate(run),
        **_cut(scope, here),
    }


@require_GET
def response_patient(request: HttpRequest, trial: str, patient: int) -> HttpResponse:
    """One patient: values as entered, the category of each assessment and why, best responses, times."""
    scope, here = enter(request, trial)
    scope.need_responses()
    f = patient_of(scope, here, patient)
    assert here is not None  # where there is a patient
    course = queries.course_read(f.patient, scope.days, settings_of(here.protocol.settings))
    assessments = course.assessments
    written = [
        course.follow_up,
        *(seen.row for seen in assessments),
        *(one for seen in assessments for one in seen.row.measurements.all()),
        *(seen.said for seen in assessments),
        *(resolution for seen in assessments for resolution in seen.resolutions),
        *(answer for seen in assessments for answer in seen.answers),
    ]
    context = {
        "page": present.patient(course, here.protocol.settings.cycle_days),
        "course": course,
        "patient": course.patient,
        "record": patients.history(scope.trial.pk, written).told(scope),
        "may_record": scope.may(May.RECORD_RESPONSE),
        "visits_over": withdrawn.of(f.patient.slot_id).over(Covers.VISITS, scope.today_at(f.patient.site)),
        "may_assess": scope.may(May.ASSESS_RESPONSE),
        "may_follow": scope.may(May.RECORD_FOLLOW_UP),
        **_cut(scope, here),
    }
    return render(request, "assessments/response/patient.html", context)


def _overall(scope: Scope) -> bool:
    """Whether this person reads efficacy over all cohorts."""
    return scope.may(May.READ_EFFICACY)


def _figures(scope: Scope, here: Situation | None, rows: list[Row]) -> list[WholeFigure]:
    """Of the patients that the list holds; over all cohorts only for those who read efficacy."""
    if here is None or not (scope.site or _overall(scope)):
        return []
    onsets = {f.patient.pk: whole.onsets(f) for f in here.facts}
    levels = _levels([row.course for row in rows], here)
    shown = [
        whole.Shown(row.course, row.url, levels.index(row.course.level.label), **onsets[row.course.patient.pk])
        for row in rows
    ]
    return whole.whole_figures(shown, here.protocol.settings.cycle_days)


def _rate(run: EndpointRun | None) -> dict[str, Any] | None:
    """ORR as the last run has it, with its cut: rates are computed by workers, not here."""
    return {"run": run, "orr": rate_words(run.result["response"]["all"]["orr"])} if run else None


def _cut(scope: Scope, here: Situation | None) -> dict[str, Any]:
    """What the numbers of a page stand on: they are derived as the page is read."""
    return {
        "on": scope.today,
        "number": ledger.number_of(scope.trial.pk),
        "version": here.protocol.version.number if here else None,
        "settings": settings_sets.words(settings_sets.stored(here.protocol.settings)) if here else [],
    }


def _fits(row: Row, asked: dict[str, Any]) -> bool:
    if asked["level"] and row.course.level.label != asked["level"]:
        return False
    return not asked["difference"] or asked["difference"] in row.agreement.states


def _levels(courses: list[Course], here: Situation | None) -> list[str]:
    """The labels of the levels that somebody received, the lowest dose first."""
    received = {course.level.pk: course.level.label for course in courses}
    ladder = [level.label for level in here.protocol.levels if level.pk in received] if here else []
    return ladder + sorted(set(received.values()) - set(ladder))


def _position(row: Row, here: Situation | None) -> int:
    return (here.protocol.position(row.course.level.pk) if here else None) or 0
