"""SS: whether each treated patient is known alive, or died, and on which day: what overall survival ends at."""

from collections.abc import Iterator

from assessments.endpoints.settings_sets import PRIMARY

from .. import codes
from ..definition import Dataset, Row, brief, dtc, iso, text, whole
from ..reading import Reading
from . import frame

VARIABLES = (
    *frame.identifiers("SS", "1."),
    text("SSTESTCD", "Status Short Name", 8, "SURVSTAT.", codes.SSTESTCD),
    text("SSTEST", "Status Name", 40, "SSTESTCD in words."),
    text("SSORRES", "Result or Finding Original Result", 20, "ALIVE or DEAD, as overall survival reads it.",
         codes.SURVIVAL),
    text("SSSTRESC", "Character Result/Finding in Std Format", 20, "As SSORRES.", codes.SURVIVAL),
    dtc("SSDTC", "Date/Time of Assessment", "The day of death, else the last day on which he was known alive."),
    whole("SSDY", "Study Day of Assessment", "From the first dose; there is no day 0."),
    text("SSBASIS", "What the Status Stands on", 200, "The record behind it, in words; not of SDTM."),
)  # fmt: skip


def dataset(reading: Reading) -> Dataset:
    return Dataset(
        "SS", "Subject Status", "One record per subject", frame.keys("SS"), VARIABLES, lambda: _rows(reading)
    )


def _rows(reading: Reading) -> Iterator[Row]:
    for one in reading.treated:
        if found := reading.disease.get(one.number):
            survived = found.times[PRIMARY].os
            said = "DEAD" if survived.event else "ALIVE"
            yield (
                reading.study, "SS", one.usubjid, 1, "SURVSTAT", "Survival Status", said, said, iso(survived.on),
                one.day(survived.on), brief(survived.because),
            )  # fmt: skip
