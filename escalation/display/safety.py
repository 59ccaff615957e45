"""Deaths and serious events in words, for whoever may read the patient's events."""

from assessments.events import sight
from trial.dates import study_day

from .. import words
from ..situation import news
from ..situation.news import News
from .reader import View
from .types import NewsRow


def news_rows(view: View, since: int, *, seen: int | None = None) -> list[NewsRow]:
    """What was not known at record `since`, deaths first. seen: the record that this reader saw on his last visit."""
    return [
        _row(view, one, new=seen is not None and one.rev > seen)
        for one in news.since(view.here, since)
        if sight.reads(view.scope, one.patient)
    ]


def since_decision(view: View) -> tuple[int, str]:
    """The record number and the name of the last decision in force."""
    if not view.here.in_force:
        return 0, ""
    last = view.here.in_force[-1]
    return last.ending.rev, f"decision {last.number}"


def _row(view: View, one: News, *, new: bool) -> NewsRow:
    return _death(view, one, new) if one.death else _serious(view, one, new)


def _death(view: View, one: News, new: bool) -> NewsRow:
    row, patient = one.death, one.patient
    assert row is not None and row.died_on is not None
    said = [f"{row.get_death_cause_display().lower()}, {words.shown(row.died_on)}"]
    treatment = getattr(patient.patient, "treatment", None)
    if treatment is not None:
        said.append(f"day {study_day(row.died_on, treatment.first_dose_on)}")
    if (days := one.days_after_stop) is not None:
        said.append(f"{words.count(days, 'day')} after treatment ended")
    elif treatment is not None:
        said.append("treatment had not ended")
    said.append(_level(view, one))
    told = f"Patient {view.patient(patient)} died: {', '.join(said)}"
    return NewsRow("death", _corrected(told, one), view.patient_url(patient.patient), new, "red")


def _serious(view: View, one: News, new: bool) -> NewsRow:
    assert one.event is not None
    event = one.event.event
    when = one.event.day_words
    parts = [f"{event.code}, {event.title.lower()} {event.graded}", f"patient {view.patient(one.patient)}"]
    parts += [when] if when else []
    parts.append(_level(view, one))
    return NewsRow("serious event", _corrected(", ".join(parts), one), view.url("assessments:event", event.number), new)


def _corrected(told: str, one: News) -> str:
    return f"{told} (corrected since)" if one.corrected else told


def _level(view: View, one: News) -> str:
    return view.level(view.here.protocol.position(one.patient.level.pk))
