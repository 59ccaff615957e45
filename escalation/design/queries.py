"""The ladder that the designs are asked about: the protocol's, or before there is one, any number of levels."""

from .. import engines
from ..situation import queries
from ..situation.situation import Situation
from .comparison import Ladder

MOST_LEVELS = 12


def ladder(here: Situation) -> Ladder:
    """The version in force with the patients treated so far."""
    return Ladder(
        labels=[level.label for level in here.protocol.levels],
        start=here.protocol.settings.start,
        own=queries.rule_of(here.protocol.settings),
        patients=engines.patients_of(here.inputs),
        closed_by_committee=here.inputs["closed_by_committee"],
    )


def drafted(levels: int, start: int) -> Ladder:
    """A ladder of a protocol that is still being thought about."""
    return Ladder(labels=[str(k) for k in range(1, levels + 1)], start=start)
