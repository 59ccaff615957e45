"""Efficacy over all cohorts, of the cut itself: response rates, times to an event, sensitivity analyses."""

from collections.abc import Sequence

from assessments.endpoints import present
from assessments.endpoints.present import EfficacyPage, Fixed, MedianRow, TimeCard
from trial.paper.document import Block, Bullets, Column, Figure, Paragraph, Part, Row, Section, Table

from .shapes import listed
from .source import Source

WIDTH = 720  # pixels of a curve: its words stay as large as those around it
INTERVALS = (
    "Kaplan-Meier with log-log limits, quantiles as R's survfit, exact Clopper-Pearson intervals, all 95 %. Months are "
    "days / 30.4375."
)


def efficacy(source: Source) -> Section:
    runs = source.efficacy
    if not runs:
        return Section("Efficacy", [Paragraph("Not estimable: nobody is treated yet.")])
    page = present.page(runs[0], "", runs, width=WIDTH)
    return Section(
        "Efficacy",
        [
            _sets(page),
            _response(page),
            _unconfirmed(page),
            *(part for card in page.times for part in _time(card)),
            Part("Settings of this analysis", [Bullets(page.settings), Paragraph(INTERVALS, tone="note")]),
        ],
    )


def _sets(page: EfficacyPage) -> Table:
    return listed("Analysis sets", ["Set+", "Patients#"], [[words, count.text] for words, count in page.sets])


def _response(page: EfficacyPage) -> Table:
    rows = [
        Row(
            [
                row.level,
                row.treated.text,
                row.denominator.text,
                *(count.text for _, count in row.best),
                *(row.orr.words, row.cbr.words),
            ],
            "total" if row.total else "",
        )
        for row in page.rows
    ]
    columns = [Column("Level"), Column("Treated", number=True), Column("Of", number=True)]
    columns += [Column(words, number=True) for words in present.COLUMNS.values()]
    columns += [Column(name, 1) for name in ("ORR (exact 95 %)", "CBR (exact 95 %)")]
    return Table(
        f"Best confirmed response and rates by dose level, of {page.denominator} patients (IMWG 2016)",
        columns,
        rows,
        notes=["ORR: sCR, CR, VGPR or PR, confirmed. CBR: ORR and MR. A dash or no rate: not estimable."],
    )


def _unconfirmed(page: EfficacyPage) -> Table:
    rows = [
        [row.level, row.orr.unconfirmed or row.orr.words, row.cbr.unconfirmed or row.cbr.words] for row in page.rows
    ]
    return listed("What unconfirmed responses would make of them", ["Level", "ORR+", "CBR+"], rows)


def _time(card: TimeCard) -> list[Block | Part]:
    named = card.named
    blocks: list[Block] = []
    if card.figure:
        title = f"{named.name}: share {named.what}, from {named.start}; {named.whom}, n = {card.n}"
        blocks.append(Figure(title, card.figure, notes=[f"{card.reads} {card.note}".strip()]))
    else:
        blocks.append(Paragraph(card.note))
    blocks.append(medians(f"{named.name}: median with its 95 % interval, by dose level", card.medians))
    if card.fixed.rows:
        blocks.append(fixed(f"{named.name}: share {named.what} at fixed months", card.fixed))
    if card.beside:
        blocks.append(medians(f"{named.name}: primary and sensitivity analyses, all levels", card.beside, "Analysis"))
    return [Part(named.name, blocks)]


def medians(title: str, rows: Sequence[MedianRow], first: str = "Level") -> Table:
    found = [[row.level, row.n.text, row.events.text, row.median, row.quartiles] for row in rows]
    return listed(title, [f"{first}+", "n#", "Events#", "Median++", "Quartiles, months+"], found)


def fixed(title: str, shown: Fixed) -> Table:
    """A column a month: the share with its limits, and how many are still followed then."""
    of_group = zip(*(cells for _, cells in shown.rows), strict=True)
    rows = [
        [group, *(f"{share}; {n} at risk" for n, share in cells)]
        for group, cells in zip(shown.groups, of_group, strict=True)
    ]
    return listed(title, ["Group", *(f"{month} months+" for month, _ in shown.rows)], rows)
