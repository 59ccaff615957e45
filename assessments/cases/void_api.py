"""REST of what was recorded of a case by mistake: a follow-up or a submission is taken back."""

from collections.abc import Callable
from uuid import UUID

from django.core.exceptions import ObjectDoesNotExist
from django.http import Http404
from django.urls import path
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from trial.api import CLOSED, KEY_HEADER, WRITES, CountField, key_of
from trial.roles import May

from . import services, sponsor
from .api import CaseSerializer, OfCase, shown


class VoidCaseRowSerializer(serializers.Serializer[object]):
    rev = CountField(help_text="Of the row as you read it; a later one refuses.")
    reason = serializers.CharField(max_length=2000)


def _parameters(row: str) -> list[OpenApiParameter]:
    return [KEY_HEADER, *(OpenApiParameter(name, OpenApiTypes.UUID, OpenApiParameter.PATH) for name in ("event", row))]


class _Void(OfCase):
    def void(self, request: Request, event: UUID, verb: Callable[..., object], **row: UUID) -> Response:
        key, case = key_of(request), self.case(event)
        asked = VoidCaseRowSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        try:
            verb(trial=case.event.trial_id, event=event, by=self.scope.user, key=key, **row, **asked.validated_data)
        except ObjectDoesNotExist:
            raise Http404("No such row of this case.") from None
        return Response(CaseSerializer(shown(self.case(event))).data, status=201)


class VoidFollowUp(_Void):
    right = May.REPORT_EVENT

    @extend_schema(
        tags=["events"],
        summary="Take a follow-up of a serious event back",
        parameters=_parameters("news"),
        request=VoidCaseRowSerializer,
        responses={201: CaseSerializer, **WRITES, **CLOSED},
    )
    def post(self, request: Request, trial: UUID, event: UUID, news: UUID) -> Response:
        """One that was recorded by mistake, and by which the case stands no otherwise than before."""
        return self.void(request, event, services.void_follow_up, follow_up=news)


class VoidSubmission(_Void):
    right = May.HANDLE_CASE

    @extend_schema(
        tags=["events"],
        summary="Take a report to the authority back",
        parameters=_parameters("submission"),
        request=VoidCaseRowSerializer,
        responses={201: CaseSerializer, **WRITES, **CLOSED},
    )
    def post(self, request: Request, trial: UUID, event: UUID, submission: UUID) -> Response:
        """The clocks that it kept run again."""
        return self.void(request, event, sponsor.void_submission, submission=submission)


urlpatterns = [
    path(
        "serious-events/<uuid:event>/follow-ups/<uuid:news>/void",
        VoidFollowUp.as_view(),
        name="serious_event_void_follow_up",
    ),
    path(
        "serious-events/<uuid:event>/submissions/<uuid:submission>/void",
        VoidSubmission.as_view(),
        name="serious_event_void_submission",
    ),
]
