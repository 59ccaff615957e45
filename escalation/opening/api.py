"""REST of a running trial that was brought in: its opening with each correction, and its patients entered from paper.

Signatures are not given by REST: the opening is proposed, corrected and signed on its page.
"""

from typing import Any
from uuid import UUID

from django.urls import path
from drf_spectacular.utils import OpenApiExample, extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from trial.api import (
    CLOSED,
    KEY_HEADER,
    WRITES,
    CountField,
    DayField,
    DoseLevelSerializer,
    Reading,
    TrialEndpoint,
    key_of,
)
from trial.roles import May

from . import entry, page, services
from .models import PaperOpening


class OnPaperSerializer(serializers.Serializer[Any]):
    level = serializers.CharField(help_text="Its label.")
    on = serializers.DateField(help_text="The day of the decision on paper.")
    reference = serializers.CharField()


class OneOpeningSerializer(Reading):
    """An opening, or a correction of it, as it was signed."""

    number = serializers.IntegerField()
    state = serializers.SerializerMethodField(help_text="proposed or in_force.")
    in_force_on = serializers.DateField(source="ending.on", default=None, allow_null=True)
    corrects = serializers.IntegerField(source="corrects.number", default=None, allow_null=True)
    reason = serializers.CharField()
    proposed_by = serializers.CharField(source="proposed_by.name")
    proposed_at = serializers.DateTimeField()
    levels = serializers.SerializerMethodField()
    content = serializers.CharField(help_text="SHA-256 that the signatures are bound to.")

    def get_state(self, row: PaperOpening) -> str:
        return "in_force" if getattr(row, "ending", None) else "proposed"

    @extend_schema_field(OnPaperSerializer(many=True))
    def get_levels(self, row: PaperOpening) -> list[dict[str, Any]]:
        return [{"level": label, "on": on, "reference": reference} for label, on, reference in page.levels(row)]


class OpeningSerializer(serializers.Serializer[Any]):
    standing = OneOpeningSerializer(allow_null=True, help_text="What is in force; null: the trial was not brought in.")
    proposed = OneOpeningSerializer(allow_null=True, help_text="What waits for signatures.")
    before = OneOpeningSerializer(many=True, help_text="As it stood before each correction, in order.")


class Opening(TrialEndpoint):
    @extend_schema(
        tags=["decisions"], summary="The opening of a running trial", responses={200: OpeningSerializer, **CLOSED}
    )
    def get(self, request: Request, trial: UUID) -> Response:
        """The levels opened on paper, taken outside the system: as they stand, and as they stood before."""
        every = services.signed_openings(trial)
        shown = {
            "standing": every[-1] if every else None,
            "proposed": services.proposed(trial),
            "before": every[:-1],
        }
        return Response(OpeningSerializer(shown).data)


class NewPaperPatientSerializer(serializers.Serializer[Any]):
    cohort = CountField(help_text="Number of the level opened on paper, as `status` gives it.")
    site = serializers.UUIDField(required=False, allow_null=True, default=None, help_text="Yours, if you have one.")
    screening = serializers.CharField(max_length=40, required=False, default="", allow_blank=True)
    consent_version = serializers.CharField(max_length=40)
    consented_on = DayField()
    enrolled_on = DayField()
    first_dose_on = DayField()
    received_level = serializers.UUIDField(
        required=False, allow_null=True, default=None, help_text="Of another level's dose; it needs a reason."
    )
    paper_source = serializers.CharField(max_length=200, help_text="Where it stands on paper. Never a name.")
    reason = serializers.CharField(max_length=2000, required=False, default="", allow_blank=True)


class PaperPatientSerializer(Reading):
    id = serializers.UUIDField(source="patient.pk")
    patient = serializers.CharField(source="patient.code", help_text='Like "003".')
    level = DoseLevelSerializer(source="received_level")
    first_dose_on = serializers.DateField()
    paper_source = serializers.CharField(source="patient.source")


class PaperPatients(TrialEndpoint):
    rights = {"POST": May.ENROL}

    @extend_schema(
        tags=["patients"],
        summary="Enter a patient from paper",
        parameters=[KEY_HEADER],
        request=NewPaperPatientSerializer,
        responses={201: PaperPatientSerializer, **WRITES, **CLOSED},
        examples=[
            OpenApiExample(
                "patient",
                {
                    "cohort": 1, "consent_version": "1.0", "consented_on": "2025-06-09", "enrolled_on": "2025-06-10",
                    "first_dose_on": "2025-06-11", "paper_source": "Binder 3, page 12",
                },
                request_only=True,
            )
        ],
    )  # fmt: skip
    def post(self, request: Request, trial: UUID) -> Response:
        """A patient dosed before the trial was brought in, in the order of first doses, at the level received."""
        key = key_of(request)
        asked = NewPaperPatientSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        said = dict(asked.validated_data)
        row = entry.enter(trial=trial, source=said.pop("paper_source"), by=self.scope.user, key=key, **said)
        return Response(PaperPatientSerializer(row).data, status=201)


urlpatterns = [
    path("opening", Opening.as_view(), name="opening"),
    path("opening/patients/", PaperPatients.as_view(), name="opening_patients"),
]
