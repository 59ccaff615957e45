"""ADTTE: times to an event as the endpoint runs derive them. AVAL = ADT - STARTDT; CNSR 0 is an event."""

from collections.abc import Iterator

from assessments.endpoints.settings_sets import OF, PRIMARY, S1, S2
from assessments.times import Time, Times

from ..definition import CodeList, Dataset, Row, brief, on_day, text, whole
from ..reading import Reading
from . import frame

TIMES = {
    "TTP": "Time to Progression",
    "PFS": "Progression-Free Survival",
    "TTR": "Time to First Response",
    "DOR": "Duration of Response",
    "OS": "Overall Survival",
}
SETS = {S1: ("S1", "S1: treatment policy"), S2: ("S2", "S2: first biochemical PD")}


def _parameters() -> dict[str, tuple[str, str, str]]:
    """By code: the words, the name of the time and that of the set of settings."""
    primary = {name: (words, name, PRIMARY) for name, words in TIMES.items()}
    beside = {
        f"{name}{code}": (f"{TIMES[name]} ({words})", name, settings)
        for name in OF
        for settings, (code, words) in SETS.items()
    }
    return dict(sorted((primary | beside).items()))


PARAMETERS = _parameters()
VARIABLES = (
    *frame.WHO,
    *frame.ACTUAL,
    text("PARAMCD", "Parameter Code", 8, "The endpoint; with S1 or S2 under that sensitivity analysis.",
         CodeList("ADTTE_PARAMCD", None, {code: words for code, (words, _, _) in PARAMETERS.items()})),
    text("PARAM", "Parameter", 80, "PARAMCD in words."),
    on_day("STARTDT", "Time-to-Event Origin Date for Subject", "The first dose; of DOR the first confirmed response."),
    on_day("ADT", "Analysis Date", "Of the event or of the censoring."),
    whole("AVAL", "Analysis Value", "Days: ADT - STARTDT; day 0 is a difference here, no study day."),
    text("AVALU", "Unit of the Analysis Value", 4, "DAYS."),
    whole("CNSR", "Censor", "0: event; 1: censored.", CodeList("CNSR", None, {"0": "Event", "1": "Censored"})),
    text("EVNTDESC", "Event or Censoring Description", 200, "What happened, in words."),
    text("CNSDTDSC", "Censor Date Description", 200, "What a censored time ends with; empty of an event."),
    text("SRCREF", "Source Record", 20, "The assessment that the time stands on, as RSREFID; empty of others."),
    text("SRCTYPE", "Kind of the Source Record", 12, "What the time ends with."),
)  # fmt: skip


def dataset(reading: Reading) -> Dataset:
    return Dataset(
        "ADTTE",
        "Time-to-Event Analysis Dataset",
        "One record per time to an event per treated subject",
        ("STUDYID", "USUBJID", "PARAMCD"),
        VARIABLES,
        lambda: _rows(reading),
    )


def _rows(reading: Reading) -> Iterator[Row]:
    for one in reading.treated:
        if disease := reading.disease.get(one.number):
            who = (*frame.who(reading, one), *frame.actual(reading, one))
            for code, (words, name, settings) in PARAMETERS.items():
                if found := _time(disease.times[settings], name):
                    because = brief(found.because)
                    yield (
                        *who, code, words, found.since, found.on, found.days, "DAYS", int(not found.event), because,
                        None if found.event else because, found.row, found.stands_on.value.upper(),
                    )  # fmt: skip


def _time(times: Times, name: str) -> Time | None:
    """None where it does not apply: DOR of a patient without a response."""
    return {"TTP": times.ttp, "PFS": times.pfs, "TTR": times.ttr, "DOR": times.dor, "OS": times.os}[name]
