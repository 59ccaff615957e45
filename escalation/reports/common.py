"""What the pages of files that are built have in common: those of the reports, and that of the data sets."""

from collections.abc import Sequence
from typing import Any

from django.forms import Form
from django.http import HttpRequest
from django.urls import reverse

from trial.people.access import Scope
from trial.sheets.paging import page_of

from . import page
from .page import PaperRow


def listed(
    request: HttpRequest, scope: Scope, form: Form, rows: Sequence[PaperRow], *, at_once: int, pulse: str
) -> dict[str, Any]:
    """The list, the form that asks for one, and what keeps the list alive. pulse: the view that says if it holds."""
    return {
        "scope": scope,
        "form": form,
        "page": page_of(request, rows, at_once),
        "open": sum(row.artifact.is_open for row in rows),
        "full_url": request.get_full_path() if request.method == "GET" else request.path,
        "seen": page.token(rows),
        "pulse_url": reverse(pulse, args=[scope.trial.code]),
    }
