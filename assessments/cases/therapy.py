"""What a case report says of a suspect drug: its dose at the onset (field 15) and the dates of therapy (18 and 19)."""

from datetime import date

from patients.dosing.course import days
from patients.queries import plain
from trial import dates

from ..exposure.queries import OfPatient


def dose(card: str, given: OfPatient | None, drug: str, onset: date) -> str:
    """card: the dose of the level, in words. With it, to what it had been reduced by the onset, or that it was held."""
    if given is None or drug not in given.course.plans:
        return card
    known = [day for day in days(given.course, drug, onset) if day.state not in ("open", "over")]
    last = known[-1] if known else None
    if last is None or last.taken is None or last.state not in ("reduced", "held"):
        return card
    unit = given.course.plans[drug].unit
    what = f"reduced to {plain(last.taken)} {unit} a day" if last.state == "reduced" else "held"
    return f"{card}; {what} on {dates.shown(last.on)}, the last day recorded up to the onset"


def dates_of(given: OfPatient | None, drug: str, stopped: date | None) -> str:
    """By the doses of each day where they are recorded; else from the first dose to the end of treatment, or the death.

    stopped: the end of treatment that is recorded. "" of who had no dose.
    """
    if given is None:
        return ""
    known = given.drugs.get(drug) if given.recorded else None
    if known and not known.open_days and known.first_on is None:
        return "no dose taken"
    first = known.first_on if known and known.first_on else given.course.cycles[0].began_on
    ended = given.course.ended_on
    if ended is None:
        last = f"; last dose recorded on {dates.shown(known.last_on)}" if known and known.last_on else ""
        return f"from {dates.shown(first)}, ongoing{last}"
    last_on = known.last_on if known and known.last_on and not known.open_days else None
    over = last_on or ended
    latest = "" if last_on or ended == stopped else " at the latest"
    return f"{dates.shown(first)} to {dates.shown(over)}{latest} ({(over - first).days + 1} days)"
