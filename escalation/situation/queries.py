"""Where the trial stands, computed from the records on each read: one function for pages, API and services."""

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

from django.conf import settings as django_settings
from django.db import connection
from django.db.models.expressions import RawSQL

from assessments.count import queries as assessments
from assessments.count.queries import PatientFacts
from assessments.dlt.version import TODAY, Reading, reading_of
from trial import clock
from trial.clock import Today
from trial.dates import later, shown
from trial.models import AuditEvent, Ledger, ProtocolVersion, Signature, Site, Trial
from trial.people import access
from trial.people.entry import ZONES, Stamp
from trial.protocol_settings import ProtocolSettings
from trial.queries import Protocol
from trial.record import ledger, rows
from trial.record.kept import Kept
from trial.refusals import Refused

from ..engine import terms as engine
from ..engines import recommend
from ..models import BasisChanged, Decision
from ..stored import answer as stored_answer
from . import parts
from .changes import grouped, unanswered
from .parts import VERSIONS, Parts, Read
from .situation import Held, Situation


def rule_of(settings: ProtocolSettings) -> engine.Rule:
    """The engine's rule of a protocol version."""
    return engine.Rule(
        variant=engine.Variant(settings.variant),
        a=settings.a,
        b=settings.b,
        c=settings.c,
        d=settings.d,
        e=settings.e,
        early_stop=settings.early_stop,
    )


def engine_inputs(protocol: Protocol, facts: Sequence[PatientFacts], closed_by_committee: int | None) -> dict[str, Any]:
    """The engine's input as stored with a decision; patients carry their number and dose level besides."""
    s = protocol.settings
    return {
        "variant": s.variant,
        "levels": len(protocol.levels),
        "start": s.start,
        "settings": {"a": s.a, "b": s.b, "c": s.c, "d": s.d, "e": s.e, "early_stop": s.early_stop},
        "closed_by_committee": closed_by_committee,
        "patients": [
            {
                "patient": f.patient.number,
                "dose_level": str(f.level.pk),
                "level": protocol.position(f.level.pk),
                "outcome": f.outcome,
                "role": f.patient.role,
            }
            for f in facts
            if f.dosed
        ],
    }


def closed_by_committee(protocol: Protocol, in_force: Sequence[Decision]) -> int | None:
    """The lowest level that a decision in force closed, by its position on this version's ladder."""
    closed = [p for d in in_force if d.closes_id and (p := protocol.position(d.closes_id))]
    return min(closed, default=None)


NOT_WRITTEN = "The protocol is not written yet."
_kept: Kept[Situation] = Kept(most=64)


def situation(
    trial: Trial,
    on: date | Today,
    *,
    number: int | None = None,
    was: Situation | None = None,
    read: Read | None = None,
    reading: Reading = TODAY,
) -> Situation | None:
    """Where the trial stands; None before its protocol is written.

    on: today in the trial and at its sites; a date alone is that of all of them.

    What follows from rows that are the same as before is not made or derived again.

    was: a situation known before, the one kept last when left out.
    read: the rows, where they are known. One query otherwise, however many patients there are.
    reading: of the rules from event to count; another one than today's for what was read by that, a replay or a cut.
    """
    read, today = read or parts.read(trial.pk), clock.day(on)
    was = was or _kept.last(trial.pk)
    number = ledger.number_of(trial.pk) if number is None else number
    same = was is not None and read.same(was.read)
    made = was.parts if was and same else parts.made_of(read.rows)
    if made is None:
        return None
    if was and same and was.reading == reading and _dates(was.today, read) == _dates(today, read):
        return replace(was, trial=trial, today=today, number=number, read=read)
    facts = assessments.derived(made.records, today, reading)
    in_force = [d for d in made.decisions if getattr(d, "ending", None) and d.ending.in_force]
    inputs = engine_inputs(made.protocol, facts, closed_by_committee(made.protocol, in_force))
    changes = unanswered(made.basis_changes, in_force)
    return Situation(
        trial=trial,
        today=today,
        number=number,
        reading=reading,
        read=read,
        parts=made,
        facts=facts,
        inputs=inputs,
        advice=recommend(inputs),
        in_force=in_force,
        proposed=next((d for d in made.decisions if not getattr(d, "ending", None)), None),
        holds=_holds(made, changes, facts),
        changes=changes,
    )


def _dates(today: Today, read: Read) -> list[date]:
    """The trial's date and those of its sites: what follows from a moment, and from no other part of it."""
    return [today.on, *(today.at(site["time_zone"]) for site in read.rows[Site].values())]


def under(act: ledger.Act) -> Situation:
    """The situation that a service re-reads under the lock of its action. Refused before the protocol is written."""
    assert act.trial is not None
    found = situation(act.trial, act.today, number=act.ledger.number)
    if found is None:
        raise Refused(NOT_WRITTEN)
    act.seen = found
    return found


def after(act: ledger.Act) -> Situation | None:
    """Where the trial stands after what the action wrote so far: its images laid over the rows that were read before.

    Those are what the service read under this lock, or what was kept under the head that the lock still shows.
    """
    assert act.trial is not None
    was = act.seen if isinstance(act.seen, Situation) else _known(act.trial.pk, act.ledger.head, None)
    read = _laid_over(was.read, act) if was else None
    return situation(act.trial, act.today, number=act.ledger.number, was=was, read=read)


def again(act: ledger.Act, here: Situation) -> Situation:
    """Where it stands after what the consequences wrote."""
    act.read_images()
    return situation(here.trial, here.today, number=here.number, was=here, read=_laid_over(here.read, act)) or here


def keep(act: ledger.Act, here: Situation) -> None:
    """Keep the situation that the action leaves, under the head that will seal it."""

    def sealed(head: str) -> None:
        read = _laid_over(here.read, act)
        if left := situation(here.trial, here.today, number=act.number, was=here, read=read):
            _kept.put(here.trial.pk, head, left)

    act.sealed = sealed


def _laid_over(read: Read, act: ledger.Act) -> Read:
    said = rows.laid_over(read.rows, act.images)
    decided = said[Decision] is not read.rows[Decision]
    return Read(said, _stored(act.trial_id) if decided else read.stored)


def here(scope: access.Scope, at: Stamp | None = None) -> Situation | None:
    """The trial today, for a page or an endpoint; read again only when the record has moved since.

    at: where the record stood when the request entered, if nothing was written in between; None asks anew.
    A cut is read by the rules that froze it: members read what they read then, whatever is mended since.
    """
    trial, today = scope.trial, scope.days
    if ledger.in_the_past():
        return situation(trial, today, reading=reading_of(scope.cut.rules) or TODAY if scope.cut else TODAY)
    number, head, stored = (at.number, at.head, at.besides["decisions"]) if at else _head(trial.pk)
    known = _known(trial.pk, head, stored)
    if known and _dates(known.today, known.read) == _dates(today, known.read):
        return known
    found = situation(trial, today, number=number, was=known, read=known.read if known else None)
    if found and ledger.head_of(trial.pk) == (number, head):  # nothing was written while it was read
        _kept.put(trial.pk, head, found)
    return found


def written(scope: access.Scope, at: Stamp | None = None) -> Situation:
    """`here` for an endpoint that answers only once the protocol is written."""
    found = here(scope, at)
    if found is None:
        raise Refused(NOT_WRITTEN)
    return found


STORED = VERSIONS.format("t.id")  # read with the trial at the door (settings.STAMPS)


def _head(trial: UUID) -> tuple[int, str, list[str]]:
    """The number of the trial's last action, the hash that seals it, and the row versions of its decisions."""
    stored = RawSQL(VERSIONS.format("trial_ledger.trial_id"), [])
    number, head, versions = Ledger.objects.values_list("number", "head", stored).get(trial=trial)
    return number, head, versions


def stamps(trials: Sequence[UUID]) -> dict[UUID, Stamp]:
    """Where the record of each of these trials stands, in one statement."""
    of = "trial_ledger.trial_id"
    asked = ("trial", "number", "head", RawSQL(ZONES.format(of), []), RawSQL(VERSIONS.format(of), []))
    rows = Ledger.objects.filter(trial__in=trials).values_list(*asked)
    return {trial: Stamp(number, head, zones, {"decisions": stored}) for trial, number, head, zones, stored in rows}


def _stored(trial: UUID) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {VERSIONS.format('%s')}", [trial])
        found: list[str] = cursor.fetchone()[0]
    return found


def _known(trial: UUID, head: str, stored: Sequence[str] | None) -> Situation | None:
    """What was kept under this head, unless a decision has been changed behind the program's back since.

    stored: the row versions of the decisions now; None reads them.
    """
    known = _kept.get(trial, head)
    return known if known and (stored if stored is not None else _stored(trial)) == known.read.stored else None


def decisions(trial: UUID) -> Sequence[Decision]:
    """All decisions in order, with their endings."""
    return list(
        Decision.objects.filter(trial=trial)
        .select_related("ending__cohort", "dose_level", "protocol", "proposed_by", "cut__meeting")
        .order_by("number")
    )


def signatures(trial: UUID) -> dict[UUID, list[Signature]]:
    """Signatures by the id of what was signed."""
    found: dict[UUID, list[Signature]] = {}
    for signature in Signature.objects.filter(trial=trial).order_by("signed_at", "rev"):
        found.setdefault(signature.subject, []).append(signature)
    return found


def open_changes(trial: UUID, in_force: Sequence[Decision]) -> list[BasisChanged]:
    """Changes of a decision's basis that no later decision has answered."""
    every = BasisChanged.objects.filter(trial=trial).select_related("decision", "patient").order_by("rev")
    return unanswered(list(every), in_force)


def _holds(made: Parts, changes: Sequence[BasisChanged], facts: Sequence[PatientFacts]) -> list[Held]:
    held = [
        Held(
            f"The stored answer of decision {d.number} cannot be read: {wrong}. "
            "Enrolment is closed until it is looked into.",
            kind=Held.Kind.UNREADABLE,
            decision=d.number,
        )
        for d in made.decisions
        if (wrong := stored_answer.fault(d.recommendation))
    ]
    held += [Held(f"Enrolment is held: {stop.reason.rstrip('.')}.") for stop in made.stops]
    held += [Held(late.sentence, late.position, Held.Kind.BASIS) for late in grouped(changes, made.protocol)]
    for f in facts:
        if f.outcome == "suspected" and (at := made.protocol.position(f.level.pk)):
            held.append(
                Held(
                    f"Patient {f.patient.code} has a suspected DLT; it must be adjudicated first.",
                    at,
                    Held.Kind.SUSPECTED,
                )
            )
    return held


def why_closed(here: Situation) -> str:
    """One sentence: why no slot is free, with the earliest date on which one may open; "" when one is free."""
    if here.free:
        return ""
    if here.conclusion:
        return f"Escalation has ended with decision {here.conclusion.number}."
    if here.cohort is None or here.position is None:
        if here.paper and not here.in_force:
            return "The trial was brought in from paper: the first decision signed here opens enrolment."
        return "No cohort is open." if here.in_force else "The trial is not open yet: decision 0 opens it."
    name = f"level {here.protocol.level(here.position).label}"
    if held := here.held_at(here.position):
        return held[0].sentence
    if here.advice.level != here.position or here.decision_due:
        return f"No slot is free at {name}: a decision is due. {here.because}"
    if here.startable and here.taken:
        return f"No slot is free at {name}: {here.taken} held for patients who have not started."
    if ends := [f for f in here.counted_at(here.position) if f.outcome == "pending" and f.window_ends_on]:
        last = max(ends, key=lambda f: f.window_ends_on or date.min)
        assert last.window_ends_on
        if last.window_complete_since:
            return f"No slot is free at {name}. Patient {last.patient.code} waits for answers: {last.window_said}."
        return (
            f"No slot is free at {name}. The next opens on {shown(later(last.window_ends_on, 1))} at the "
            f"earliest: patient {last.patient.code} is on {last.window_said}."
        )
    return f"No slot is free at {name}. {here.because}"


def since(trial: UUID, number: int) -> list[AuditEvent]:
    """What was written after `number`, for the sentence that says what changed."""
    return list(
        AuditEvent.objects.filter(ledger__trial=trial, number__gt=number).select_related("by").order_by("number")
    )


def decision(trial: UUID, number: int) -> Decision | None:
    """Decision `number` with its ending."""
    return next((d for d in decisions(trial) if d.number == number), None)


def basis_changes(decision: UUID) -> list[BasisChanged]:
    """Everything that has changed in the basis of a decision since it was signed."""
    return list(BasisChanged.objects.filter(decision=decision).select_related("patient").order_by("rev"))


def token(scope: access.Scope, at: Stamp | None = None) -> str:
    """Stands for what a page shows this reader: another number, day, release, role or site is another token.

    Take it before the page's other reads, so that what comes in between shows as a change. at: as for `here`.
    """
    number, zones = (at.number, at.zones) if at else _number_and_zones(scope.trial.pk)
    parts = (
        scope.trial.pk,
        number,
        scope.today,
        *(scope.days.at(zone) for zone in zones),
        django_settings.RELEASE,
        scope.role,
        scope.site.pk if scope.site else "",
    )
    return hashlib.sha256(".".join(map(str, parts)).encode()).hexdigest()[:24]


def _number_and_zones(trial: UUID) -> tuple[int, list[str]]:
    zones = RawSQL(ZONES.format("trial_ledger.trial_id"), [])
    found: tuple[int, list[str]] = Ledger.objects.values_list("number", zones).get(trial=trial)
    return found


def running(*, simulated_only: bool = False) -> list[UUID]:
    """Trials with a protocol: those whose new day is settled."""
    written = ProtocolVersion.objects.values("trial")
    found = Trial.objects.filter(voided=False, pk__in=written)
    if simulated_only:
        found = found.filter(simulated=True)
    return list(found.values_list("pk", flat=True))
