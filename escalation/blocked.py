"""What must be entered, answered, adjudicated or signed before a decision, and by whom."""

from collections.abc import Mapping, Sequence
from datetime import date
from uuid import UUID

from django.urls import reverse

from assessments import sight
from assessments.queries import EventFacts, PatientFacts, confirmable
from trial.access import Scope
from trial.models import Signature
from trial.roles import Role

from .outside import queries as outside
from .page import BlockedRow
from .queries import Situation

OWNER = "the safety committee"


def rows(scope: Scope, *, here: Situation, signatures: Mapping[UUID, Sequence[Signature]]) -> list[BlockedRow]:
    """The list, suspected DLTs first."""
    found = [_review(scope, f, e) for f in here.facts for e in f.events if e.in_review]
    found += [row for f in here.facts if (row := _awaited(scope, f, here.on))]
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


def _review(scope: Scope, f: PatientFacts, e: EventFacts) -> BlockedRow:
    if sight.opened(e):  # who answered first is nobody's business before both have
        owner = "third reader: the two verdicts differ"
    else:
        owner = f"investigator, site {f.patient.site.code}, and second reader"
    url = ""
    if sight.reads(scope, f):
        name = "assessments:verdict" if sight.turn(scope, f, e) else "assessments:event"
        url = reverse(name, args=[scope.trial.code, e.event.number])
    return BlockedRow(
        text=f"{_who(scope, f)}: adjudicate {e.event.term.lower()}, grade {e.event.grade}", owner=owner, url=url
    )


def _awaited(scope: Scope, f: PatientFacts, on: date) -> BlockedRow | None:
    """A patient whose window is over, or who waits for an answer, without a suspected event to adjudicate."""
    if f.outcome not in ("pending", "suspected") or any(e.in_review for e in f.events):
        return None
    investigator = f"investigator, site {f.patient.site.code}"
    state = confirmable(f, on)
    if state:
        answer = "confirm no DLT, evaluable" if state == "completed" else "confirm not evaluable, to be replaced"
        return _row(scope, f, answer, investigator, "patients:evaluability", now=True)
    if f.days_left and f.outcome == "pending" and f.patient.treatment.stopped_on is None:
        return None
    if f.enough_drug is None:
        owner = f"coordinator or investigator, site {f.patient.site.code}"
        return _row(scope, f, "enter the doses taken in the window", owner, "patients:dosing", now=True)
    return _row(scope, f, f.because, investigator, "patients:patient")


def _row(scope: Scope, f: PatientFacts, what: str, owner: str, view: str, *, now: bool = False) -> BlockedRow:
    url = reverse(view, args=[scope.trial.code, f.patient.code]) if scope.sees(f.patient.site_id) else ""
    return BlockedRow(text=f"{_who(scope, f)}: {what}", owner=owner, url=url, due_words="now" if now else "")


def _who(scope: Scope, f: PatientFacts) -> str:
    if sight.numbered(scope, f):
        return f"Patient {f.patient.code}"
    return f"A patient of site {f.patient.site.code}"
