"""Addresses for whoever watches over the installation. Anybody may ask; the answers hold nothing to hide."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, JsonResponse
from django.views.decorators.http import require_GET

from . import health


@login_not_required
@require_GET
def healthz(request: HttpRequest) -> JsonResponse:
    """The process is alive: it asks nobody else."""
    return JsonResponse({"alive": True})


@login_not_required
@require_GET
def readyz(request: HttpRequest) -> JsonResponse:
    """Everything that the installation's work needs is there: 200, else 503 with what is missing."""
    checks = health.checks()
    ready = all(check["ok"] for check in checks.values())
    return JsonResponse({"ready": ready, **checks}, status=200 if ready else 503)
