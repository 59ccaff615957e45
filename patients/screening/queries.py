"""Reads of screening: the rows, and how it ended, counted per site."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db.models import QuerySet

from trial.models import Site

from .models import Screening


def of_trial(trial: UUID) -> QuerySet[Screening]:
    """Every screening that stands, the latest day first, with its slots and patient."""
    return (
        Screening.objects.filter(trial=trial, voided=False)
        .select_related("site", "again_of", "criterion__version")
        .prefetch_related("slots__patient")
        .order_by("-on", "-number")
    )


def one(trial: UUID, screening: UUID) -> Screening | None:
    """One screening, one taken back too: it is refused by name."""
    return Screening.objects.filter(trial=trial, pk=screening).select_related("site", "again_of", "criterion").first()


@dataclass(frozen=True, slots=True)
class SiteCount:
    """How the screenings of one site ended, and which criteria failed, the most frequent first."""

    site: Site
    screened: int
    outcomes: dict[str, int]  # "" is still open
    criteria: Sequence[tuple[str, int]]

    @property
    def still_open(self) -> int:
        return self.outcomes[""]


def counted(rows: Iterable[Screening]) -> list[SiteCount]:
    by_site: dict[UUID, list[Screening]] = {}
    for row in rows:
        by_site.setdefault(row.site_id, []).append(row)
    found = []
    for mine in by_site.values():
        failed = Counter(f"{row.criterion.number}. {row.criterion.text}" for row in mine if row.criterion)
        outcomes = Counter(row.outcome for row in mine)
        found.append(
            SiteCount(
                mine[0].site,
                len(mine),
                {name: outcomes[name] for name in ["", *Screening.Outcome.values]},
                failed.most_common(),
            )
        )
    return sorted(found, key=lambda one: one.site.code)
