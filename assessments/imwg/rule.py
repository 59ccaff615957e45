"""Response by the IMWG criteria of 2016, with minimal response for relapsed disease (docs/domain.md, section 7).

`evaluate` is the whole of it: categories from values, confirmation, best responses. As a filter:
`python -m assessments.imwg` (docs/validation-response.md).
"""

from collections.abc import Sequence
from datetime import date

from .confirm import Confirmed, Said, Step, confirm
from .derive import Derived, derive
from .measure import Start
from .terms import Assessment, Evaluation, Response, ResponseSettings, Values, Visit

VERSION = "2"  # of the rules of response, stored with each endpoint run; raise it whenever an answer can change


def evaluate(
    baseline: Values | None,
    assessments: Sequence[Assessment],
    settings: ResponseSettings,
    new_therapy: date | None = None,
) -> Evaluation:
    """A patient's course. assessments: those after the first dose, in any order, already assembled from samples.

    baseline: None, or without values, when nothing was measured: then nothing is measurable.
    """
    return conclude(*derive(baseline, assessments, settings), settings, new_therapy)


def conclude(
    started: Start,
    derived: Sequence[Derived],
    settings: ResponseSettings,
    new_therapy: date | None,
    death: date | None = None,
) -> Evaluation:
    """A patient's course from the categories of its assessments (`derive`). death: from myeloma, and known."""
    steps = [Step(one.assessment.date, one.finding.response, one.finding.pd_source, one.no_pd) for one in derived]
    confirmed = confirm(steps, settings, new_therapy, death)
    said = {one.step.date: one for one in confirmed.said}
    visits = tuple(_visit(one, said[one.assessment.date]) for one in derived)
    return _evaluation(visits, confirmed, started, None if settings.new_therapy == "ignore" else new_therapy)


def _visit(derived: Derived, said: Said) -> Visit:
    one, found = derived.assessment, derived.finding
    return Visit(
        date=one.date,
        derived=found.response,
        pd_source=found.pd_source,
        confirmed=said.confirmed,
        parameter=found.parameter,
        because=found.because,
        confirmation=said.because,
        adequate=said.adequate,
        change=derived.change,
        hypercalcaemia=derived.hypercalcaemia,
        row=one.row,
        no_pd=derived.no_pd,
        missed=one.values is not None and one.values.empty,
        asks=derived.asks,
    )


def _evaluation(visits: tuple[Visit, ...], confirmed: Confirmed, started: Start, limit: date | None) -> Evaluation:
    progressed = confirmed.progression.step.date if confirmed.progression else None
    ends = [end for end in (progressed, limit) if end]
    changes = [one.change for one in visits if one.change is not None and all(one.date < end for end in ends)]
    return Evaluation(
        visits=visits,
        best_confirmed=confirmed.best_confirmed,
        best_unconfirmed=confirmed.best_unconfirmed,
        progression=next((one for one in visits if one.date == progressed and one.derived is Response.PD), None),
        measurable=started.measurable,
        followed=started.followed,
        best_change=min(changes, default=None),
        evaluable=started.decides is not None and any(one.adequate for one in visits),
        warnings=tuple(one.warning for one in confirmed.said if one.warning),
    )
