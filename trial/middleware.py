"""What every answer of the web process has in common."""

import time
from collections.abc import Callable

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse

Handler = Callable[[HttpRequest], HttpResponse]
# lock_timeout, statement_timeout (query_canceled), deadlock, idle in transaction
BUSY = {"55P03", "57014", "40P01", "25P03"}


def no_store(get_response: Handler) -> Handler:
    """Pages hold clinical data: no browser or proxy keeps them, unless a view said otherwise."""

    def answer(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        response.headers.setdefault("Cache-Control", "no-store")
        return response

    return answer


class DatabaseBusy:
    """A lock or statement that took too long becomes 503 with Retry-After; nothing was written."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if not isinstance(error, OperationalError):
            return None
        if getattr(error.__cause__, "pgcode", None) not in BUSY:
            return None
        sentence = "The trial's record is busy. Nothing was written. Go back: what you typed is kept; try again."
        if request.path.startswith("/api/"):
            response: HttpResponse = JsonResponse({"detail": sentence}, status=503)
        else:
            response = render(request, "503.html", {"sentence": sentence}, status=503)
        response.headers["Retry-After"] = "5"
        return response


POLL = "/pulse/"
SEEN = "seen"  # in the session: when the person last asked for something


def idle_out(get_response: Handler) -> Handler:
    """Sign out who has asked for nothing for SESSION_IDLE_SECONDS. A page's poll is not a person asking."""

    def answer(request: HttpRequest) -> HttpResponse:
        limit: int = settings.SESSION_IDLE_SECONDS
        poll = request.path.endswith(POLL)
        if request.user.is_authenticated:
            now = int(time.time())
            seen = request.session.get(SEEN)
            if seen is not None and now - seen > limit:
                request.idle = True  # type: ignore[attr-defined]  # read by the receiver of the log-out
                logout(request)
                if not poll:
                    messages.info(request, f"You were signed out after {limit // 60} minutes without activity.")
            elif not poll and (seen is None or now - seen >= min(60, limit // 10)):
                request.session[SEEN] = now  # at most one write a minute
        if poll and not request.user.is_authenticated:
            return HttpResponse(status=401)  # a redirect would look like an answer to the poller
        return get_response(request)

    return answer


def own_password(get_response: Handler) -> Handler:
    """Who signs in with a password that an administrator gave chooses his own before anything else."""

    def answer(request: HttpRequest) -> HttpResponse:
        if not (request.user.is_authenticated and request.user.must_change_password):
            return get_response(request)
        change = reverse("account_change_password")
        if request.path in (change, reverse("account_logout")):
            return get_response(request)
        sentence = "Choose your own password first: the one you signed in with was given to you."
        if request.path.startswith("/api/"):
            return JsonResponse({"detail": sentence}, status=403)
        if sentence not in {str(message) for message in messages.get_messages(request)}:
            messages.info(request, sentence)
        return redirect(change)

    return answer
