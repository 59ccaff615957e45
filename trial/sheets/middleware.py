"""One door to the files of a page: `?part=…&format=…` on its own address, so with its own rights, filters and moment.

The view makes the page as always; what is asked for is read off it, and that it was taken out is recorded.
"""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, HttpResponseBase

from ..models import User
from . import asked, offered, taken
from .answers import recorded, refused
from .asked import FORMAT, PART, Asked
from .formats import FORMATS
from .parts import Part, parts

Handler = Callable[[HttpRequest], HttpResponse]
PAGE = b'id="main"'  # a whole page, not a piece of one


def sheets(get_response: Handler) -> Callable[[HttpRequest], HttpResponseBase]:
    def answer(request: HttpRequest) -> HttpResponseBase:
        if request.method != "GET" or request.path.startswith("/api/"):
            return get_response(request)
        query = request.GET
        if PART in query or FORMAT in query:
            asked.take(request)
        response = get_response(request)
        if not _is_page(request, response):
            return response
        if wanted := asked.of(request):
            return _taken(request, response.content.decode(), wanted)
        page = response.content.decode()
        if not offered.why_not(request) and (found := parts(page)):
            response.content = offered.offer(page, found, query).encode()
        return response

    return answer


def _is_page(request: HttpRequest, response: HttpResponse) -> bool:
    html = response.status_code == 200 and response.headers.get("Content-Type", "").startswith("text/html")
    return html and not response.streaming and isinstance(request.user, User) and PAGE in response.content


def _taken(request: HttpRequest, page: str, wanted: Asked) -> HttpResponseBase:
    if why := offered.why_not(request):
        return refused(request, why, 400)
    found = _found(parts(page), wanted)
    if isinstance(found, str):
        return refused(request, found, 400)
    if found is None:
        return refused(request, f"This page has nothing of the name “{wanted.part}”.", 404)
    file = taken.file(request, page, found, wanted)
    assert isinstance(request.user, User)
    scope = getattr(request, "scope", None)
    return recorded(request, request.user, scope, file.name, file.media_type, file.pieces, file.words)


def _found(offers: list[Part], wanted: Asked) -> Part | str | None:
    """The part that is asked for, None where there is none of that name, or why none can be given."""
    every = [form for forms in FORMATS.values() for form in forms]
    if wanted.form not in every:
        return f"A file is one of {', '.join(every)}, not “{wanted.form}”."
    if wanted.part:
        named = [one for one in offers if one.name == wanted.part]
        for part in named:
            if wanted.form in FORMATS[part.kind]:
                return part
        for part in named:
            return f"A {part.kind} is taken as {' or '.join(FORMATS[part.kind])}, not as {wanted.form}."
        return None
    fit = [one for one in offers if wanted.form in FORMATS[one.kind]]
    if len(fit) == 1:
        return fit[0]
    if not fit:
        return f"Nothing on this page can be taken as {wanted.form}."
    return f"Say which by {PART}=: {', '.join(one.name for one in fit)}."
