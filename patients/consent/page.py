"""What the page of consent forms shows: each version with who signed it and who still owes it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from trial.clock import Today

from ..models import Consent
from . import queries
from .models import ConsentVersion
from .queries import Owed


@dataclass(frozen=True, slots=True)
class VersionRow:
    """A version, how many of the reader's patients signed it and how many owe it."""

    version: ConsentVersion
    signed: int
    owed: int


@dataclass(frozen=True, slots=True)
class Page:
    rows: Sequence[VersionRow]  # the latest first
    owed: Sequence[Owed]  # the earliest day first


def page(trial: UUID, on: date | Today, site: UUID | None) -> Page:
    """Of the reader's sites; None is all."""
    owed = [one for one in queries.owed(trial, on) if site is None or one.slot.site_id == site]
    signed: dict[tuple[str, str], set[UUID]] = {}
    consents = Consent.objects.filter(trial=trial, voided=False)
    for kind, version, slot in (consents.filter(slot__site=site) if site else consents).values_list(
        "kind", "version", "slot"
    ):
        signed.setdefault((kind, version), set()).add(slot)
    rows = [
        VersionRow(v, len(signed.get((v.kind, v.version), ())), sum(one.version.pk == v.pk for one in owed))
        for v in queries.versions(trial)
    ]
    rows.sort(key=lambda row: (row.version.kind, row.version.valid_from), reverse=True)
    return Page(rows, sorted(owed, key=lambda one: (one.by, one.slot.number)))
