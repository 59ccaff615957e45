"""REST of the audit trail."""

from typing import Any
from uuid import UUID

from django.http import Http404
from django.urls import path
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from .. import queries
from ..api import CLOSED, Reading, TrialEndpoint
from ..models import AuditEvent
from ..people.access import Scope
from ..roles import May
from . import trail


class AuditEventSerializer(Reading):
    number = serializers.IntegerField()
    at = serializers.DateTimeField()
    by = serializers.CharField(source="by.name", default=None, allow_null=True, help_text="Null: the system.")
    acting_as = serializers.CharField()
    verb = serializers.CharField()
    reason = serializers.CharField(help_text="Empty where `shut`.")
    shut = serializers.SerializerMethodField(
        help_text="A first verdict, which nobody reads before the second is given: its reason and body are withheld."
    )
    prev = serializers.CharField(help_text="SHA-256 of the action before.")
    hash = serializers.CharField(help_text="SHA-256 of `body`.")

    def get_shut(self, event: AuditEvent) -> bool:
        return event.number in self.context["shut"]

    def to_representation(self, event: AuditEvent) -> dict[str, Any]:
        said = super().to_representation(event)
        return said | {"reason": ""} if said["shut"] else said


class SealedEventSerializer(AuditEventSerializer):
    body = serializers.CharField(
        allow_null=True, help_text="The exact text that was hashed: head fields and row images. Null where `shut`."
    )

    def to_representation(self, event: AuditEvent) -> dict[str, Any]:
        said = super().to_representation(event)
        return said | {"body": None} if said["shut"] else said


@extend_schema(tags=["audit"], summary="The audit trail", responses={200: AuditEventSerializer(many=True), **CLOSED})
class Audit(ListAPIView[Any], TrialEndpoint):
    """Every action of the trial, latest first: who, when, as whom, what and why. For monitors and auditors."""

    right = May.READ_AUDIT
    serializer_class = AuditEventSerializer

    def get_queryset(self) -> Any:
        return queries.events(self.scope.trial.pk).defer("body")

    def get_serializer_context(self) -> dict[str, Any]:
        return {**super().get_serializer_context(), "shut": _shut(self.scope)}


class AuditOne(TrialEndpoint):
    right = May.READ_AUDIT

    @extend_schema(tags=["audit"], summary="One sealed action", responses={200: SealedEventSerializer, **CLOSED})
    def get(self, request: Request, trial: UUID, number: int) -> Response:
        """The exact text that was hashed, so that the chain can be verified by anybody."""
        found: AuditEvent | None = queries.events(trial).filter(number=number).first()
        if found is None:
            raise Http404("No such action.")
        return Response(SealedEventSerializer(found, context={"shut": _shut(self.scope)}).data)


def _shut(scope: Scope) -> set[int]:
    return trail.sealed_from(trail.of_trial(scope.trial, scope.user))


urlpatterns = [
    path("audit/", Audit.as_view(), name="audit"),
    path("audit/<int:number>/", AuditOne.as_view(), name="audit_one"),
]
