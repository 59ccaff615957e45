"""The decision table of a protocol version on paper: the page of that name, to be taken to the ward."""

from trial import queries as ground
from trial.dates import shown
from trial.models import Artifact
from trial.paper.document import Bullets, Column, Document, Facts, Row, Table
from trial.refusals import Refused

from .. import words
from ..situation import queries
from ..whatif import table
from ..whatif.table import COLUMNS, PLACES
from . import frame

READ = (
    "Count the patients of the level: evaluable (a DLT, or a complete window with enough drug), those of them with a "
    "DLT, and those still pending (dosed, neither yet; a suspected DLT is pending too). Look up the line from the top "
    "by these three counts, in the column for where the level is. All levels below have passed."
)


def document(artifact: Artifact) -> Document:
    """Under `as_of` the action that wrote the version, of which `artifact.key` is the number."""
    protocol = ground.protocol(artifact.trial_id, int(artifact.key))
    assert protocol is not None, "asked for only of a version that there is"
    rule = queries.rule_of(protocol.settings)
    try:
        rows = table.table(rule)
    except ValueError:
        raise Refused(
            f"The rule of this protocol has more than {table.MOST} patients a level: too many states for a table on "
            "paper. The engine answers each state on the Escalation page."
        ) from None
    places = [Column(PLACES[place], 1) for place in COLUMNS]
    counts = [Column(name, number=True) for name in ("Evaluable", "DLT", "Pending")]
    lines = [Row([*table.limits(row, rule), *(table.said(row.answers[place]) for place in COLUMNS)]) for row in rows]
    return frame.made(
        artifact,
        first=[
            Facts(
                [
                    ("Protocol version", f"{protocol.version.number} of {shown(protocol.version.written_on)}"),
                    ("Rule", words.design(rule)),
                    ("Dose levels", ", ".join(level.label for level in protocol.levels)),
                ]
            ),
            Table("What is done at a dose level, by its patients", [*counts, *places], lines, notes=[READ]),
            Bullets(_notes(rule.variant, rule.a + rule.b)),
        ],
    )


def _notes(variant: str, full: int) -> list[str]:
    down = (
        "When a level closes, the level below is the MTD on the patients that it has."
        if variant == "N"
        else f"“Go down one level”: the level below is filled to {full} evaluable patients and judged by the column "
        "“The level above is closed”; if it has them already, it is the MTD."
    )
    return [
        down,
        "A patient who is not evaluable leaves the count and is replaced. More than "
        f"{full} evaluable patients count as {full}.",
        "A suspected DLT stops new patients at its level and above until it is adjudicated. An MTD is signed only when "
        "nobody at or below the level is pending.",
        "The table recommends; the committee decides, and may be more cautious.",
    ]
