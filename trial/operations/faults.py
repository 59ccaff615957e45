"""What is answered when the database is busy, full or away: 503 with Retry-After, by a page that asks it nothing."""

from dataclasses import dataclass

from django.db import DatabaseError, InterfaceError, InternalError, OperationalError
from django.http import HttpRequest, HttpResponse, UnreadablePostError
from django.template.loader import render_to_string

from .. import problem
from ..people import typed
from ..refusals import Busy


@dataclass(frozen=True, slots=True)
class Fault:
    """title, sentence: for people. seconds: when it is worth another try."""

    title: str
    sentence: str
    seconds: int


TOKEN = "csrfmiddlewaretoken"
AGAIN = "Sent twice, it counts once."
BUSY = Fault("Busy for a moment", "Other actions are being written to this trial. Yours was not.", 5)
FULL = Fault("No room to write", "The database takes nothing more for now, and nothing was written.", 60)
AWAY = Fault("The database does not answer", "Whether your last step was written shows when it is back.", 10)

# lock_timeout, statement_timeout (query_canceled), deadlock, serialization, idle in transaction
_BUSY = {"55P03", "57014", "40P01", "40001", "25P03"}
_READ_ONLY = "25006"  # how an operator, or a standby, keeps a full or second database from being written


def of(error: BaseException | None) -> Fault | None:
    """The fault that this error comes from; None for one of the program."""
    if isinstance(error, Busy):
        return BUSY
    if not isinstance(error, (DatabaseError, InterfaceError)):
        return None
    code: str | None = getattr(error.__cause__, "pgcode", None)
    if code in _BUSY:
        return BUSY
    if code == _READ_ONLY and isinstance(error, InternalError):
        return FULL
    if isinstance(error, InterfaceError):
        return AWAY if "closed" in str(error) else None
    lost = isinstance(error, OperationalError) or type(error) is DatabaseError
    match code and code[:2]:
        case "53" if code != "53300":  # disk, memory; not the number of connections, which ends by itself
            return FULL
        case None | "08" | "53" | "57" | "58":
            return AWAY if lost else None
    return None


def answer(request: HttpRequest, fault: Fault) -> HttpResponse:
    """The page, or JSON below /api/. Without the request's context: its person and trial are in the database."""
    if request.path.startswith("/api/"):
        response: HttpResponse = problem.response(503, f"{fault.title}. {fault.sentence} {AGAIN}")
    else:
        shown = {"fault": fault, "again": AGAIN, "path": request.get_full_path(), **_sent(request)}
        response = HttpResponse(render_to_string("503.html", shown), status=503)
    response.headers["Retry-After"] = str(fault.seconds)
    return response


def _sent(request: HttpRequest) -> dict[str, object]:
    """What was sent, to be sent again from the page.

    keyed: twice it counts once. secret: a password is typed anew.
    """
    if request.method != "POST":
        return {}
    try:
        sent = request.POST
    except (UnreadablePostError, ValueError):
        return {}
    answers = typed.no_secret(sent) | {TOKEN: sent.getlist(TOKEN)}
    pairs = [(name, value) for name, values in answers.items() for value in values]
    return {"typed": pairs, "keyed": "key" in answers, "secret": bool(sent.keys() - answers.keys())}
