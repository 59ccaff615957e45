"""REST of consent: the versions of the form, and what the patients of the reader's sites signed."""

from typing import Any
from uuid import UUID

from django.http import Http404
from django.urls import path
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from assessments.biomarker import consents as voiding
from trial.api import CLOSED, KEY_HEADER, WRITES, CountField, DayField, Reading, TrialEndpoint, key_of
from trial.people.access import Scope
from trial.roles import May

from ..common import slot_of
from ..models import Consent
from . import queries, services


class ConsentVersionSerializer(Reading):
    id = serializers.UUIDField()
    rev = serializers.IntegerField(help_text="Number of its last change.")
    kind = serializers.ChoiceField(Consent.Kind.choices)
    version = serializers.CharField()
    valid_from = serializers.DateField(help_text="The first day on which it may be signed.")
    reconsent_by = serializers.DateField(
        allow_null=True, help_text="When who signed an earlier version has signed it; null: nobody is asked again."
    )


class NewVersionSerializer(serializers.Serializer[Any]):
    kind = serializers.ChoiceField(Consent.Kind.choices, required=False, default=Consent.Kind.TRIAL)
    version = serializers.CharField(max_length=40)
    valid_from = DayField()
    reconsent_by = DayField(required=False, allow_null=True, default=None)


class ConsentVersions(ListAPIView[Any], TrialEndpoint):
    rights = {"POST": May.DEFINE_CONSENT}
    serializer_class = ConsentVersionSerializer

    def get_queryset(self) -> Any:
        return queries.versions(self.scope.trial.pk)

    @extend_schema(
        tags=["consent"],
        summary="Versions of the consent form",
        responses={200: ConsentVersionSerializer(many=True), **CLOSED},
    )
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Each version of the trial's and the sub-study's form, in the order in which they came in use."""
        return super().get(request, *args, **kwargs)

    @extend_schema(
        tags=["consent"],
        summary="Add a version",
        parameters=[KEY_HEADER],
        request=NewVersionSerializer,
        responses={201: ConsentVersionSerializer, **WRITES, **CLOSED},
        examples=[
            OpenApiExample(
                "version",
                {"version": "2.0", "valid_from": "2026-03-01", "reconsent_by": "2026-04-30"},
                request_only=True,
            )
        ],
    )
    def post(self, request: Request, trial: UUID) -> Response:
        """Put a version in use: sites then choose among the versions, and who signed an earlier one is asked again."""
        key = key_of(request)
        asked = NewVersionSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        row = services.add_version(trial=trial, by=self.scope.user, key=key, **asked.validated_data)
        row.refresh_from_db()
        return Response(ConsentVersionSerializer(row).data, status=201)


class ConsentSerializer(Reading):
    id = serializers.UUIDField()
    rev = serializers.IntegerField(help_text="Number of its last change.")
    slot = serializers.IntegerField(source="slot.number")
    patient = serializers.CharField(source="slot.patient.code", default=None, allow_null=True, help_text='Like "003".')
    kind = serializers.ChoiceField(Consent.Kind.choices)
    version = serializers.CharField()
    given_on = serializers.DateField()
    withdrawn_on = serializers.DateField(allow_null=True)
    resumes = serializers.BooleanField(
        allow_null=True, help_text="Whether it ends the withdrawals before it; null: it was not asked."
    )


class NewConsentSerializer(serializers.Serializer[Any]):
    slot = CountField(help_text="Its number.")
    kind = serializers.ChoiceField(Consent.Kind.choices, required=False, default=Consent.Kind.TRIAL)
    version = serializers.CharField(max_length=40)
    given_on = DayField()
    resumes = serializers.BooleanField(
        required=False,
        allow_null=True,
        default=None,
        help_text="Of a patient who had withdrawn: whether he consents again to what was withdrawn.",
    )


class Consents(ListAPIView[Any], TrialEndpoint):
    right = May.READ_PATIENTS
    rights = {"POST": May.RECORD_CONSENT}
    serializer_class = ConsentSerializer

    def get_queryset(self) -> Any:
        found = queries.of_trial(self.scope.trial.pk)
        return found.filter(slot__site=self.scope.site) if self.scope.site else found

    @extend_schema(tags=["consent"], summary="Consents", responses={200: ConsentSerializer(many=True), **CLOSED})
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Every version that the patients of the reader's sites signed."""
        return super().get(request, *args, **kwargs)

    @extend_schema(
        tags=["consent"],
        summary="Record a consent",
        parameters=[KEY_HEADER],
        request=NewConsentSerializer,
        responses={201: ConsentSerializer, **WRITES, **CLOSED},
        examples=[
            OpenApiExample("consent", {"slot": 14, "version": "2.0", "given_on": "2026-03-14"}, request_only=True)
        ],
    )
    def post(self, request: Request, trial: UUID) -> Response:
        """A version that the patient of a slot signed: the first one, or a later one."""
        key = key_of(request)
        asked = NewConsentSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        said = dict(asked.validated_data)
        slot = slot_of(self.scope, said.pop("slot"))
        row = services.record_consent(trial=trial, slot=slot.pk, by=self.scope.user, key=key, **said)
        found = queries.one(trial, row.pk)
        return Response(ConsentSerializer(found).data, status=201)


def _consent(scope: Scope, consent: UUID) -> Consent:
    """A consent of the person's sites."""
    row = queries.one(scope.trial.pk, consent)
    if row is None or not scope.sees(row.slot.site_id):
        raise Http404("No such consent.")
    return row


class CorrectConsentSerializer(serializers.Serializer[Any]):
    """The consent as it should stand; what is recorded now stays in the audit trail."""

    version = serializers.CharField(max_length=40)
    given_on = DayField()
    withdrawn_on = DayField(
        required=False, allow_null=True, help_text="Of one that was withdrawn; null takes that back, left out keeps it."
    )
    resumes = serializers.BooleanField(
        required=False, allow_null=True, default=None, help_text="Null leaves the answer that is recorded."
    )
    rev = CountField(help_text="Of the consent as you read it; a later one refuses.")
    reason = serializers.CharField(max_length=2000)


class CorrectConsent(TrialEndpoint):
    rights = {"POST": May.RECORD_CONSENT}

    @extend_schema(
        tags=["consent"],
        summary="Correct a consent",
        parameters=[OpenApiParameter("consent", OpenApiTypes.UUID, OpenApiParameter.PATH), KEY_HEADER],
        request=CorrectConsentSerializer,
        responses={201: ConsentSerializer, **WRITES, **CLOSED},
        examples=[
            OpenApiExample(
                "correction",
                {"version": "2.0", "given_on": "2026-03-12", "rev": 41, "reason": "Misread."},
                request_only=True,
            )
        ],
    )
    def post(self, request: Request, trial: UUID, consent: UUID) -> Response:
        """Version and days of a consent, with a reason; another site's consent is 404."""
        key = key_of(request)
        known = _consent(self.scope, consent)
        asked = CorrectConsentSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        said = {"withdrawn_on": known.withdrawn_on} | asked.validated_data
        row = services.correct_consent(trial=trial, consent=consent, by=self.scope.user, key=key, **said)
        return Response(ConsentSerializer(queries.one(trial, row.pk)).data, status=201)


class VoidConsentSerializer(serializers.Serializer[Any]):
    rev = CountField(help_text="Of the consent as you read it; a later one refuses.")
    reason = serializers.CharField(max_length=2000)


class VoidConsent(TrialEndpoint):
    rights = {"POST": May.RECORD_CONSENT}

    @extend_schema(
        tags=["consent"],
        summary="Take a consent back",
        parameters=[OpenApiParameter("consent", OpenApiTypes.UUID, OpenApiParameter.PATH), KEY_HEADER],
        request=VoidConsentSerializer,
        responses={201: ConsentSerializer, **WRITES, **CLOSED},
    )
    def post(self, request: Request, trial: UUID, consent: UUID) -> Response:
        """One that was entered for the wrong patient; refused while something stands on it."""
        key = key_of(request)
        _consent(self.scope, consent)
        asked = VoidConsentSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        voiding.void_consent(trial=trial, consent=consent, by=self.scope.user, key=key, **asked.validated_data)
        return Response(ConsentSerializer(queries.one(trial, consent)).data, status=201)


class Owing(Reading):
    slot = serializers.IntegerField(source="slot.number")
    patient = serializers.CharField(source="slot.patient.code", default=None, allow_null=True, help_text='Like "003".')
    kind = serializers.ChoiceField(Consent.Kind.choices, source="version.kind")
    version = serializers.CharField(source="version.version")
    by = serializers.DateField()
    late = serializers.BooleanField(help_text="That day is over at the site.")


class Reconsents(ListAPIView[Any], TrialEndpoint):
    right = May.READ_PATIENTS
    serializer_class = Owing

    def get_queryset(self) -> Any:
        every = queries.owed(self.scope.trial.pk, self.scope.days)
        return [one for one in every if self.scope.sees(one.slot.site_id)]

    @extend_schema(tags=["consent"], summary="Re-consent outstanding", responses={200: Owing(many=True), **CLOSED})
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Who of the reader's sites signed an earlier version and owes a later one, and by when."""
        return super().get(request, *args, **kwargs)


urlpatterns = [
    path("consent-versions/", ConsentVersions.as_view(), name="consent_versions"),
    path("consents/", Consents.as_view(), name="consents"),
    path("consents/<uuid:consent>/correction", CorrectConsent.as_view(), name="correct_consent"),
    path("consents/<uuid:consent>/void", VoidConsent.as_view(), name="void_consent"),
    path("reconsents/", Reconsents.as_view(), name="reconsents"),
]
