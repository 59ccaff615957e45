"""A built file, handed to who may have it: the same for a page and for a program."""

from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.utils.http import content_disposition_header, parse_etags

from ..models import Artifact
from ..people.access import Scope
from ..record import access_events
from ..refusals import Refused
from . import artifacts

GONE = 410


class Gone(Refused):
    """It was built, is kept, and is no longer offered."""


def file(scope: Scope, artifact: Artifact, http: HttpRequest) -> HttpResponseBase:
    """The file, streamed; who took it is recorded. 304 to whom already has it.

    Raises PermissionDenied, recorded, for who may not have it; Refused where it is not built, Gone where it holds what
    nobody may read any more.
    """
    artifacts.need(scope, artifact, http)
    if artifact.state != artifacts.State.DONE:
        raise Refused(f"{artifact.title} is not built: {artifact.get_state_display().lower()}.")
    if why := artifacts.withheld(artifact.trial_id)(artifact):
        raise Gone(why)
    tag = f'"{artifact.sha256}"'
    if tag in parse_etags(http.headers.get("If-None-Match", "")):
        return HttpResponse(status=304, headers={"ETag": tag})
    access_events.record(
        access_events.FILE_TAKEN, user=scope.user, request=http, trial=scope.trial, detail=artifacts.said(artifact)
    )
    return StreamingHttpResponse(
        artifacts.stream(artifact),
        content_type=artifact.media_type,
        headers={
            "ETag": tag,
            "Content-Length": str(artifact.size),
            "Content-Disposition": content_disposition_header(True, artifact.filename) or "attachment",
            "X-Content-Type-Options": "nosniff",
            "Cache-Control": "private, no-store",
        },
    )
