"""REST of patients and slots. What stands behind a patient's number is given only within the reader's sites."""

from typing import Any
from uuid import UUID

from django.http import Http404
from django.urls import path
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from assessments.count import queries as assessments
from assessments.count.queries import PatientFacts
from assessments.events import sight
from escalation.enrolment import services as enrolment
from escalation.situation import queries as escalation
from trial.api import CLOSED, KEY_HEADER, WRITES, WRONG, DoseLevelSerializer, Reading, TrialEndpoint, check, key_of
from trial.people.access import Scope
from trial.refusals import KeyReused, Refused
from trial.roles import May

from . import queries
from .consent.api import urlpatterns as consent
from .dosing.api import urlpatterns as dosing
from .dosing.cycle_api import urlpatterns as cycles
from .follow_up.api import urlpatterns as follow_up
from .models import Cohort, Slot
from .patient.forms import COUNTS, PatientFilter
from .screening.api import urlpatterns as screening
from .withdrawal.api import urlpatterns as withdrawal

OUTCOMES = ["dlt", "no_dlt", "pending", "suspected", "not_evaluable", "not_dosed"]


class TakenSerializer(Reading):
    """Over the DLT window, in the unit of the dose."""

    drug = serializers.CharField(source="drug.name")
    planned = serializers.DecimalField(12, 4)
    taken = serializers.DecimalField(12, 4)
    unusual = serializers.CharField(allow_null=True, help_text="Why an unlikely amount stands; null: it is none.")


class RecordSerializer(Reading):
    """What stands behind the number."""

    site = serializers.CharField(source="patient.site.code")
    cohort = serializers.IntegerField(source="patient.cohort.number")
    enrolled_on = serializers.DateField(source="patient.enrolled_on")
    paper_source = serializers.CharField(
        source="patient.source", allow_null=True, help_text="Of a patient entered from paper: where it stands."
    )
    first_dose_on = serializers.DateField(source="patient.treatment.first_dose_on", default=None, allow_null=True)
    enrolled_before_grant = serializers.SerializerMethodField(help_text="Enrolled before the slot was granted.")
    in_spite_of_hold = serializers.SerializerMethodField(help_text="First dose given while starting was refused.")
    in_spite_of_hold_why = serializers.CharField(
        source="patient.treatment.held_why", default=None, allow_null=True, help_text="Why it was given, by the site."
    )
    cycle2_on = serializers.DateField(source="patient.treatment.cycle2_on", default=None, allow_null=True)
    stopped_on = serializers.DateField(source="patient.treatment.stopped_on", default=None, allow_null=True)
    stop_reason = serializers.CharField(source="patient.treatment.stop_reason", default="")
    window_ends_on = serializers.DateField(allow_null=True, help_text="The last day of the DLT window.")
    enough_drug = serializers.BooleanField(allow_null=True, help_text="Null: not known yet.")
    because = serializers.CharField(help_text="Why the outcome is what it is.")
    confirmed = serializers.SerializerMethodField(help_text="By the investigator; null: it is not confirmed.")
    doses_taken = TakenSerializer(source="doses", many=True)
    events = serializers.SerializerMethodField(help_text="Ids of the adverse events.")

    def get_enrolled_before_grant(self, facts: PatientFacts) -> bool:
        return bool(facts.patient.before_grant)

    def get_in_spite_of_hold(self, facts: PatientFacts) -> bool:
        treatment = getattr(facts.patient, "treatment", None)
        return treatment is not None and bool(treatment.in_spite_of)

    def get_confirmed(self, facts: PatientFacts) -> str | None:
        given = getattr(facts.patient, "evaluability", None)
        return given.state if given and not given.voided else None

    @extend_schema_field(serializers.ListField(child=serializers.UUIDField()))
    def get_events(self, facts: PatientFacts) -> list[UUID]:
        return [event.event.pk for event in facts.events]


class PatientSerializer(Reading):
    id = serializers.SerializerMethodField(help_text="Null for another site's patient.")
    number = serializers.SerializerMethodField(help_text='Like "003"; null when the reader may not know it.')
    from_paper = serializers.BooleanField(
        source="patient.from_paper", help_text="Treated outside the system, before the trial was brought in."
    )
    level = DoseLevelSerializer(help_text="Received, or the cohort's before the first dose.")
    window_day = serializers.IntegerField(allow_null=True, help_text="Day 1 is the first dose; null before it.")
    window_days = serializers.IntegerField(allow_null=True)
    outcome = serializers.SerializerMethodField(help_text="As the count sees it; null without a number.")
    dlt = serializers.SerializerMethodField(help_text="none, suspected or adjudicated; null without a number.")
    record = serializers.SerializerMethodField(help_text="Null for another site's patient.")

    def _scope(self) -> Scope:
        scope: Scope = self.context["scope"]
        return scope

    @extend_schema_field(serializers.UUIDField(allow_null=True))
    def get_id(self, facts: PatientFacts) -> UUID | None:
        return facts.patient.pk if self._scope().sees(facts.patient.site_id) else None

    @extend_schema_field(serializers.CharField(allow_null=True))
    def get_number(self, facts: PatientFacts) -> str | None:
        return facts.patient.code if sight.numbered(self._scope(), facts) else None

    @extend_schema_field(serializers.ChoiceField(OUTCOMES, allow_null=True))
    def get_outcome(self, facts: PatientFacts) -> str | None:
        return facts.outcome if sight.numbered(self._scope(), facts) else None

    @extend_schema_field(serializers.ChoiceField(["none", "suspected", "adjudicated"], allow_null=True))
    def get_dlt(self, facts: PatientFacts) -> str | None:
        return facts.dlt if sight.numbered(self._scope(), facts) else None

    @extend_schema_field(RecordSerializer(allow_null=True))
    def get_record(self, facts: PatientFacts) -> Any:
        return RecordSerializer(facts).data if self._scope().sees(facts.patient.site_id) else None


@extend_schema(
    tags=["patients"],
    summary="Patients",
    parameters=[
        OpenApiParameter("level", int, description="Position on the ladder, the lowest 1."),
        OpenApiParameter("count", str, enum=list(COUNTS), description="How the patient counts."),
        OpenApiParameter("group", str, enum=["escalation", *Cohort.Role.values]),
    ],
    responses={200: PatientSerializer(many=True), 400: WRONG, **CLOSED},
)
class Patients(ListAPIView[Any], TrialEndpoint):
    """Every patient in order of first dose. Of other sites: number, level, window day and DLT state, no record.

    A coordinator sees of another site's patient the level and the day alone.
    """

    queries = tuple(PatientFilter.base_fields)
    serializer_class = PatientSerializer

    def get_serializer_context(self) -> dict[str, Any]:
        return {**super().get_serializer_context(), "scope": self.scope}

    def get_queryset(self) -> Any:
        here = escalation.here(self.scope)
        asked = PatientFilter(self.request.query_params.dict(), protocol=here.protocol if here else None)
        check(asked)
        return [f for f in assessments.facts(self.scope.trial.pk, self.scope.days) if asked.fits(f)]


class OnePatient(TrialEndpoint):
    right = May.READ_PATIENTS

    @extend_schema(
        tags=["patients"],
        summary="One patient",
        parameters=[OpenApiParameter("patient", OpenApiTypes.UUID, OpenApiParameter.PATH)],
        responses={200: PatientSerializer, **CLOSED},
    )
    def get(self, request: Request, trial: UUID, patient: UUID) -> Response:
        """A patient of the reader's sites with the record; another site's patient is 404."""
        every = assessments.facts(trial, self.scope.days)
        found = next((f for f in every if f.patient.pk == patient), None)
        if found is None or not self.scope.sees(found.patient.site_id):
            raise Http404("No such patient.")
        return Response(PatientSerializer(found, context={"scope": self.scope}).data)


# ---- slots ----


class SlotSerializer(Reading):
    id = serializers.UUIDField()
    number = serializers.IntegerField()
    state = serializers.ChoiceField(Slot.State.choices)
    site = serializers.CharField(source="site.code")
    cohort = serializers.IntegerField(source="cohort.number", default=None, allow_null=True)
    level = DoseLevelSerializer(source="cohort.dose_level", default=None, allow_null=True)
    requested_by = serializers.CharField(source="requested_by.name")
    requested_at = serializers.DateTimeField()
    granted_at = serializers.DateTimeField(allow_null=True)
    held_until = serializers.DateField(allow_null=True, help_text="The last day on which it is held.")
    screening = serializers.CharField(source="screening_number", help_text="Empty: not recorded.")
    patient = serializers.CharField(source="patient.code", default=None, allow_null=True)


class SlotRequestSerializer(serializers.Serializer[Any]):
    """The level and its dose are the open cohort's; nobody asks for one."""

    screening = serializers.CharField(max_length=40, help_text="Its number, new or open; used once. Never a name.")
    again_of = serializers.CharField(
        max_length=40,
        required=False,
        default="",
        allow_blank=True,
        help_text="The number of the same person's screening before, which ended without enrolment.",
    )
    wait = serializers.BooleanField(
        required=False, default=False, help_text="Join the waiting list when no slot is free."
    )


class Slots(ListAPIView[Any], TrialEndpoint):
    rights = {"POST": May.REQUEST_SLOT}
    serializer_class = SlotSerializer

    def get_queryset(self) -> Any:
        return [slot for slot in queries.slots(self.scope.trial.pk) if self.scope.sees(slot.site_id)]

    @extend_schema(tags=["slots"], summary="Slots", responses={200: SlotSerializer(many=True), **CLOSED})
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """The slots of the reader's sites in the recorded order."""
        return super().get(request, *args, **kwargs)

    @extend_schema(
        tags=["slots"],
        summary="Request a slot",
        parameters=[KEY_HEADER],
        request=SlotRequestSerializer,
        responses={201: SlotSerializer, **WRITES, **CLOSED},
        examples=[OpenApiExample("request", {"screening": "SCR-014", "wait": False}, request_only=True)],
    )
    def post(self, request: Request, trial: UUID) -> Response:
        """Ask for a place at the open level: granted at once, or left to the medical monitor, as the protocol says.

        409 with the reason, and the earliest date, when no slot is free. Of two who ask for the last one, one gets it.
        """
        key = key_of(request)
        asked = SlotRequestSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        try:
            slot = enrolment.request_slot(trial=trial, by=self.scope.user, key=key, **asked.validated_data)
        except KeyReused:
            raise
        except Refused as refusal:
            here = escalation.here(self.scope)
            sentence = sight.veiled(str(refusal), self.scope, here.facts if here else [])
            raise Refused(sentence, field=refusal.field) from None
        shown = queries.slots(trial).get(pk=slot.pk)
        return Response(SlotSerializer(shown).data, status=201)


urlpatterns = [
    path("patients/", Patients.as_view(), name="patients"),
    path("patients/<uuid:patient>/", OnePatient.as_view(), name="patient"),
    path("slots/", Slots.as_view(), name="slots"),
    *consent,
    *dosing,
    *cycles,
    *screening,
    *withdrawal,
    *follow_up,
]
