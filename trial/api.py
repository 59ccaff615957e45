"""What all REST endpoints share: refusals as 409, reused keys as 422, everything else as DRF does it."""

from typing import Any

from rest_framework.response import Response
from rest_framework.views import exception_handler

from .refusals import KeyReused, Refused


def answer_exception(error: Exception, context: dict[str, Any]) -> Response | None:
    """DRF's exception handler plus the two refusals of the services."""
    if isinstance(error, Refused):
        status = 422 if isinstance(error, KeyReused) else 409
        return Response({"detail": str(error), "field": error.field}, status=status)
    return exception_handler(error, context)
