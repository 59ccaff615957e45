"""The page of late changes: read only; the decision itself is signed on the page that signs every decision."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from trial.people import access

from ..common import here_of
from ..display.reader import View
from ..situation import history, queries
from .page import late_page


@require_GET
def page(request: HttpRequest, trial: str) -> HttpResponse:
    scope = access.enter(request, trial)
    seen = queries.token(scope)
    here = here_of(request, scope)
    if here is None:
        raise Http404("The protocol is not written yet.")
    view = View(scope, here, history.record(here), here.number)
    shown = {"page": late_page(view), "here": here, "code": scope.trial.code, "seen": seen}
    return render(request, "escalation/late/late.html", shown)
