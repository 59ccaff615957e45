"""REST of withdrawals from the trial and of what was done in spite of one, within the reader's sites."""

from typing import Any
from uuid import UUID

from django.http import Http404
from django.urls import path
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from trial.api import CLOSED, KEY_HEADER, WRITES, CountField, DayField, Reading, TrialEndpoint, key_of
from trial.roles import May

from ..common import slot_of
from ..consent.models import Covers
from . import queries, services


class WithdrawalSerializer(Reading):
    id = serializers.UUIDField()
    rev = serializers.IntegerField(help_text="Number of its last change.")
    slot = serializers.IntegerField(source="slot.number")
    patient = serializers.CharField(source="slot.patient.code", default=None, allow_null=True, help_text='Like "003".')
    covers = serializers.ChoiceField(Covers.choices, help_text="Each goes with what stands before it.")
    on = serializers.DateField()
    public_records = serializers.BooleanField(help_text="Whether survival may be read from public records.")


class NewWithdrawalSerializer(serializers.Serializer[Any]):
    slot = CountField(help_text="Its number.")
    covers = serializers.ChoiceField(Covers.choices)
    on = DayField()
    public_records = serializers.BooleanField()
    stopped_on = DayField(
        required=False, allow_null=True, default=None, help_text="Last day of treatment, of a patient who is on it."
    )
    related = serializers.BooleanField(
        required=False, allow_null=True, default=None, help_text="Whether treatment ended for related toxicity."
    )
    drugs = serializers.ListField(
        child=serializers.CharField(), required=False, allow_null=True, default=None, help_text="Stopped for it."
    )
    reason = serializers.CharField(max_length=2000)


class Withdrawals(ListAPIView[Any], TrialEndpoint):
    right = May.READ_PATIENTS
    rights = {"POST": May.RECORD_CONSENT}
    serializer_class = WithdrawalSerializer

    def get_queryset(self) -> Any:
        found = queries.of_trial(self.scope.trial.pk)
        return found.filter(slot__site=self.scope.site) if self.scope.site else found

    @extend_schema(tags=["consent"], summary="Withdrawals", responses={200: WithdrawalSerializer(many=True), **CLOSED})
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Who of the reader's sites withdrew from the trial, of what, and from when."""
        return super().get(request, *args, **kwargs)

    @extend_schema(
        tags=["consent"],
        summary="Record a withdrawal",
        parameters=[KEY_HEADER],
        request=NewWithdrawalSerializer,
        responses={201: WithdrawalSerializer, **WRITES, **CLOSED},
        examples=[
            OpenApiExample(
                "withdrawal",
                {
                    "slot": 14, "covers": "visits", "on": "2026-03-14", "public_records": True,
                    "stopped_on": "2026-03-12", "related": False, "reason": "The patient moves away.",
                },
                request_only=True,
            )
        ],
    )  # fmt: skip
    def post(self, request: Request, trial: UUID) -> Response:
        """The patient of a slot withdraws: nothing later that it covers is planned, offered or done."""
        key = key_of(request)
        asked = NewWithdrawalSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        said = dict(asked.validated_data)
        slot = slot_of(self.scope, said.pop("slot"))
        row = services.record_withdrawal(trial=trial, slot=slot.pk, by=self.scope.user, key=key, **said)
        return Response(WithdrawalSerializer(queries.one(trial, row.pk)).data, status=201)


class DeviationSerializer(Reading):
    id = serializers.UUIDField()
    rev = serializers.IntegerField(help_text="Number of its last change.")
    patient = serializers.CharField(source="patient.code", help_text='Like "003".')
    fact = serializers.CharField(help_text="What was done: first dose, end of treatment, AE 12.")
    on = serializers.DateField()
    withdrawn_on = serializers.DateField(help_text="The day of the withdrawal that it follows.")
    reason = serializers.CharField(help_text="Empty while the investigator owes it.")
    owed = serializers.BooleanField(help_text="Whether the reason is owed.")


class DeviationReasonSerializer(serializers.Serializer[Any]):
    rev = CountField(help_text="Of the deviation as it was read.")
    why = serializers.CharField(max_length=2000, help_text="Why it was done.")
    reason = serializers.CharField(
        max_length=2000, required=False, default="", help_text="Why what was said is changed; needed then."
    )


class Deviations(ListAPIView[Any], TrialEndpoint):
    right = May.READ_PATIENTS
    serializer_class = DeviationSerializer

    def get_queryset(self) -> Any:
        found = queries.deviations_of_trial(self.scope.trial.pk)
        return found.filter(patient__site=self.scope.site) if self.scope.site else found

    @extend_schema(
        tags=["consent"],
        summary="Deviations from a withdrawal",
        responses={200: DeviationSerializer(many=True), **CLOSED},
    )
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """What was done although the patient had withdrawn from it, and whether the reason is owed."""
        return super().get(request, *args, **kwargs)


class DeviationReason(TrialEndpoint):
    right = May.EXPLAIN_DEVIATION

    @extend_schema(
        tags=["consent"],
        summary="Give the reason for a deviation",
        parameters=[KEY_HEADER],
        request=DeviationReasonSerializer,
        responses={200: DeviationSerializer, **WRITES, **CLOSED},
    )
    def post(self, request: Request, trial: UUID, deviation: UUID) -> Response:
        """The investigator of the site says why it was done."""
        key = key_of(request)
        row = queries.deviation(trial, deviation)
        if row is None or not self.scope.sees(row.patient.site_id):
            raise Http404("No such deviation.")
        asked = DeviationReasonSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        services.explain_deviation(trial=trial, deviation=row.pk, by=self.scope.user, key=key, **asked.validated_data)
        return Response(DeviationSerializer(queries.deviation(trial, row.pk)).data)


urlpatterns = [
    path("withdrawals/", Withdrawals.as_view(), name="withdrawals"),
    path("deviations/", Deviations.as_view(), name="deviations"),
    path("deviations/<uuid:deviation>/reason/", DeviationReason.as_view(), name="deviation-reason"),
]
