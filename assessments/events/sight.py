"""Who may see what of a patient of another site, and of a verdict before one's own is given.

Members see number, level, window day and DLT state of every patient; coordinators of other sites see "a patient"
(docs/map.md). A reader must not know the other's verdict before he has answered (docs/domain.md,
section 4), so a reading stays shut for everybody until its first two readers have both answered.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Protocol
from uuid import UUID

from patients.models import Patient
from trial.models import User
from trial.people.access import Scope
from trial.roles import May, Role

from ..models import DltVerdict
from .facts import EventFacts

Reader = DltVerdict.Reader
BOTH = {Reader.FIRST, Reader.SECOND}  # a reading is open when these have answered


class OfPatient(Protocol):
    """Facts about one patient, whatever else they say."""

    @property
    def patient(self) -> Patient: ...


class WithEvents(OfPatient, Protocol):
    @property
    def events(self) -> Sequence[EventFacts]: ...


def reader_of(
    act_role: str,
    *,
    site: UUID | None,
    patient_site: UUID,
    second: bool,
    third: bool,
    dsmb: bool,
    first_given: bool = False,
) -> str:
    """Which reader a person is for a patient's event, from role, site and what he is named for; "" for none.

    An investigator of the patient's site who is named third reader is that once a colleague gave the first verdict.
    """
    if act_role == Role.MEDICAL_MONITOR:
        return Reader.SECOND
    if dsmb:
        return Reader.THIRD
    if act_role != Role.INVESTIGATOR:
        return ""
    if site == patient_site:
        return Reader.THIRD if third and first_given else Reader.FIRST
    if second:
        return Reader.SECOND
    return Reader.THIRD if third else ""


def numbered(scope: Scope, patient: OfPatient) -> bool:
    """Whether this person may know the patient by number."""
    return scope.role != Role.COORDINATOR or scope.sees(patient.patient.site_id)


def veiled(sentence: str, scope: Scope, facts: Iterable[OfPatient]) -> str:
    """A sentence about the trial, without the numbers of patients that this person may not know."""
    for patient in facts:
        if not numbered(scope, patient):
            sentence = re.sub(rf"\b[Pp]atient {patient.patient.code}\b", _unnamed, sentence)
    return sentence


def _unnamed(found: re.Match[str]) -> str:
    return "A patient" if found[0][0] == "P" else "a patient"


def reader(scope: Scope, patient: OfPatient, event: EventFacts | None = None) -> str:
    """Which reader this person is for the patient's event, or for any that nobody has read; "" for none."""
    if not (scope.may(May.READ_FIRST) or scope.may(May.READ_SECOND) or scope.may(May.READ_THIRD)):
        return ""
    member = scope.membership
    return reader_of(
        scope.role,
        site=member.site_id if member else None,
        patient_site=patient.patient.site_id,
        second=bool(member and member.second_reader),
        third=bool(member and member.third_reader),
        dsmb=scope.role == Role.DSMB,
        first_given=event is not None and any(v.reader == Reader.FIRST for v in event.verdicts),
    )


def reads(scope: Scope, patient: OfPatient) -> bool:
    """Whether this person may see the events: of his sites, or as a named reader of other sites' DLTs."""
    return scope.sees(patient.patient.site_id) or bool(reader(scope, patient))


def shut(trial: UUID, reader: User) -> frozenset[UUID]:
    """The verdicts that this person may read nowhere yet: `opened` and `verdicts`, by rows, for the whole record.

    Also those of an earlier reading, which nobody answered beside them, as long as the present one is shut.
    """
    found = DltVerdict.objects.filter(trial=trial).exclude(event__voided=True).select_related("event")
    given: dict[tuple[UUID, int], set[str]] = defaultdict(set)
    for verdict in found:
        given[verdict.event_id, verdict.round].add(verdict.reader)
    both = {reading for reading, readers in given.items() if readers >= BOTH}
    return frozenset(
        verdict.pk
        for verdict in found
        if verdict.by_id != reader.pk
        and both.isdisjoint({(verdict.event_id, verdict.round), (verdict.event_id, verdict.event.round)})
    )


def opened(event: EventFacts) -> bool:
    """Whether the verdicts of the last reading may be seen: the first and the second reader have answered."""
    given = {verdict.reader for verdict in event.verdicts}
    return event.state in ("dlt", "not_dlt") or given >= BOTH


def verdicts(scope: Scope, event: EventFacts) -> list[DltVerdict]:
    """The verdicts that this person may see: all of them once the reading is open, before that only his own."""
    return [verdict for verdict in event.verdicts if opened(event) or verdict.by_id == scope.user.pk]


def turn(scope: Scope, patient: OfPatient, event: EventFacts) -> bool:
    """Whether this person can give a verdict on the event now."""
    mine = scope.past is None and _open(scope, patient, event)
    return mine and all(verdict.by_id != scope.user.pk for verdict in event.verdicts)


def owes(scope: Scope, patients: Iterable[WithEvents]) -> bool:
    """Whether a verdict is open, on any event, that is of whoever has this person's place.

    Also where he cannot give it himself because another of the same event is his: so it is the same for each member of
    a role that reads all sites.
    """
    return any(_open(scope, patient, event) for patient in patients for event in patient.events)


def _open(scope: Scope, patient: OfPatient, event: EventFacts) -> bool:
    mine = reader(scope, patient, event)
    if not mine or not event.in_review or mine in {verdict.reader for verdict in event.verdicts}:
        return False
    return mine != Reader.THIRD or opened(event)


def waits_for(scope: Scope, patient: OfPatient, event: EventFacts) -> str:
    """Whom an event waits for, said so that a closed reading gives nobody away."""
    if turn(scope, patient, event):
        return "you"
    return "the third reader" if opened(event) else "the readers"
