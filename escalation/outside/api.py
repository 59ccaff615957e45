"""REST of expansion and backfill: the running rates, the open cohorts and the decisions, as the page shows them."""

from typing import Any
from uuid import UUID

from django.urls import path
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from assessments.events import sight
from patients.models import Cohort
from trial.api import CLOSED, REFUSAL, DoseLevelSerializer, Reading, TrialEndpoint

from ..situation import queries as escalation
from . import queries
from .models import OutsideDecision


class GroupSerializer(Reading):
    dlts = serializers.IntegerField(source="x")
    evaluable = serializers.IntegerField(source="n")
    pending = serializers.IntegerField()


class GroupsSerializer(Reading):
    escalation = GroupSerializer()
    expansion = GroupSerializer()
    backfill = GroupSerializer()


class ProportionSerializer(Reading):
    dlts = serializers.IntegerField(source="x")
    evaluable = serializers.IntegerField(source="n")
    estimate = serializers.FloatField(allow_null=True, help_text="Null: nobody is evaluable.")
    lower = serializers.FloatField(allow_null=True, help_text="Of the 95 % Clopper-Pearson interval.")
    upper = serializers.FloatField(allow_null=True)


class RateSerializer(Reading):
    position = serializers.IntegerField()
    level = DoseLevelSerializer()
    groups = GroupsSerializer()
    whole = ProportionSerializer(help_text="All three groups together.")
    over = serializers.BooleanField(help_text="Above the protocol's limit.")
    asks = serializers.BooleanField(help_text="And no signed decision has answered these counts.")


class OpenCohortSerializer(Reading):
    id = serializers.UUIDField(source="cohort.pk")
    number = serializers.IntegerField(source="cohort.number")
    role = serializers.ChoiceField(Cohort.Role.choices, source="cohort.role")
    level = DoseLevelSerializer(source="cohort.dose_level")
    places = serializers.IntegerField(source="cohort.places")
    free = serializers.IntegerField(help_text="Slots that may be granted now.")
    why_closed = serializers.SerializerMethodField(help_text="Why none is free.")

    def get_why_closed(self, place: queries.Place) -> str:
        return sight.veiled(place.why, self.context["scope"], self.context["facts"])


class OutsideDecisionSerializer(Reading):
    id = serializers.UUIDField()
    code = serializers.CharField(help_text="E1, E2 …")
    act = serializers.ChoiceField(OutsideDecision.Act.choices)
    role = serializers.ChoiceField(Cohort.Role.choices)
    level = DoseLevelSerializer(source="dose_level")
    places = serializers.IntegerField(allow_null=True)
    protocol_version = serializers.IntegerField(source="protocol.number")
    reason = serializers.SerializerMethodField()
    proposed_by = serializers.CharField(source="proposed_by.name")
    proposed_at = serializers.DateTimeField()
    state = serializers.SerializerMethodField(help_text="proposed, in_force or withdrawn.")
    ended_on = serializers.DateField(source="ending.on", default=None, allow_null=True)

    def get_reason(self, decision: OutsideDecision) -> str:
        return sight.veiled(decision.reason, self.context["scope"], self.context["facts"])

    def get_state(self, decision: OutsideDecision) -> str:
        ending = getattr(decision, "ending", None)
        return "proposed" if ending is None else "in_force" if ending.in_force else "withdrawn"


class OutsidePageSerializer(Reading):
    number = serializers.IntegerField(help_text="Of the trial's ledger.")
    clinical_date = serializers.DateField()
    protocol_version = serializers.IntegerField()
    limit_rate = serializers.DecimalField(6, 4, help_text="A review is asked above it,")
    limit_from = serializers.IntegerField(help_text="from this many evaluable patients on.")
    rates = RateSerializer(many=True, help_text="Lowest level first.")
    cohorts = OpenCohortSerializer(many=True)
    decisions = OutsideDecisionSerializer(many=True, help_text="In order.")


class Outside(TrialEndpoint):
    @extend_schema(
        tags=["decisions"],
        summary="Expansion and backfill",
        responses={200: OutsidePageSerializer, 409: REFUSAL, **CLOSED},
    )
    def get(self, request: Request, trial: UUID) -> Response:
        """Patients outside the count: running DLT rates with exact intervals, open cohorts with slots, decisions."""
        here = escalation.written(self.scope)
        every = queries.decisions(trial)
        shown: dict[str, Any] = {
            "number": here.number,
            "clinical_date": here.on,
            "protocol_version": here.protocol.version.number,
            "limit_rate": here.protocol.settings.monitor_rate,
            "limit_from": here.protocol.settings.monitor_from,
            "rates": queries.rates(here, every),
            "cohorts": queries.places(here),
            "decisions": every,
        }
        return Response(OutsidePageSerializer(shown, context={"scope": self.scope, "facts": here.facts}).data)


urlpatterns = [path("outside", Outside.as_view(), name="outside")]
