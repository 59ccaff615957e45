"""Under each table and figure of a page, the files that it can be taken as."""

from collections.abc import Mapping
from types import MappingProxyType
from urllib.parse import urlencode

from django.http import HttpRequest, QueryDict
from django.template.loader import get_template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import mark_safe

from .asked import FORMAT, PART
from .formats import FORMATS
from .parts import Part

# Put together by hand: a page has up to thirty of them, and a template would take longer than all else here.
TAKE = '<p class="take no-print">{}{}</p>'
LINK = '<a href="{}"><span class="sr-only">{} as </span>{}</a>'
# Pages whose tables are not taken out part by part, and why.
NOT: Mapping[str, str] = MappingProxyType(
    {
        "trial:audit": "The audit trail is taken out whole, as filtered, by Export on its page.",
        "trial:installation": "This record is taken out whole, as filtered, by Export on its page.",
        "trial:access": "What is recorded about access is taken out whole, as filtered, by Export on its page.",
        "trial:trial_access": "What is recorded about access is taken out whole, as filtered, by Export on its page.",
        "trial:access_rights": "The rights of a quarter are taken out whole by Export on their page.",
        "trial:trial_access_rights": "The rights of a quarter are taken out whole by Export on their page.",
        "usersessions_list": "Your own sessions are a page to end them from.",
        "trial:tokens": "Your own tokens are a page to revoke them from.",
    }
)


def why_not(request: HttpRequest) -> str:
    """Why the page gives none of its parts as a file; "" where it does."""
    match = request.resolver_match
    return NOT.get(match.view_name, "") if match else ""


def offer(page: str, parts: list[Part], query: QueryDict) -> str:
    """The page with the links. query: of its own address, which they carry on, but for the shown part of the rows."""
    rest = query.copy()
    rest.pop("page", None)
    more = f"&{rest.urlencode()}" if rest else ""
    icon, pieces, at = mark_safe(get_template("icons/download.svg").render()), [], 0
    for part in sorted(parts, key=lambda part: part.end):
        links = (
            (f"?{urlencode({PART: part.name, FORMAT: form})}{more}", part.title, form.upper())
            for form in FORMATS[part.kind]
        )
        pieces += [page[at : part.end], format_html(TAKE, icon, format_html_join("", LINK, links))]
        at = part.end
    return "".join([*pieces, page[at:]])
