"""REST of late changes: which decisions stand on a changed basis, what changed it, what the engine says now."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.urls import path
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from assessments.events import sight
from trial.api import CLOSED, Reading, TrialEndpoint

from ..display.reader import View
from ..display.status_api import RecommendationSerializer, as_read
from ..engine import reading as engine
from ..situation import history, queries
from ..stored import answer as stored_answer
from .page import Changed, LatePage, Stood, late_page, revised


class StepSerializer(Reading):
    number = serializers.IntegerField(help_text="Of the audit trail.")
    at = serializers.DateTimeField()
    who = serializers.CharField()
    what = serializers.CharField()
    event = serializers.CharField(help_text='"AE 4"; empty when it was none, or not for this reader.')
    was = serializers.CharField()
    now = serializers.CharField()
    restored = serializers.BooleanField(help_text="The patient counts as before again.")


class ChangedSerializer(Reading):
    patient = serializers.SerializerMethodField(help_text="Null: of another site, not for this reader.")
    was = serializers.CharField(source="late.was")
    now = serializers.CharField(source="late.now")
    restored = serializers.BooleanField(source="late.restored")
    decisions = serializers.SerializerMethodField(help_text="Numbers of those that stood on it.")
    position = serializers.IntegerField(source="late.position", help_text="Enrolment is held here and above.")
    answered_by = serializers.IntegerField(source="answer.number", default=None, allow_null=True)
    steps = StepSerializer(many=True)

    def get_patient(self, row: Changed) -> int | None:
        hidden = {f.patient.pk for f in self.context["facts"] if not sight.numbered(self.context["scope"], f)}
        return None if row.late.patient.pk in hidden else row.late.patient.number

    def get_decisions(self, row: Changed) -> list[int]:
        return [d.number for d in row.late.decisions]


class StoodSerializer(Reading):
    decision = serializers.IntegerField(help_text="Its number.")
    recommended = RecommendationSerializer(
        allow_null=True, help_text="As signed; null when what is stored cannot be read: see its replay."
    )
    now = RecommendationSerializer(
        allow_null=True,
        help_text="To its own patients, the changed ones as they count now; null when its inputs cannot be read.",
    )


class LateSerializer(Reading):
    held_from = serializers.IntegerField(allow_null=True, help_text="Position from which they hold; null: none does.")
    recommendation = RecommendationSerializer(help_text="The engine now, on all patients.")
    open = ChangedSerializer(many=True)
    decisions = StoodSerializer(many=True)
    answered = ChangedSerializer(many=True)


class LateChanges(TrialEndpoint):
    @extend_schema(tags=["decisions"], summary="Late changes", responses={200: LateSerializer, **CLOSED})
    def get(self, request: Request, trial: UUID) -> Response:
        """Patients who count differently from what decisions had, with what an amending decision has to answer."""
        here = queries.written(self.scope)
        view = View(self.scope, here, history.record(here), here.number)
        known = {"scope": self.scope, "facts": here.facts}
        return Response(LateSerializer(_shown(view, late_page(view)), context=known).data)


def _shown(view: View, page: LatePage) -> dict[str, Any]:
    def labels(row: Stood) -> Sequence[str]:
        return view.record.ladders.get(row.decision.protocol_id, view.labels)

    return {
        "held_from": min((row.late.position for row in page.open), default=None),
        "recommendation": engine.as_json(view.here.advice) | {"because": view.said(view.here.because)},
        "open": page.open,
        "decisions": [
            {
                "decision": row.decision.number,
                "recommended": (was := stored_answer.readable(row.decision.recommendation))
                and as_read(was, labels(row)),
                "now": (said := revised(view, row.decision)) and as_read(engine.as_json(said), labels(row)),
            }
            for row in page.decisions
        ],
        "answered": page.answered,
    }


urlpatterns = [path("late-changes", LateChanges.as_view(), name="late_changes")]
