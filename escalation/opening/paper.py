"""The levels opened on paper: what an opening may say of them, what it opens, and what a correction changes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from assessments.count.queries import PatientFacts
from patients.days import HISTORY
from patients.models import Cohort
from trial.dates import shown
from trial.record.ledger import Act
from trial.refusals import Refused
from trial.services import next_number

from ..models import PaperOpening
from ..situation import queries
from ..situation.situation import Situation


@dataclass(frozen=True, slots=True)
class OnPaper:
    """One decision on paper that opened a level.

    cohort: in a correction, its number among those in force; None of one that was forgotten.
    """

    dose_level: UUID
    on: date
    reference: str
    cohort: int | None = None


def check(here: Situation, levels: Sequence[OnPaper], until: date, *, ordered: bool = True) -> None:
    """Refuse, by name, what cannot be on paper. until: the last day that may be. ordered: they are listed in order."""
    if not levels:
        raise Refused("Levels: name at least one level that was opened on paper.", field="levels")
    before: date | None = None
    for k, one in enumerate(levels, 1):
        what = f"Decision {k}"
        if here.protocol.position(one.dose_level) is None:
            raise Refused(f"{what}: this level is not on the ladder.", field=f"level_{k}")
        if not HISTORY <= one.on <= until:
            last = "today" if until == here.on else f"the day on which the trial was brought in ({shown(until)})"
            raise Refused(f"{what}: {shown(one.on)} must lie between 1900 and {last}.", field=f"on_{k}")
        if ordered and before and one.on < before:
            raise Refused(f"{what}: {shown(one.on)} is before the decision above; list them in order.", field=f"on_{k}")
        if not one.reference.strip():
            raise Refused(f"{what}: name the paper on which it stands.", field=f"reference_{k}")
        before = one.on


def complete(here: Situation, levels: Sequence[OnPaper], taken_back: Sequence[int]) -> None:
    """Refuse a correction that leaves open what becomes of a decision in force."""
    said = {one.cohort for one in levels} | set(taken_back)
    if lost := [cohort for cohort in here.paper if cohort.number not in said]:
        raise Refused(
            f"Level {lost[0].dose_level.label} of {_day(lost[0])} is in force and not among your rows. Open the page "
            "anew to correct it or to take it back."
        )


def check_correction(here: Situation, levels: Sequence[OnPaper], until: date) -> None:
    """Refuse what would contradict the patients entered under a decision, and what changes nothing."""
    check(here, levels, until, ordered=False)
    known = {cohort.number: cohort for cohort in here.paper}
    named = [one.cohort for one in levels if one.cohort]
    if len(named) != len(set(named)):
        raise Refused("Levels: two of your rows stand in place of the same decision in force; a second one is new.")
    if set(named) - known.keys():
        raise Refused("Levels: a decision of this correction is not among those in force any more. Look again.")
    for k, one in enumerate(levels, 1):
        if cohort := known.get(one.cohort or 0):
            _fits(here, cohort, one, k)
    for cohort in here.paper:
        if cohort.number not in {one.cohort for one in levels} and (under := _under(here, cohort)):
            raise Refused(
                f"Level {cohort.dose_level.label} of {_day(cohort)}: {_named(under)} entered under it; a decision with "
                "patients is not taken back."
            )
    if sorted(map(_said, levels)) == sorted(_said(on_paper(cohort)) for cohort in here.paper):
        raise Refused("Levels: these are recorded already; change the one that was wrong.")


def _fits(here: Situation, cohort: Cohort, one: OnPaper, k: int) -> None:
    under = _under(here, cohort)
    if early := [f for f in under if f.dosed and f.patient.treatment.first_dose_on < one.on]:
        first = min(early, key=lambda f: f.patient.treatment.first_dose_on)
        raise Refused(
            f"Decision {k}: {shown(one.on)} is after the first dose of patient {first.patient.code} "
            f"({shown(first.patient.treatment.first_dose_on)}), who was entered under it. Correct that first.",
            field=f"on_{k}",
        )
    if one.dose_level == cohort.dose_level_id:
        return
    if got := [f for f in under if f.dosed and f.level.pk == cohort.dose_level_id]:
        raise Refused(
            f"Decision {k}: {_named(got)} entered under it with the dose of level {cohort.dose_level.label}. Correct "
            "the dose that they were given first.",
            field=f"level_{k}",
        )


def on_paper(cohort: Cohort) -> OnPaper:
    """A decision on paper as it is in force."""
    assert cohort.paper_on is not None
    return OnPaper(cohort.dose_level_id, cohort.paper_on, cohort.paper_reference or "", cohort.number)


def stored(here: Situation, levels: Sequence[OnPaper]) -> list[dict[str, Any]]:
    """As an opening keeps them: what its signers sign."""
    labels = {level.pk: level.label for level in here.protocol.levels}
    return [
        {
            "dose_level": str(one.dose_level),
            "label": labels[one.dose_level],
            "on": one.on.isoformat(),
            "reference": one.reference.strip(),
            **({"cohort": one.cohort} if one.cohort else {}),
        }
        for one in levels
    ]


def read(row: PaperOpening) -> list[OnPaper]:
    return [
        OnPaper(UUID(said["dose_level"]), date.fromisoformat(said["on"]), said["reference"], said.get("cohort"))
        for said in row.levels
    ]


def open_levels(act: Act, here: Situation, row: PaperOpening) -> None:
    """With its last signature: a closed cohort for each decision; a correction writes them anew."""
    rule, seen = queries.rule_of(here.protocol.settings), set[UUID]()
    known = {cohort.number: cohort for cohort in here.paper}
    first = min(here.paper, key=lambda cohort: cohort.opened_at, default=None)
    for one in sorted(read(row), key=lambda one: one.on):
        cohort = known.pop(one.cohort, None) if one.cohort else None
        if cohort is None:
            brought_in = first.opened_at if first else act.now  # patients of paper had the first dose by that day
            number = next_number(Cohort, row.trial_id)
            cohort = Cohort(trial_id=row.trial_id, number=number, opened_at=brought_in, closed_at=brought_in)
        cohort.dose_level_id, cohort.paper_on, cohort.paper_reference = one.dose_level, one.on, one.reference
        cohort.places = rule.b if one.dose_level in seen else rule.a
        cohort.save()
        seen.add(one.dose_level)
    for gone in known.values():
        gone.voided = True
        gone.save()


def _under(here: Situation, cohort: Cohort) -> list[PatientFacts]:
    return [f for f in here.facts if f.patient.cohort_id == cohort.pk]


def _named(found: Sequence[PatientFacts]) -> str:
    codes = [f.patient.code for f in found]
    return f"patient {codes[0]} is" if len(codes) == 1 else f"patients {', '.join(codes)} are"


def _day(cohort: Cohort) -> str:
    return shown(cohort.paper_on) if cohort.paper_on else ""


def _said(one: OnPaper) -> tuple[int, str, str, str]:
    return one.cohort or 0, str(one.dose_level), one.on.isoformat(), one.reference.strip()
