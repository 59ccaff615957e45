"""The doses of the demo's study: what did not go as planned. All of it is made up, as everything of the demo is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from assessments.exposure.services import DayChange
from assessments.models import AdverseEvent


@dataclass(frozen=True, slots=True)
class Changed:
    """Days of a drug in a cycle. taken: over each day, in mg; event: whether it was for the story's first event."""

    cycle: int
    drug: str
    first: int
    last: int
    state: str
    taken: int = 0
    event: bool = False


def of_cycle(
    changed: Sequence[Changed], cycle: int, drugs: Mapping[str, UUID], planned: Mapping[str, Sequence[int]],
    event: AdverseEvent | None,
) -> dict[UUID, list[DayChange]]:  # fmt: skip
    """As the service takes it; a drug without a change went as planned."""
    found: dict[UUID, list[DayChange]] = {pk: [] for pk in drugs.values()}
    for one in changed:
        if one.cycle == cycle:
            because, of = ("adverse_event", event.pk) if one.event and event else ("patient", None)
            found[drugs[one.drug]] += [
                DayChange(day, one.state, Decimal(one.taken), because, of)
                for day in range(one.first, one.last + 1)
                if day in planned[one.drug]
            ]
    return found
