"""REST of endpoint runs: results of workers, each named by its cut and settings. For who may read efficacy."""

from typing import Any
from uuid import UUID

from django.http import Http404
from django.urls import path
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from trial.api import CLOSED, WRONG, Reading, TrialEndpoint
from trial.roles import May

from . import queries
from .models import Kind


class RunSerializer(Reading):
    id = serializers.UUIDField()
    kind = serializers.ChoiceField(Kind.choices)
    number = serializers.IntegerField(help_text="Of the trial's ledger: the data cut.")
    on = serializers.DateField(help_text="The clinical date of the cut.")
    cut_hash = serializers.CharField(help_text="Of the ledger's chain at that number.")
    protocol_version = serializers.IntegerField()
    settings_name = serializers.CharField(help_text="primary, sensitivity …")
    settings = serializers.DictField(help_text="The endpoint settings by name (docs/domain.md, section 2).")
    computed_at = serializers.DateTimeField()


class RunResultSerializer(RunSerializer):
    result = serializers.DictField(help_text="docs/endpoints.md; days as whole numbers, null = not estimable.")


class Runs(ListAPIView[Any], TrialEndpoint):
    queries = ("kind",)
    right = May.READ_EFFICACY
    serializer_class = RunSerializer

    def get_queryset(self) -> Any:
        found = queries.runs(self.scope.trial.pk).defer("result")
        kind = self.request.query_params.get("kind", "")
        if kind and kind not in Kind.values:
            raise ValidationError({"kind": [f"A kind is one of {', '.join(Kind.values)}."]})
        return found.filter(kind=kind) if kind else found

    @extend_schema(
        tags=["endpoints"],
        summary="Endpoint runs",
        parameters=[OpenApiParameter("kind", str, enum=Kind.values, description="Only this kind of run.")],
        responses={200: RunSerializer(many=True), 400: WRONG, **CLOSED},
    )
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Every run, the latest cut first, without its result."""
        return super().get(request, *args, **kwargs)


class OneRun(TrialEndpoint):
    right = May.READ_EFFICACY

    @extend_schema(tags=["endpoints"], summary="One run", responses={200: RunResultSerializer, **CLOSED})
    def get(self, request: Request, trial: UUID, run: UUID) -> Response:
        """The run with its result: response, times, and every patient's derived times with their reasons."""
        found = queries.run(trial, run)
        if found is None:
            raise Http404("No such run.")
        return Response(RunResultSerializer(found).data)


urlpatterns = [
    path("runs/", Runs.as_view(), name="runs"),
    path("runs/<uuid:run>/", OneRun.as_view(), name="run"),
]
