"""The disease of the demo's patients: what was measured at which visit, what the investigator said, how it went on.

Made up, one course a patient in the order of the story; site 02 reports grams per litre.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from assessments.response.entry import Answer
from assessments.response.parameters import PARAMETERS


@dataclass(frozen=True, slots=True)
class Visit:
    """day: 1 is the first dose. measured: like "serum_m 3.2 g/dL, urine_m not done, ife_serum positive"."""

    day: int
    measured: str
    said: str = ""  # the investigator's category, two days later


@dataclass(frozen=True, slots=True)
class Follow:
    """What was learned on a day: contact always; therapy and death when they happened that day."""

    day: int
    therapy: str = ""
    death: str = ""  # the cause


@dataclass(frozen=True, slots=True)
class Disease:
    visits: tuple[Visit, ...]
    follow: tuple[Follow, ...] = ()
    stopped: int = 0  # day on which treatment ended for progression


DISEASES = (
    Disease(
        (
            Visit(
                1,
                "serum_m 3.2 g/dL, ife_serum positive, urine_m 90 mg/24 h, "
                "kappa 310 mg/L, lambda 9 mg/L, marrow_pc 45 %, calcium 9.4 mg/dL",
            ),
            Visit(29, "serum_m 2.6 g/dL, urine_m 85 mg/24 h, calcium 9.5 mg/dL", "SD"),
            Visit(57, "serum_m 1.5 g/dL, urine_m 60 mg/24 h, calcium 9.3 mg/dL", "PR"),
            Visit(85, "serum_m 1.2 g/dL, urine_m 50 mg/24 h", "PR"),
            Visit(113, "serum_m 0.3 g/dL, ife_serum positive, urine_m <40 mg/24 h, ife_urine negative", "VGPR"),
            Visit(141, "serum_m 0.25 g/dL, ife_serum positive, urine_m <40 mg/24 h, marrow_pc 6 %", "VGPR"),
        )
    ),
    Disease(
        (
            Visit(1, "serum_m 24 g/L, ife_serum positive, urine_m 60 mg/24 h, marrow_pc 30 %, calcium 2.3 mmol/L"),
            Visit(29, "serum_m 17 g/L, urine_m 50 mg/24 h", "MR"),
            Visit(57, "serum_m 16 g/L, urine_m 50 mg/24 h", "MR"),
            Visit(85, "serum_m 19 g/L, urine_m 55 mg/24 h", "SD"),
            Visit(113, "serum_m 23 g/L, urine_m 80 mg/24 h, calcium 2.5 mmol/L", "PD"),
            Visit(127, "serum_m 26 g/L, urine_m 95 mg/24 h, calcium 2.6 mmol/L", "PD"),
        ),
        follow=(Follow(140, therapy="Pomalidomide and dexamethasone"), Follow(154, death="progression")),
        stopped=128,
    ),
    Disease(
        (
            Visit(
                1,
                "serum_m 0 g/dL, ife_serum positive, urine_m 120 mg/24 h, "
                "kappa 620 mg/L, lambda 8 mg/L, marrow_pc 35 %",
            ),
            Visit(29, "kappa 380 mg/L, lambda 8 mg/L, urine_m 110 mg/24 h", "SD"),
            Visit(57, "kappa 290 mg/L, lambda 9 mg/L, urine_m 80 mg/24 h", "PR"),
            Visit(85, "kappa 260 mg/L, lambda 9 mg/L, urine_m not done", "PR"),
            Visit(113, "kappa 240 mg/L, lambda 9 mg/L, urine_m 70 mg/24 h", "PR"),
            Visit(141, "kappa 250 mg/L, lambda 10 mg/L, urine_m 75 mg/24 h"),
        )
    ),
    Disease(
        (
            Visit(
                1,
                "serum_m 2.8 g/dL, urine_m 150 mg/24 h, marrow_pc 60 %, "
                "spd 6.0 cm², longest_diameter 3.0 cm, short_axis 2.0 cm, calcium 9.8 mg/dL",
            ),
            Visit(29, "serum_m 2.9 g/dL, urine_m 160 mg/24 h", "SD"),
            Visit(57, "serum_m 3.5 g/dL, urine_m 190 mg/24 h, calcium 10.9 mg/dL", "PD"),
            Visit(71, "serum_m 3.9 g/dL, urine_m 220 mg/24 h, spd 10.5 cm², new_lesion yes, calcium 11.8 mg/dL", "PD"),
        ),
        follow=(Follow(110, death="progression"),),
        stopped=72,
    ),
    Disease(
        (
            Visit(1, "serum_m 19 g/L, urine_m 40 mg/24 h, marrow_pc 25 %"),
            Visit(29, "serum_m 18 g/L, urine_m 40 mg/24 h", "SD"),
        ),
        follow=(Follow(41, therapy="Carfilzomib and dexamethasone"), Follow(104, death="other")),
    ),
    Disease(
        (
            Visit(1, "serum_m 2.0 g/dL, urine_m 600 mg/24 h, marrow_pc 40 %"),
            Visit(29, "serum_m 1.3 g/dL, urine_m 260 mg/24 h", "MR"),
            Visit(57, "serum_m 0.9 g/dL, urine_m 50 mg/24 h", "PR"),
            Visit(85, "serum_m 0.3 g/dL, ife_serum positive, urine_m 45 mg/24 h, ife_urine negative", "VGPR"),
            Visit(113, "serum_m 0.3 g/dL, urine_m 40 mg/24 h"),
        )
    ),
    Disease(
        (
            Visit(1, "serum_m 36 g/L, urine_m 90 mg/24 h, marrow_pc 55 %"),
            Visit(29, "serum_m 25 g/L, urine_m 80 mg/24 h", "MR"),
            Visit(57, "serum_m 17 g/L, urine_m 60 mg/24 h", "PR"),
        )
    ),
    Disease((Visit(1, "serum_m 1.6 g/dL, urine_m 30 mg/24 h"),), follow=(Follow(70),)),
    Disease(
        (
            Visit(1, "serum_m 14 g/L, urine_m 20 mg/24 h"),
            Visit(29, "serum_m 14 g/L, urine_m 20 mg/24 h", "SD"),
            Visit(57, "serum_m 13 g/L, urine_m not done", "SD"),
        )
    ),
    Disease(
        (
            Visit(1, "serum_m 2.2 g/dL, urine_m 70 mg/24 h, marrow_pc 20 %"),
            Visit(29, "serum_m 1.6 g/dL, urine_m 60 mg/24 h", "MR"),
            Visit(57, "serum_m 1.5 g/dL, urine_m 60 mg/24 h"),
        )
    ),
    Disease((Visit(1, "serum_m 2.9 g/dL, urine_m 110 mg/24 h"),)),
    Disease((Visit(1, "serum_m 31 g/L, urine_m 50 mg/24 h"),)),
    Disease((Visit(1, "serum_m 1.8 g/dL, urine_m 240 mg/24 h"),)),
)


def answers(measured: str, on: date) -> list[Answer]:
    """The answers of one visit from the words above, all sampled on one day."""
    return [_answer(words, on) for words in measured.split(", ")]


def _answer(words: str, on: date) -> Answer:
    name, _, said = words.partition(" ")
    if said == "not done":
        return Answer(parameter=name, sampled_on=on, state="not_done")
    if said in PARAMETERS[name].answers:
        return Answer(parameter=name, sampled_on=on, answer=said)
    number, _, unit = said.partition(" ")
    below = number.startswith("<")
    return Answer(
        parameter=name,
        sampled_on=on,
        state="below_limit" if below else "value",
        entered=Decimal(number.lstrip("<")),
        unit=unit,
    )
