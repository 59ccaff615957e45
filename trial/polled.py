"""A page's poll: whether what it shows still holds."""

from collections.abc import Callable
from functools import wraps

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET


def polled(token: Callable[..., str]) -> Callable[..., HttpResponse]:
    """A view of what `token` gives for the same address: 204 while it is what the page shows, else HX-Trigger.

    Signed out 401: a redirect would look like an answer. Leaves the session be.
    """

    @login_not_required
    @require_GET
    @wraps(token)
    def answer(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        if not request.user.is_authenticated:
            return HttpResponse("You are signed out.", status=401, content_type="text/plain")
        if request.GET.get("seen") == token(request, *args, **kwargs):
            return HttpResponse(status=204)
        return HttpResponse(headers={"HX-Trigger": "changed"})

    return answer
