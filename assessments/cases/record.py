"""Notes what is news of a case, at the end of every action that changed what its clocks go by."""

from dataclasses import asdict
from uuid import UUID

from trial.record.ledger import Act

from ..models import AdverseEvent
from . import queries
from .models import CaseNews
from .standing import Standing

EVENTS = "assessments_adverseevent"
LIST = "assessments_safetyreference"
BY_SITE = frozenset({EVENTS, "assessments_relation"})
BY_SPONSOR = frozenset({"assessments_sponsorassessment", "assessments_sponsorrelation", LIST})


def settle(act: Act) -> None:
    """Note how each case stands that this action made, or made stand otherwise."""
    if not act.wrote & (BY_SITE | BY_SPONSOR):
        return
    by_site, by_sponsor = _touched(act, BY_SITE), _touched(act, BY_SPONSOR)
    touched = None if LIST in act.wrote else by_site | by_sponsor
    for event, now in queries.to_note(act.trial_id, touched):
        _note(act, event, now, by_site=event.pk in by_site)


def _note(act: Act, event: AdverseEvent, now: Standing, *, by_site: bool) -> None:
    """Write the next news of a case that stands otherwise than its last news says."""
    rows = list(event.news.all())
    last = next((row for row in reversed(rows) if not row.voided), None)
    if now == last.standing if last else not now.serious:
        return
    number = rows[-1].number + 1 if rows else 1
    CaseNews.objects.create(
        trial_id=act.trial_id, event=event, number=number, since=act.now, by_site=by_site or number == 1, **asdict(now)
    )


def _touched(act: Act, tables: frozenset[str]) -> set[UUID]:
    """The events that the action wrote in these tables."""
    images = [image for image in act.images if image["table"] in tables - {LIST}]
    return {UUID(image["row"] if image["table"] == EVENTS else image["image"]["event_id"]) for image in images}
