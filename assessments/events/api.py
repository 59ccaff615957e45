"""REST of adverse events: read within the reader's sites (or as a named reader), reported with a write token.

A reading stays shut until both readers have answered: no verdict is given out before that but the reader's own.
"""

from collections.abc import Iterator, Sequence
from typing import Any
from uuid import UUID

from django.http import Http404
from django.urls import path
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from escalation.situation import queries as escalation
from trial import clock
from trial.api import CLOSED, KEY_HEADER, WRITES, WRONG, Reading, TrialEndpoint, check, key_of
from trial.people.access import Scope
from trial.roles import May

from .. import terms
from ..count import queries
from ..count.queries import PatientFacts
from ..event_words import Graded, Outcome
from . import expected, services, sight
from .common import position
from .facts import EventFacts
from .list_forms import STATES, EventFilter
from .liver import PARTS
from .models import SafetyReference
from .queries import ctcae_version, drugs, with_details
from .report import worst
from .shapes_api import EventSerializer, ReportSerializer
from .sponsor import differing

Seen = tuple[PatientFacts, EventFacts]


def all_shown(scope: Scope, seen: Sequence[Seen]) -> list[dict[str, Any]]:
    """Events as this person may see them, in the shape of `EventSerializer`."""
    with_details([facts.event for _, facts in seen])
    lists = expected.lists(scope.trial.pk)
    return [_shown(scope, patient, facts, lists) for patient, facts in seen]


def _shown(scope: Scope, patient: PatientFacts, facts: EventFacts, lists: Sequence[SafetyReference]) -> dict[str, Any]:
    event = facts.event
    plain = (
        "id", "number", "rev", "term", "soc", "specified", "grade", "onset", "ended_on", "qualifiers",
        "suspected", "delays_cycle_2", "doses_missed", "serious", "aware_on", "reported_at", "lowest_value",
        "outcome", "aware_at", "sent_at", *PARTS, "unusual",
    )  # fmt: skip
    sponsor = {row.drug.name: row.degree for row in event.sponsor_relations.all()}
    return {name: getattr(event, name) for name in plain} | {
        "patient": patient.patient.code,
        "onset_day": None if event.onset_known else facts.onset_day or None,
        "reported_by": event.reported_by.name,
        "steps": event.history,
        "serious_criteria": event.serious_criteria or [],
        "narrative": event.narrative or "",
        "expectedness": expected.expectedness(event, lists),
        "relations": [{"drug": drug, "degree": degree} for drug, degree in facts.relations.items()],
        "sponsor_relations": [{"drug": drug, "degree": degree} for drug, degree in sponsor.items()],
        "differing": differing(facts.relations, sponsor),
        "actions": [{"drug": row.drug.name, "action": row.action} for row in event.actions.all()],
        "state": facts.state,
        "criterion": facts.suggestion.criterion,
        "because": facts.suggestion.because,
        "verdicts": sight.verdicts(scope, facts),
        "your_turn": sight.turn(scope, patient, facts),
    }


def visible(scope: Scope) -> Iterator[Seen]:
    """The events that this person may read, with their patients."""
    for patient in queries.facts(scope.trial.pk, scope.days):
        if sight.reads(scope, patient):
            yield from ((patient, event) for event in patient.events)


def one(scope: Scope, event: UUID) -> dict[str, Any]:
    found = next((seen for seen in visible(scope) if seen[1].event.pk == event), None)
    if found is None:
        raise Http404("No such event.")
    return all_shown(scope, [found])[0]


REPORT = OpenApiExample(
    "thrombocytopenia",
    {
        "patient": "019aaf00-0000-7000-8000-000000000003",
        "term": "Platelet count decreased",
        "grade": 4,
        "onset_on": "2026-03-14",
        "relations": {"selinexor": "possible"},
        "serious": False,
    },
    request_only=True,
)


class Events(ListAPIView[Any], TrialEndpoint):
    queries = tuple(EventFilter.base_fields)
    right = May.READ_PATIENTS
    rights = {"POST": May.REPORT_EVENT}
    serializer_class = EventSerializer

    def get_queryset(self) -> Any:
        here, every = escalation.here(self.scope), list(visible(self.scope))
        codes = sorted({f.patient.code for f, _ in every})
        levels = [level.label for level in here.protocol.levels] if here else []
        asked = EventFilter(self.request.query_params.dict(), patients=codes, levels=levels)
        check(asked)
        return all_shown(self.scope, [(f, e) for f, e in every if asked.fits(f, e, position(here, f))])

    @extend_schema(
        tags=["events"],
        summary="Adverse events",
        parameters=[
            OpenApiParameter("patient", str, description="By number, like 003."),
            OpenApiParameter("level", int, description="Position of the patient's level on the ladder, the lowest 1."),
            OpenApiParameter("grade", int, enum=[1, 2, 3, 4, 5], description="This grade or a higher one."),
            OpenApiParameter("serious", str, enum=["yes", "no"]),
            OpenApiParameter("related", str, enum=["yes", "no"], description="At least possibly, to a drug."),
            OpenApiParameter("outcome", str, enum=Outcome.values),
            OpenApiParameter("waits", str, enum=["yes", "no"], description="A grade waits for the investigator."),
            OpenApiParameter("state", str, enum=list(STATES), description="Of the DLT verdict."),
            OpenApiParameter("window", str, enum=["in", "out"], description="Onset in the DLT window or outside it."),
        ],
        responses={200: EventSerializer(many=True), 400: WRONG, **CLOSED},
    )
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """The events of the reader's sites, and of other sites' patients for whom he is a named DLT reader."""
        return super().get(request, *args, **kwargs)

    @extend_schema(
        tags=["events"],
        summary="Report an adverse event",
        parameters=[KEY_HEADER],
        request=ReportSerializer,
        responses={201: EventSerializer, **WRITES, **CLOSED},
        examples=[REPORT],
    )
    def post(self, request: Request, trial: UUID) -> Response:
        """Report an event of a patient of the reader's site. It may become a suspected DLT, which stops enrolment."""
        key = key_of(request)
        asked = ReportSerializer(data=request.data, context={"drugs": drugs(trial)})
        asked.is_valid(raise_exception=True)
        said = dict(asked.validated_data)
        patient, again, onset = said.pop("patient"), said.pop("again"), said.pop("onset_on")
        reason = said.pop("reason")
        every = queries.facts(trial, self.scope.days)
        mine = next((f for f in every if f.patient.pk == patient and self.scope.sees(f.patient.site_id)), None)
        if mine is None:
            raise Http404("No such patient.")
        zone = mine.patient.site.time_zone
        steps = [Graded(**step) for step in said.pop("steps")]
        if len(steps) == 1 and said["grade"] is None:
            said["grade"], steps = steps[0].grade, []
        said["grade"] = worst(steps) if steps and said["grade"] is None else said["grade"]
        if said["aware_at"] and said["aware_on"] is None:
            said["aware_on"] = clock.clinical_date(said["aware_at"], zone)
        report = services.EventReport(**said, steps=steps, onset_on=onset.first, onset_known=onset.known)
        event = services.report_event(
            trial=trial, patient=patient, report=report, again=again, reason=reason, by=self.scope.user, key=key
        )
        return Response(EventSerializer(one(self.scope, event.pk)).data, status=201)


class OneEvent(TrialEndpoint):
    right = May.READ_PATIENTS

    @extend_schema(
        tags=["events"],
        summary="One adverse event",
        parameters=[OpenApiParameter("event", OpenApiTypes.UUID, OpenApiParameter.PATH)],
        responses={200: EventSerializer, **CLOSED},
    )
    def get(self, request: Request, trial: UUID, event: UUID) -> Response:
        """An event that the reader may see; any other is 404."""
        return Response(EventSerializer(one(self.scope, event)).data)


class TermSerializer(Reading):
    term = serializers.CharField()
    soc = serializers.CharField(help_text="Its organ class.")
    grades = serializers.ListField(child=serializers.IntegerField(), help_text="Those that CTCAE defines for it.")


class Terms(ListAPIView[Any], TrialEndpoint):
    queries = ("search",)
    right = May.READ_PATIENTS
    serializer_class = TermSerializer

    def get_queryset(self) -> Any:
        version = ctcae_version(self.scope.trial.pk)
        asked = self.request.query_params.get("search", "")[:150]
        return terms.find(asked, version) if asked else list(terms.all_terms(version).values())

    @extend_schema(
        tags=["events"],
        summary="CTCAE terms",
        parameters=[
            OpenApiParameter(
                "search", OpenApiTypes.STR, description='Words, abbreviations, any spelling: "low platelets", "ANC".'
            )
        ],
        responses={200: TermSerializer(many=True), **CLOSED},
    )
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Every term of the trial's CTCAE version with its grades; with a search the likeliest first."""
        return super().get(request, *args, **kwargs)


urlpatterns = [
    path("terms/", Terms.as_view(), name="terms"),
    path("events/", Events.as_view(), name="events"),
    path("events/<uuid:event>/", OneEvent.as_view(), name="event"),
]
