"""IE: the criterion that a failed screening did not meet. Who was enrolled met every one of them."""

from collections.abc import Iterator

from .. import codes
from ..definition import Dataset, Row, brief, dtc, iso, text, whole
from ..reading import Reading
from . import frame

VARIABLES = (
    *frame.identifiers("IE", "1: a failed screening names one criterion."),
    text("IETESTCD", "Incl/Excl Criterion Short Name", 8, "C, the protocol version and the number of the criterion."),
    text("IETEST", "Inclusion/Exclusion Criterion", 200, "The criterion as the protocol has it."),
    text("IECAT", "Inclusion/Exclusion Category", 20, "INCLUSION: all are put so that yes is asked for.", codes.IECAT),
    text("IEORRES", "I/E Criterion Original Result", 1, "N: it was not met.", codes.YES_OR_NO),
    text("IESTRESC", "I/E Criterion Result in Std Format", 1, "As IEORRES.", codes.YES_OR_NO),
    dtc("IEDTC", "Date/Time of Collection", "The day of the screening."),
    whole("IEDY", "Study Day of Collection", "Empty: who failed screening has no first dose."),
)


def dataset(reading: Reading) -> Dataset:
    return Dataset(
        "IE",
        "Inclusion/Exclusion Criteria Not Met",
        "One record per criterion not met per subject",
        frame.keys("IE"),
        VARIABLES,
        lambda: _rows(reading),
    )


def _rows(reading: Reading) -> Iterator[Row]:
    for one in reading.everybody():
        failed = one.screening.criterion if one.screening else None
        if failed and one.screening:
            code = f"C{failed.version.number:03d}{failed.number:03d}"
            yield (
                reading.study, "IE", one.usubjid, 1, code, brief(failed.text), "INCLUSION", "N", "N",
                iso(one.screening.on), one.day(one.screening.on),
            )  # fmt: skip
