"""The page of two moments side by side."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from trial.people import access
from trial.people.access import Frozen
from trial.record import pages
from trial.roles import May
from trial.sheets.paging import page_of

from ..common import written
from . import queries
from .compare import KINDS, Compared, compared, moment
from .forms import CompareForm

ROWS_A_PAGE = 50
HEADS = ("Treated", "Evaluable", "DLT", "Pending", "Replaced")


@require_GET
def compare(request: HttpRequest, trial: str) -> HttpResponse:
    """What differs between two cuts, or a cut and now; the last cut and now unless others are asked for."""
    scope = access.enter(request, trial)
    cuts = queries.moments(scope.trial.pk)
    first = _asked(request, "from", cuts, cuts[0] if cuts else None)
    other = _asked(request, "to", cuts, None)
    here = written(request, scope)
    shown: dict[str, object] = {"scope": scope, "here": here, "cuts": cuts}
    if cuts:
        one, two = moment(scope, first), moment(scope, other)
        assert one is not None and two is not None, "a cut is frozen after the protocol is written"
        found = compared(scope, one, two)
        shown |= _shown(request, found, pages.of(scope.trial.code, responses=scope.reads_responses))
        shown |= {
            "form": CompareForm(initial={"from": _value(first), "to": _value(other)}, cuts=cuts),
            "audit": reverse("trial:audit", args=[scope.trial.code]) if scope.may(May.READ_AUDIT) else "",
        }
    return render(request, "escalation/meetings/compare.html", shown)


def _asked(request: HttpRequest, name: str, cuts: list[Frozen], unless: Frozen | None) -> Frozen | None:
    """The cut at that number of the record; "" is now. 404: no meeting of this trial froze it."""
    said = request.GET.get(name)
    if said is None:
        return unless
    if said == "":
        return None
    found = next((cut for cut in cuts if str(cut.record) == said), None)
    if found is None:
        raise Http404("No such cut.")
    return found


def _value(cut: Frozen | None) -> str:
    return str(cut.record) if cut else ""


def _shown(request: HttpRequest, found: Compared, page: pages.PageOf) -> dict[str, object]:
    counts = found.counts()
    kind = request.GET.get("kind", "")
    if kind and kind not in counts:
        raise Http404("No such kind of rows, or none that this reader may read.")
    rows = page_of(request, found.of(kind), ROWS_A_PAGE)
    query = request.GET.copy()
    query.pop("page", None)

    def tab(name: str) -> str:
        query["kind"] = name
        return f"?{query.urlencode()}"

    every = sum(counts.values())
    return {
        "found": found,
        "heads": HEADS,
        "levels": [
            (level, [(head, was, now) for head, (was, now) in zip(HEADS, level.cells, strict=True)])
            for level in found.levels
        ],
        "kind": kind,
        "tabs": [
            (tab(""), "All", every, kind == ""),
            *((tab(name), KINDS[name][0], n, kind == name) for name, n in counts.items()),
        ],
        "rows": [(KINDS[one.kind][0], one) for one in found.told(list(rows), page)],
        "page": rows,
    }
