"""REST of an event that is recorded already: corrected, followed up, taken back, by the services of the pages."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any
from uuid import UUID

from django.http import Http404
from django.urls import path
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.fields import empty
from rest_framework.request import Request
from rest_framework.response import Response

from trial import clock
from trial.api import CLOSED, KEY_HEADER, WRITES, CountField, Reading, TrialEndpoint, key_of
from trial.roles import May

from ..event_words import Graded
from ..models import AdverseEvent
from . import queries, services
from .api import one
from .report import EventReport, stored, worst
from .shapes_api import EventSerializer, GradedSerializer, ReportSerializer

EVENT = OpenApiParameter("event", OpenApiTypes.UUID, OpenApiParameter.PATH)
REV = "Of the event as you read it; a later one refuses."


class CorrectEventSerializer(ReportSerializer):
    """What is to stand instead. What is left out stays as it is; of relations, actions and answers, those not named."""

    rev = CountField(help_text=REV)
    reason = serializers.CharField(max_length=2000, help_text="Why what was recorded is changed.")

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        fields = super().get_fields()
        del fields["patient"], fields["again"]
        for name in fields.keys() - {"rev", "reason"}:
            fields[name].required, fields[name].default = False, empty
        return fields


class FollowEventSerializer(CorrectEventSerializer):
    """What is new of it. What is left out stays as it is."""

    step = GradedSerializer(help_text="A grade that it has had since a day, after those that are recorded.")
    reason = serializers.CharField(
        max_length=2000, required=False, default="", allow_blank=True, help_text="Where a recorded fact is changed too."
    )

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        fields = super().get_fields()
        fields["reason"].default = ""
        return fields


class VoidEventSerializer(serializers.Serializer[Any]):
    rev = CountField(help_text=REV)
    reason = serializers.CharField(max_length=2000)


class VoidedEventSerializer(Reading):
    id = serializers.UUIDField()
    code = serializers.CharField(help_text='Like "AE 14".')
    rev = serializers.IntegerField(help_text="Number of its last change.")
    voided = serializers.BooleanField()


def changed(event: AdverseEvent, said: Mapping[str, Any]) -> EventReport:
    """The event as it would stand with what was said of it."""
    was, now = stored(event), dict(said)
    onset, step = now.pop("onset_on", None), now.pop("step", None)
    if onset is not None:
        now |= {"onset_on": onset.first, "onset_known": onset.known}
    for field in ("relations", "actions", "qualifiers"):
        if field in now:
            now[field] = {**(getattr(was, field) or {}), **now[field]}
    if now.get("aware_at") and "aware_on" not in now:
        now["aware_on"] = clock.clinical_date(now["aware_at"], event.patient.site.time_zone)
    first = now.get("onset_on", was.onset_on)
    if "steps" in now:
        history = [Graded(**one) for one in now["steps"]]
    elif "grade" in now and len(was.history) == 1:
        history = [Graded(first, now["grade"])]
    else:  # the first grade is of the onset
        history = [Graded(first, was.history[0].grade), *was.history[1:]]
    history += [Graded(**step)] if step else []
    now["steps"] = history if len(history) > 1 else []
    if "grade" not in said or len(history) > 1:
        now["grade"] = worst(history)
    return replace(was, **now)


class _Change(TrialEndpoint):
    rights = {"POST": May.REPORT_EVENT}

    def event(self, event: UUID) -> AdverseEvent:
        """Of the reader's sites, taken back or not."""
        row = queries.by_id(self.scope.trial.pk, event)
        if row is None or not self.scope.sees(row.patient.site_id):
            raise Http404("No such event.")
        return row

    def change(
        self, request: Request, event: UUID, shape: type[CorrectEventSerializer], verb: Callable[..., AdverseEvent]
    ) -> Response:
        row, key = self.event(event), key_of(request)
        asked = shape(data=request.data, context={"drugs": queries.drugs(row.trial_id)})
        asked.is_valid(raise_exception=True)
        said = dict(asked.validated_data)
        rev, reason = said.pop("rev"), said.pop("reason")
        report = changed(row, said)
        verb(trial=row.trial_id, event=event, report=report, rev=rev, reason=reason, by=self.scope.user, key=key)
        return Response(EventSerializer(one(self.scope, event)).data, status=201)


class CorrectEvent(_Change):
    @extend_schema(
        tags=["events"],
        summary="Correct an adverse event",
        parameters=[EVENT, KEY_HEADER],
        request=CorrectEventSerializer,
        responses={201: EventSerializer, **WRITES, **CLOSED},
        examples=[
            OpenApiExample("grade", {"grade": 3, "rev": 41, "reason": "Read from another line."}, request_only=True)
        ],
    )
    def post(self, request: Request, trial: UUID, event: UUID) -> Response:
        """What was recorded wrongly, with a reason; adjudicated ones are read again where it matters."""
        return self.change(request, event, CorrectEventSerializer, services.correct_event)


class FollowEvent(_Change):
    @extend_schema(
        tags=["events"],
        summary="Follow an adverse event up",
        parameters=[EVENT, KEY_HEADER],
        request=FollowEventSerializer,
        responses={201: EventSerializer, **WRITES, **CLOSED},
        examples=[
            OpenApiExample("worse", {"step": {"on": "2026-03-20", "grade": 3}, "rev": 41}, request_only=True),
            OpenApiExample("over", {"ended_on": "2026-03-27", "outcome": "recovered", "rev": 44}, request_only=True),
        ],
    )
    def post(self, request: Request, trial: UUID, event: UUID) -> Response:
        """The next grade, the end, an answer that was missing; what changes a recorded fact needs a reason."""
        return self.change(request, event, FollowEventSerializer, services.follow_event)


class VoidEvent(_Change):
    @extend_schema(
        tags=["events"],
        summary="Take an adverse event back",
        parameters=[EVENT, KEY_HEADER],
        request=VoidEventSerializer,
        responses={201: VoidedEventSerializer, **WRITES, **CLOSED},
    )
    def post(self, request: Request, trial: UUID, event: UUID) -> Response:
        """One that never happened, or of another patient; it stays in the record with the reason."""
        row, key = self.event(event), key_of(request)
        asked = VoidEventSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        services.void_event(trial=row.trial_id, event=event, by=self.scope.user, key=key, **asked.validated_data)
        return Response(VoidedEventSerializer(self.event(event)).data, status=201)


urlpatterns = [
    path("events/<uuid:event>/correction", CorrectEvent.as_view(), name="correct_event"),
    path("events/<uuid:event>/follow-up", FollowEvent.as_view(), name="follow_event"),
    path("events/<uuid:event>/void", VoidEvent.as_view(), name="void_event"),
]
