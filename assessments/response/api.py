"""REST of the response, read only: treated patients with their derived responses, and one course with all behind it.

Derived as it is asked for, by the functions that the Response pages read.
"""

from collections.abc import Sequence
from fractions import Fraction
from typing import Any
from uuid import UUID

from django.http import Http404
from django.urls import path
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response as Answer

from assessments.times import StandsOn, Time
from trial import queries as ground
from trial.api import CLOSED, Reading, TrialEndpoint
from trial.record import ledger
from trial.roles import May

from ..imwg import lines as imwg_lines
from ..imwg import measure as imwg_measure
from ..imwg.lines import Point
from ..imwg.sight import NAMES, number
from ..imwg.terms import PdSource, Response
from . import present, queries, words
from .models import CATEGORIES, Measurement
from .parameters import PARAMETERS
from .queries import Course, Seen

CATEGORY = [one.value for one in Response]


class QuantitySerializer(Reading):
    parameter = serializers.ChoiceField(list(NAMES))
    value = serializers.CharField(help_text="A decimal as text, in the unit; cut after six decimals.")
    unit = serializers.CharField()


class BestSerializer(Reading):
    response = serializers.ChoiceField(CATEGORY)
    date = serializers.DateField(allow_null=True)


class CourseSerializer(Reading):
    """A treated patient's derived response as it stands."""

    patient_id = serializers.UUIDField()
    patient = serializers.CharField(help_text='Like "003".')
    site = serializers.CharField()
    level = serializers.CharField(help_text="The dose level received.")
    first_dose_on = serializers.DateField(allow_null=True)
    measurable = QuantitySerializer(many=True, help_text="At baseline; empty: nothing was measurable.")
    best_confirmed = BestSerializer(allow_null=True, help_text="Null before the first dose, as all that is derived.")
    best_unconfirmed = BestSerializer(allow_null=True)
    best_change = serializers.CharField(
        allow_null=True, help_text="Percent from baseline of the parameter followed, before PD and new therapy."
    )
    followed = serializers.ChoiceField(list(NAMES), allow_null=True)
    progression_on = serializers.DateField(allow_null=True)
    evaluable = serializers.BooleanField(allow_null=True, help_text='In the set "response-evaluable".')
    last_on = serializers.DateField(allow_null=True)
    last_derived = serializers.ChoiceField(CATEGORY, allow_null=True)
    last_confirmed = serializers.ChoiceField(CATEGORY, allow_null=True, help_text="Null: it does not count.")
    differences_open = serializers.IntegerField(help_text="Derived and investigator's differ, and no reason is given.")
    waiting = serializers.IntegerField(help_text="Assessments to which the investigator has not given his category.")


class MeasurementSerializer(Reading):
    parameter = serializers.ChoiceField(list(PARAMETERS))
    state = serializers.ChoiceField(Measurement.State.choices)
    sampled_on = serializers.DateField()
    entered = serializers.CharField(allow_null=True, help_text="As entered; below the limit, the limit.")
    unit = serializers.CharField()
    canonical = serializers.CharField(allow_null=True, help_text="In the rule's unit.")
    answer = serializers.CharField(help_text="Of what is no number.")
    baseline_until = serializers.DateField(
        allow_null=True,
        help_text="Of standard of care before the consent: the last first dose whose baseline it may be.",
    )
    said = serializers.CharField(help_text='As it was typed: "<0.5 g/dL", "not done".')
    unusual = serializers.CharField(allow_null=True, help_text="Why an unlikely value stands; null: it is none.")


class InvestigatorSerializer(Reading):
    category = serializers.ChoiceField(CATEGORIES)
    comment = serializers.CharField()
    by = serializers.CharField()
    given_on = serializers.DateField()


class ResolutionSerializer(Reading):
    category = serializers.ChoiceField(CATEGORIES)
    derived = serializers.ChoiceField(CATEGORIES)
    reason = serializers.CharField()
    by = serializers.CharField()
    resolved_on = serializers.DateField()


class QuestionSerializer(Reading):
    """What the values leave open, and the site's answer."""

    question = serializers.CharField()
    answer = serializers.CharField(allow_null=True, help_text="Null: the site has not answered yet.")


class NadirSerializer(Reading):
    parameter = serializers.ChoiceField(list(NAMES))
    nadir = serializers.CharField(allow_null=True)
    progression_from = serializers.CharField(allow_null=True, help_text="A value from here on is a progression.")


class AssessmentSerializer(Reading):
    """A disease assessment; what is derived is null for those of the baseline."""

    id = serializers.UUIDField()
    number = serializers.IntegerField(help_text='People see "DA 14".')
    rev = serializers.IntegerField(help_text="Number of its last change.")
    visit_on = serializers.DateField()
    measurements = MeasurementSerializer(many=True, help_text="A missing answer is not there.")
    date = serializers.DateField(allow_null=True, help_text="Of the category: the latest sample that it needs.")
    derived = serializers.ChoiceField(CATEGORY, allow_null=True)
    pd_source = serializers.ChoiceField([one.value for one in PdSource], allow_null=True)
    parameter = serializers.CharField(allow_null=True, help_text="The one that decided.")
    because = serializers.CharField(allow_null=True)
    confirmed = serializers.ChoiceField(CATEGORY, allow_null=True)
    confirmation = serializers.CharField(allow_null=True)
    change = serializers.CharField(allow_null=True, help_text="Percent from baseline of the parameter followed.")
    nadirs = NadirSerializer(many=True, help_text="Of each deciding parameter, before this assessment.")
    investigator = InvestigatorSerializer(allow_null=True)
    difference = serializers.ChoiceField(["none", "open", "resolved"])
    resolution = ResolutionSerializer(allow_null=True)
    belongs_to = serializers.CharField(
        allow_null=True,
        help_text='Of samples taken within a week of another assessment, whose category they are part of: "DA 14".',
    )
    no_progression = serializers.BooleanField(
        help_text="NE because nothing was measurable, and evidence against progression: adequate for TTP and PFS."
    )
    questions = QuestionSerializer(many=True)


class TimeSerializer(Reading):
    event = serializers.BooleanField(help_text="False: censored.")
    days = serializers.IntegerField()
    since = serializers.DateField()
    on = serializers.DateField()
    because = serializers.CharField()
    stands_on = serializers.ChoiceField([one.value for one in StandsOn])
    row = serializers.CharField(allow_null=True, help_text='The assessment it stands on: "DA 14".')


class TimesSerializer(Reading):
    TTP = TimeSerializer()
    PFS = TimeSerializer()
    TTR = TimeSerializer()
    DOR = TimeSerializer(allow_null=True, help_text="Null: no confirmed response.")
    OS = TimeSerializer()


class WholeCourseSerializer(CourseSerializer):
    """One patient's response with everything that it stands on."""

    number = serializers.IntegerField(help_text="Of the trial's ledger as read.")
    on = serializers.DateField(help_text="The clinical date as read: what lies after it is not known.")
    protocol_version = serializers.IntegerField(help_text="Whose settings the derivation follows.")
    baseline = serializers.DictField(
        child=serializers.CharField(), help_text="Canonical values by parameter; what was not measured is not there."
    )
    assessments = AssessmentSerializer(many=True)
    warnings = serializers.ListField(child=serializers.CharField())
    times = TimesSerializer(allow_null=True)


def short(course: Course) -> dict[str, Any]:
    """A course in the shape of `CourseSerializer`."""
    evaluation, last = course.evaluation, course.last
    started = imwg_measure.start(course.baseline, course.settings)
    return {
        "patient_id": course.patient.pk,
        "patient": course.patient.code,
        "site": course.patient.site.code,
        "level": course.level.label,
        "first_dose_on": course.first_dose,
        "measurable": [
            {"parameter": name, "value": _text(started.number(name)), "unit": NAMES[name][1]}
            for name in started.measurable
        ],
        "best_confirmed": course.times.best_confirmed if course.times else None,
        "best_unconfirmed": evaluation.best_unconfirmed if evaluation else None,
        "best_change": _text(evaluation.best_change) if evaluation else None,
        "followed": evaluation.followed if evaluation else None,
        "progression_on": evaluation.progression.date if evaluation and evaluation.progression else None,
        "evaluable": evaluation.evaluable if evaluation else None,
        "last_on": last.visit.date if last and last.visit else None,
        "last_derived": last.derived if last else None,
        "last_confirmed": last.confirmed if last else None,
        "differences_open": len(course.differences),
        "waiting": len(course.unjudged),
    }


def whole(course: Course) -> dict[str, Any]:
    """What `WholeCourseSerializer` has beside the cut."""
    lines = imwg_lines.lines(course.baseline, course.taken, course.settings) if course.first_dose else []
    points = [(line.name, point) for line in lines for point in line.points]
    times = course.times
    return short(course) | {
        "baseline": present.baseline(course),
        "assessments": [
            _assessment(seen, [(name, p) for name, p in points if p.row == seen.row.code])
            for seen in course.assessments
        ],
        "warnings": list(course.evaluation.warnings) if course.evaluation else [],
        "times": {
            "TTP": _time(times.ttp),
            "PFS": _time(times.pfs),
            "TTR": _time(times.ttr),
            "DOR": _time(times.dor),
            "OS": _time(times.os),
        }
        if times
        else None,
    }


def _text(value: Fraction | None) -> str | None:
    return None if value is None else number(value)


def _time(time: Time | None) -> dict[str, Any] | None:
    if time is None:
        return None
    names = ("event", "days", "since", "on", "because", "stands_on", "row")
    return {name: getattr(time, name) for name in names}


def _assessment(seen: Seen, points: Sequence[tuple[str, Point]]) -> dict[str, Any]:
    row, visit, said, resolution = seen.row, seen.visit, seen.said, seen.resolution
    derived = ("date", "derived", "pd_source", "parameter", "because", "confirmed", "confirmation")
    return {
        "id": row.pk,
        "number": row.number,
        "rev": row.rev,
        "visit_on": row.visit_on,
        "measurements": [_measurement(one) for one in seen.measurements],
        **{name: getattr(visit, name) if visit else None for name in derived},
        "change": _text(visit.change) if visit else None,
        "nadirs": [
            {"parameter": name, "nadir": _text(p.nadir), "progression_from": _text(p.progression)} for name, p in points
        ],
        "investigator": {
            "category": said.category,
            "comment": said.comment,
            "by": said.by.name,
            "given_on": said.given_on,
        }
        if said
        else None,
        "difference": "open" if seen.open else "resolved" if resolution else "none",
        "resolution": {
            "category": resolution.category,
            "derived": resolution.derived,
            "reason": resolution.reason,
            "by": resolution.by.name,
            "resolved_on": resolution.resolved_on,
        }
        if resolution
        else None,
        "belongs_to": seen.belongs_to or None,
        "no_progression": visit.no_pd if visit else False,
        "questions": [
            *({"question": one, "answer": None} for one in seen.questions),
            *({"question": one.question, "answer": one.answer} for one in seen.answers),
        ],
    }


def _measurement(one: Measurement) -> dict[str, Any]:
    plain = {
        name: getattr(one, name)
        for name in ("parameter", "state", "sampled_on", "unit", "answer", "baseline_until", "unusual")
    }
    numbers = {"entered": one.entered, "canonical": one.canonical}
    texts = {name: None if value is None else f"{value.normalize():f}" for name, value in numbers.items()}
    return plain | texts | {"said": words.measured(one)}


class Responses(ListAPIView[Any], TrialEndpoint):
    right = May.READ_PATIENTS
    serializer_class = CourseSerializer

    def get_queryset(self) -> Any:
        self.scope.need_responses()
        found = queries.timelines(self.scope.trial.pk, self.scope.days)
        return [short(course) for course in found if self.scope.sees(course.patient.site_id)]

    @extend_schema(tags=["response"], summary="Responses", responses={200: CourseSerializer(many=True), **CLOSED})
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Answer:
        """Every treated patient of the reader's sites, by first dose, with his derived response."""
        return super().get(request, *args, **kwargs)


class OneResponse(TrialEndpoint):
    right = May.READ_PATIENTS

    @extend_schema(
        tags=["response"],
        summary="One patient's response",
        parameters=[OpenApiParameter("patient", OpenApiTypes.UUID, OpenApiParameter.PATH)],
        responses={200: WholeCourseSerializer, **CLOSED},
    )
    def get(self, request: Request, trial: UUID, patient: UUID) -> Answer:
        """Values as entered, the category of each assessment with its reason, nadirs, best responses and times."""
        self.scope.need_responses()
        found = queries.course_of(trial, patient, self.scope.days)
        protocol = ground.protocol(trial)
        if found is None or protocol is None or not self.scope.sees(found.patient.site_id):
            raise Http404("No such patient.")
        cut = {
            "number": ledger.number_of(trial),
            "on": self.scope.today,
            "protocol_version": protocol.version.number,
        }
        return Answer(WholeCourseSerializer(whole(found) | cut).data)


urlpatterns = [
    path("responses/", Responses.as_view(), name="responses"),
    path("patients/<uuid:patient>/response/", OneResponse.as_view(), name="response"),
]
