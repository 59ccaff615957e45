"""What the filter of the trail finds: the actions that wrote a row which pages call "DA 4" or "patient 004", the one of
a number, and those that changed a field.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet

from ..models import Ledger, RowImage
from . import naming, trail
from .ledger import audited_models
from .trail import Trail, Written

TABLES = {  # by what pages call a row with a number
    "ae": "assessments_adverseevent",
    "adverse event": "assessments_adverseevent",
    "cohort": "patients_cohort",
    "da": "assessments_diseaseassessment",
    "decision": "escalation_decision",
    "disease assessment": "assessments_diseaseassessment",
    "e": "escalation_outsidedecision",
    "event": "assessments_adverseevent",
    "meeting": "escalation_meeting",
    "opening": "escalation_paperopening",
    "patient": "patients_patient",
    "protocol version": "trial_protocolversion",
    "screening": "patients_screening",
    "slot": "patients_slot",
}
NAMED = ("trial_doselevel", "trial_drug", "trial_site", "patients_consentversion", "assessments_assay")
ASKED = re.compile(r"(?P<kind>[a-z][a-z ]*?)?\s*(?:no\.?\s*)?(?P<number>\d{1,9})", re.IGNORECASE)
ACTION = re.compile(r"(?:no\.?|number|action)\s*(\d{1,9})", re.IGNORECASE)
PARENTS = (
    "patient_id",
    "slot_id",
    "event_id",
    "assessment_id",
    "decision_id",
    "opening_id",
    "meeting_id",
    "cut_id",
    "subject",
    "version_id",
    "dose_level_id",
    "drug_id",
    "assay_id",
    "site_id",
    "user_id",
)
BETWEEN = ("assessments_adverseevent", "assessments_diseaseassessment", "escalation_datacut")  # others hang on these
WORD = "setting"  # begins the name of each setting of a protocol version


@dataclass(frozen=True, slots=True)
class Asked:
    """What was asked for: an action by its number, rows by name, or both where a number may be either."""

    number: int | None
    rows: frozenset[UUID]

    @property
    def nothing(self) -> bool:
        return self.number is None and not self.rows


def named(ledger: Ledger, asked: str) -> Asked:
    """What pages call so: "DA 4", "AE 3", "patient 004", "004", "no. 275", "275", or a row's id."""
    asked = " ".join(asked.split())
    try:
        return Asked(None, frozenset({UUID(asked)}))
    except ValueError:
        pass
    if match := ACTION.fullmatch(asked):
        return Asked(_action(ledger, int(match[1])), frozenset())
    match = ASKED.fullmatch(asked)
    kind = (match["kind"] or "").strip().lower() if match else ""
    if match and (not kind or kind in TABLES):
        table = TABLES[kind or "patient"]
        rows = _images(ledger).filter(table=table, image__number=int(match["number"])).values_list("row", flat=True)
        number = _action(ledger, int(match["number"])) if not kind and not match["number"].startswith("0") else None
        return Asked(number, frozenset(rows))
    return Asked(None, frozenset(_by_name(ledger, asked.casefold())))


def _action(ledger: Ledger, number: int) -> int | None:
    return number if 0 < number <= ledger.number else None


def _by_name(ledger: Ledger, asked: str) -> set[UUID]:
    """Rows with a name of their own: "level 2", a drug, a site."""
    rows = _images(ledger).filter(table__in=NAMED)
    return {one.row for one in rows if naming.NAMES[one.table].format(**one.image).casefold() == asked}


def _images(ledger: Ledger) -> QuerySet[RowImage]:
    return RowImage.objects.filter(ledger=ledger)


def tables(*, of_trial: bool) -> list[tuple[str, str]]:
    """The tables of such a record, for the filter."""
    found = [model._meta.db_table for model in audited_models() if bool(model.LEDGER) == of_trial]
    return sorted(((table, naming.table(table).capitalize()) for table in found), key=lambda pair: pair[1].lower())


def fields(asked: str) -> set[str]:
    """The tables that have a field which is called so, or a parameter."""
    asked = asked.casefold()
    found = {"trial_protocolversion"} if asked.startswith(WORD) else set()
    for model in audited_models():
        table = model._meta.db_table
        names = {naming.field(str(f.column)) for f in model._meta.concrete_fields if f.column not in naming.UNREAD}
        names |= {label for (column, _), label in naming.choices(table).items() if column == "parameter"}
        if any(asked in name.casefold() for name in names):
            found.add(table)
    return found


def numbers(of: Trail, asked: Asked | None, *, table: str, field: str) -> Collection[int] | QuerySet[Any] | None:
    """The numbers of the actions that wrote what was asked for; None where nothing of all this was asked.

    table: only rows of it. field: only rows of which that was changed; what is shut gives nothing away.
    """
    images = _images(of.ledger)
    if asked is not None:
        images = images.filter((Q(number=asked.number) if asked.number else Q()) | _hanging(images, asked.rows))
    if table:
        images = images.filter(table=table)
    if field:
        return _changing(of, images.filter(table__in=fields(field)).exclude(row__in=of.shut), field.casefold())
    return images.values("number") if asked is not None or table else None


def _hanging(images: QuerySet[RowImage], rows: frozenset[UUID]) -> Q:
    """Images of the rows that were asked for, and of those that hang on them."""
    ids = {str(row) for row in rows}
    if not ids:
        return Q()
    above = images.filter(row__in=rows, table="patients_patient").values_list("image__slot_id", flat=True)
    ids |= {str(slot) for slot in above}  # a patient's eligibility and consents hang on his slot
    hangs = Q(image__patient_id__in=sorted(ids)) | Q(image__meeting_id__in=sorted(ids))
    below = images.filter(hangs, table__in=BETWEEN)
    ids |= {str(row) for row in below.values_list("row", flat=True)}  # and verdicts on his events
    wanted = Q(row__in=ids)
    for parent in PARENTS:
        wanted |= Q(**{f"image__{parent}__in": sorted(ids)})
    return wanted


def _changing(of: Trail, images: QuerySet[RowImage], asked: str) -> set[int]:
    found = set()
    for image in trail.before(images):
        was = image.before  # type: ignore[attr-defined]
        one = Written(image.number, image.table, image.row, image.image, was)
        parameter = naming.choices(image.table).get(("parameter", str(image.image.get("parameter"))), "")
        fields = {naming.field(column).casefold() for column in trail.changed(one)}
        if any(asked in name for name in fields) or (fields and asked in parameter.casefold()):
            found.add(image.number)
    return found
