"""The decision tree: the path so far, where the trial stands, and what follows, two cohorts deep.

Shape and colour say the same: a triangle and red where a level closes, a square and green where escalation ends, a
half circle and amber where the answer is to wait, a circle where the trial goes on. The path taken is a thick line.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from trial import svg
from trial.percentages import percent_text
from trial.svg import Ink

from .. import words
from ..engine.terms import Action
from .outcomes import Branch

ENDS = (Action.MTD, Action.TOP_TOLERATED)
_ROW = 50  # pixels from leaf to leaf
_BOX = 40
_GAP = 64
_TOP = 34
_STEP = 92  # of the path so far
_ABOVE = 64  # the path so far, above the box where the trial stands


@dataclass(frozen=True, slots=True)
class Past:
    """A cohort of the path so far."""

    level: str  # "level 2"
    count: str  # "0/3"


@dataclass(frozen=True, slots=True)
class Ladder:
    """How positions are called here."""

    labels: Sequence[str]
    six: int

    def level(self, position: int) -> str:
        return words.level(self.labels, position)


def kind(branch: Branch) -> str:
    """go, wait, close or end: what the shape of a node says."""
    action = branch.low.advice.action
    if action is Action.NONE_TOLERATED or branch.low.closes is not None:
        return "close" if action not in ENDS else "end"
    return "end" if action in ENDS else "wait" if action is Action.WAIT else "go"


INKS = {
    "go": (Ink.INK, Ink.SURFACE, Ink.CONTROL),
    "wait": (Ink.AMBER, Ink.AMBERSOFT, Ink.AMBER),
    "close": (Ink.RED, Ink.REDSOFT, Ink.RED),
    "end": (Ink.GREEN, Ink.GREENSOFT, Ink.GREEN),
}
LEGEND = {
    "go": "The trial goes on",
    "wait": "Wait for the pending",
    "close": "The level just tested and all above are closed",
    "end": "Escalation ends",
}


def sign(of: str, x: float, y: float) -> SafeString:
    ink = INKS[of][0]
    match of:
        case "close":
            return svg.triangle(x, y, 5.5, fill=ink)
        case "end":
            return svg.square(x, y, 5, fill=ink)
        case "wait":
            return svg.half_circle(x, y, 5, ink=ink)
    return svg.circle(x, y, 5, fill=ink)


# Words


def outcome(branch: Branch, ladder: Ladder) -> str:
    """What must happen for this branch: "2–3 of 3 at level 3"."""
    return " and ".join(
        f"{words.at_most(low.dlts, high.dlts)} of {low.patients} at {ladder.level(low.level)}"
        for low, high in zip(branch.low.turns, branch.high.turns, strict=True)
    )


def counts(branch: Branch) -> list[tuple[int, str]]:
    """(level, DLTs/evaluable) of the levels that the outcome changed; at the root of every level used."""
    changed = {turn.level for turn in branch.low.turns}
    found = []
    for low, high in zip(branch.low.advice.tallies, branch.high.advice.tallies, strict=True):
        if low.level in changed or (not changed and low.evaluable + low.pending):
            dlts = words.at_most(low.dlts, high.dlts)
            rate = words.rate(dlts, low.evaluable, low.pending) if low.evaluable else f"{low.pending} pending"
            found.append((low.level, rate))
    return found


def advised(branch: Branch, ladder: Ladder) -> str:
    advice = branch.low.advice
    return words.advised(advice.action, advice.level, ladder.labels, ladder.six)


def chance(branch: Branch) -> str:
    return "" if branch.probability is None else percent_text(branch.probability * 100)


def closed(branch: Branch, ladder: Ladder) -> str:
    lowest = branch.low.advice.closed_from
    return f"{ladder.level(lowest)} and above" if lowest else "none"


def walk(branch: Branch, path: tuple[Branch, ...] = ()) -> Iterator[tuple[Branch, tuple[Branch, ...]]]:
    yield branch, path
    for child in branch.children:
        yield from walk(child, (*path, child))


# The figure


def tree_figure(root: Branch, past: Sequence[Past], ladder: Ladder, *, as_of: str) -> SafeString:
    """The figure in its scroll box, with its legend. past: the cohorts before, in order."""
    shown = [(sign(of, 8, 8), said) for of, said in LEGEND.items()]
    taken = svg.line(0, 8, 16, 8, stroke=Ink.ACCENT, width=4)
    return format_html(
        '<div class="figure-box" tabindex="0" role="region" aria-label="Decision tree, scrolls">{}</div>{}',
        tree_svg(root, past, ladder, as_of=as_of),
        svg.legend([*shown, (taken, "The path so far")]),
    )


def tree_svg(root: Branch, past: Sequence[Past], ladder: Ladder, *, as_of: str = "", key: str = "whatif") -> SafeString:
    """The bare figure, as the reports use it."""
    places = _places(root)
    if past and (short := _TOP + 26 + _ABOVE - places[id(root)]) > 0:  # room for the path above a small tree
        places = {branch: y + short for branch, y in places.items()}
    every = list(walk(root))
    box = _box_width([branch for branch, _ in every], ladder)
    shown = past[-2:]
    left = 8
    heads = ["Now", *(["Pending known"] if _waits(root) else []), "Next cohort", "The cohort after"]
    xs = [left + depth * (box + _GAP) for depth in range(1 + max(len(path) for _, path in every))]
    parts = [svg.text(x, 18, head, bold=head == "Now") for x, head in zip(xs, heads, strict=False)]
    parts += _trunk(shown, len(past) > len(shown), places[id(root)])
    for branch, path in every:
        for child in branch.children:
            ends = (xs[len(path)] + box, places[id(branch)], xs[len(path) + 1], places[id(child)])
            parts.append(_edge(child, *ends, ladder))
    parts += [_node(branch, xs[len(path)], places[id(branch)], box, ladder, now=not path) for branch, path in every]
    return svg.figure(
        xs[-1] + box + 8,
        max(places.values()) + _BOX / 2 + 12,
        key=key,
        title="Decision tree: what follows from each number of DLTs",
        desc=describe(root, ladder, as_of),
        parts=parts,
        cls="tree",
    )


def describe(root: Branch, ladder: Ladder, as_of: str = "") -> str:
    """The first step of the tree in words, for those who do not see it; the table says the rest."""
    told = "; ".join(f"{outcome(child, ladder)} with a DLT: {advised(child, ladder)}" for child in root.children)
    said = f"Now: {advised(root, ladder)}." + (f" {told}." if told else "")
    return f"{said} As of {as_of}." if as_of else said


def _waits(branch: Branch) -> bool:
    return any(tally.pending for tally in branch.low.advice.tallies)


def _places(root: Branch) -> dict[int, float]:
    """The height of every branch by its identity: leaves one under the other, a parent amid its children."""
    found: dict[int, float] = {}
    leaves = 0

    def place(branch: Branch) -> float:
        nonlocal leaves
        if branch.children:
            ys = [place(child) for child in branch.children]
            y = (ys[0] + ys[-1]) / 2
        else:
            y = _TOP + _BOX / 2 + leaves * _ROW
            leaves += 1
        found[id(branch)] = y
        return y

    place(root)
    return found


def _lines(branch: Branch, ladder: Ladder) -> tuple[str, str]:
    """The two lines in a box: what is recommended, and the counts that say so."""
    touched = counts(branch)
    tally = f"{touched[-1][1]} at {ladder.level(touched[-1][0])}" if touched else "nobody treated yet"
    said = advised(branch, ladder)
    if branch.low.advice.action is Action.TOP_TOLERATED:  # the whole sentence stands in the table
        said = f"{ladder.level(branch.low.advice.level).capitalize()}, the top, tolerated"
    return _short(said), _short(tally)


def _short(line: str, most: int = 29) -> str:
    return line if len(line) <= most else f"{line[: most - 1]}…"


def _box_width(branches: Sequence[Branch], ladder: Ladder) -> float:
    longest = max(svg.words_width(line, 12.5) for branch in branches for line in _lines(branch, ladder))
    return min(max(longest + 34, 190), 232)


def _trunk(past: Sequence[Past], more: bool, now: float) -> list[SafeString]:
    """The path taken: its last cohorts as filled marks on a thick line that comes down to where the trial stands."""
    if not past:
        return []
    start, y = 8 if not more else 30, now - _ABOVE
    end = start + _STEP * len(past) - 12
    corners = [(start, y), (end, y), (end, now - _BOX / 2)]
    parts = [svg.polyline(corners, stroke=Ink.ACCENT, width=4, cls="chosen")]
    if more:
        parts.append(svg.text(8, y + 4, "…", ink=Ink.INK))
    for k, cohort in enumerate(past):
        x = start + _STEP * k + 6
        inner = [
            svg.circle(x, y, 6, fill=Ink.ACCENT),
            svg.text(x - 6, y - 14, _short(cohort.level.capitalize(), 13), size=12),
            svg.text(x - 6, y + 24, f"{cohort.count} DLT", ink=Ink.INK, size=12, bold=True),
        ]
        parts.append(
            svg.mark(svg.join(inner), title=f"Before: {cohort.count} DLT at {cohort.level}", cls="past chosen")
        )
    return parts


def _edge(child: Branch, x: float, y: float, to_x: float, to_y: float, ladder: Ladder) -> SafeString:
    closes = kind(child) == "close"
    bend = x + 8
    dlts = " + ".join(
        words.at_most(low.dlts, high.dlts) for low, high in zip(child.low.turns, child.high.turns, strict=True)
    )
    line = svg.polyline(
        [(x, y), (bend, y), (bend, to_y), (to_x, to_y)],
        stroke=Ink.RED if closes else Ink.CONTROL,
        width=1.5,
        dash="4 3" if closes else None,
        cls="closed" if closes else "open",
    )
    label = svg.text(to_x - 6, to_y - 5, f"{dlts} DLT", size=12, anchor="end", ink=Ink.INK, cls="dlts")
    return svg.join([line, label])


def _node(branch: Branch, x: float, y: float, box: float, ladder: Ladder, *, now: bool) -> SafeString:
    of = kind(branch)
    _, fill, stroke = INKS[of]
    action, tally = _lines(branch, ladder)
    inner = [
        svg.shape(
            "rect",
            fill=fill,
            stroke=Ink.ACCENT if now else stroke,
            width=3 if now or of == "end" else 1.25,
            x=x,
            y=y - _BOX / 2,
            width_=box,
            height=_BOX,
            rx=6,
        ),
        sign(of, x + 14, y),
        svg.text(x + 27, y - 3, action, ink=Ink.INK, size=12.5, bold=True),
        svg.text(x + 27, y + 13, tally, size=12),
    ]
    title = advised(branch, ladder) if now else f"If {outcome(branch, ladder)} with a DLT: {advised(branch, ladder)}"
    if branch.probability is not None and not now:
        title += f" (chance {chance(branch)} under the assumed rates)"
    return svg.mark(svg.join(inner), title=title, cls=f"node node-{of}{' chosen' if now else ''}")


# The table


def tree_table(root: Branch, ladder: Ladder, *, caption: str) -> SafeString:
    """The same as a table: a row for each node, each with the whole path to it."""
    chances = root.probability is not None
    head = ["If a DLT in", "Then", "DLT / evaluable", "Row", "Closed", *(["Chance"] if chances else [])]
    return format_html(
        '<table class="table table-tight cards tree-table"><caption>{}</caption>'
        "<thead><tr>{}</tr></thead><tbody>{}</tbody></table>",
        caption,
        format_html_join("", '<th scope="col">{}</th>', ((name,) for name in head)),
        svg.join(_row(branch, path, ladder, chances) for branch, path in walk(root)),
    )


def _row(branch: Branch, path: Sequence[Branch], ladder: Ladder, chances: bool) -> SafeString:
    steps = [outcome(step, ladder) for step in path] or ["Now"]
    before = "".join(f"{step}, then " for step in steps[:-1])  # the rows above it say so to those who see them
    of = kind(branch)
    tally = ", ".join(f"{count} at {ladder.level(level)}" for level, count in counts(branch)) or "nobody treated yet"
    cells = [
        ("Then", advised(branch, ladder)),
        ("DLT / evaluable", tally),
        ("Row", branch.low.advice.rule),
        ("Closed", closed(branch, ladder)),
        *([("Chance", chance(branch))] if chances else []),
    ]
    return format_html(
        '<tr class="tree-{} step-{}"><th scope="row" data-label=""><span class="sr-only">{}</span>{}{}</th>{}</tr>',
        of,
        len(path),
        before,
        "then " if before else "",
        steps[-1],
        format_html_join("", '<td data-label="{}">{}</td>', cells),
    )
