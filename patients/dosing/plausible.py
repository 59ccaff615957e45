"""Totals of the DLT window that are unlikely: beside the schedule, beside what was planned, and so early."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from uuid import UUID

from trial import plausible, protocol_settings
from trial.dates import study_day
from trial.models import Drug
from trial.refusals import Implausible

from ..models import Treatment
from ..queries import doses as schedule
from ..queries import plain

LEAD = 7  # days ahead of an even pace: a drug of one day a week is taken on day 1


def check(
    row: Treatment, drugs: Sequence[Drug], doses: Mapping[UUID, tuple[Decimal, Decimal]], today: date, why: str
) -> set[UUID]:
    """The drugs with an unlikely amount, which need the reason `why`; raises Implausible without one."""
    settings = protocol_settings.from_json(row.protocol.settings)
    wanted = {dose.drug_id: dose for dose in schedule(row.received_level_id)}
    day = max(study_day(row.stopped_on or today, row.first_dose_on), 1)
    found: dict[str, str] = {}
    unlikely = set()
    for drug in drugs:
        planned, taken = doses[drug.pk]
        name, dose = f"{drug.name[0].upper()}{drug.name[1:]}", wanted.get(drug.pk)
        unit = (dose.unit if dose else "") or "mg"
        if dose and dose.amount and dose.per_cycle:
            whole = dose.amount * dose.per_cycle * settings.window_days / settings.cycle_days
            if said := plausible.wrong("planned", planned / whole):
                found[f"planned_{drug.position}"] = (
                    f"{name}, planned: {plain(planned)} {unit} where the schedule of the level has "
                    f"{plain(round(whole, 2))} {unit}; {said}."
                )
        pace = planned * (day + LEAD - 1) / settings.window_days
        if said := plausible.wrong("taken", taken / planned):
            found[f"taken_{drug.position}"] = (
                f"{name}, taken: {plain(taken)} {unit} of {plain(planned)} {unit} planned; {said}."
            )
        elif day + LEAD - 1 < settings.window_days and taken > pace:
            found[f"taken_{drug.position}"] = (
                f"{name}, taken: {plain(taken)} {unit} of {plain(planned)} {unit} by day {day} of "
                f"{settings.window_days} is unlikely."
            )
        if {f"planned_{drug.position}", f"taken_{drug.position}"} & found.keys():
            unlikely.add(drug.pk)
    if found and not why.strip():
        raise Implausible({field: f"{said} Correct it, or say below why it stands." for field, said in found.items()})
    return unlikely
