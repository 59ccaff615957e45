"""What became of the treated patients, what they took, and when enrolment was held."""

from collections.abc import Sequence
from dataclasses import replace

from assessments.tables import listings, page
from trial.dates import study_day
from trial.paper.document import Block, Section

from .. import words
from ..situation import held as held_of
from ..situation.held import OfLevel
from . import shapes
from .shapes import listed
from .source import NO_LINKS, Source

INTENSITY = "dose intensity"  # ends the names of its columns


def disposition(source: Source) -> Section:
    stops = [
        [line.patient_code, line.level, f"{words.shown(line.on)}, day {line.day}", line.said]
        for line in listings.discontinuations(source.safety)
    ]
    left = [
        [f.patient.code, f.level.label, f"{words.shown(on)}, day {study_day(on, treatment.first_dose_on)}"]
        for f in source.here.facts
        if (treatment := getattr(f.patient, "treatment", None)) and (on := treatment.left_study_on)
    ]
    return Section(
        "Disposition",
        [
            shapes.by_level(
                "What became of the treated patients, n (%)",
                page.disposition_rows(source.safety, NO_LINKS),
                source,
                "Patients",
            ),
            listed("Ends of treatment", ["Patient", "Level", "Stopped", "Reason+"], stops),
            listed("Ends of the study", ["Patient", "Level", "Left+"], left),
        ],
    )


def exposure(source: Source) -> Section:
    safety = source.safety
    rows = []
    for one in safety.patients:
        state = f"stopped {words.shown(one.stopped)}" if one.stopped else "on treatment"
        rows.append([one.code, one.level, words.shown(one.first_dose), page.exposed(one), state])
    without = [one.code for one in safety.patients if not one.recorded]
    totals = f"Not recorded by cycle, so the totals of the window count: {', '.join(without)}." if without else ""
    every = page.exposure_rows(safety, NO_LINKS) if source.n else []
    days = "Days on treatment: from the first dose to the last, while it goes on to the day of the cut."
    share = "Taken of planned by the schedule of the level received, of what is recorded."
    return Section(
        "Exposure",
        [
            shapes.named(
                "Treatment and days of exposure by dose level: median (least–most)", _cells(every, False), "Level", days
            ),
            shapes.named(
                "Dose intensity by dose level: median (least–most)", _cells(every, True), "Level", f"{share} {totals}"
            ),
            listed(
                "Exposure of each treated patient",
                ["Patient", "Level", "First dose", "Exposure, dose intensity by drug+", "State"],
                rows,
                empty="Nobody is treated yet.",
            ),
        ],
    )


def _cells(rows: Sequence[page.Row], of_intensity: bool) -> list[page.Row]:
    """The columns of dose intensity, or the others."""
    return [
        replace(row, cells=[cell for cell in row.cells if cell[0].endswith(INTENSITY) == of_intensity]) for row in rows
    ]


def held(source: Source) -> list[Block]:
    rows = [
        [words.shown(one.since), words.shown(one.until) if one.until else "still held", source.view.said(one.because)]
        for one in source.holds
    ]
    by_level = [
        [
            one.level,
            str(one.days_open),
            page.part(one.days_held, one.days_open) if one.days_open else "0",
            _why(source, one),
        ]
        for one in held_of.by_level(source.here)
    ]
    return [
        listed(
            "Time on hold of each level while a cohort of it was open, in days",
            ["Level", "Days open#", "Days held, n (%)#", "For+"],
            by_level,
            empty="No level was opened here.",
        ),
        listed("Enrolment of the whole trial on hold", ["From", "Until", "Why+"], rows, empty="It was never held."),
    ]


def _why(source: Source, one: OfLevel) -> str:
    """What it was held for, each once."""
    return "; ".join(dict.fromkeys(source.view.said(spell.because).rstrip(".") for spell in one.spells)) or "–"
