"""Page 1: where the trial stands, what is advised, deaths and serious events first, the tallies, what blocks."""

from collections.abc import Sequence

from assessments.tables.page import proportion_words
from trial.paper.document import Block, Column, Facts, Figure, Paragraph, Row, Table, legend

from .. import words
from ..display import cards
from ..display.ladder import ladder_legend, ladder_svg
from ..display.types import RecommendationCard
from ..outstanding import blocked
from .source import Source

MOST = 5  # lines of a list; the sections have all of them
NARROW, WIDE = 10, 40  # patients that a ladder has room for in larger words, and as on the page


def blocks(source: Source) -> list[Block]:
    page = source.packet.page
    return [
        *_warnings(source),
        Paragraph(page.headline, tone="headline"),
        Paragraph(page.next_change),
        *recommendation(source),
        _first(source),
        tally(source),
        ladder(source),
        _blocked(source),
        Facts([*_denominators(source), *_identity(source)]),
    ]


def _warnings(source: Source) -> list[Block]:
    found: list[Block] = []
    if not source.today.holds:
        found.append(Paragraph("The chain no longer has the hash of this cut.", "The record was changed.", "red"))
    if source.kind.holds_sub_study and source.today.withdrawn:
        who = words.count(source.today.withdrawn, "patient")
        found.append(Paragraph(f"of {who} who withdrew the consent to the sub-study.", "Left out: sBCMA", "amber"))
    return found


def recommendation(source: Source) -> list[Block]:
    """What the rule advises, by which row, what the pending may still change, and, where it may be told, how firm."""
    card = source.packet.page.recommendation
    pairs = [("Rule", f"{card.variant}, {card.rule}; {card.engine}")] if card.rule.strip(": ,") else []
    pairs += [(one.when, one.then) for one in card.bracket]
    pairs += [("Pending", few(card.pending.split("; "), "; "))] if card.pending else []
    pairs += [("Closed", card.closed)]
    pairs += [("Outside the count", card.outside)] if card.outside else []
    pairs.append(("Enrolment", _enrolment(card)))
    if card.firm is not None:
        pairs.append(("How firm", card.firm.says + _ways(source)))
    said: list[Block] = [Paragraph(card.because, f"{card.headline}.", card.tone or "green"), Facts(pairs)]
    return said + [Paragraph(warning, "Note:", "amber") for warning in card.warnings]


def _enrolment(card: RecommendationCard) -> str:
    """ "open at level 2, 2 free"; a sentence that says why stands after it."""
    why, slots = card.enrolment_because, f", {card.slots}" if card.slots else ""
    if why.count(". ") >= MOST:  # of each patient who holds it a sentence
        why = few(why.removesuffix(".").split(". "), ". ")
    if why[:1].isupper():
        return f"{card.enrolment}{slots}. {why}"
    return f"{card.enrolment} {why}".rstrip() + slots


def few(found: Sequence[str], between: str) -> str:
    """The first of them and how many there are besides: the sections have all."""
    more = f"{between}and {len(found) - MOST} more" if len(found) > MOST else ""
    return f"{between.join(found[:MOST])}{more}"


def _ways(source: Source) -> str:
    firm = source.packet.page.recommendation.firm
    if firm is None or not firm.few or not firm.ways:
        return "."
    ways = [f"{'; '.join(part.says for part in way.parts)}: {way.then.lower()}" for way in firm.ways]
    return f" ({' · '.join(ways)})."


def _first(source: Source) -> Block:
    """Deaths, serious events and DLTs, whatever else there is."""
    safety = source.safety
    dead = sum(one.died is not None for one in safety.patients)
    serious = sum(event.serious for event in safety.events)
    dlts, suspected = (sum(e.state == state for _, e in source.dlts) for state in ("dlt", "suspected"))
    said = [
        words.count(dead, "death"),
        words.count(serious, "serious event"),
        f"{words.count(dlts, 'DLT')} adjudicated, {suspected} suspected",
    ]
    news = [row.text for row in source.packet.news]
    since = source.packet.since or "the beginning"
    if not news:
        return Paragraph(f"No death and no serious event since {since}.", f"{'; '.join(said)}.")
    return Paragraph(f"Since {since}: {few(news, '. ')}.", f"{'; '.join(said)}.", "red" if dead else "")


def tally(source: Source, title: str = "Patients by dose level, the highest first") -> Table:
    page, view = source.packet.page, source.view
    outside = any(not f.counted for f in source.here.facts if f.dosed)
    rows = []
    for place, row in enumerate(page.levels):
        position = len(page.levels) - place
        counted = source.counted(position)
        cells = [row.label, row.doses, *(link.text for link in (row.treated, row.evaluable, row.dlts, row.pending))]
        cells += [row.replaced.text, proportion_words(counted) if counted.n else "–"]
        if outside:
            one = source.rates.get(view.labels[position - 1])
            cells.append(proportion_words(one.rate) if one and one.rate.n else "–")
        says = "; ".join(part for part in (row.says, row.rate, row.paper) if part)
        rows.append(Row([*cells, says], kind="current" if row.current else ""))
    unit = f", {page.dose_unit}" if page.dose_unit else ""
    columns = [Column("Level"), Column(f"Dose{unit}")]
    columns += [Column(name, number=True) for name in ("Treated", "Evaluable", "DLT", "Pending", "Replaced")]
    columns += [Column("DLT rate (exact 95 %)")]
    columns += [Column("with those outside the count")] if outside else []
    notes = [f"{page.drugs}. Treated = evaluable + pending + replaced, in the count of the rule."] if page.drugs else []
    return Table(title, [*columns, Column("Says", 1)], rows, notes=notes)


def ladder(source: Source) -> Figure:
    levels, patients = cards.ladder(source.view)
    n = len(patients)
    width = 660 if n <= NARROW else 776 if n <= WIDE else 1000
    shown = words.shown(source.cut.on)
    return Figure(
        "Dose ladder: patients in order of entry by dose level",
        ladder_svg(levels, patients, as_of=shown, width=width, whole=n),
        legend(ladder_legend(patients)) if n else (),
    )


def missing(source: Source) -> list[str]:
    """What is to be entered, answered, judged or signed before a decision, each with whose it is."""
    found = blocked.rows(source.scope, here=source.here, signatures=source.view.record.signatures)
    return [f"{row.text} ({row.owner})" for row in found]


def _blocked(source: Source) -> Block:
    found = missing(source)
    if not found:
        waits = source.packet.in_window
        still = f" {words.count(waits, 'patient')} still in the DLT window." if waits else ""
        return Paragraph(f"Nothing was missing or unadjudicated at the cut.{still}", "Blocked by:")
    return Paragraph(f"{few(found, '; ')}.", "Blocked by:", "amber")


def _denominators(source: Source) -> Sequence[tuple[str, str]]:
    counted = [f for f in source.here.facts if f.outcome in ("dlt", "no_dlt")]
    enrolled = len(source.here.facts)
    said = f"{enrolled} enrolled; {source.n} treated (safety set, by level received); {len(counted)} DLT-evaluable"
    if source.kind.holds_sub_study:
        said += "".join(
            f"; {runs[0].result['sets'][name]} in the {words_} set"
            for runs, name, words_ in (
                (source.efficacy, "response_evaluable", "response-evaluable"),
                (source.biomarker, "biomarker", "biomarker"),
            )
            if runs
        )
    return [("Denominators", f"{said}.")]


def _identity(source: Source) -> Sequence[tuple[str, str]]:
    cut, version = source.cut, source.here.protocol.version.number
    when = f"{words.shown(cut.at.date())}, {cut.at:%H:%M} UTC"
    said = f"frozen by {cut.frozen_by.name}, {when}; protocol version {version}; chain {cut.hash[:16]}"
    sponsor = [("Sponsor", source.trial.sponsor)] if source.trial.sponsor else []
    return [("Trial", source.trial.title), *sponsor, ("Cut", said)]
