"""A page of the past leads to pages of the past: its links and filters carry the moment on, whoever wrote them."""

import re
from collections.abc import Callable
from html import escape, unescape
from urllib.parse import urlsplit, urlunsplit

from .pages import MOMENTS, WRITES

TODAY = "data-today"  # on a link or form of the frame that chooses the moment itself
_TAG = re.compile(r"<[a-zA-Z][^<>]*>")
_LEADS = re.compile(r'(?<=[\s:])(href|hx-get|data-href|action)="([^"]*)"')
_MOMENT = re.compile(rf"(?:^|&)(?:{'|'.join(MOMENTS)})=")
_METHOD = re.compile(r'\smethod="post"', re.IGNORECASE)


def carry(page: str, *, code: str, moment: tuple[str, int], here: str, why_not: Callable[[str], str]) -> str:
    """The page with the moment in each address of this trial that can be read as of then, and in each form that asks.

    Nothing leads to an address that writes. A form that would write is given the moment too: no address takes writing
    with it. moment: its name and number in an address. here: the page's own path. why_not: why a path cannot be read as
    of then, "" where it can.
    """
    under, name, number = f"/trials/{code}/", *moment

    def led(found: re.Match[str], *, writes: bool) -> str:
        leads, said = found.groups()
        scheme, host, path, query, fragment = urlsplit(unescape(said))
        if (
            scheme
            or host
            or not (path or said.startswith("?"))
            or not (path or here).startswith(under)
            or _MOMENT.search(query)
        ):
            return found[0]  # elsewhere, a place on this page, or another moment
        why = "" if writes else why_not(path or here)
        if why:
            return "" if why == WRITES else found[0]
        query = f"{query}&{name}={number}" if query else f"{name}={number}"
        return f'{leads}="{escape(urlunsplit(("", "", path, query, fragment)))}"'

    def tag(found: re.Match[str]) -> str:
        said = found[0]
        if TODAY in said:
            return said
        form = said[:5].lower() == "<form"
        writes = form and bool(_METHOD.search(said))
        said = _LEADS.sub(lambda at: led(at, writes=writes), said)
        return said if writes or not form else f'{said}<input type="hidden" name="{name}" value="{number}">'

    return _TAG.sub(tag, page)
