"""REST of the sponsor: the assessment of an event, and the lists of expected terms."""

from typing import Any
from uuid import UUID

from django.urls import path
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from trial.api import CLOSED, KEY_HEADER, WRITES, CountField, DayField, Reading, TrialEndpoint, key_of
from trial.roles import May

from ..event_words import Degree
from . import expected, sponsor
from .api import one
from .queries import drugs
from .shapes_api import EventSerializer, RelationSerializer, by_drug


class ListSerializer(Reading):
    id = serializers.UUIDField()
    rev = serializers.IntegerField(help_text="Number of its last change.")
    version = serializers.CharField()
    in_force_on = serializers.DateField(help_text="The first day on which it holds.")
    terms = serializers.DictField(
        child=serializers.IntegerField(allow_null=True),
        help_text="CTCAE terms, each with the highest grade that is expected; null: any.",
    )


class NewListSerializer(serializers.Serializer[Any]):
    version = serializers.CharField(max_length=40)
    in_force_on = DayField()
    terms = serializers.DictField(
        child=serializers.IntegerField(min_value=1, max_value=5, allow_null=True),
        help_text="CTCAE terms, each with the highest grade that is expected; null: any.",
    )


class Lists(ListAPIView[Any], TrialEndpoint):
    rights = {"POST": May.ASSESS_EVENT}
    serializer_class = ListSerializer

    def get_queryset(self) -> Any:
        return expected.lists(self.scope.trial.pk)

    @extend_schema(
        tags=["events"], summary="Lists of expected terms", responses={200: ListSerializer(many=True), **CLOSED}
    )
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Each version of the reference safety information, the latest first."""
        return super().get(request, *args, **kwargs)

    @extend_schema(
        tags=["events"],
        summary="Add a list of expected terms",
        parameters=[KEY_HEADER],
        request=NewListSerializer,
        responses={201: ListSerializer, **WRITES, **CLOSED},
        examples=[
            OpenApiExample(
                "list",
                {"version": "7.0", "in_force_on": "2026-03-01", "terms": {"Nausea": 3, "Fatigue": None}},
                request_only=True,
            )
        ],
    )
    def post(self, request: Request, trial: UUID) -> Response:
        """A version, in force from a day on: an event is judged by the list of its onset."""
        key = key_of(request)
        asked = NewListSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        said = dict(asked.validated_data)
        row = expected.add_list(trial=trial, listed=said.pop("terms"), by=self.scope.user, key=key, **said)
        row.refresh_from_db()
        return Response(ListSerializer(row).data, status=201)


class AssessmentSerializer(serializers.Serializer[Any]):
    sponsor_relations = serializers.DictField(
        child=serializers.ChoiceField(Degree.choices),
        required=False,
        default=dict,
        help_text="In the sponsor's view, by the drug's name or id; a missing one is not answered.",
    )
    expected = serializers.BooleanField(
        required=False,
        allow_null=True,
        default=None,
        help_text="Null: as the list has it; else say why.",
    )
    because = serializers.CharField(max_length=2000, required=False, default="", allow_blank=True)
    comment = serializers.CharField(max_length=2000, required=False, default="", allow_blank=True)
    rev = CountField(required=False, allow_null=True, default=None, help_text="Of an assessment that is corrected.")
    reason = serializers.CharField(
        max_length=2000, required=False, default="", allow_blank=True, help_text="Why an assessment is corrected."
    )

    def validate(self, said: dict[str, Any]) -> dict[str, Any]:
        if "relations" in self.initial_data:
            raise serializers.ValidationError(
                {"relations": "The investigator's relation stands. The sponsor's is `sponsor_relations`, beside it."}
            )
        return said

    def validate_sponsor_relations(self, given: dict[str, str]) -> dict[UUID, str]:
        return by_drug(given, self.context["drugs"])


class AssessedSerializer(Reading):
    rev = serializers.IntegerField(help_text="Number of its last change; 0 while there is none.")
    sponsor_relations = RelationSerializer(many=True)
    expected = serializers.BooleanField(allow_null=True, help_text="Null: as the list of expected terms has it.")
    because = serializers.CharField(help_text="Why the list is overruled.")
    comment = serializers.CharField()
    by = serializers.CharField(allow_null=True)
    at = serializers.DateTimeField(allow_null=True)


class Assessment(TrialEndpoint):
    right = May.READ_PATIENTS
    rights = {"POST": May.ASSESS_EVENT}

    @extend_schema(
        tags=["events"],
        summary="The sponsor's assessment of an event",
        parameters=[OpenApiParameter("event", OpenApiTypes.UUID, OpenApiParameter.PATH)],
        responses={200: AssessedSerializer, **CLOSED},
    )
    def get(self, request: Request, trial: UUID, event: UUID) -> Response:
        """Of an event that the reader may see."""
        relations = one(self.scope, event)["sponsor_relations"]
        row = sponsor.of(event)
        said = {name: getattr(row, name) if row else "" for name in ("because", "comment")} | {
            "rev": row.rev if row else 0,
            "expected": row.expected if row else None,
            "by": row.by.name if row else None,
            "at": row.at if row else None,
        }
        return Response(AssessedSerializer({**said, "sponsor_relations": relations}).data)

    @extend_schema(
        tags=["events"],
        summary="Assess an event for the sponsor",
        parameters=[KEY_HEADER, OpenApiParameter("event", OpenApiTypes.UUID, OpenApiParameter.PATH)],
        request=AssessmentSerializer,
        responses={200: EventSerializer, **WRITES, **CLOSED},
        examples=[
            OpenApiExample(
                "assessment",
                {"sponsor_relations": {"selinexor": "unlikely"}, "expected": False, "because": "Graver than listed."},
                request_only=True,
            )
        ],
    )
    def post(self, request: Request, trial: UUID, event: UUID) -> Response:
        """The sponsor's relation to each drug, beside the investigator's, and whether the event was expected."""
        key = key_of(request)
        asked = AssessmentSerializer(data=request.data, context={"drugs": drugs(trial)})
        asked.is_valid(raise_exception=True)
        one(self.scope, event)  # 404 for what the person may not see
        said = dict(asked.validated_data)
        rev, reason, relations = said.pop("rev"), said.pop("reason"), said.pop("sponsor_relations")
        sponsor.assess_event(
            trial=trial, event=event, said=sponsor.Assessed(relations=relations, **said), rev=rev, reason=reason,
            by=self.scope.user, key=key,
        )  # fmt: skip
        return Response(EventSerializer(one(self.scope, event)).data)


urlpatterns = [
    path("expected/", Lists.as_view(), name="expected"),
    path("events/<uuid:event>/sponsor/", Assessment.as_view(), name="sponsor"),
]
