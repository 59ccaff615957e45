"""What the page frame needs on every page."""

from typing import Any

from django.http import HttpRequest


def frame(request: HttpRequest) -> dict[str, Any]:
    """The frame, as the page's view left it on the request (trial.frames.enter), or an empty one."""
    return {"frame": getattr(request, "frame", None)}
