"""The demo's study and its protocol: docs/study-record.txt on the illustrative ladder of docs/domain.md, section 1."""

from decimal import Decimal

from trial.protocol_settings import ProtocolSettings
from trial.services import DoseOf, Level

TRIAL = {
    "title": "A Trial of Selinexor, Ruxolitinib and Methylprednisolone",
    "disease": "Multiple myeloma, relapsed or refractory",
    "sponsor": "Demo sponsor",
    "sponsor_address": "1 Demo Street, Demo Town",
    "label": "Demo data: no real patient, site or person",
    "illustrative": True,
}
DRUGS = ("selinexor", "ruxolitinib", "methylprednisolone")
CRITERIA = (
    "Multiple myeloma, relapsed or refractory",
    "18 years or older",
    "Able to swallow tablets and capsules",
    "No active infection that needs treatment",
)
LADDER = {"-1": (20, 10, 40), "1": (40, 10, 40), "2": (40, 15, 40), "3": (60, 15, 40), "4": (80, 15, 40)}  # mg
SCHEDULES = (  # in words, on which days of a cycle, how often on each
    ("weekly (days 1, 8, 15, 22)", (1, 8, 15, 22), 1),
    ("twice daily", tuple(range(1, 29)), 2),
    ("every other day", tuple(range(1, 29, 2)), 1),
)
PLANNED = {drug: days for drug, (_, days, _) in zip(DRUGS, SCHEDULES, strict=True)}
START = 2  # level 1
SETTINGS = ProtocolSettings(start=START, routes=tuple(f"{drug}: by mouth" for drug in DRUGS))


def ladder() -> list[Level]:
    return [
        Level(
            label,
            [
                DoseOf(drug, Decimal(amount), "mg", schedule, len(days) * times, days, times)
                for drug, amount, (schedule, days, times) in zip(DRUGS, amounts, SCHEDULES, strict=True)
            ],
        )
        for label, amounts in LADDER.items()
    ]
