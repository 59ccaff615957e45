"""What stands in which kind of report, in order."""

from collections.abc import Callable, Sequence

from trial.paper.document import Section

from . import dose
from .audience import Kind
from .source import Source

Make = Callable[[Source], Section | None]

OPEN: Sequence[Make] = (dose.levels, dose.dlts, dose.decisions)
CLOSED: Sequence[Make] = ()


def sections(kind: Kind) -> Sequence[Make]:
    match kind:
        case Kind.SUMMARY:
            return ()
        case Kind.OPEN:
            return OPEN
        case Kind.CLOSED:
            return (*OPEN, *CLOSED)
