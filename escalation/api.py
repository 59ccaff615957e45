"""REST of the decision: where the trial stands, and the signed decisions with what their signers read."""

from collections.abc import Sequence
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

from assessments.count import queries as assessments
from assessments.dlt import version as rules
from assessments.events import sight
from trial.api import CLOSED, DoseLevelSerializer, Reading, TrialEndpoint
from trial.models.people import PROOFS
from trial.people.access import Scope

from .dashboard.api import Status
from .display.rows import decided
from .display.status_api import RecommendationSerializer, as_read
from .engine import terms as engine
from .models import Decision
from .replay import decision as decision_replay
from .situation import history, queries
from .situation.situation import Situation
from .stored import answer as stored_answer
from .stored import inputs as stored_inputs


class SignatureSerializer(Reading):
    name = serializers.CharField()
    role = serializers.CharField()
    meaning = serializers.CharField()
    signed_at = serializers.DateTimeField()
    proof = serializers.ChoiceField(list(PROOFS.items()), help_text="What the signer gave with it.")


class DecisionSerializer(Reading):
    id = serializers.UUIDField()
    number = serializers.IntegerField(help_text="0 opens the trial.")
    kind = serializers.ChoiceField(Decision.Kind.choices)
    outcome = serializers.ChoiceField(Decision.Outcome.choices)
    decided = serializers.SerializerMethodField(help_text='What it does, in words: "Open the trial at level 1".')
    level = DoseLevelSerializer(source="dose_level", allow_null=True)
    position = serializers.IntegerField(allow_null=True, help_text="On the ladder of `protocol_version`.")
    protocol_version = serializers.IntegerField(source="protocol.number")
    engine_version = serializers.CharField()
    rules_version = serializers.SerializerMethodField(help_text="Of the rules from event to count.")
    reason = serializers.SerializerMethodField()
    later_toxicity = serializers.SerializerMethodField(
        help_text="Of an RP2D: how toxicity beyond the DLT window counted; null: not asked."
    )
    proposed_by = serializers.CharField(source="proposed_by.name")
    proposed_at = serializers.DateTimeField()
    state = serializers.SerializerMethodField(help_text="proposed, in_force or withdrawn.")
    ended_on = serializers.DateField(source="ending.on", default=None, allow_null=True)
    ended_because = serializers.SerializerMethodField(help_text="Why it was withdrawn.")
    opened_cohort = serializers.IntegerField(source="ending.cohort.number", default=None, allow_null=True)
    signatures = serializers.SerializerMethodField()
    basis = serializers.CharField(help_text="What the signers saw: number.date.engine.protocol.inputs.")
    basis_changed = serializers.SerializerMethodField(help_text="A patient of its inputs counts differently now.")

    opening_corrected = serializers.SerializerMethodField(
        help_text="The opening of a trial brought in from paper was corrected since."
    )

    def get_decided(self, decision: Decision) -> str:
        return decided(decision, self.context["ladders"].get(decision.protocol_id, ()))

    def get_ended_because(self, decision: Decision) -> str:
        ending = getattr(decision, "ending", None)
        return ending.reason if ending else ""

    def get_opening_corrected(self, decision: Decision) -> bool:
        here: Situation | None = self.context["here"]
        return here is not None and here.paper_corrected_since(decision)

    def get_rules_version(self, decision: Decision) -> str:
        return rules.of_stored(decision.rules_version)

    def get_reason(self, decision: Decision) -> str:
        return sight.veiled(decision.reason, self.context["scope"], self.context["facts"])

    def get_later_toxicity(self, decision: Decision) -> str | None:
        said = decision.later_toxicity
        return said and sight.veiled(said, self.context["scope"], self.context["facts"])

    def get_state(self, decision: Decision) -> str:
        ending = getattr(decision, "ending", None)
        return "proposed" if ending is None else "in_force" if ending.in_force else "withdrawn"

    @extend_schema_field(SignatureSerializer(many=True))
    def get_signatures(self, decision: Decision) -> list[dict[str, Any]]:
        return list(SignatureSerializer(self.context["signatures"].get(decision.pk, ()), many=True).data)

    def get_basis_changed(self, decision: Decision) -> bool:
        return decision.pk in self.context["changed"]


class InputSerializer(Reading):
    patient = serializers.IntegerField(allow_null=True, help_text="Null: of another site, not for this reader.")
    dose_level = serializers.UUIDField()
    level = serializers.IntegerField(allow_null=True)
    outcome = serializers.ChoiceField([o.value for o in engine.Outcome])
    role = serializers.ChoiceField([r.value for r in engine.Role])
    from_paper = serializers.BooleanField(help_text="Treated outside the system, before the trial was brought in.")


class InputsSerializer(Reading):
    variant = serializers.CharField()
    levels = serializers.IntegerField()
    start = serializers.IntegerField()
    settings = serializers.DictField()
    closed_by_committee = serializers.IntegerField(allow_null=True)
    patients = InputSerializer(many=True)


class ChangeSerializer(Reading):
    patient = serializers.IntegerField(allow_null=True)
    was = serializers.CharField()
    now = serializers.CharField()
    position = serializers.IntegerField(help_text="Enrolment is held at this level and above.")
    restored = serializers.BooleanField(help_text="The patient counts as before again.")


class OneDecisionSerializer(DecisionSerializer):
    inputs = serializers.SerializerMethodField(
        help_text="The engine's input, as signed; null when what is stored cannot be read: see its replay."
    )
    recommendation = serializers.SerializerMethodField(
        help_text="The engine's answer, as signed, its sentence with the levels' names; null when what is stored "
        "cannot be read: see its replay."
    )
    content = serializers.CharField(help_text="SHA-256 that the signatures are bound to.")
    changes = serializers.SerializerMethodField(help_text="What has changed in its inputs since.")

    @extend_schema_field(InputsSerializer(allow_null=True))
    def get_inputs(self, decision: Decision) -> dict[str, Any] | None:
        if stored_inputs.fault(decision.inputs):
            return None
        paper = {f.patient.number for f in self.context["facts"] if f.patient.from_paper}
        patients = [
            entry | {"patient": self._number(entry["patient"]), "from_paper": entry["patient"] in paper}
            for entry in decision.inputs["patients"]
        ]
        return InputsSerializer(decision.inputs | {"patients": patients}).data

    @extend_schema_field(RecommendationSerializer(allow_null=True))
    def get_recommendation(self, decision: Decision) -> dict[str, Any] | None:
        answer = stored_answer.readable(decision.recommendation)
        labels = self.context["ladders"].get(decision.protocol_id, ())
        return answer and RecommendationSerializer(as_read(answer, labels)).data

    @extend_schema_field(ChangeSerializer(many=True))
    def get_changes(self, decision: Decision) -> list[dict[str, Any]]:
        return [
            {
                "patient": self._number(change.patient.number),
                "was": change.was,
                "now": change.now,
                "position": change.position,
                "restored": bool(change.restored),
            }
            for change in queries.basis_changes(decision.pk)
        ]

    def _number(self, patient: int) -> int | None:
        hidden = {f.patient.number for f in self.context["facts"] if not sight.numbered(self.context["scope"], f)}
        return None if patient in hidden else patient


class ReplayedInputSerializer(Reading):
    patient = serializers.IntegerField(allow_null=True, help_text="Null: of another site, not for this reader.")
    stored = serializers.JSONField(allow_null=True, help_text="As signed; null: not there.")
    rebuilt = serializers.JSONField(allow_null=True, help_text="From the record then; null: not there.")
    same = serializers.BooleanField()


class ReplayedDesignSerializer(Reading):
    part = serializers.CharField(source="name")
    stored = serializers.JSONField(allow_null=True)
    rebuilt = serializers.JSONField(allow_null=True)
    same = serializers.BooleanField()


class ReplaySerializer(Reading):
    """A decision beside its replay (docs/api.md)."""

    decision = serializers.CharField(source="code", help_text='"3", or "E1" for one outside the count.')
    number = serializers.IntegerField(help_text="The record number as of which it was replayed.")
    clinical_date = serializers.DateField(source="on")
    engine_version = serializers.CharField()
    rules_version = serializers.CharField(help_text="Of the rules from event to count, that its patients were read by.")
    protocol_version = serializers.IntegerField(source="protocol", allow_null=True, help_text="In force then.")
    holds = serializers.BooleanField(help_text="Nothing differs.")
    differences = serializers.SerializerMethodField(help_text="A sentence each.")
    notes = serializers.ListField(child=serializers.CharField(), help_text="What this replay does not cover.")
    patients = serializers.SerializerMethodField()
    patients_today = serializers.SerializerMethodField(
        help_text="The same beside the rules of today, when their version is another; else empty."
    )
    design = ReplayedDesignSerializer(many=True)
    stored = serializers.JSONField(allow_null=True, help_text="The engine's answer as signed; null outside the count.")
    replayed = serializers.JSONField(allow_null=True, help_text="Of the engine that the decision names.")
    today = serializers.JSONField(allow_null=True, help_text="Of the engine of today, when that is another.")

    @extend_schema_field(serializers.ListField(child=serializers.CharField()))
    def get_differences(self, replay: decision_replay.Replay) -> list[str]:
        return [sight.veiled(line, self.context["scope"], self.context["facts"]) for line in replay.differences]

    @extend_schema_field(ReplayedInputSerializer(many=True))
    def get_patients(self, replay: decision_replay.Replay) -> list[dict[str, Any]]:
        return self._shown(replay.patients)

    @extend_schema_field(ReplayedInputSerializer(many=True))
    def get_patients_today(self, replay: decision_replay.Replay) -> list[dict[str, Any]]:
        return self._shown(replay.patients_today)

    def _shown(self, rows: Sequence[decision_replay.Input]) -> list[dict[str, Any]]:
        hidden = {f.patient.number for f in self.context["facts"] if not sight.numbered(self.context["scope"], f)}

        def read(entry: Any) -> Any:
            return entry and {key: value for key, value in entry.items() if key != "patient"}

        return [
            {
                "patient": None if row.name in hidden else row.name,
                "stored": read(row.stored),
                "rebuilt": read(row.rebuilt),
                "same": row.same,
            }
            for row in rows
        ]


def _context(scope: Scope) -> dict[str, Any]:
    trial = scope.trial.pk
    every = queries.decisions(trial)
    in_force = [d for d in every if getattr(d, "ending", None) and d.ending.in_force]
    here = queries.here(scope)
    return {
        "scope": scope,
        "facts": here.facts if here else [],
        "signatures": queries.signatures(trial),
        "changed": {change.decision_id for change in queries.open_changes(trial, in_force)},
        "decisions": every,
        "ladders": history.ladders(trial),
        "here": here,
    }


@extend_schema(tags=["decisions"], summary="Decisions", responses={200: DecisionSerializer(many=True), **CLOSED})
class Decisions(ListAPIView[Any], TrialEndpoint):
    """All decisions in order, proposed and withdrawn ones too, with their signatures."""

    serializer_class = DecisionSerializer

    def get_serializer_context(self) -> dict[str, Any]:
        return {**super().get_serializer_context(), **self.known}

    def get_queryset(self) -> Any:
        self.known = _context(self.scope)
        return self.known["decisions"]


class OneDecision(TrialEndpoint):
    @extend_schema(
        tags=["decisions"],
        summary="One decision",
        parameters=[OpenApiParameter("decision", OpenApiTypes.UUID, OpenApiParameter.PATH)],
        responses={200: OneDecisionSerializer, **CLOSED},
    )
    def get(self, request: Request, trial: UUID, decision: UUID) -> Response:
        """A decision with the inputs and the recommendation that its signers read."""
        known = _context(self.scope)
        found = next((d for d in known["decisions"] if d.pk == decision), None)
        if found is None:
            raise Http404("No such decision.")
        return Response(OneDecisionSerializer(found, context=known).data)


class DecisionReplay(TrialEndpoint):
    @extend_schema(
        tags=["decisions"],
        summary="The replay of a decision",
        parameters=[OpenApiParameter("decision", OpenApiTypes.UUID, OpenApiParameter.PATH)],
        responses={200: ReplaySerializer, **CLOSED},
    )
    def get(self, request: Request, trial: UUID, decision: UUID) -> Response:
        """The record as of the decision's own number, the protocol and the engine then, beside what was stored.

        Takes the id of a decision of the escalation or of one about expansion and backfill.
        """
        found = decision_replay.of(self.scope.trial.pk, decision)
        if found is None:
            raise Http404("No such decision.")
        known = {"scope": self.scope, "facts": assessments.facts(self.scope.trial.pk, self.scope.days)}
        return Response(ReplaySerializer(found, context=known).data)


urlpatterns = [
    path("status", Status.as_view(), name="status"),
    path("", include("escalation.design.api")),
    path("", include("escalation.late.api")),
    path("", include("escalation.opening.api")),
    path("", include("escalation.outside.api")),
    path("", include("escalation.meetings.api")),
    path("", include("escalation.datasets.api")),
    path("", include("escalation.reports.api")),
    path("decisions/", Decisions.as_view(), name="decisions"),
    path("decisions/<uuid:decision>/", OneDecision.as_view(), name="decision"),
    path("decisions/<uuid:decision>/replay", DecisionReplay.as_view(), name="decision_replay"),
]
