"""A protocol version as it is being typed: rows that may be added, taken out, and half empty.

The form shows a draft, its buttons change it, and only `escalation.protocol.services.write` makes a version of it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal

from trial.models import DoseLevel, EligibilityCriterion
from trial.numbers import whole
from trial.queries import Protocol

DOSE_PARTS = ("amount", "unit", "schedule", "days", "times", "per_cycle")
Dose = Mapping[str, str]
MOST_DAYS = 365  # of a cycle


@dataclass(frozen=True, slots=True)
class DraftLevel:
    label: str = ""
    doses: Sequence[Dose] = ()  # one a drug, in the drugs' order

    @property
    def empty(self) -> bool:
        return not self.label.strip() and not any(dose.get("amount", "").strip() for dose in self.doses)


@dataclass(frozen=True, slots=True)
class Draft:
    """Everything but the settings, which have a fixed number of fields. `start` is an index of `levels`."""

    drugs: Sequence[str] = ("",)
    levels: Sequence[DraftLevel] = (DraftLevel(),)
    start: int = 0
    criteria: str = ""
    extra: Mapping[str, object] = field(default_factory=dict)  # settings that come with it

    def with_drug(self) -> "Draft":
        return replace(self, drugs=[*self.drugs, ""])

    def with_level(self, index: int) -> "Draft":
        """An empty level at `index`; units and schedules of the level below it are taken over."""
        below = self.levels[index - 1] if index else None
        doses = [dict(dose) | {"amount": ""} for dose in below.doses] if below else []
        levels = [*self.levels[:index], DraftLevel("", doses), *self.levels[index:]]
        return replace(self, levels=levels, start=self.start + (index <= self.start))

    def without_level(self, index: int) -> "Draft":
        levels = [level for k, level in enumerate(self.levels) if k != index] or [DraftLevel()]
        start = self.start - (index < self.start)
        return replace(self, levels=levels, start=min(start, len(levels) - 1))

    def initial(self) -> dict[str, object]:
        """The form's fields."""
        values: dict[str, object] = {"start": str(self.start), "eligibility": self.criteria}
        for d, drug in enumerate(self.drugs):
            values[f"drug_{d}"] = drug
        for k, level in enumerate(self.levels):
            values[f"level_{k}"] = level.label
            for d, dose in enumerate(level.doses):
                values |= {f"level_{k}_{d}_{part}": dose.get(part, "") for part in DOSE_PARTS}
        return values | dict(self.extra)


def typed(data: Mapping[str, str]) -> Draft:
    """The draft in a sent form, whatever stands in it."""
    drugs = [data.get(f"drug_{d}", "") for d in range(_count(data, "drugs"))]
    levels = [
        DraftLevel(
            data.get(f"level_{k}", ""),
            [{part: data.get(f"level_{k}_{d}_{part}", "") for part in DOSE_PARTS} for d in range(len(drugs))],
        )
        for k in range(_count(data, "levels"))
    ]
    return Draft(drugs, levels, whole(data.get("start", "")) or 0, data.get("eligibility", ""))


def _count(data: Mapping[str, str], name: str) -> int:
    return min(max(whole(data.get(name, "")) or 1, 1), 30)


def of(protocol: Protocol, drugs: Sequence[str], criteria: Sequence[EligibilityCriterion]) -> Draft:
    """The version in force, to be amended."""
    levels = []
    for level in protocol.levels:
        doses = {dose.drug.name: dose for dose in level.doses.all()}
        levels.append(DraftLevel(level.label, [_dose(doses.get(drug)) for drug in drugs]))
    text = "\n".join(criterion.line for criterion in criteria)
    return Draft(list(drugs) or [""], levels, protocol.settings.start - 1, text)


def _dose(dose: object) -> Dose:
    if dose is None:
        return {}
    amount = getattr(dose, "amount", None)
    per_cycle = getattr(dose, "per_cycle", None)
    return {
        "amount": "" if amount is None else f"{amount.normalize():f}",
        "unit": getattr(dose, "unit", ""),
        "schedule": getattr(dose, "schedule", ""),
        "days": said_days(getattr(dose, "days", None) or ()),
        "times": str(getattr(dose, "times", None) or ""),
        "per_cycle": "" if per_cycle is None else str(per_cycle),
    }


def days_of(text: str) -> tuple[int, ...]:
    """Days of a cycle as they are typed: "1, 8, 15, 22", "1-28". Raises ValueError with a sentence."""
    found: set[int] = set()
    for part in text.replace(",", " ").replace("–", "-").split():
        first, dash, last = part.partition("-")
        low, high = whole(first), whole(last if dash else first)
        if low is None or high is None:
            raise ValueError(f"write days of a cycle like 1, 8, 15 or 1-28, not {part}.")
        if not 1 <= low <= high <= MOST_DAYS:
            raise ValueError(f"days of a cycle go from 1 to {MOST_DAYS}, got {part}.")
        found |= set(range(low, high + 1))
    return tuple(sorted(found))


def said_days(days: Sequence[int]) -> str:
    """The same in few words: three days or more in a row are a range."""
    parts: list[list[int]] = []
    for day in sorted(days):
        if parts and day == parts[-1][-1] + 1:
            parts[-1].append(day)
        else:
            parts.append([day])
    return ", ".join(f"{part[0]}-{part[-1]}" if len(part) > 2 else ", ".join(map(str, part)) for part in parts)


ILLUSTRATIVE = (("-1", 20, 10, 40), ("1", 40, 10, 40), ("2", 40, 15, 40), ("3", 60, 15, 40), ("4", 80, 15, 40))


def doses_illustrative(levels: Sequence[DoseLevel]) -> bool:
    """The same of stored levels with their doses."""
    return is_illustrative([[dose.amount for dose in level.doses.all()] for level in levels])


def is_illustrative(amounts: Sequence[Sequence[Decimal | None]]) -> bool:
    """Whether every level's amounts, mg by drug, are those of a level of the illustrative ladder."""
    shipped = {tuple(map(Decimal, row[1:])) for row in ILLUSTRATIVE}
    return bool(amounts) and all(tuple(level) in shipped for level in amounts)


def illustrative() -> Draft:
    """The illustrative ladder of docs/domain.md, section 1: an example to start from, of no real protocol."""
    schedules = (
        ("weekly, days 1 8 15 22", "1, 8, 15, 22", "1", "4"),
        ("twice daily", "1-28", "2", "56"),
        ("every other day", "1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23, 25, 27", "1", "14"),
    )
    levels = [
        DraftLevel(
            label,
            [
                {
                    **{"amount": str(amount), "unit": "mg", "schedule": schedule},
                    **{"days": days, "times": times, "per_cycle": per_cycle},
                }
                for amount, (schedule, days, times, per_cycle) in zip(amounts, schedules, strict=True)
            ],
        )
        for label, *amounts in ILLUSTRATIVE
    ]
    criteria = (
        "Relapsed or refractory multiple myeloma",
        "18 years or older",
        "Measurable disease by the protocol's limits",
        "Written consent to the trial",
    )
    return Draft(("selinexor", "ruxolitinib", "methylprednisolone"), levels, 1, "\n".join(criteria))
