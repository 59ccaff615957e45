"""Who came in: accrual by site, month and cohort, and who was screened."""

from collections import Counter
from collections.abc import Sequence

from patients.models import Cohort, Slot
from patients.screening import queries as screening
from patients.screening.models import Screening
from trial.clock import clinical_date
from trial.paper.document import Column, Row, Section, Table

from .. import words
from . import treatment
from .shapes import listed
from .source import Source


def accrual(source: Source) -> Section:
    facts = source.here.facts
    months = Counter(f"{f.patient.enrolled_on:%Y-%m}" for f in facts)
    started = Counter(f"{one.first_dose:%Y-%m}" for one in source.safety.patients)
    rows, total = [], 0
    for month in months_of([*months, *started], f"{source.cut.on:%Y-%m}"):
        total += started[month]
        rows.append([month, str(months[month]), str(started[month]), str(total)])
    return Section(
        "Accrual",
        [
            _sites(source),
            listed(
                "Accrual by month",
                ["Month+", "Enrolled#", "First dose#", "Treated so far#"],
                rows,
                empty="Nobody is enrolled yet.",
            ),
            _cohorts(source),
            *treatment.held(source),
        ],
    )


def months_of(known: Sequence[str], last: str) -> list[str]:
    """From the first to that of the cut, those in which nobody came in as well; none where nobody ever did."""
    if not known:
        return []
    first, until = (int(year) * 12 + int(month) - 1 for year, month in (min(known).split("-"), last.split("-")))
    return [f"{k // 12}-{k % 12 + 1:02d}" for k in range(first, until + 1)]


def _sites(source: Source) -> Table:
    of_site: dict[str, list[int]] = {}
    treated = {one.number: one for one in source.safety.patients}
    for f in source.here.facts:
        one = treated.get(f.patient.number)
        row = of_site.setdefault(f"{f.patient.site.code} {f.patient.site.name}", [0, 0, 0, 0])
        for k, counts in enumerate((True, one is not None, one and one.stopped is None, one and one.died is not None)):
            row[k] += bool(counts)
    rows = [Row([name, *map(str, of_site[name])]) for name in sorted(of_site)]
    if rows:
        rows.append(Row(["All", *(str(sum(row[k] for row in of_site.values())) for k in range(4))], "total"))
    names = ("Enrolled", "Treated", "On treatment", "Died")
    return Table(
        "Patients by site",
        [Column("Site", 1), *(Column(name, number=True) for name in names)],
        rows,
        empty="Nobody is enrolled yet.",
    )


def _cohorts(source: Source) -> Table:
    mine = Counter(f.patient.cohort_id for f in source.here.facts if f.dosed)
    zone, waiting = (
        source.trial.time_zone,
        Slot.objects.filter(trial=source.trial, voided=False, state="waiting").count(),
    )
    rows = []
    for one in Cohort.objects.filter(trial=source.trial, voided=False).select_related("dose_level").order_by("number"):
        opened = one.paper_on or clinical_date(one.opened_at, zone)
        closed = words.shown(clinical_date(one.closed_at, zone)) if one.closed_at else "open"
        role = one.get_role_display() if one.role else "escalation"
        paper = ", on paper" if one.paper_on else ""
        rows.append(
            [
                str(one.number),
                one.dose_level.label,
                role + paper,
                words.shown(opened),
                closed,
                str(one.places),
                str(mine[one.pk]),
            ]
        )
    return listed(
        "Cohorts",
        ["No.", "Level", "Of+", "Opened", "Closed", "Places#", "Treated#"],
        rows,
        f"On the waiting list: {words.count(waiting, 'patient')}. Places are for evaluable patients: whoever is "
        "replaced leaves his to another.",
        empty="No cohort was opened yet.",
    )


def failures(source: Source) -> Section:
    found = screening.counted(screening.of_trial(source.trial.pk))
    outcomes = [("", "Still open"), *((one.value, one.label.capitalize()) for one in Screening.Outcome)]
    rows = [
        Row([f"{one.site.code} {one.site.name}", str(one.screened), *(str(one.outcomes[name]) for name, _ in outcomes)])
        for one in found
    ]
    if rows:
        total = [sum(one.outcomes[name] for one in found) for name, _ in outcomes]
        rows.append(Row(["All", str(sum(one.screened for one in found)), *map(str, total)], "total"))
    columns = [Column("Site", 1), Column("Screened", number=True)]
    columns += [Column(label, number=True) for _, label in outcomes]
    failed = [[one.site.code, text, str(count)] for one in found for text, count in one.criteria]
    return Section(
        "Screening",
        [
            Table("Screening by site", columns, rows, empty="No screening is recorded."),
            listed(
                "Criteria that screen failures did not meet",
                ["Site", "Criterion+", "Failures#"],
                failed,
                empty="No screen failure is recorded.",
            ),
        ],
    )
