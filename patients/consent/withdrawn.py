"""What a withdrawal forbids, said once: every page, list, endpoint and service asks here.

A fact is forbidden when it is dated after the day of a withdrawal that covers it; what happened on that day or before
stays enterable. From that day on nothing that it covers is offered or planned. A consent signed later ends it, from
its own day on, where it says that the patient consents again to what was withdrawn. A consent to the trial that was
withdrawn before withdrawals said what they cover is read as one of treatment, study visits and samples.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from trial.record.ledger import Act
from trial.refusals import Refused
from trial.roles import Role

from ..models import Consent, Patient
from .models import Covers, Deviation, Withdrawal

RANK = {Covers.TREATMENT: 1, Covers.VISITS: 2, Covers.CONTACT: 3}
WHAT = {
    Covers.TREATMENT: "study treatment",
    Covers.VISITS: "study visits and samples",
    Covers.CONTACT: "all contact",
}


@dataclass(frozen=True, slots=True)
class Span:
    """One withdrawal. until: the day of the consent that ended it, None while it holds."""

    covers: Covers
    on: date
    until: date | None
    public_records: bool


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """Every withdrawal of one patient from the trial."""

    spans: Sequence[Span] = ()

    def since(self, what: Covers, on: date) -> date | None:
        """The day of the withdrawal that forbids something of `what` dated `on`; None when it may be recorded."""
        return self._first(what, lambda span: span.on < on and (span.until is None or on < span.until))

    def over(self, what: Covers, today: date) -> date | None:
        """The day of the withdrawal since which nothing of `what` is offered or planned; None when it is."""
        return self._first(what, lambda span: span.on <= today and (span.until is None or today < span.until))

    def records_open(self, on: date) -> bool:
        """Whether survival may be read from public records although all contact is withdrawn."""
        mine = [s for s in self.spans if s.covers == Covers.CONTACT and s.on < on]
        return bool(mine) and max(mine, key=lambda s: s.on).public_records

    def _first(self, what: Covers, holds: Callable[[Span], bool]) -> date | None:
        return min((s.on for s in self.spans if RANK[s.covers] >= RANK[what] and holds(s)), default=None)


def of(slot: UUID, besides: UUID | None = None) -> Withdrawn:
    """Of the patient of one slot. besides: a withdrawal, or a consent whose own answer, that is left out."""
    withdrawals = Withdrawal.objects.filter(slot=slot, voided=False)
    signed = Consent.objects.filter(slot=slot, kind=Consent.Kind.TRIAL, voided=False)
    if besides:
        withdrawals, signed = withdrawals.exclude(pk=besides), signed.exclude(pk=besides)
    return _read(withdrawals, signed).get(slot, Withdrawn())


def of_trial(trial: UUID) -> dict[UUID, Withdrawn]:
    """By slot, of those who withdrew: two queries."""
    return _read(
        Withdrawal.objects.filter(trial=trial, voided=False),
        Consent.objects.filter(trial=trial, kind=Consent.Kind.TRIAL, voided=False),
    )


def _read(withdrawals: Iterable[Withdrawal], consents: Iterable[Consent]) -> dict[UUID, Withdrawn]:
    given: dict[UUID, list[Consent]] = {}
    found: dict[UUID, list[tuple[Covers, date, bool]]] = {}
    for consent in consents:
        given.setdefault(consent.slot_id, []).append(consent)
        if consent.withdrawn_on:
            found.setdefault(consent.slot_id, []).append((Covers.VISITS, consent.withdrawn_on, False))
    for row in withdrawals:
        found.setdefault(row.slot_id, []).append((Covers(row.covers), row.on, row.public_records))

    def ended(slot: UUID, covers: Covers, on: date) -> date | None:
        later = (c for c in given.get(slot, ()) if c.given_on > on)
        return min((c.given_on for c in later if _ends(c, covers)), default=None)

    return {
        slot: Withdrawn([Span(covers, on, ended(slot, covers, on), records) for covers, on, records in spans])
        for slot, spans in found.items()
    }


def _ends(consent: Consent, covers: Covers) -> bool:
    """One from before it was asked: nobody was asked to sign after a withdrawal, but for one from treatment alone."""
    return covers != Covers.TREATMENT if consent.resumes is None else consent.resumes


def check(slot: UUID, what: Covers, on: date, *, label: str, field: str) -> None:
    """Refuse what is dated after the patient withdrew from it."""
    if since := of(slot).since(what, on):
        raise Refused(_sentence(label, on, what, since), field=field)


def allow(act: Act, patient: Patient, what: Covers, on: date, *, fact: str, label: str, field: str) -> bool:
    """Record what was done after the withdrawal as an important deviation, by the investigator and with his reason.

    Refused for anybody else, and without a reason. fact: which one, as people name it. Answers whether it is one; of
    a fact that was one, and is corrected to another day, `list_deviations` says so with the action.
    """
    since = of(patient.slot_id).since(what, on)
    if since is None:
        return False
    if act.acting_as != Role.INVESTIGATOR:
        raise Refused(
            f"{_sentence(label, on, what, since)} What was done all the same is recorded by the investigator, with a "
            "reason, as an important deviation.",
            field=field,
        )
    if not act.reason.strip():
        raise Refused(f"Reason: {_sentence(label, on, what, since)} An important deviation needs one.", field="reason")
    assert act.by is not None
    known = Deviation.objects.filter(patient=patient, fact=fact, voided=False).first()
    # the reason of a correction is that of the correction: why it was done stays as the investigator said it
    row = known or Deviation(trial_id=act.trial_id, patient=patient, fact=fact, reason=act.reason.strip(), by=act.by)
    row.on, row.withdrawn_on = on, since
    row.save()
    return True


def in_spite(patient: Patient, fact: str) -> bool:
    """Whether a fact was recorded as done in spite of a withdrawal that was known."""
    return Deviation.objects.filter(patient=patient, fact=fact, found_late=None, voided=False).exists()


@dataclass(frozen=True, slots=True)
class Dated:
    """A recorded fact of a patient, as people name it, its day, and what it is part of."""

    fact: str
    on: date
    what: Covers


def list_deviations(patient: Patient, facts: Iterable[Dated]) -> None:
    """Make the list of what was done in spite of a withdrawal follow the record as it stands.

    facts: everything that a withdrawal may cover. What was recorded before the withdrawal was is listed, and its reason
    is owed; what follows none any more is no deviation; of the others the days are written anew.
    """
    left = of(patient.slot_id)
    since = {one.fact: (one.on, left.since(one.what, one.on)) for one in facts}
    known = {row.fact: row for row in Deviation.objects.filter(patient=patient, voided=False)}
    for fact, row in known.items():
        on, withdrawn_on = since.get(fact, (row.on, None))
        if (row.on, row.withdrawn_on) == (on, withdrawn_on):
            continue
        if withdrawn_on is None:
            row.voided = True
        else:
            row.on, row.withdrawn_on = on, withdrawn_on
        row.save()
    for fact, (on, withdrawn_on) in since.items():
        if withdrawn_on and fact not in known:
            Deviation.objects.create(
                trial_id=patient.trial_id, patient=patient, fact=fact, on=on, withdrawn_on=withdrawn_on, found_late=True
            )


def _sentence(label: str, on: date, what: Covers, since: date) -> str:
    return f"{label}: {on:%-d %b %Y} is after the patient withdrew from {WHAT[what]} on {since:%-d %b %Y}."
