"""How a case stands by what is recorded of its event: what its clocks go by. A missing answer never clears."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol
from uuid import UUID

from ..event_words import Criterion, Degree, Outcome

AT_LEAST_POSSIBLY = {Degree.POSSIBLE, Degree.PROBABLE, Degree.DEFINITE}


@dataclass(frozen=True, slots=True)
class Standing:
    serious: bool
    fatal: bool
    life_threatening: bool
    unexpected: bool
    related_by_site: bool
    related_by_sponsor: bool

    def graver(self, than: "Standing") -> bool:
        """Whether it is serious, fatal or life-threatening now, and was not."""
        became = zip(
            (self.serious, self.fatal, self.life_threatening), (than.serious, than.fatal, than.life_threatening),
            strict=True,
        )  # fmt: skip
        return any(now and not was for now, was in became)


class Event(Protocol):
    """An adverse event; this file is read by its model's module, and cannot name it."""

    serious: bool
    serious_criteria: Sequence[str] | None
    outcome: str | None
    grade: int | None
    relations: Any
    sponsor_relations: Any


class Answer(Protocol):
    """About one drug."""

    @property
    def drug_id(self) -> UUID: ...
    @property
    def degree(self) -> str: ...
    @property
    def voided(self) -> bool: ...


def of(event: Event, drugs: Collection[UUID], *, assessed: bool, expected: bool) -> Standing:
    """drugs: of the trial. assessed: by the sponsor; until then nothing is expected, whatever a list says."""
    criteria = event.serious_criteria or []
    return Standing(
        serious=event.serious and event.serious_criteria is not None,  # else from before criteria were asked
        fatal=Criterion.DEATH in criteria or event.outcome == Outcome.FATAL or event.grade == 5,
        life_threatening=Criterion.LIFE_THREATENING in criteria,
        unexpected=not (assessed and expected),
        related_by_site=_related(event.relations.all(), drugs),
        related_by_sponsor=not assessed or _related(event.sponsor_relations.all(), drugs),
    )


def _related(answers: Iterable[Answer], drugs: Collection[UUID]) -> bool:
    degrees = {answer.drug_id: answer.degree for answer in answers if not answer.voided}
    return any(degrees.get(drug) is None or degrees[drug] in AT_LEAST_POSSIBLY for drug in drugs)
