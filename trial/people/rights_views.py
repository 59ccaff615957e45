"""Who had which right when: a quarter's table, taken out as a file, and signed by administrators."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from .. import posted
from ..models import RightsReview, Trial, User
from ..refusals import Refused
from ..roles import RIGHTS, May, Role
from ..sheets.answers import whole
from ..sheets.paging import page_of
from . import access, rights, rights_review
from .access import Scope
from .rights import Held, Quarter
from .rights_forms import ReviewForm

LINES_A_PAGE = 100
COLUMNS = (
    "person", "trial", "role", "site", "named", "since (UTC)", "given by", "reason", "until (UTC)", "taken by",
    "reason of the end",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Table:
    """A quarter's table, of the installation or of one trial, and who reads it."""

    reader: User
    scope: Scope | None  # None: the installation
    quarter: Quarter
    quarters: Sequence[Quarter]
    held: Sequence[Held]

    @property
    def trial(self) -> Trial | None:
        return self.scope.trial if self.scope else None

    def url(self, part: str = "") -> str:
        if self.scope:
            return reverse(f"trial:trial_access{part}", args=[self.scope.trial.code])
        return reverse(f"trial:access{part}")


@require_http_methods(["GET", "POST"])
def of_installation(request: HttpRequest) -> HttpResponse:
    """The table over all trials. An administrator signs it once its quarter is over."""
    table = _table(request)
    if request.method == "GET":
        return _page(request, table)

    def act(form: ReviewForm) -> RightsReview:
        said = form.cleaned_data
        assert form.proof is not None
        return rights_review.sign(
            quarter=table.quarter, content=said["content"], remark=said["remark"], proof=form.proof, by=table.reader,
            key=said["key"],
        )  # fmt: skip

    def refused(why: Refused) -> HttpResponse:
        now = _table(request)
        again = ReviewForm(posted.afresh(request, content=rights.content(now.held, now.quarter)))
        return _page(request, now, posted.answered(again, why), status=409)

    return posted.take(
        request,
        ReviewForm(request.POST),
        act=act,
        said=lambda row: f"Signed. The rights of {table.quarter.name} are reviewed.",
        to=lambda row: redirect(f"{table.url('_rights')}?quarter={table.quarter.slug}"),
        shown=lambda form: _page(request, table, form, status=422),
        refused=refused,
    )


@require_GET
def of_trial(request: HttpRequest, trial: str) -> HttpResponse:
    return _page(request, _table(request, trial))


def _table(request: HttpRequest, trial: str | None = None) -> _Table:
    """Of the quarter asked for, else of the last one that is over, else of the present one."""
    scope = access.enter(request, trial, May.READ_ACCESS) if trial is not None else None
    reader = scope.user if scope else access.enter_installation(request, May.READ_ACCESS)
    now = datetime.now(UTC)
    every = rights.everything(scope.trial.pk if scope else None)
    quarters = rights.quarters(every, now)
    asked = request.GET.get("quarter", "")
    latest = next((one for one in quarters if one.over(now)), quarters[0])
    quarter = next((one for one in quarters if one.slug == asked), None) if asked else latest
    if quarter is None:
        raise Http404("There is no such quarter.")
    return _Table(reader, scope, quarter, quarters, rights.in_quarter(every, quarter))


def _page(request: HttpRequest, table: _Table, form: ReviewForm | None = None, status: int = 200) -> HttpResponse:
    now = datetime.now(UTC)
    content = "" if table.scope else rights.content(table.held, table.quarter)
    reviews = rights.reviews(table.quarter)
    signs = not table.scope and table.quarter.over(now) and all(r.user_id != table.reader.pk for r in reviews)
    if signs and form is None:
        form = ReviewForm(initial={"content": content})
    shown: dict[str, Any] = {
        "scope": table.scope,
        "quarter": table.quarter,
        "over": table.quarter.over(now),
        "quarters": table.quarters,
        "page": page_of(request, table.held, LINES_A_PAGE),
        "reviews": [(r, r.content == content) for r in reviews],
        "form": form,
        "meaning": rights_review.MEANING,
        "roles": [(role.label, sorted(right.label for right in RIGHTS[role])) for role in Role],
        "back": table.url(),
        "here": table.url("_rights"),
        "export_url": table.url("_rights_export"),
    }
    return render(request, "trial/people/rights.html", shown, status=status)


@require_GET
def export(request: HttpRequest, trial: str | None = None) -> HttpResponseBase:
    table = _table(request, trial)
    return whole(
        request,
        reader=table.reader,
        scope=table.scope,
        name=f"{table.scope.trial.code if table.scope else 'installation'}-rights-{table.quarter.slug}",
        table=(COLUMNS, _lines(table.held)),
        title=f"Rights of {table.quarter.name}",
        moment=table.quarter.name,
        filters=[],
        detail=f"rights of {table.quarter.name}, {len(table.held)} lines",
    )


def _lines(held: Sequence[Held]) -> Iterator[Sequence[str]]:
    for one in held:
        end = one.until
        yield (
            one.person, one.trial, one.role_label, one.where, ", ".join(one.named), one.since.at.isoformat(),
            one.since.by, one.since.reason, end.at.isoformat() if end else "", end.by if end else "",
            end.reason if end else "",
        )  # fmt: skip
