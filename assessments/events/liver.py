"""The peak of a liver test that an event is about, beside the upper limit of normal: optional, of three terms alone."""

from collections.abc import Mapping
from decimal import Decimal

from trial import plausible
from trial.refusals import Implausible, Refused

from ..dlt import names
from ..models import AdverseEvent
from .questions import QUESTIONS
from .report import EventReport

ENZYME, PIGMENT = ("U/L", "µkat/L"), ("mg/dL", "µmol/L")
UNITS: Mapping[str, tuple[str, ...]] = {names.ALT: ENZYME, names.AST: ENZYME, names.BILIRUBIN: PIGMENT}
EVERY_UNIT = (*ENZYME, *PIGMENT)
PARTS = ("peak_value", "peak_unit", "peak_uln")
# The question of Hy's law that a peak answers, and the multiple of the limit that it asks about.
ASKS = {
    **dict.fromkeys((names.ALT, names.AST), (names.HYS_LAW[0], 3)),
    names.BILIRUBIN: (names.HYS_LAW[1], 2),
}


def units(term: str) -> tuple[str, ...]:
    """Those of the test; none where the term is no liver test."""
    return UNITS.get(names.kind(term), ())


def check(report: EventReport, stored: AdverseEvent | None) -> None:
    """Refuse half a peak, and one that cannot be; ask about one that is unlikely and was not said before."""
    given = {name: getattr(report, name) for name in PARTS}
    if not any(given.values()):
        return
    known = units(report.term)
    if not known:
        raise Refused("Peak value: it is asked of ALT, AST and bilirubin alone.", field="peak_value")
    if missing := next((name for name, said in given.items() if not said), None):
        raise Refused(
            "Peak value: give it with its unit and the upper limit of normal, or none of them.", field=missing
        )
    if report.peak_unit not in known:
        raise Refused(f"Unit: choose {' or '.join(known)} of this test.", field="peak_unit")
    assert report.peak_value is not None and report.peak_uln is not None
    for name, value in (("peak_value", report.peak_value), ("peak_uln", report.peak_uln)):
        if value <= 0:
            raise Refused(f"{'Peak value' if name == 'peak_value' else 'Upper limit'}: must be above 0.", field=name)
    times = report.peak_value / report.peak_uln
    question, limit = ASKS[names.kind(report.term)]
    if times > limit and report.qualifiers.get(question) is False:
        raise Refused(
            f"{QUESTIONS[question]}: no cannot stand beside a peak of {said_times(times)}. Correct one of the two.",
            field=question,
        )
    same = stored is not None and all(getattr(stored, name) == said for name, said in given.items())
    unlikely = plausible.wrong("liver_peak", times)
    if unlikely and not same and not report.unusual.strip():
        said = f"Peak value: {said_times(times)}; {unlikely}. Correct it, or say below why it stands."
        raise Implausible({"peak_value": said})


def stands(report: EventReport, stored: AdverseEvent) -> str | None:
    """Why an unlikely peak stands: as it is said now, or was of the same one; None of one that is not unlikely."""
    if report.peak_value is None or not report.peak_uln:
        return None
    if not plausible.wrong("liver_peak", report.peak_value / report.peak_uln):
        return None
    return report.unusual.strip() or stored.unusual


def said_times(times: Decimal) -> str:
    """ "3.2 × ULN"."""
    return f"{times.quantize(Decimal('0.1')).normalize():f} × ULN"
