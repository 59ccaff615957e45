"""REST of follow-up: what is known of each patient, within the reader's sites."""

from typing import Any

from django.urls import path
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from trial.api import CLOSED, Reading, TrialEndpoint
from trial.roles import May

from . import queries
from .models import FollowUp


class FollowUpSerializer(Reading):
    id = serializers.UUIDField()
    rev = serializers.IntegerField(help_text="Number of its last change.")
    patient = serializers.CharField(source="patient.code", help_text='Like "003".')
    last_contact_on = serializers.DateField(allow_null=True, help_text="The last day known to be alive.")
    new_therapy_on = serializers.DateField(allow_null=True, help_text="First day of another anti-myeloma therapy.")
    new_therapy = serializers.CharField()
    died_on = serializers.DateField(allow_null=True)
    death_cause = serializers.ChoiceField(["", *FollowUp.Cause.values])


class FollowUps(ListAPIView[Any], TrialEndpoint):
    right = May.READ_PATIENTS
    serializer_class = FollowUpSerializer

    def get_queryset(self) -> Any:
        found = queries.of_trial(self.scope.trial.pk)
        return found.filter(patient__site=self.scope.site) if self.scope.site else found

    @extend_schema(tags=["patients"], summary="Follow-up", responses={200: FollowUpSerializer(many=True), **CLOSED})
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Last contact, other therapy and death of each patient of the reader's sites of whom anything is known."""
        return super().get(request, *args, **kwargs)


urlpatterns = [path("follow-up/", FollowUps.as_view(), name="follow_up")]
