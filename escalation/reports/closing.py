"""What is still missing, and the form on which the board writes its recommendation."""

from trial.paper.document import Bullets, Choices, Facts, Lines, Paragraph, Part, Section, Signatures

from .. import words
from ..display import cards
from ..display.types import BlockedRow
from ..outstanding import blocked
from ..situation.choices import choices
from . import summary
from .shapes import listed
from .source import Source


def completeness(source: Source) -> Section:
    here = source.here
    pending = sum(f.outcome in ("pending", "suspected") for f in here.facts)
    ungraded = sum(event.grade is None for event in source.safety.events)
    doses = [one.code for one in source.safety.patients if not one.recorded]
    besides = blocked.besides(source.scope, here)
    rows = [
        ["DLT windows not settled", f"{pending} of {source.n}"],
        ["Adverse events without a grade", f"{ungraded} of {len(source.safety.events)}"],
        ["Patients whose doses are not recorded by cycle", f"{len(doses)} of {source.n}"],
        ["Assessments and categories of response that are owed", str(len(besides))],
    ]
    return Section(
        "Completeness",
        [
            listed("How complete the data are at the cut", ["What+", "Number#"], rows),
            Part(
                "Missing before a decision",
                [Bullets(summary.missing(source), "Nothing was missing or unadjudicated at the cut.")],
            ),
            Part(
                "Missing besides, which holds up no decision about the dose",
                [Bullets([_said(row) for row in besides], "Nothing.")],
            ),
        ],
    )


def _said(row: BlockedRow) -> str:
    due = f", planned for {words.shown(row.due)}" if row.due else ""
    return f"{row.text} ({row.owner}{due})"


def form(source: Source) -> Section:
    here = source.here
    offered = [one.label + (" (as the rule advises)" if one.recommended else "") for one in choices(here)]
    again = [] if here.conclusion else ["Continue as before until the next meeting"]
    wanted = here.protocol.settings.signatures
    lines = ["Safety committee member", *["Safety committee member or medical monitor"] * (wanted - 1)]
    return Section(
        "Recommendation",
        [
            Facts([("The rule advises", f"{cards.advised(source.view)}. {here.because}")]),
            Paragraph("The committee recommends (one), no bolder than the rule:"),
            Choices([*offered, *again, "Other, more cautious:"]),
            Paragraph("Reasons:"),
            Lines(4),
            Signatures(
                lines,
                "I have read this report. The decision itself is signed in the system, which binds it to what its "
                f"signers read; it takes effect with {words.count(wanted, 'signature')}.",
            ),
        ],
    )
