"""REST of screening, within the reader's sites."""

from typing import Any
from uuid import UUID

from django.urls import path
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from trial.api import CLOSED, KEY_HEADER, WRITES, DayField, Reading, TrialEndpoint, key_of
from trial.roles import May

from . import queries, services
from .models import Screening


class ScreeningSerializer(Reading):
    id = serializers.UUIDField()
    rev = serializers.IntegerField(help_text="Number of its last change.")
    number = serializers.CharField()
    site = serializers.CharField(source="site.code")
    on = serializers.DateField()
    again_of = serializers.CharField(
        source="again_of.number", default=None, allow_null=True, help_text="The same person's screening before."
    )
    outcome = serializers.ChoiceField(["", *Screening.Outcome.values], help_text="Empty: still open.")
    criterion = serializers.CharField(
        source="criterion.text", default=None, allow_null=True, help_text="Failed, of a screen failure."
    )


class NewScreeningSerializer(serializers.Serializer[Any]):
    number = serializers.CharField(max_length=40, help_text="Used once in the trial. Never a name.")
    on = DayField()
    again_of = serializers.CharField(max_length=40, required=False, default="", allow_blank=True)


class Screenings(ListAPIView[Any], TrialEndpoint):
    right = May.READ_PATIENTS
    rights = {"POST": May.SCREEN}
    serializer_class = ScreeningSerializer

    def get_queryset(self) -> Any:
        found = queries.of_trial(self.scope.trial.pk)
        return found.filter(site=self.scope.site) if self.scope.site else found

    @extend_schema(tags=["slots"], summary="Screening", responses={200: ScreeningSerializer(many=True), **CLOSED})
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Everybody who was screened at the reader's sites, and how it ended."""
        return super().get(request, *args, **kwargs)

    @extend_schema(
        tags=["slots"],
        summary="Record a screening",
        parameters=[KEY_HEADER],
        request=NewScreeningSerializer,
        responses={201: ScreeningSerializer, **WRITES, **CLOSED},
        examples=[OpenApiExample("screening", {"number": "SCR-014", "on": "2026-03-14"}, request_only=True)],
    )
    def post(self, request: Request, trial: UUID) -> Response:
        """Somebody is screened at the reader's site; a slot is then asked for with the number."""
        key = key_of(request)
        asked = NewScreeningSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        row = services.record_screening(trial=trial, by=self.scope.user, key=key, **asked.validated_data)
        return Response(ScreeningSerializer(queries.one(trial, row.pk)).data, status=201)


urlpatterns = [path("screenings/", Screenings.as_view(), name="screenings")]
