"""What stands in which kind of report, in order."""

from collections.abc import Callable, Sequence

from trial.paper.document import Section

from . import biomarker, closing, cohorts, dose, efficacy, people, protocol, response, since, toxicity, treatment
from .audience import Kind
from .source import Source

Make = Callable[[Source], Section | None]

OPEN: Sequence[Make] = (
    since.actions,
    protocol.protocol,
    people.accrual,
    people.failures,
    treatment.disposition,
    treatment.exposure,
    dose.levels,
    dose.dlts,
    dose.decisions,
    toxicity.tables,
    toxicity.displays,
    toxicity.serious,
)
CLOSED: Sequence[Make] = (efficacy.efficacy, response.responses, biomarker.biomarker, cohorts.patients)
LAST: Sequence[Make] = (closing.completeness, closing.form)


def sections(kind: Kind) -> Sequence[Make]:
    match kind:
        case Kind.SUMMARY:
            return ()
        case Kind.OPEN:
            return (*OPEN, *LAST)
        case Kind.CLOSED:
            return (*OPEN, *CLOSED, *LAST)
