"""ADAE: adverse events as the safety tables count them. Many: read in pieces, in flat memory."""

from collections.abc import Iterator, Sequence

from assessments.tables import queries as tables
from assessments.tables import rows
from assessments.tables.rows import Emergent, Event

from .. import codes
from ..definition import Dataset, Row, brief, on_day, text, whole, yes, yes_or_no
from ..reading import Reading
from ..subjects import Subject
from . import frame

VARIABLES = (
    *frame.WHO,
    whole("AESEQ", "Sequence Number", "As in AE: the event's number in the trial."),
    *frame.ACTUAL,
    text("AEDECOD", "Dictionary-Derived Term", 150, "The CTCAE term."),
    text("ATERM", "Term as the Tables Count It", 200, "The CTCAE term, with what was specified of 'Other'."),
    text("AEBODSYS", "Body System or Organ Class", 120, "The system organ class of the CTCAE term."),
    on_day("ASTDT", "Analysis Start Date", "The onset; empty where its day is not known: none is made up."),
    on_day("AENDT", "Analysis End Date", "Its last day."),
    whole("ASTDY", "Analysis Start Relative Day", "From the first dose; there is no day 0."),
    whole("AENDY", "Analysis End Relative Day", "From the first dose; there is no day 0."),
    text("TRTEMFL", "Treatment Emergent Analysis Flag", 1, "As the tables have it: begun or worse in the period.",
         codes.YES_OR_NO),
    whole("AETOXGRN", "Standard Toxicity Grade (N)", "The worst of all its grades."),
    whole("ATOXGRN", "Analysis Toxicity Grade (N)", "The worst in the period; empty while it waits for one."),
    whole("BTOXGRN", "Baseline Toxicity Grade (N)", "At which it stood before the first dose; 0: it began after it."),
    text("AESER", "Serious Event", 1, "The site's answer.", codes.YES_OR_NO),
    text("AREL", "Analysis Causality", 1, "Possibly or more to any drug, or not answered for one.", codes.YES_OR_NO),
    text("INWINFL", "In the DLT Window", 1, "Begun or worse in the window, of emergent events.", codes.YES),
    text("DOSCHGFL", "Leading to a Dose Change", 1, "To a hold, a reduction or the end of a drug.", codes.YES),
    text("DRGSTPFL", "Leading to the End of a Drug", 1, "Of any study drug.", codes.YES),
    text("DLTFL", "Dose-Limiting Toxicity", 1, "Adjudicated.", codes.YES),
    text("DLTSUSFL", "Suspected Dose-Limiting Toxicity", 1, "Not adjudicated yet.", codes.YES),
    text("DLTCRIT", "Criterion of the DLT", 40, "Of a DLT or a suspected one."),
    text("AOCCIFL", "1st Max Sev./Int. Occurrence Flag", 1, "The first of the patient's worst emergent events.",
         codes.YES),
    text("AOCCSIFL", "1st Max Sev./Int. Occur Within SOC Flag", 1, "The first of the worst within its class.",
         codes.YES),
    text("AOCCPIFL", "1st Max Sev./Int. Occur Within PT Flag", 1, "The first of the worst within ATERM.", codes.YES),
)  # fmt: skip


def dataset(reading: Reading) -> Dataset:
    return Dataset(
        "ADAE",
        "Adverse Event Analysis Dataset",
        "One record per adverse event per subject",
        ("STUDYID", "USUBJID", "AESEQ"),
        VARIABLES,
        lambda: _rows(reading),
    )


def _rows(reading: Reading) -> Iterator[Row]:
    for some in reading.some(reading.patients):
        found: dict[int, list[Event]] = {}
        for event in tables.events(reading.trial.pk, list(some)):
            found.setdefault(event.patient, []).append(event)
        for one in some.values():
            yield from _of(reading, one, found.get(one.number, []))


def _of(reading: Reading, one: Subject, events: Sequence[Event]) -> Iterator[Row]:
    counted = [rows.emergent(event, one.treated) if one.treated else None for event in events]
    worst = _worst([found for found in counted if found])
    who, actual = frame.who(reading, one), frame.actual(reading, one)
    findings = reading.counted[one.number].findings
    for event, found in zip(events, counted, strict=True):
        number, known = event.number, event.onset_last is None
        finding = findings.get(number)
        state = finding.state if finding else ""
        yield (
            *who, number, *actual, event.term.partition(": ")[0], brief(event.term), event.soc,
            event.onset if known else None, event.ended, one.day(event.onset) if known else None, one.day(event.ended),
            yes_or_no(found is not None), event.grade, (found.grade or None) if found else None,
            found.before if found else None, yes_or_no(event.serious), yes_or_no(bool(event.related)),
            yes(found is not None and found.in_window), yes(bool(event.dose_change)), yes(bool(event.led_to_stop)),
            yes(state == "dlt"), yes(state == "suspected"),
            (finding.criterion or None) if finding and state in ("dlt", "suspected") else None,
            yes(worst.get(("", "")) == number), yes(worst.get((event.soc, "")) == number),
            yes(worst.get((event.soc, event.term)) == number),
        )  # fmt: skip


def _worst(emergent: Sequence[Emergent]) -> dict[tuple[str, str], int]:
    """The number of the first of the worst: of all, by class, and by class and term."""
    best: dict[tuple[str, str], tuple[int, int]] = {}
    for found in emergent:
        event = found.event
        for group in (("", ""), (event.soc, ""), (event.soc, event.term)):
            if group not in best or found.grade > best[group][0]:
                best[group] = found.grade, event.number
    return {group: number for group, (_, number) in best.items()}
