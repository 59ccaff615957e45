"""REST of patients on a dose level that has closed: what becomes of each, answered by the investigator."""

from typing import Any
from uuid import UUID

from django.http import Http404
from django.urls import path
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from escalation.outstanding import closed_levels
from escalation.situation import queries as escalation
from trial.api import (
    CLOSED,
    KEY_HEADER,
    REFUSAL,
    WRITES,
    CountField,
    DayField,
    DoseLevelSerializer,
    Reading,
    TrialEndpoint,
    key_of,
)
from trial.roles import May

from .models import ClosedLevelAnswer


class ClosedLevelAnswerSerializer(Reading):
    rev = serializers.IntegerField(help_text="Number of its last change.")
    answer = serializers.ChoiceField(ClosedLevelAnswer.Answer.choices)
    on = serializers.DateField(help_text="The day on which it was decided.")
    because = serializers.CharField()
    by = serializers.CharField(source="by.name")


class ClosedLevelSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField(source="facts.patient.pk")
    patient = serializers.CharField(source="facts.patient.code", help_text='Like "003".')
    level = DoseLevelSerializer(source="facts.level")
    answer = ClosedLevelAnswerSerializer(allow_null=True, help_text="Null: the investigator is asked.")


class NewAnswerSerializer(serializers.Serializer[Any]):
    patient = serializers.UUIDField()
    answer = serializers.ChoiceField(ClosedLevelAnswer.Answer.choices)
    on = DayField()
    because = serializers.CharField(max_length=2000)
    rev = CountField(
        required=False, allow_null=True, default=None, help_text="Of the answer that is corrected; a later one refuses."
    )
    reason = serializers.CharField(
        max_length=2000, required=False, default="", allow_blank=True, help_text="Of a correction."
    )


class ClosedLevels(ListAPIView[Any], TrialEndpoint):
    right = May.READ_PATIENTS
    rights = {"POST": May.DECIDE_TREATMENT}
    serializer_class = ClosedLevelSerializer

    def get_queryset(self) -> Any:
        here = escalation.written(self.scope)
        known = closed_levels.answers(here)
        asked = {f.patient.pk for f in closed_levels.still_on(here)}
        return [
            {"facts": f, "answer": known.get((f.patient.pk, f.level.pk))}
            for f in here.facts
            if self.scope.sees(f.patient.site_id) and (f.patient.pk in asked or (f.patient.pk, f.level.pk) in known)
        ]

    @extend_schema(
        tags=["patients"],
        summary="Patients on a closed level",
        responses={200: ClosedLevelSerializer(many=True), 409: REFUSAL, **CLOSED},
    )
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Of the reader's sites who was on treatment when the level closed, with the answer for each who has one."""
        return super().get(request, *args, **kwargs)

    @extend_schema(
        tags=["patients"],
        summary="Answer for a patient on a closed level",
        parameters=[KEY_HEADER],
        request=NewAnswerSerializer,
        responses={201: ClosedLevelAnswerSerializer, **WRITES, **CLOSED},
        examples=[
            OpenApiExample(
                "answer",
                {
                    "patient": "019aaf00-0000-7000-8000-000000000004", "answer": "reduce", "on": "2026-03-14",
                    "because": "Clinical benefit, at a lower dose.",
                },
                request_only=True,
            )
        ],
    )  # fmt: skip
    def post(self, request: Request, trial: UUID) -> Response:
        """What becomes of the patient; one answer a level, changed with `rev` and a reason."""
        key = key_of(request)
        asked = NewAnswerSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        said = dict(asked.validated_data)
        every = escalation.written(self.scope).facts
        if not any(f.patient.pk == said["patient"] and self.scope.sees(f.patient.site_id) for f in every):
            raise Http404("No such patient.")
        row = closed_levels.answer(trial=trial, said=said.pop("answer"), by=self.scope.user, key=key, **said)
        row.refresh_from_db()
        return Response(ClosedLevelAnswerSerializer(row).data, status=201)


urlpatterns = [path("closed-levels/", ClosedLevels.as_view(), name="closed_levels")]
