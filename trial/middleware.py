"""What every answer of the web process has in common."""

import sys
import time
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import is_valid_path, reverse
from django.utils.timezone import localtime
from django.views.defaults import bad_request, page_not_found, server_error

from . import problem
from .done import Gone
from .models import User
from .operations import faults
from .people import factor, sessions, typed
from .record import access_events

Handler = Callable[[HttpRequest], HttpResponse]


def no_store(get_response: Handler) -> Handler:
    """Pages hold clinical data: no browser or proxy keeps them, unless a view said otherwise."""

    def answer(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        response.headers.setdefault("Cache-Control", "no-store")
        return response

    return answer


class DatabaseFaults:
    """A view that could not have the database is 503 with Retry-After, no fault of the program."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        fault = faults.of(error)
        return faults.answer(request, fault) if fault else None


def broken(request: HttpRequest) -> HttpResponse:
    """Django's handler of what nothing caught: a session that a middleware could not read is 503 too."""
    if fault := faults.of(sys.exception()):
        return faults.answer(request, fault)
    if request.path.startswith("/api/"):
        sentence = "Something broke on our side. Nothing was half saved, and the fault was recorded."
        return problem.response(500, sentence)
    return server_error(request)


def only_sent(get_response: Handler) -> Handler:
    """Who opens an address that forms are sent to, by its link or going back, is led to the page of the form."""

    def answer(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if response.status_code != 405 or request.method != "GET" or request.path.startswith("/api/"):
            return response
        shown = render(request, "405.html", {"page": _above(request.path)}, status=405)
        shown["Allow"] = response["Allow"]
        return shown

    return answer


def _above(path: str) -> str:
    """The next address above that there is."""
    while path != "/":
        path = path.rstrip("/").rpartition("/")[0] + "/"
        if is_valid_path(path):
            break
    return path


def unreadable(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Django's handler of what the browser sent wrongly: a session that could not be saved passes for that too."""
    error: BaseException | None = exception
    while error is not None:
        if fault := faults.of(error):
            return faults.answer(request, fault)
        error = error.__context__
    return bad_request(request, exception)


def missing(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Django's handler of an address that is none: a program is told so in JSON, as of a row that is not there."""
    if request.path.startswith("/api/"):
        return problem.response(404, "No such address.")
    if isinstance(exception, Gone):
        return render(request, "404.html", {"gone": exception}, status=404)
    return page_not_found(request, exception)


POLL = "/pulse/"
SEEN = "seen"  # in the session: when the person last asked for something


def signed_out(get_response: Handler) -> Handler:
    """Sign out who has asked for nothing for SESSION_IDLE_SECONDS, and anybody SESSION_ABSOLUTE_SECONDS after he came.

    A page's poll is not a person asking.
    """

    def answer(request: HttpRequest) -> HttpResponse:
        poll = request.path.endswith(POLL)
        if request.user.is_authenticated:
            now, limit = int(time.time()), settings.SESSION_IDLE_SECONDS
            seen = request.session.get(SEEN)
            if seen is not None and now - seen > limit:
                _end(request, access_events.IDLE_OUT, f"after {limit // 60} minutes without activity", told=not poll)
            elif sessions.is_over(request.session):
                hours = settings.SESSION_ABSOLUTE_SECONDS // 3600
                _end(request, access_events.SESSION_OVER, f"{hours} hours after the log-in", told=not poll)
            elif not poll and (seen is None or now - seen >= min(60, limit // 10)):
                request.session[SEEN] = now  # at most one write a minute
        if poll and not request.user.is_authenticated:
            return HttpResponse(status=401)  # a redirect would look like an answer to the poller
        return get_response(request)

    return answer


def _end(request: HttpRequest, kind: str, why: str, *, told: bool) -> None:
    request.ended = kind  # type: ignore[attr-defined]  # read by the receiver of the log-out
    logout(request)
    if told:
        messages.info(request, f"You were signed out {why}.")


def own_password(get_response: Handler) -> Handler:
    """Who signs in with a password that an administrator gave chooses his own before anything else."""
    sentence = "Choose your own password first: the one you signed in with was given to you."

    def answer(request: HttpRequest) -> HttpResponse:
        if not (request.user.is_authenticated and request.user.must_change_password):
            return get_response(request)
        if request.path in _paths("account_change_password", "account_logout"):
            return get_response(request)
        return _led(request, reverse("account_change_password"), sentence)

    return answer


def own_factor(get_response: Handler) -> Handler:
    """Who signs or administers sets up the second factor that the installation asks of him before anything else."""
    on_the_way = ("mfa_activate_totp", "account_reauthenticate", "account_change_password", "account_logout")

    def answer(request: HttpRequest) -> HttpResponse:
        if not (isinstance(request.user, User) and factor.owed(request.user)) or request.path in _paths(*on_the_way):
            return get_response(request)
        return _led(request, reverse("mfa_activate_totp"), factor.SET_UP_FIRST)

    return answer


def _paths(*names: str) -> list[str]:
    return [reverse(name) for name in names]


def _led(request: HttpRequest, to: str, sentence: str) -> HttpResponse:
    """To what comes before everything else; a program, which cannot be led, is told."""
    if request.path.startswith("/api/"):
        return problem.response(403, sentence)
    waiting = messages.get_messages(request)
    if sentence not in {str(message) for message in waiting}:
        messages.info(request, sentence)
    waiting.used = False  # type: ignore[union-attr]  # looked through, not shown
    return redirect(to)


class SignedIn(LoginRequiredMiddleware):
    """Every page asks for a log-in; what was typed into one whose session has ended is kept for its account."""

    def handle_no_permission(self, request: HttpRequest, view_func: Any) -> HttpResponseRedirect:
        if request.method == "POST" and typed.keep(request):
            messages.info(request, "What you typed is kept for an hour. Sign in, and it stands in the form again.")
        return super().handle_no_permission(request, view_func)


def typist(get_response: Handler) -> Handler:
    """Know by a cookie whose form it is that comes after the session; who signs out takes the cookie with him."""

    def answer(request: HttpRequest) -> HttpResponse:
        before = request.user.is_authenticated
        response = get_response(request)
        if isinstance(request.user, User):
            typed.remember(request, response, request.user)
        elif before and not hasattr(request, "ended"):
            response.delete_cookie(typed.COOKIE, samesite="Lax")
        return response

    return answer


def typed_again(get_response: Handler) -> Handler:
    """Show a form as it was typed before the session ended, until it is sent. Showing writes nothing: it is a GET."""

    def answer(request: HttpRequest) -> HttpResponse:
        if not (isinstance(request.user, User) and request.session.get(typed.NOTE)):
            return get_response(request)
        user, path = request.user, request.get_full_path()
        kept = next((one for one in typed.waiting(user) if one.path == path), None)
        if kept is None or request.method not in ("GET", "POST"):
            return get_response(request)
        if request.method == "POST":
            response = get_response(request)
            if response.status_code < 500:
                request.session[typed.NOTE] = typed.forget(user, path)
            return response
        shown = typed.shown(kept)
        request.POST = shown  # type: ignore[assignment]  # the page fills its form with it, and writes only on POST
        at = f"{localtime(kept.at):%H:%M} UTC"
        messages.info(request, f"This is what you typed before your session ended at {at}. It is not saved yet.")
        response = get_response(request)
        if shown.read and response.status_code == 200:
            return response
        return render(request, "trial/typed.html", {"kept": kept, "at": at, "answers": _answers(kept)})

    return answer


UNSEEN = ("key", "rev", "basis", "version", "seen", "do")


def _answers(kept: typed.Typed) -> list[tuple[str, str]]:
    """What a person typed, for a page that has no form of its own."""
    return [
        (name.replace("_", " ").capitalize(), ", ".join(values))
        for name, values in kept.answers.items()
        if name not in UNSEEN and any(values)
    ]
