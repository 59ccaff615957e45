"""REST of the meetings: where each stands, its cuts with the hash of the chain, the votes, and what it decided."""

from typing import Any
from uuid import UUID

from django.http import Http404
from django.urls import include, path
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from trial import clock
from trial.api import CLOSED, REFUSAL, Reading, TrialEndpoint
from trial.record import ledger

from ..display.status_api import StatusSerializer, status
from ..situation import queries as escalation
from ..situation.situation import Situation
from . import queries
from .models import Meeting
from .packet import reading
from .page import CutRow, MeetingPage, meeting_page
from .rules import Stage


class VoteSerializer(Reading):
    member = serializers.CharField()
    vote = serializers.CharField(help_text="In words, on the ladder of the cut's protocol version.")
    reason = serializers.CharField()
    at = serializers.DateTimeField()
    changed = serializers.CharField(help_text="Of a vote that was changed: why. Empty for one in force.")
    dissents = serializers.BooleanField(help_text="For another outcome than the one decided.")


class CutSerializer(Reading):
    id = serializers.UUIDField(source="cut.pk")
    number = serializers.IntegerField(source="cut.number")
    record = serializers.IntegerField(source="cut.record", help_text="Number of the last action that it contains.")
    hash = serializers.CharField(source="cut.hash", help_text="Of the chain at that number.")
    holds = serializers.BooleanField(help_text="The chain still has that hash there.")
    on = serializers.DateField(source="cut.on", help_text="The clinical date that it is read on.")
    at = serializers.DateTimeField(source="cut.at")
    frozen_by = serializers.CharField(source="cut.frozen_by.name")
    basis = serializers.CharField(source="cut.basis")
    last = serializers.BooleanField()
    votes_cast = serializers.IntegerField(source="cast", help_text="In force, abstentions too.")
    votes = serializers.SerializerMethodField(help_text="Null for who may not read them.")

    @extend_schema_field(VoteSerializer(many=True, allow_null=True))
    def get_votes(self, row: CutRow) -> list[dict[str, Any]] | None:
        return list(VoteSerializer(row.votes, many=True).data) if self.context["reads_votes"] else None


class BlockedSerializer(Reading):
    text = serializers.CharField()
    owner = serializers.CharField()
    url = serializers.CharField(help_text="The page that answers it; empty when it is not this reader's.")
    due = serializers.DateField(allow_null=True)
    overdue = serializers.BooleanField()


class MeetingSerializer(Reading):
    id = serializers.UUIDField(source="row.meeting.pk")
    number = serializers.IntegerField(source="row.meeting.number")
    stage = serializers.ChoiceField([stage.value for stage in Stage], source="row.stage")
    cut_off = serializers.DateField(source="row.meeting.cut_off")
    meets_on = serializers.DateField(source="row.meeting.meets_on")
    called_by = serializers.CharField(source="row.meeting.called_by.name")
    called_at = serializers.DateTimeField(source="row.meeting.called_at")
    closed_at = serializers.DateTimeField(source="row.meeting.closed_at", allow_null=True)
    reason = serializers.CharField(help_text="Of the decision, or why the meeting ended without one.")
    blocked = BlockedSerializer(many=True, help_text="Data that are missing before a cut can be frozen.")
    changed = serializers.ListField(child=serializers.CharField(), help_text="In the facts, since the last cut.")
    cuts = serializers.SerializerMethodField()
    carried = serializers.CharField(
        help_text="What the votes on the last cut carry; empty without one, and for who may not read them."
    )
    decision = serializers.UUIDField(source="row.decision.pk", default=None, allow_null=True)
    dissents = serializers.IntegerField(
        source="row.dissents", allow_null=True, help_text="Null for who may not read the votes."
    )

    @extend_schema_field(CutSerializer(many=True))
    def get_cuts(self, page: MeetingPage) -> list[dict[str, Any]]:
        return list(CutSerializer(page.cuts, many=True, context={"reads_votes": page.may_read_votes}).data)


class _Meetings(TrialEndpoint):
    def here(self) -> Situation:
        return escalation.written(self.scope)

    def found(self, meeting: UUID) -> Meeting:
        row = next((row for row in queries.meetings(self.scope.trial.pk) if row.pk == meeting), None)
        if row is None:
            raise Http404("No such meeting.")
        return row


@extend_schema(
    tags=["meetings"],
    summary="Meetings",
    responses={200: MeetingSerializer(many=True), 409: REFUSAL, **CLOSED},
)
class Meetings(ListAPIView[Any], _Meetings):
    """All meetings, the latest first, each with its cuts, its votes and its decision."""

    serializer_class = MeetingSerializer

    def get_queryset(self) -> Any:
        here = self.here()
        return [meeting_page(self.scope, row, here) for row in queries.meetings(self.scope.trial.pk)]


class OneMeeting(_Meetings):
    @extend_schema(
        tags=["meetings"],
        summary="One meeting",
        parameters=[OpenApiParameter("meeting", OpenApiTypes.UUID, OpenApiParameter.PATH)],
        responses={200: MeetingSerializer, 409: REFUSAL, **CLOSED},
    )
    def get(self, request: Request, trial: UUID, meeting: UUID) -> Response:
        """Where the meeting stands, what blocks it, its cuts with votes, and the decision signed in it."""
        return Response(MeetingSerializer(meeting_page(self.scope, self.found(meeting), self.here())).data)


class Packet(_Meetings):
    @extend_schema(
        tags=["meetings"],
        summary="The trial at a frozen cut",
        parameters=[
            OpenApiParameter("meeting", OpenApiTypes.UUID, OpenApiParameter.PATH),
            OpenApiParameter("number", OpenApiTypes.INT, OpenApiParameter.PATH, description="Of the cut."),
        ],
        responses={200: StatusSerializer, 409: REFUSAL, **CLOSED},
    )
    def get(self, request: Request, trial: UUID, meeting: UUID, number: int) -> Response:
        """Levels with their tallies, cohorts and recommendation as they were at the cut that the members read."""
        cut = next((c for c in self.found(meeting).cuts.all() if c.number == number), None)
        if cut is None:
            raise Http404("No such cut.")
        now = self.here()
        with ledger.as_of(trial, cut.record):
            today = clock.Today(cut.on, cut.at)
            here = escalation.situation(self.scope.trial, today, number=cut.record, reading=reading(cut))
            assert here is not None, "a cut is frozen after the protocol is written"
            shown = StatusSerializer(status(self.scope, here, now)).data
        return Response(shown)


urlpatterns = [
    path("", include("escalation.meetings.compare_api")),
    path("meetings/", Meetings.as_view(), name="meetings"),
    path("meetings/<uuid:meeting>/", OneMeeting.as_view(), name="meeting"),
    path("meetings/<uuid:meeting>/cuts/<int:number>/", Packet.as_view(), name="packet"),
]
