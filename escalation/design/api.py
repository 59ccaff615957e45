"""REST of the design properties: what the page shows, for a script that compares designs."""

from typing import Any
from uuid import UUID

from django.urls import path
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from trial.api import CLOSED, REFUSAL, WRONG, Reading, TrialEndpoint, check

from .. import words
from ..characteristics import falls
from ..situation import queries as escalation
from . import comparison, queries
from .comparison import OTHER, PROTOCOL, STANDARD, TARGET, Design, Ladder
from .forms import PRESENT, SIZES, START, DesignForm, Question, first_asked


class PropertiesSerializer(Reading):
    paths = serializers.IntegerField(help_text="Complete paths, counted by DLTs per cohort.")
    p_none = serializers.FloatField()
    p_recommended = serializers.ListField(child=serializers.FloatField(), help_text="Per level: MTD or top tolerated.")
    p_top_tolerated = serializers.FloatField()
    expected_patients = serializers.ListField(child=serializers.FloatField(), help_text="Per level.")
    expected_dlts = serializers.ListField(child=serializers.FloatField(), help_text="Per level.")


class DesignSerializer(Reading):
    key = serializers.ChoiceField([*STANDARD, PROTOCOL, OTHER])
    name = serializers.SerializerMethodField()
    variant = serializers.CharField(source="rule.variant.value")
    settings = serializers.SerializerMethodField(help_text="a, b, c, d and e.")
    protocols = serializers.BooleanField(help_text="The design of the protocol in force.")
    properties = PropertiesSerializer(source="found", allow_null=True, help_text="Null: `refused` says why.")
    overdose_share = serializers.FloatField(
        source="overdose", allow_null=True, help_text="Of the expected patients; null when nobody is to come."
    )
    refused = serializers.CharField()

    def get_settings(self, design: Design) -> dict[str, int]:
        return {name: getattr(design.rule, name) for name in SIZES}

    def get_name(self, design: Design) -> str:
        return words.design(design.rule)


class PointSerializer(Reading):
    rate = serializers.FloatField()
    p_none = serializers.FloatField()
    p_recommended = serializers.ListField(child=serializers.FloatField())


class CurveSerializer(Reading):
    design = serializers.CharField()
    level = serializers.IntegerField()
    points = PointSerializer(many=True, help_text="Empty for a design of too many states.")


class ComparisonSerializer(Reading):
    levels = serializers.ListField(child=serializers.CharField(), help_text="Labels, lowest first.")
    start = serializers.IntegerField()
    begin = serializers.ChoiceField([START, PRESENT])
    rates = serializers.ListField(child=serializers.FloatField(), help_text="As assumed: no estimates.")
    target = serializers.FloatField()
    falls = serializers.IntegerField(allow_null=True, help_text="The first level whose rate is below the one under it.")
    designs = DesignSerializer(many=True)
    curve = CurveSerializer()


def _size(name: str) -> OpenApiParameter:
    return OpenApiParameter(name, int, description=f"{SIZES[name][1]}: of another A + B design; all five or none.")


class DesignProperties(TrialEndpoint):
    queries = ("rates", "target", "begin", "level", "design", *SIZES, "variant")

    @extend_schema(
        tags=["decisions"],
        summary="Design properties under assumed rates",
        parameters=[
            OpenApiParameter(
                "rates",
                str,
                required=True,
                description="Assumed true DLT rates, one per level, lowest first, from 0 to 1: 0.05,0.1,0.2",
            ),
            OpenApiParameter("target", OpenApiTypes.NUMBER, description=f"Default {TARGET}."),
            OpenApiParameter("begin", str, enum=[START, PRESENT], description="Default start."),
            OpenApiParameter("level", int, description="Whose rate the curve runs over, counted from the lowest."),
            OpenApiParameter("design", str, enum=[*STANDARD, PROTOCOL, OTHER], description="Of the curve."),
            *(_size(name) for name in SIZES),
            OpenApiParameter("variant", str, enum=["D6", "D3", "N"], description="Of the other design; default D6."),
        ],
        responses={200: ComparisonSerializer, 400: WRONG, 409: REFUSAL, **CLOSED},
    )
    def get(self, request: Request, trial: UUID) -> Response:
        """The exact properties of the standard designs, the protocol's and one of your own, side by side.

        `begin=present` goes on from where the trial stands: patients and DLTs are then those still to come.
        """
        here = escalation.written(self.scope)
        ladder = queries.ladder(here)
        form = DesignForm(_asked(request, ladder), ladder=ladder)
        check(form, _parameter)
        return Response(ComparisonSerializer(_answer(form.question, ladder)).data)


def _asked(request: Request, ladder: Ladder) -> dict[str, str]:
    """The form's fields. Raises ValidationError for rates that are not one per level."""
    given = request.query_params.dict()
    rates = given.pop("rates", "").split(",")
    if len(rates) != len(ladder.labels) or rates == [""]:
        count = 0 if rates == [""] else len(rates)
        raise ValidationError({"rates": [f"Rates: needs one per level, got {count} for {len(ladder.labels)}."]})
    known = {name: value for name, value in given.items() if name in DesignForm.base_fields or name in SIZES}
    return first_asked(ladder) | known | {f"rate_{k}": rate for k, rate in enumerate(rates, 1)}


def _parameter(field: str) -> str:
    return "rates" if field.startswith("rate_") else field


def _answer(question: Question, ladder: Ladder) -> dict[str, Any]:
    assumed, rule = question.assumed, question.rules[question.design]
    try:
        points = comparison.curve(ladder, assumed, rule, question.level)
    except ValueError:
        points = []
    return {
        "levels": ladder.labels,
        "start": ladder.start,
        "begin": PRESENT if assumed.present else START,
        "rates": assumed.rates,
        "target": assumed.target,
        "falls": falls(assumed.rates),
        "designs": comparison.compare(ladder, assumed, question.rules),
        "curve": {
            "design": question.design,
            "level": question.level,
            "points": [
                {"rate": rate, "p_none": found.p_none, "p_recommended": found.p_recommended} for rate, found in points
            ],
        },
    }


urlpatterns = [path("design", DesignProperties.as_view(), name="design")]
