"""What must be entered, answered, adjudicated or signed before a decision, and by whom."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.urls import reverse

from assessments.count.queries import PatientFacts, confirmable
from assessments.events import sight
from assessments.events.facts import EventFacts
from assessments.response.outstanding import Kind, Outstanding, outstanding
from trial.models import Signature
from trial.people.access import Scope
from trial.roles import May, Role

from ..display.types import BlockedRow
from ..outside import queries as outside
from ..situation.situation import Situation
from . import still_asked

OWNER = "the safety committee"
WITHOUT_EVENT = {  # what is asked of a patient who is suspected though no event says so, by criterion
    "N3": "report the death in the DLT window as an event of grade 5, with its cause (N3)",
    "N4": "mark the adverse event that treatment was stopped for (N4)",
}


@dataclass(frozen=True, slots=True)
class Missing:
    """What is missing or not adjudicated about one patient; `view` is the page that answers it."""

    facts: PatientFacts
    what: str
    owner: str
    view: str = ""
    now: bool = False
    event: EventFacts | None = None


def missing(here: Situation) -> list[Missing]:
    """Data that the count waits for, suspected DLTs first."""
    found = [_review(f, e) for f in here.facts for e in f.events if e.in_review]
    found += [_grade(f, e) for f in here.facts for e in f.events if e.state == "open" and e.event.ungraded]
    return found + [item for f in here.facts if (item := _awaited(f))]


def in_window(here: Situation) -> int:
    """How many of the count are still pending because their DLT window runs: nothing of theirs is missing yet."""
    return sum(f.counted and f.outcome in ("pending", "suspected") and bool(f.days_left) for f in here.facts)


def rows(scope: Scope, *, here: Situation, signatures: Mapping[UUID, Sequence[Signature]]) -> list[BlockedRow]:
    """The list as this reader may see it, with what waits for signatures."""
    found = missing_rows(scope, here)
    if here.proposed:
        wanted = here.protocol.settings.signatures
        signed = signatures.get(here.proposed.pk, ())
        member = any(s.role == Role.DSMB for s in signed)
        found.append(
            BlockedRow(
                text=f"Decision {here.proposed.number}: {len(signed)} of {wanted} signatures",
                owner="a safety committee member or the medical monitor" if member else "a safety committee member",
                url=reverse("escalation:decision", args=[scope.trial.code, here.proposed.number]),
            )
        )
    return found + _outside(scope, here)


def missing_rows(scope: Scope, here: Situation, due: date | None = None) -> list[BlockedRow]:
    """Missing data as this reader may see it. due: the cut-off of the meeting that waits for it."""
    return [_row(scope, item, due, here.on) for item in missing(here)]


def _outside(scope: Scope, here: Situation) -> list[BlockedRow]:
    """What waits for the committee about patients outside the count."""
    every = outside.decisions(here.trial.pk)
    url = reverse("escalation:outside", args=[scope.trial.code])
    found = [
        BlockedRow(
            text=f"Review the DLT rate at level {rate.level.label}: {rate.whole.x}/{rate.whole.n}", owner=OWNER, url=url
        )
        for rate in outside.reviews(here, every)
    ]
    if waits := outside.proposed(every):
        found.append(BlockedRow(text=f"Decision {waits.code}: signatures", owner=OWNER, url=url))
    return found


def besides(scope: Scope, here: Situation) -> list[BlockedRow]:
    """What waits for the response of patients: it holds up no decision about the dose, but the results that follow."""
    still = still_asked.patients(here)
    facts = {f.patient.pk: f for f in here.facts if f.patient.pk in still}
    return [
        _of_response(scope, facts[one.patient], one)
        for one in outstanding(here.trial.pk, here.today)
        if one.patient in facts and (one.kind in (Kind.DIFFERENCE, Kind.QUESTION) or one.missed)
    ]


def _of_response(scope: Scope, f: PatientFacts, one: Outstanding) -> BlockedRow:
    site = f.patient.site.code
    if one.row and one.kind == Kind.QUESTION:
        text, owner = f"{one.row.code}: answer what its values leave open", "coordinator"
        view, number, right = "assessments:response_answer", one.row.number, May.RECORD_RESPONSE
    elif one.row:
        text, owner = f"{one.row.code} differs from the investigator's category: give the reason", "investigator"
        view, number, right = "assessments:response_resolve", one.row.number, May.ASSESS_RESPONSE
    else:
        text = "enter the baseline assessment" if one.baseline else "enter the disease assessment"
        owner = "coordinator"
        view, number, right = "assessments:response_add", f.patient.number, May.RECORD_RESPONSE
    url = ""
    if scope.sees(f.patient.site_id) and scope.reads_responses:
        name, at = (view, number) if scope.may(right) else ("assessments:response_patient", f.patient.number)
        url = reverse(name, args=[scope.trial.code, at])
    return BlockedRow(
        text=f"{_who(scope, f)}: {text}",
        owner=f"{owner}, site {site}",
        url=url,
        due=one.planned,
        overdue=one.missed,
    )


def _review(f: PatientFacts, e: EventFacts) -> Missing:
    if sight.opened(e):  # who answered first is nobody's business before both have
        owner = "third reader: the two verdicts differ"
    else:
        owner = f"investigator, site {f.patient.site.code}, and second reader"
    return Missing(f, f"adjudicate {e.event.term.lower()}, {e.event.graded}", owner, event=e)


def _grade(f: PatientFacts, e: EventFacts) -> Missing:
    what = f"grade and relate {e.event.term.lower()}, {e.event.code}"
    return Missing(f, what, f"investigator, site {f.patient.site.code}", now=True, event=e)


def _awaited(f: PatientFacts) -> Missing | None:
    """A patient whose window is over, or who waits for an answer, without a suspected event to adjudicate."""
    if f.outcome not in ("pending", "suspected") or any(e.in_review or e.event.ungraded for e in f.events):
        return None
    investigator = f"investigator, site {f.patient.site.code}"
    state = confirmable(f)
    if state:
        answer = "confirm no DLT, evaluable" if state == "completed" else "confirm not evaluable, to be replaced"
        return Missing(f, answer, investigator, "patients:evaluability", now=True)
    if f.days_left and f.outcome == "pending" and f.patient.treatment.stopped_on is None:
        return None
    if f.outcome == "suspected":
        return Missing(f, WITHOUT_EVENT.get(f.without_event, f.because), investigator, "patients:patient", now=True)
    if f.enough_drug is None:
        owner = f"coordinator or investigator, site {f.patient.site.code}"
        view = "patients:cycles" if f.course and f.course.plans else "patients:dosing"
        return Missing(f, "enter the doses taken in the window", owner, view, now=True)
    return Missing(f, f.because, investigator, "patients:patient")


def _row(scope: Scope, item: Missing, due: date | None, on: date) -> BlockedRow:
    f = item.facts
    return BlockedRow(
        text=f"{_who(scope, f)}: {item.what}",
        owner=item.owner,
        url=_url(scope, item),
        due=due,
        due_words="now" if item.now and due is None else "",
        overdue=due is not None and due < on,
    )


def _url(scope: Scope, item: Missing) -> str:
    f, e = item.facts, item.event
    if e is not None:
        if not sight.reads(scope, f):
            return ""
        name = "assessments:verdict" if sight.turn(scope, f, e) else "assessments:event"
        return reverse(name, args=[scope.trial.code, e.event.number])
    return reverse(item.view, args=[scope.trial.code, f.patient.code]) if scope.sees(f.patient.site_id) else ""


def _who(scope: Scope, f: PatientFacts) -> str:
    if sight.numbered(scope, f):
        return f"Patient {f.patient.code}"
    return f"A patient of site {f.patient.site.code}"
