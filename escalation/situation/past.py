"""Where the trial stood at several earlier numbers, from its row images: one query, however many numbers.

`ledger.as_of` shows the past to whatever is asked; this makes the one situation after another, for what compares many.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import Model, TextField
from django.db.models.functions import Cast

from assessments.dlt.version import Reading
from trial import clock
from trial.models import RowImage, Trial, User
from trial.record import rows
from trial.record.rows import Rows

from . import parts, queries
from .situation import Situation

Moment = tuple[int, datetime, Reading]  # after that action, on that day, by that version of the rules


def situations(here: Situation, moments: Sequence[Moment]) -> Iterator[Situation | None]:
    """moments: in the order of their numbers. None where no protocol was written yet."""
    last = max((number for number, _, _ in moments), default=0)
    images = _images(here, last)
    said: Rows = {model: {} for model in (*parts.TABLES, *parts.BESIDE)} | {User: here.read.rows[User]}
    at = 0
    for number, moment, reading in moments:
        until = next((k for k in range(at, len(images)) if images[k]["number"] > number), len(images))
        said, at = rows.laid_over(said, images[at:until]), until
        trial = next((rows.make(Trial, row) for row in said[Trial].values()), None)
        if trial is None:
            yield None
            continue
        today = clock.today(moment, trial.time_zone)
        read = parts.Read(said, [])
        yield queries.situation(trial, today, number=number, was=here, read=read, reading=reading)


def _images(here: Situation, last: int) -> list[Mapping[str, Any]]:
    """Every image up to that number of what a situation is made of, whole: a column added since is null."""
    models: dict[str, type[Model]] = {model._meta.db_table: model for model in parts.TABLES if model is not User}
    empty = {
        table: dict.fromkeys(str(field.column) for field in model._meta.concrete_fields)
        for table, model in models.items()
    }
    found = (
        RowImage.objects.filter(ledger__trial=here.trial, table__in=models, number__lte=last)
        .order_by("number", "seq")
        .values_list("number", "table", "row", Cast("image", TextField()))
    )
    return [
        {
            "number": number,
            "table": table,
            "row": str(row),
            "image": empty[table] | json.loads(image, parse_float=Decimal),
        }
        for number, table, row, image in found
    ]
