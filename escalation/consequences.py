"""What follows from every action, in its transaction and under its lock; called by the ledger, by nobody else."""

from collections import Counter
from itertools import islice

from assessments.cases import record as cases
from assessments.endpoints import services as endpoints
from assessments.events.models import EventGrade
from assessments.models import AdverseEvent
from patients.models import PatientStanding, Slot
from patients.services import expire, grant
from trial import notices
from trial.models import NoticeKind
from trial.people import services
from trial.record import rows
from trial.record.ledger import Act
from trial.refusals import Refused
from trial.roles import May

from .enrolment import services as enrolling
from .late import record as late
from .models import Hold
from .outside import services as outside
from .outstanding import after_withdrawal
from .situation import news, queries, turns
from .situation.situation import Situation

GRADED = (AdverseEvent._meta.db_table, EventGrade._meta.db_table)


def settle(act: Act) -> None:
    """Refresh standings, record changed bases and holds, expire and grant slots, post notices.

    Writes only what differs, so that a second call changes nothing.
    """
    assert act.trial is not None
    here = queries.after(act)
    if here is None:
        return
    if any(f.dosed and here.protocol.position(f.level.pk) is None for f in here.facts):
        raise Refused("Levels: a level at which patients were treated must stay on the ladder.", field="levels")
    _standings(here)
    after_withdrawal.settle(act)
    cases.settle(act)
    moved = enrolling.moved(act, here)
    changed = late.record(act, here)
    held = _hold_by_rule(act, here)
    _suspicions(act, here)
    _safety_news(act, here)
    _ungraded(act, here)
    expired = _expire(here)
    if moved or changed or held or expired:
        here = queries.again(act, here)
    _waiting_list(act, here)
    outside.settle(act, here)
    queries.keep(act, here)
    endpoints.want(act)


def _standings(here: Situation) -> None:
    stored = {row["patient_id"]: row for row in here.read.rows[PatientStanding].values()}
    for f in here.facts:
        was, next_due = stored.get(str(f.patient.pk)), f.because[:200]
        said = {
            "outcome": f.outcome,
            "dlt": f.dlt,
            "enough_drug": f.enough_drug,
            "window_ends_on": f.window_ends_on.isoformat() if f.window_ends_on else None,
            "next_due": next_due,
        }
        if was is None:
            standing = PatientStanding(trial=here.trial, patient=f.patient)
        elif said.items() <= was.items():
            continue
        else:
            standing = rows.make(PatientStanding, was)
        standing.outcome, standing.dlt, standing.enough_drug = f.outcome, f.dlt, f.enough_drug
        standing.window_ends_on, standing.next_due = f.window_ends_on, next_due
        standing.save()


def _hold_by_rule(act: Act, here: Situation) -> bool:
    """Related grade 5, or two DLTs at the lowest level, holds the whole trial (docs/domain.md, section 4)."""
    causes = {
        f"grade 5: {e.event.code}": f"{e.event.code} is a related grade 5 event of patient {f.patient.code}."
        for f in here.facts
        for e in f.events
        if e.event.grade == 5 and any(d in ("possible", "probable", "definite") for d in e.relations.values())
    }
    if here.tally(1).dlts >= 2:
        causes["two DLTs at the lowest level"] = "Two DLTs at the lowest level."
    if not causes:
        return False
    known = {hold["cause"] for hold in here.read.rows[Hold].values()}
    for cause, sentence in causes.items():
        if cause not in known:
            Hold.objects.create(trial=here.trial, reason=sentence, by=None, since=act.now, cause=cause)
    return bool(causes.keys() - known)


def _suspicions(act: Act, here: Situation) -> None:
    """Tell the readers of each suspected DLT once; the key keeps a second call silent."""
    for f in here.facts:
        for e in f.events:
            if e.in_review:
                notices.post(
                    trial=here.trial,
                    to=services.people_with(here.trial.pk, May.READ_FIRST, May.READ_SECOND, site=f.patient.site_id),
                    key=f"suspected-{e.event.pk}",
                    kind=NoticeKind.SAFETY,
                    page=f"review/{e.event.number}/",
                    subject=f"{here.trial.code}: suspected DLT of patient {f.patient.code} ({e.event.code})",
                    text=e.suggestion.because,
                )


def _safety_news(act: Act, here: Situation) -> None:
    """Tell who decides of a death or a serious event that this action has recorded; the keys keep it told once."""
    of_patient = {str(f.patient.pk): f for f in here.facts}
    for image in act.images:
        row, table, pk = image["image"], image["table"], image["row"]
        f = of_patient.get(str(row.get("patient_id")))
        if f is None or row.get("voided"):
            continue
        if table == news.DEATHS and row["died_on"]:
            what, key, page = "died", f"death-{pk}-{row['died_on']}", f"patients/{f.patient.number}/"
        elif table == news.EVENTS and row["serious"]:
            what, page = f"has a serious event (AE {row['number']})", f"events/{row['number']}/"
            key = f"serious-{pk}"
        else:
            continue
        notices.post(
            trial=here.trial,
            to=services.people_with(here.trial.pk, May.SIGN_DECISION),
            key=key,
            kind=NoticeKind.SAFETY,
            page=page,
            subject=f"{here.trial.code}: patient {f.patient.code} {what}",
        )


def _ungraded(act: Act, here: Situation) -> None:
    """Ask the investigators of the site the same day for the grade that an event waits for (docs/domain.md, section 4).

    One notice for each time that a grade came to be missing: the event's, or a later one of its history.
    """
    written = {image["row"] for image in act.images if image["table"] in GRADED and image["image"]["grade"] is None}
    if not written:
        return
    for f in here.facts:
        for e in f.events:
            rows = {str(e.event.pk), *(str(step.pk) for step in e.event.grades.all() if step.grade is None)}
            if not e.event.ungraded or not (rows := rows & written):
                continue
            notices.post(
                trial=here.trial,
                to=services.people_with(here.trial.pk, May.GRADE_EVENT, site=f.patient.site_id),
                key=f"ungraded-{min(rows)}",
                kind=NoticeKind.SAFETY,
                page=f"events/{e.event.number}/follow/",
                subject=f"{here.trial.code}: grade and relate {e.event.code} of patient {f.patient.code} today",
                text="The event was entered without a grade. Until it is given the patient stays pending.",
            )


def _expire(here: Situation) -> bool:
    over = [slot for slot in here.slots(Slot.State.GRANTED) if slot.held_until and slot.held_until < here.on]
    for slot in over:
        expire(slot)
    return bool(over)


def _waiting_list(act: Act, here: Situation) -> None:
    """Free places go to the waiting list in its recorded order, when slots are granted automatically."""
    if here.cohort is None or not here.free or here.protocol.settings.slot_approval != "automatic":
        return
    waiting = [slot for slot in here.slots(Slot.State.WAITING) if slot.cohort_id is None]
    has = turns.held(here, here.cohort.pk) if waiting else Counter()
    for slot in islice(turns.turns(waiting, has, here.protocol.settings), here.free):
        grant(act, slot, cohort=here.cohort, hold_days=here.protocol.settings.slot_hold_days)
        notices.post(
            trial=here.trial,
            to=[slot.requested_by],
            key=f"granted-{slot.pk}",
            kind=NoticeKind.ENROLMENT,
            page=f"enrolment/slots/{slot.number}/",
            subject=f"{here.trial.code}: slot {slot.number} is granted until {slot.held_until}",
        )
