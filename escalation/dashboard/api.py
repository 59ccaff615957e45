"""REST: where the trial stands, in one answer, with an ETag that needs no engine (docs/api.md, "Polling")."""

from typing import Any
from uuid import UUID

from django.http import HttpResponseBase
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from trial.api import CLOSED, REFUSAL, TrialEndpoint, tagged
from trial.record.kept import Kept

from ..display.status_api import STATUS, StatusSerializer, status
from ..situation import queries

_kept: Kept[dict[str, Any]] = Kept(most=200)  # the answer of a role at a site


class Status(TrialEndpoint):
    @extend_schema(
        tags=["trials"],
        summary="Where the trial stands",
        parameters=[
            OpenApiParameter("If-None-Match", str, OpenApiParameter.HEADER, description="The ETag that you hold."),
            OpenApiParameter("ETag", str, OpenApiParameter.HEADER, response=[200, 304], description="Of this answer."),
        ],
        responses={
            200: OpenApiResponse(StatusSerializer, examples=[STATUS]),
            304: OpenApiResponse(description="Nothing has changed for this reader since that ETag."),
            409: REFUSAL,
            **CLOSED,
        },
    )
    def get(self, request: Request, trial: UUID) -> HttpResponseBase:
        """Levels with their tallies, cohorts, recommendation and free slots: what the Trial page shows.

        The ETag stands for the number of the trial's ledger, its clinical date, the release, and the reader's role
        and site. With it in `If-None-Match` the answer is 304 until one of them changes; poll as often as you like.
        """
        tag = self.etag(
            queries.token(self.scope, self.stamp)
        )  # before the reads: what comes in between shows as a change
        if answer := self.unchanged(tag):
            return answer
        reader = (self.scope.trial.pk, self.scope.role, self.scope.site and self.scope.site.pk)
        under = f"{tag} {self.stamp}"
        found = _kept.get(reader, under)
        if found is None:
            here = queries.written(self.scope, self.stamp)
            found = StatusSerializer(status(self.scope, here)).data
            _kept.put(reader, under, found)
        shown: Response = tagged(Response(found), tag)
        return shown
