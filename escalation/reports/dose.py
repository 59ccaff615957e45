"""Dose levels: the ladder with its tallies, who is pending, DLTs with their verdicts, decisions with their basis."""

from trial.paper.document import Block, Bullets, Column, Paragraph, Part, Row, Section, Table

from .. import words
from ..display.rows import decision_rows
from ..meetings.packet import STATES, PacketEvent
from . import summary, toxicity
from .shapes import listed
from .source import Source

READ = STATES["not_dlt"]


def levels(source: Source) -> Section:
    return Section(
        "Dose levels",
        [
            summary.tally(source, "Tally by dose level"),
            summary.ladder(source),
            *toxicity.rates(source),
            Part("Recommendation", summary.recommendation(source)),
            Part("Pending patients", _pending(source)),
            Part("Patients by level", _patients(source)),
            Part("Rule in force", [_rule(source)]),
        ],
    )


def _rule(source: Source) -> Table:
    """The row that the level of the recommendation stands in is marked."""
    card = source.packet.page.recommendation
    rows = [Row([row.evaluable, row.dlts, row.says], "current" if row.lit else "") for row in card.rules]
    return Table(
        f"What a level says on its own: {card.variant}", [Column("Evaluable"), Column("DLT"), Column("Says", 1)], rows
    )


def _pending(source: Source) -> list[Block]:
    rows = [
        [
            one.patient,
            f"{one.day} of {one.days}",
            words.shown(one.over) if one.over else "–",
            one.note or "in the window",
        ]
        for one in source.packet.page.windows
    ]
    return [
        listed(
            "Patients whose DLT window is not settled",
            ["Patient", "Day", "Window over since", "Waits for+"],
            rows,
            empty="Nobody is pending.",
        )
    ]


def _patients(source: Source) -> list[Block]:
    rows = [
        [
            level.label,
            one.patient,
            one.counted + (f", {one.outside}: outside the count" if one.outside else ""),
            one.because,
            one.window,
        ]
        for level in source.packet.patients
        for one in level.patients
    ]
    return [
        listed(
            "How each treated patient counts, and why",
            ["Level", "Patient", "Counted as", "Because+", "Window"],
            rows,
            empty="Nobody is treated yet.",
        )
    ]


def dlts(source: Source) -> Section:
    numbers = {e.event.code for _, e in source.dlts}
    told = [one for one in source.packet.events if one.code in numbers]
    others = [one for one in source.packet.events if one.code not in numbers and (one.serious or one.state == READ)]
    return Section(
        "Dose-limiting toxicities",
        [
            _events("DLTs, adjudicated and suspected, with the verdicts of their readers", told),
            _events("Other events that are serious, or were read as not a DLT", others),
            Paragraph(
                "A reading is shown once both its readers have answered; a suspected DLT counts as pending.",
                tone="note",
            ),
        ],
    )


def _events(title: str, found: list[PacketEvent]) -> Block:
    rows = [
        [
            one.code,
            f"{one.patient}, {one.level}",
            f"{one.title}, {one.graded}{', serious' if one.serious else ''}",
            one.when,
            " ".join(one.narrative),
            one.state,
        ]
        for one in found
    ]
    return listed(title, ["Event", "Patient", "Term, grade++", "When+", "Narrative and verdicts+++", "State++"], rows)


def decisions(source: Source) -> Section:
    rows = [
        [
            str(one.number),
            words.shown(one.on),
            one.basis,
            one.recommended,
            one.decided + (" (more cautious)" if one.cautious else ""),
            one.reason or "–",
            one.signers or f"{one.signed} of {one.needed}",
        ]
        for one in decision_rows(source.view, signers=True)
    ]
    page = source.packet.page
    paper = [
        f"{words.shown(row.on)}: level {row.label}, {row.reference}, taken outside the system" for row in page.paper
    ]
    note = f"{page.decisions_note}." if page.decisions_note else ""
    return Section(
        "Decisions",
        [
            listed(
                "Decisions with their basis, the latest first",
                ["No.", "Date", "Basis+", "Recommended+", "Decided+", "Reason++", "Signed by++"],
                rows,
                *([note] if note else []),
            ),
            *([Bullets(paper)] if paper else []),
        ],
    )
