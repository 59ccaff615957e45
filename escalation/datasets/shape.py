"""Every data set of a trial, with its dictionary: the one list that formats, pages, commands and tests go by."""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from datetime import date
from uuid import UUID

from assessments.biomarker import queries as biomarker
from assessments.dlt.version import TODAY, Reading
from trial.clock import Today, day
from trial.models import Trial
from trial.record import ledger

from .adam import adae, addlt, adex, adrs, adsl, adtte
from .definition import CodeList, Dataset, Row, Source, Value, Variable
from .reading import Reading as Read
from .sdtm import ae, dm, ds, ex, fa, ie, lb, rs, ss, ts

__all__ = [
    "CodeList",
    "Dataset",
    "Row",
    "Source",
    "Value",
    "Variable",
    "datasets",
    "left_the_sub_study",
    "shown",
    "source",
]


def datasets(source: Source, reading: Read | None = None) -> tuple[Dataset, ...]:
    """In the order in which they are offered. Rows are read when they are asked for, from what is shown then.

    Within `shown` that is the cut, or the record at one moment; what several sets share is read once.
    reading: of that source, where something else takes from it too.
    """
    reading = reading or Read(source)
    sdtm = (ts, dm, ds, ie, ex, ae, lb, rs, ss, fa)
    adam = (adsl, adae, adex, adrs, adtte, addlt)
    return tuple(made.dataset(reading) for made in (*sdtm, *adam))


def source(
    trial: Trial, on: date | Today, *, sbcma: bool, withdrawn: Collection[UUID] = (), rules: Reading = TODAY
) -> Source:
    """Of the record that is shown here: live, within `ledger.standing`, or of a cut, within `ledger.as_of`."""
    number, head = ledger.head_of(trial.pk)
    return Source(trial, day(on), number, head, sbcma, withdrawn, rules)


def left_the_sub_study(trial: UUID) -> list[UUID]:
    """The patients whose consent to it is withdrawn today: asked before an older cut is shown."""
    return [one.patient.pk for one in biomarker.participants(trial) if not one.analysed]


@contextmanager
def shown(
    trial: Trial, on: date | Today, *, number: int | None = None, sbcma: bool, rules: Reading = TODAY
) -> Iterator[Source]:
    """Show the record as of this number, or as it stands at this moment; outermost and read only.

    Of a patient whose consent to the sub-study is withdrawn today no sample is shown, in no cut either.
    """
    hidden = biomarker.hidden(trial.pk)
    withdrawn = left_the_sub_study(trial.pk)
    with ledger.standing() if number is None else ledger.as_of(trial.pk, number, without=hidden):
        then = Trial.objects.get(pk=trial.pk)
        yield source(then, on, sbcma=sbcma, withdrawn=withdrawn, rules=rules)
