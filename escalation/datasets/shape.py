"""Every data set of a trial, with its dictionary: the one list that formats, pages, commands and tests go by."""

from .definition import CodeList, Dataset, Row, Source, Value, Variable, source
from .sdtm import dm, ts

__all__ = ["CodeList", "Dataset", "Row", "Source", "Value", "Variable", "datasets", "source"]


def datasets(source: Source) -> tuple[Dataset, ...]:
    """In the order in which they are offered. Rows are read when they are asked for, from what is shown then.

    Within `ledger.as_of` that is the cut, within `ledger.standing` the record at one moment.
    """
    return (
        ts.dataset(source),
        dm.dataset(source),
    )
