"""REST of the data sets: what they are, one of them, and exports of all of them."""

from typing import Any
from uuid import UUID

from django.http import FileResponse
from django.urls import path
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from trial.api import CLOSED, REFUSAL, WRONG, CountField, Reading, TrialEndpoint

from ..reports import page
from ..reports.api import BuiltReportSerializer, answer
from . import exports
from .package import FORMATS


class VariableSerializer(Reading):
    name = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    type = serializers.CharField(help_text="string, integer, decimal (as text in JSON) or date.")
    length = serializers.IntegerField(help_text="The most characters of a text; 8 of a number.")
    codelist = serializers.CharField(source="codelist.name", default=None, allow_null=True)
    note = serializers.CharField(help_text="Where its values come from; why it is empty.")


class DatasetSerializer(Reading):
    name = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    structure = serializers.CharField(help_text='"One record per …"')
    keys = serializers.ListField(child=serializers.CharField(), help_text="The variables that make a row the only one.")
    variables = VariableSerializer(many=True)


class AskForExportSerializer(serializers.Serializer[Any]):
    format = serializers.ChoiceField([(one.code, one.label) for one in FORMATS.values()])
    cut = CountField(
        required=False, help_text="Number of the last action in it, of the trial's record; left out: as it stands now."
    )


class Datasets(ListAPIView[Any], TrialEndpoint):
    """Each with its variables, as in the dictionary of an export."""

    right = exports.RIGHT
    serializer_class = DatasetSerializer

    def get_queryset(self) -> Any:
        return exports.offered(self.scope)

    @extend_schema(tags=["datasets"], summary="Data sets", responses={200: DatasetSerializer(many=True), **CLOSED})
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request, *args, **kwargs)


class OneDataset(TrialEndpoint):
    @extend_schema(
        tags=["datasets"],
        summary="One data set",
        responses={
            (200, "application/json"): OpenApiResponse(OpenApiTypes.OBJECT, "CDISC Dataset-JSON 1.1."),
            **CLOSED,
        },
    )
    def get(self, request: Request, trial: UUID, name: str) -> FileResponse:
        """Of the record as it stands. That it was taken is recorded."""
        filename, file = exports.single(self.scope, name, request._request)
        return FileResponse(file, as_attachment=True, filename=filename, content_type="application/json")


class Exports(ListAPIView[Any], TrialEndpoint):
    """Exports of all data sets that were asked for, the last one first."""

    serializer_class = BuiltReportSerializer

    def get_queryset(self) -> Any:
        exports.admit(self.scope, "Data sets", self.request._request)
        return page.rows(self.scope, [page.DATASETS])

    @extend_schema(tags=["datasets"], summary="Exports", responses={200: BuiltReportSerializer(many=True), **CLOSED})
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request, *args, **kwargs)

    @extend_schema(
        tags=["datasets"],
        summary="Ask for an export",
        request=AskForExportSerializer,
        responses={
            200: OpenApiResponse(BuiltReportSerializer, "It is built; `file` says where it is taken."),
            202: OpenApiResponse(BuiltReportSerializer, "It waits, or is being built; `Location` says how it stands."),
            400: WRONG,
            409: REFUSAL,
            **CLOSED,
        },
    )
    def post(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """A zip with all data sets, dictionary, manifest and capsule. Asked for again, of the same record, it is the
        same file; no key is needed.
        """
        exports.admit(self.scope, "Data sets", request._request)
        asked = AskForExportSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        said = asked.validated_data
        made = exports.request(
            trial=self.scope.trial.pk, format=said["format"], number=said.get("cut"), by=self.scope.user,
            http=request._request,
        )  # fmt: skip
        return answer(self.scope, made)


urlpatterns = [
    path("datasets/", Datasets.as_view(), name="datasets"),
    path("datasets/exports/", Exports.as_view(), name="exports"),
    path("datasets/<str:name>/", OneDataset.as_view(), name="dataset"),
]
