"""REST of adverse events: read within the reader's sites (or as a named reader), reported with a write token.

A reading stays shut until both readers have answered: no verdict is given out before that but the reader's own.
"""

from collections.abc import Iterator
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
from trial.api import CLOSED, KEY_HEADER, WRITES, WRONG, DayField, PartialField, Reading, TrialEndpoint, check, key_of
from trial.people.access import Scope
from trial.roles import May

from .. import terms
from ..count import queries
from ..count.queries import PatientFacts
from ..dlt import event as dlt
from ..models import DltVerdict, Relation
from . import services, sight
from .common import position
from .facts import EventFacts
from .forms import STATES, EventFilter
from .queries import ctcae_version, drugs

Seen = tuple[PatientFacts, EventFacts]


class RelationSerializer(Reading):
    drug = serializers.CharField()
    degree = serializers.ChoiceField(Relation.Degree.choices, allow_null=True, help_text="Null: not answered yet.")


class VerdictSerializer(Reading):
    reader = serializers.ChoiceField(DltVerdict.Reader.choices)
    by = serializers.CharField(source="by.name")
    is_dlt = serializers.BooleanField()
    criterion = serializers.CharField()
    reason = serializers.CharField()
    given_at = serializers.DateTimeField()


class EventSerializer(Reading):
    """An adverse event and what follows from it for the count."""

    id = serializers.UUIDField()
    number = serializers.IntegerField(help_text='People see "AE 14".')
    rev = serializers.IntegerField(help_text="Number of its last change.")
    patient = serializers.CharField(help_text='Like "003".')
    term = serializers.CharField(help_text="CTCAE term.")
    soc = serializers.CharField(help_text="Organ class of the term.")
    specified = serializers.CharField()
    grade = serializers.IntegerField(allow_null=True, help_text="The worst; null: it waits for the investigator.")
    onset_on = PartialField(source="onset", help_text="Or 2026-03, or 2026, where the day is not known yet.")
    ended_on = serializers.DateField(allow_null=True, help_text="Null: ongoing.")
    onset_day = serializers.IntegerField(
        allow_null=True,
        help_text="Day 1 is the first dose, the day before it -1; null: no dose yet, or the day is not known.",
    )
    lowest_value = serializers.DecimalField(12, 4, allow_null=True, help_text="Of a count, 10^9/L (CTCAE 6.0).")
    qualifiers = serializers.DictField(child=serializers.BooleanField(allow_null=True))
    suspected = serializers.BooleanField(help_text="The investigator asks for DLT verdicts.")
    delays_cycle_2 = serializers.BooleanField(help_text="Cycle 2 is held for it (criterion N4).")
    doses_missed = serializers.BooleanField(allow_null=True, help_text="Doses were missed for it; null: not asked.")
    serious = serializers.BooleanField()
    aware_on = serializers.DateField(allow_null=True)
    reported_by = serializers.CharField()
    reported_at = serializers.DateTimeField()
    relations = RelationSerializer(many=True)
    state = serializers.ChoiceField(["none", "open", "suspected", "dlt", "not_dlt"])
    criterion = serializers.CharField(allow_null=True, help_text="The DLT criterion that the record suggests.")
    because = serializers.CharField(help_text="Why it is, or is not, suggested.")
    verdicts = VerdictSerializer(many=True, help_text="Of the last reading; shut until both readers have answered.")
    your_turn = serializers.BooleanField(help_text="You can give a verdict on it now.")


def shown(scope: Scope, patient: PatientFacts, facts: EventFacts) -> dict[str, Any]:
    """An event as this person may see it, in the shape of `EventSerializer`."""
    event = facts.event
    plain = (
        "id", "number", "rev", "term", "soc", "specified", "grade", "onset", "ended_on", "qualifiers",
        "suspected", "delays_cycle_2", "doses_missed", "serious", "aware_on", "reported_at", "lowest_value",
    )  # fmt: skip
    return {name: getattr(event, name) for name in plain} | {
        "patient": patient.patient.code,
        "onset_day": None if event.onset_known else facts.onset_day or None,
        "reported_by": event.reported_by.name,
        "relations": [{"drug": drug, "degree": degree} for drug, degree in facts.relations.items()],
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
    return shown(scope, *found)


class ReportSerializer(serializers.Serializer[Any]):
    """An adverse event as reported. Shape is checked here; what the trial allows, by the service."""

    patient = serializers.UUIDField()
    term = serializers.CharField(max_length=150, help_text="A term of the trial's CTCAE version, exactly.")
    grade = serializers.IntegerField(min_value=1, max_value=5)
    onset_on = PartialField(help_text="2026-03-14; 2026-03 or 2026 where the day is not known.")
    ended_on = DayField(required=False, allow_null=True, default=None, help_text="Null: ongoing.")
    specified = serializers.CharField(
        max_length=200, required=False, default="", allow_blank=True, help_text='The words after "Other, specify".'
    )
    relations = serializers.DictField(
        child=serializers.ChoiceField(Relation.Degree.choices),
        required=False,
        default=dict,
        help_text="By the drug's name, as events show it, or its id; a missing one is not answered.",
    )
    qualifiers = serializers.DictField(
        child=serializers.BooleanField(allow_null=True),
        required=False,
        default=dict,
        help_text=f"Answers that the DLT criteria ask for: {', '.join(dlt.QUALIFIERS)}; null: not answered.",
    )
    lowest_value = serializers.DecimalField(
        12,
        4,
        min_value=0,
        required=False,
        allow_null=True,
        default=None,
        help_text="Of neutrophils, platelets or white cells, 10^9/L, in a trial on CTCAE 6.0: criteria go by it.",
    )
    suspected = serializers.BooleanField(required=False, default=False, help_text="Asks for DLT verdicts.")
    delays_cycle_2 = serializers.BooleanField(required=False, default=False, help_text="Cycle 2 is held for it.")
    doses_missed = serializers.BooleanField(required=False, default=False, help_text="Doses were missed for it.")
    serious = serializers.BooleanField(required=False, default=False)
    again = serializers.BooleanField(
        required=False,
        default=False,
        help_text="A second event of the same patient, term and onset as one that is there; 409 names it without this.",
    )
    aware_on = DayField(required=False, allow_null=True, default=None)
    reason = serializers.CharField(
        max_length=2000,
        required=False,
        default="",
        allow_blank=True,
        help_text="Why a serious event that began after the patient withdrew from study visits is recorded.",
    )

    def validate_relations(self, given: dict[str, str]) -> dict[UUID, str]:
        """By the name of the drug, as events show it, or by its id."""
        drugs: dict[str, UUID] = self.context["drugs"]
        by_id = {str(pk): pk for pk in drugs.values()}
        if unknown := [drug for drug in given if drug not in drugs and drug not in by_id]:
            raise serializers.ValidationError(f"{unknown[0]}: the trial's drugs are {', '.join(drugs)}.")
        return {drugs.get(drug) or by_id[drug]: degree for drug, degree in given.items()}


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
        return [shown(self.scope, f, e) for f, e in every if asked.fits(f, e, position(here, f))]

    @extend_schema(
        tags=["events"],
        summary="Adverse events",
        parameters=[
            OpenApiParameter("patient", str, description="By number, like 003."),
            OpenApiParameter("level", int, description="Position of the patient's level on the ladder, the lowest 1."),
            OpenApiParameter("grade", int, enum=[1, 2, 3, 4, 5], description="This grade or a higher one."),
            OpenApiParameter("serious", str, enum=["yes", "no"]),
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
        if not any(f.patient.pk == patient and self.scope.sees(f.patient.site_id) for f in every):
            raise Http404("No such patient.")
        report = services.EventReport(**said, onset_on=onset.first, onset_known=onset.known)
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
