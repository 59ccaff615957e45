"""Toxicity: the tables of adverse events, their displays, serious events and deaths, what came after the window."""

from assessments.cases import page as cases
from assessments.cases import queries as case_queries
from assessments.tables import figures, listings, page
from assessments.tables.adverse import adverse_table
from assessments.tables.heat import heat
from assessments.tables.incidence import incidence
from trial.paper.document import Block, Figure, Section, legend

from .. import words
from . import shapes
from .shapes import listed
from .source import NO_LINKS, Source

ROWS = 24  # patients of a heat map that a page has room for
EMERGENT = (
    "Treatment-emergent: began, or became worse than before the first dose, from the first dose to {days} days after "
    "the last dose of any study drug and before another therapy."
)
ONCE = "Each patient once a line, at the worst grade. A relation that was not answered counts as related."


def tables(source: Source) -> Section:
    safety = source.safety
    table = adverse_table(safety.emergent, safety.patients, safety.levels)
    notes = [EMERGENT.format(days=safety.settings.emergent_days), ONCE]
    classes = f"CTCAE {safety.settings.ctcae_version} classes and terms by falling frequency."
    found: list[Block] = [
        shapes.by_level(
            "Overview of treatment-emergent adverse events, patients, n (%)",
            page.overview_rows(safety, NO_LINKS),
            source,
            "Patients with",
            *notes,
        )
    ]
    title = "Treatment-emergent adverse events by class, term and worst grade, patients, n (%)"
    if source.n:
        found += shapes.adverse(title, page.adverse_page(table, NO_LINKS), f"{' '.join(notes)} {classes}")
    return Section("Adverse events", found, wide=True)


def displays(source: Source) -> Section:
    cycle_days = source.safety.settings.cycle_days
    steps = incidence(source.followed)
    found: list[Block] = [*_heat(source, cycle_days)]
    if steps:
        found.append(
            Figure(
                f"Cumulative incidence of the first event of grade 3 or higher, n = {source.n}",
                figures.incidence_figure(steps, source.followed, cycle_days),
                legend(figures.incidence_legend()),
                [
                    "Aalen-Johansen: death, and the end of the period of treatment-emergent events, compete with the "
                    "event; on one day the event counts first. Band: log-log 95 % limits by the infinitesimal "
                    "jackknife, as R's survfit."
                ],
            )
        )
    rows = [
        [str(row.day), str(row.n_risk), row.event, row.death, row.ended]
        for row in figures.incidence_table(steps, source.followed, cycle_days)
    ]
    names = ["Day#", "At risk#", "First grade 3 or higher (95 %)+", "Died before one+", "Period over before one+"]
    nobody = "Not estimable: nobody is treated yet."
    found.append(listed("Cumulative incidence at the ends of cycles", names, rows, empty=nobody))
    return Section("Toxicity over time", [*found, *_beyond(source)], wide=True)


def _heat(source: Source, cycle_days: int) -> list[Block]:
    rows = heat(source.safety.patients, source.safety.emergent, cycle_days)
    count = -(-len(rows) // ROWS)
    found: list[Block] = []
    size = -(-len(rows) // max(count, 1))
    for k in range(count):
        part = f", part {k + 1} of {count}" if count > 1 else ""
        found.append(
            Figure(
                f"Worst grade of each patient in each cycle, n = {source.n}{part}",
                figures.heat_figure(rows[k * size : (k + 1) * size], lambda number: ""),
                legend(figures.heat_legend()),
                [
                    "A cell a cycle: the worst grade that stood in it. Empty: the period of treatment-emergent events "
                    "was over. Cycles that are not recorded go by the calendar."
                ],
            )
        )
    return found


def _beyond(source: Source) -> list[Block]:
    return [
        shapes.named(
            "Beyond the DLT window, by level and cycle: rates with exact 95 % intervals",
            page.beyond_rows(source.beyond, source.safety.levels, NO_LINKS),
            "Level and cycle",
            "At risk: whoever had a day of the cycle after his window. DLT-like: the criteria of his protocol version "
            "would have called it a DLT, or suspected one, in the window; it is never in the counts. Reductions and "
            "interruptions are of whom doses of that cycle are recorded.",
            empty="Nobody was treated beyond the DLT window yet.",
        )
    ]


def serious(source: Source) -> Section:
    safety = source.safety
    lines = {line.number: line for line in listings.serious(safety)}
    rows = []
    for case in case_queries.cases(source.trial.pk):
        line = lines.get(case.event.number)
        if line is None:
            continue
        told = cases.row(source.scope, case, source.cut.at)
        clocks = "; ".join(
            [*(f"{one.what}: {one.state}" for one in told.clocks), *([told.others] if told.others else [])]
        )
        rows.append(
            [
                line.code,
                f"{line.patient_code}, level {line.level}",
                f"{line.term}, grade {line.grade}",
                line.when,
                f"{line.related}{f'; {line.note}' if line.note else ''}",
                told.why,
                cases.outcome(case.event),
                cases.expectedness(case),
                clocks or "–",
            ]
        )
    names = [
        "Event",
        "Patient",
        "Term, grade+++",
        "When++",
        "Related+",
        "Serious because++",
        "Outcome+",
        "Expected+++",
        "Clocks++",
    ]
    return Section(
        "Serious events and deaths", [listed("Serious adverse events", names, rows), *_deaths(source)], wide=True
    )


def _deaths(source: Source) -> list[Block]:
    deaths = [
        [line.patient_code, line.level, f"{words.shown(line.on)}, day {line.day}",
         ", ".join([line.said, *(f"AE {event.number} {event.term.lower()}" for event in line.events)]),
         f"{line.after}{f' ({listings.WITHIN})' if line.marked else ''}"]
        for line in listings.deaths(source.safety)
    ]  # fmt: skip
    others = [
        [
            line.code,
            f"{line.patient_code}, level {line.level}",
            f"{line.term}, grade {line.grade}",
            line.when,
            line.note,
        ]
        for line in listings.others(source.safety)
    ]
    return [
        listed(
            "Deaths of treated patients",
            ["Patient", "Level", "Died", "Cause+", "After the last dose+"],
            deaths,
            empty="No treated patient has died.",
        ),
        listed(
            "Events that are not treatment-emergent, which no table counts",
            ["Event", "Patient", "Term, grade++", "When+", "Why not++"],
            others,
        ),
    ]


def rates(source: Source) -> list[Block]:
    """DLT rates of all who were treated at a level, those outside the count too."""
    rows = page.rate_rows(source.safety, source.outcomes, NO_LINKS)
    return [
        shapes.named(
            "DLT rate by level received, with its exact 95 % interval",
            rows,
            "Level",
            "Treated = evaluable + pending + not evaluable. Adjudicated DLTs only; suspected ones are pending. "
            "Patients of expansion and backfill stand in these rates and outside the count of the rule.",
        )
    ]
