"""Responses patient by patient, as derived at the cut, with the figures of the Response page."""

from collections.abc import Sequence

from assessments.endpoints.present import rate_words
from assessments.response import present, whole
from assessments.response.whole import WholeFigure
from trial.paper.document import Block, Figure, Paragraph, Section, legend

from .. import words
from .shapes import listed
from .source import Source

MANY = 20  # patients of a swimmer or spider figure that a page has room for


def responses(source: Source) -> Section:
    if not source.courses:
        return Section("Response", [Paragraph("Nobody is treated yet.")])
    rows = []
    for course in source.courses:
        row = present.row(course, source.trial.code)
        best, on = row.best.response.value, row.best.date
        rows.append(
            [
                row.code,
                course.level.label,
                "; ".join(row.measurable) or "nothing measurable",
                f"{best}{f', {words.shown(on)}' if on else ''}",
                row.unconfirmed.response.value,
                f"{row.now or 'none'}{f' ({row.now_note})' if row.now_note else ''}",
                words.shown(row.last_on) if row.last_on else "–",
                row.agreement.words,
            ]
        )
    names = [
        *("Patient", "Level", "Measurable at baseline+++", "Best confirmed++", "Unconfirmed", "Last assessment++"),
        *("Dated", "Beside the investigator's++"),
    ]
    return Section(
        "Response",
        [listed("Response of each treated patient (IMWG 2016)", names, rows), *_figures(source)],
        wide=True,
    )


def _figures(source: Source) -> list[Block]:
    levels = [level for level in source.safety.levels if any(c.level.label == level for c in source.courses)]
    levels += sorted({course.level.label for course in source.courses} - set(levels))
    onsets = {f.patient.pk: whole.onsets(f) for f in source.here.facts}
    shown = [
        whole.Shown(course, "", levels.index(course.level.label), **onsets[course.patient.pk])
        for course in source.courses
    ]
    cycle_days = source.here.protocol.settings.cycle_days
    found = []
    for part in _parts(shown):
        found.append(whole.spider(part, cycle_days))
    order = sorted(shown, key=lambda one: (-one.place, one.course.patient.number))
    for part in _parts(order):
        found.append(whole.swimmers(part, cycle_days))
    return [*_drawn(whole.waterfall(shown), _rate(source)), *(block for one in found for block in _drawn(one))]


def _rate(source: Source) -> list[str]:
    return [f"ORR {rate_words(run.result['response']['all']['orr'])}." for run in source.efficacy[:1]]


def _parts(shown: Sequence[whole.Shown]) -> list[Sequence[whole.Shown]]:
    return [shown[k : k + MANY] for k in range(0, len(shown), MANY)]


def _drawn(one: WholeFigure, said: Sequence[str] = ()) -> list[Block]:
    notes = [*said, one.reads] if one.figure else [*said]
    if one.without:
        who = "patient" if len(one.without) == 1 else "patients"
        notes.append(f"Without a value: {who} {', '.join(code for code, _ in one.without)}.")
    if one.outside:
        notes.append(f"Dated too far from the first dose to be drawn: {', '.join(one.outside)}.")
    if not one.figure:
        return [Paragraph(f"{one.name}: nothing to draw. {' '.join(notes)}")]
    return [Figure(f"{one.name}, n = {one.n}", one.figure, legend(one.legend), notes)]
