"""The page of late changes: read only; the decision itself is signed on the page that signs every decision."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from trial.people import access

from ..common import written
from ..display.reader import View
from ..situation import history, queries
from .page import late_page


@require_GET
def page(request: HttpRequest, trial: str) -> HttpResponse:
    scope = access.enter(request, trial)
    seen = queries.token(scope)
    here = written(request, scope)
    view = View(scope, here, history.record(here), here.number)
    shown = {"page": late_page(view), "here": here, "code": scope.trial.code, "seen": seen}
    return render(request, "escalation/late/late.html", shown)
