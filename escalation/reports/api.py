"""REST of the papers: what was asked for and how it stands, asking for one, its file."""

from typing import Any
from uuid import UUID

from django.http import Http404, HttpResponseBase
from django.urls import path, reverse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from trial.api import CLOSED, REFUSAL, WRONG, CountField, ProblemSerializer, Reading, TrialEndpoint
from trial.models import Artifact
from trial.paper import artifacts, handing
from trial.people.access import Scope
from trial.problem import PROBLEM, problem

from . import kinds, page, services
from .page import PaperRow

STATES = ["waiting", "building", "retrying", "done", "failed", "withheld"]


class BuiltReportSerializer(Reading):
    id = serializers.UUIDField(source="artifact.pk")
    kind = serializers.CharField(source="artifact.kind", help_text=f"One of {', '.join(kinds.PAPERS)}.")
    title = serializers.CharField(source="artifact.title")
    cut = serializers.CharField(source="artifact.cut", help_text='"meeting 1, cut 2"; empty: no meeting froze it.')
    number = serializers.IntegerField(source="artifact.number", help_text="Of the trial's ledger: the data cut.")
    on = serializers.DateField(source="artifact.on", help_text="The clinical date of the cut.")
    cut_hash = serializers.CharField(source="artifact.cut_hash", help_text="Of the ledger's chain at that number.")
    later = serializers.CharField(help_text="Of a report that is not of the last cut: which is.")
    requested_by = serializers.CharField(source="artifact.requested_by.name")
    requested_at = serializers.DateTimeField(source="artifact.requested_at")
    state = serializers.ChoiceField(
        STATES, help_text="withheld: built and kept, no longer offered; retrying: an attempt failed."
    )
    why = serializers.CharField(help_text="It failed, is tried again, or is withheld.")
    percent = serializers.IntegerField(source="artifact.progress.percent")
    step = serializers.CharField(source="artifact.progress.step", help_text="What is being done, in words.")
    built_at = serializers.DateTimeField(source="artifact.built_at", allow_null=True)
    filename = serializers.CharField(source="artifact.filename")
    media_type = serializers.CharField(source="artifact.media_type")
    size = serializers.IntegerField(source="artifact.size", allow_null=True, help_text="Bytes.")
    sha256 = serializers.CharField(source="artifact.sha256", help_text="Of the file, as its ETag. Empty until then.")
    file = serializers.SerializerMethodField(help_text="Where it is taken; empty while there is none to have.")

    @extend_schema_field(OpenApiTypes.STR)
    def get_file(self, row: PaperRow) -> str:
        return _where(row.artifact, "file") if row.file_url else ""


class AskForReportSerializer(serializers.Serializer[Any]):
    kind = serializers.ChoiceField(list(kinds.PAPERS))
    cut = CountField(required=False, help_text="Of a report: the number of the record that a meeting's cut ends with.")
    of = CountField(
        required=False,
        help_text="The number of the patient (casebook), decision (signature-page) or protocol version "
        "(decision-table; left out: the one in force).",
    )


def _where(artifact: Artifact, what: str = "") -> str:
    name = "report_file" if what else "report"
    return reverse(f"api:{name}", args=[artifact.trial_id, artifact.pk])


def answer(scope: Scope, made: Artifact) -> Response:
    """To who asked for it just now: 200 with the file where it is built, else 202 and where to ask again."""
    found = artifacts.find(scope.trial.pk, made.pk)
    assert found is not None, "it was asked for just now"
    [row] = page.shown_rows(scope, [found])
    status = 200 if row.state == "done" else 202
    return Response(BuiltReportSerializer(row).data, status=status, headers={"Location": _where(made)})


class Papers(ListAPIView[Any], TrialEndpoint):
    """Every paper that was asked for and that the reader may have, the last one first."""

    serializer_class = BuiltReportSerializer

    def get_queryset(self) -> Any:
        return page.rows(self.scope)

    @extend_schema(tags=["reports"], summary="Reports", responses={200: BuiltReportSerializer(many=True), **CLOSED})
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request, *args, **kwargs)

    @extend_schema(
        tags=["reports"],
        summary="Ask for a report",
        request=AskForReportSerializer,
        responses={
            200: OpenApiResponse(BuiltReportSerializer, "It is built."),
            202: OpenApiResponse(BuiltReportSerializer, "It waits, or is being built; `Location` says how it stands."),
            400: WRONG,
            409: REFUSAL,
            **CLOSED,
        },
    )
    def post(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Asked for again, of the same cut, it is the same paper; no key is needed."""
        asked = AskForReportSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        said = asked.validated_data
        of = "" if said.get("of") is None else str(said["of"])
        made = services.ask(
            trial=self.scope.trial.pk, kind=said["kind"], of=of, cut=said.get("cut"), by=self.scope.user,
            http=request._request,
        )  # fmt: skip
        return answer(self.scope, made)


class _OfOne(TrialEndpoint):
    def found(self, pk: UUID) -> Artifact:
        found = artifacts.find(self.scope.trial.pk, pk)
        if found is None:
            raise Http404("No such paper.")
        artifacts.need(self.scope, found, self.request._request)
        return found


class OnePaper(_OfOne):
    @extend_schema(tags=["reports"], summary="How a report stands", responses={200: BuiltReportSerializer, **CLOSED})
    def get(self, request: Request, trial: UUID, paper: UUID) -> Response:
        """Ask again until `state` is done, failed or withheld."""
        [row] = page.shown_rows(self.scope, [self.found(paper)])
        return Response(BuiltReportSerializer(row).data)


class File(_OfOne):
    @extend_schema(
        tags=["reports"],
        summary="The file of a report",
        responses={
            (200, "application/pdf"): OpenApiResponse(OpenApiTypes.BINARY, "With its SHA-256 as ETag."),
            304: OpenApiResponse(None, "The reader has it: `If-None-Match` names its hash."),
            409: REFUSAL,
            410: OpenApiResponse(ProblemSerializer, "It is kept and no longer offered: a consent was withdrawn."),
            **CLOSED,
        },
    )
    def get(self, request: Request, trial: UUID, paper: UUID) -> HttpResponseBase:
        """Streamed; that it was taken is recorded."""
        try:
            return handing.file(self.scope, self.found(paper), request._request)
        except handing.Gone as gone:
            return Response(problem(handing.GONE, str(gone)), status=handing.GONE, content_type=PROBLEM)


urlpatterns = [
    path("reports/", Papers.as_view(), name="reports"),
    path("reports/<uuid:paper>/", OnePaper.as_view(), name="report"),
    path("reports/<uuid:paper>/file", File.as_view(), name="report_file"),
]
