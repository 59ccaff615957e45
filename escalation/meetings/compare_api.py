"""REST of two moments side by side: what the page Compare shows."""

from typing import Any
from uuid import UUID

from django.http import Http404
from django.urls import path
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from trial.api import CLOSED, REFUSAL, Reading, TrialEndpoint
from trial.operations.requests import whole
from trial.people.access import Frozen
from trial.record.pages import nowhere

from ..situation import queries as escalation
from . import queries
from .compare import KINDS, Compared, compared, moment


class ComparedMomentSerializer(Reading):
    words = serializers.CharField()
    record = serializers.IntegerField(help_text="Number of the last action in it.")
    on = serializers.DateField(help_text="The clinical date that it is read on.")


class ComparedCountsSerializer(Reading):
    treated = serializers.IntegerField()
    evaluable = serializers.IntegerField()
    dlts = serializers.IntegerField()
    pending = serializers.IntegerField()
    replaced = serializers.IntegerField()


class ComparedLevelSerializer(Reading):
    level = serializers.CharField(source="label")
    was = ComparedCountsSerializer(allow_null=True, help_text="Null: not on the ladder then.")
    now = ComparedCountsSerializer(allow_null=True)
    differs = serializers.BooleanField()


class ComparedColumnSerializer(Reading):
    field = serializers.CharField(source="name", help_text="In words, as in the audit trail.")
    was = serializers.CharField(help_text="At the earlier moment; empty for a new row.")
    now = serializers.CharField()


class DifferenceSerializer(Reading):
    kind = serializers.ChoiceField(list(KINDS))
    name = serializers.CharField(source="change.name")
    row = serializers.UUIDField(source="change.row")
    new = serializers.BooleanField(source="change.new")
    voided = serializers.BooleanField(source="change.voided")
    columns = ComparedColumnSerializer(many=True, source="change.columns")
    by = serializers.CharField(source="who", help_text="Who wrote it last between the two.")
    at = serializers.DateTimeField(source="event.at")
    number = serializers.IntegerField(source="event.number", help_text="Of that action in the audit trail.")
    actions = serializers.IntegerField(help_text="That wrote the row between the two.")
    reason = serializers.CharField()


class ComparedSerializer(Reading):
    was = ComparedMomentSerializer()
    now = ComparedMomentSerializer()
    differs = serializers.BooleanField()
    levels = ComparedLevelSerializer(many=True, help_text="The highest first.")
    recommended = serializers.ListField(child=serializers.CharField(), source="advice", help_text="Then, and now.")
    closed = serializers.ListField(
        child=serializers.ChoiceField(list(KINDS)), help_text="Kinds of rows that this reader may not read."
    )
    differences = serializers.SerializerMethodField(help_text="By kind, in the order in which they were written.")

    @extend_schema_field(DifferenceSerializer(many=True))
    def get_differences(self, found: Compared) -> list[dict[str, Any]]:
        return list(DifferenceSerializer(found.told(found.of(), nowhere), many=True).data)


def _moment(name: str, words: str) -> OpenApiParameter:
    return OpenApiParameter(name, OpenApiTypes.INT, description=f"Record number of a frozen cut of a meeting; {words}.")


class Compare(TrialEndpoint):
    queries = ("from", "to")

    @extend_schema(
        tags=["meetings"],
        summary="Two moments side by side",
        parameters=[
            _moment("from", "left out: the last cut"),
            _moment("to", "left out: the record as it stands"),
        ],
        responses={200: ComparedSerializer, 409: REFUSAL, **CLOSED},
    )
    def get(self, request: Request, trial: UUID) -> Response:
        """What differs between two cuts, or a cut and now: tallies, and each row with who, when and why.

        The earlier is `was`, in whichever order they are given. 404: no meeting of this trial froze such a cut.
        """
        escalation.written(self.scope, self.stamp)
        cuts = queries.moments(trial)
        first, other = self._asked("from", cuts), self._asked("to", cuts)
        if first is None and not cuts:
            raise Http404("No cut has been frozen yet.")
        one, two = moment(self.scope, first or cuts[0]), moment(self.scope, other)
        assert one is not None and two is not None, "a cut is frozen after the protocol is written"
        return Response(ComparedSerializer(compared(self.scope, one, two)).data)

    def _asked(self, name: str, cuts: list[Frozen]) -> Frozen | None:
        record = whole(self.request, name, least=1)
        if record is None:
            return None
        found = next((cut for cut in cuts if cut.record == record), None)
        if found is None:
            raise Http404("No such cut.")
        return found


urlpatterns = [path("meetings/compare/", Compare.as_view(), name="compare")]
