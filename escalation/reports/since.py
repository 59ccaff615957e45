"""What was done since the members met the last time, and what they did not know then."""

from trial.paper.document import Bullets, Facts, Part, Section

from .. import words
from ..display.rows import decided
from ..protocol import changes as versions
from ..protocol.changes import Snapshot
from .shapes import listed
from .source import Source


def actions(source: Source) -> Section:
    packet = source.packet
    since = packet.since or "the beginning: no meeting was held before"
    same = "No patient counts differently, and no event was reported or corrected."
    nothing = same if packet.since else "Everything is new: there is no cut to compare with."
    return Section(
        "Since the last meeting",
        [
            Facts([("Since", since)]),
            listed("What was decided, amended and held since", ["Date", "What+", "Why++"], _done(source)),
            Part("Deaths and serious events since", [Bullets([row.text for row in packet.news], "None.")]),
            Part(
                "How the counts and events changed since",
                [Bullets(packet.changed, nothing)],
            ),
        ],
    )


def _done(source: Source) -> list[list[str]]:
    """Decisions, amendments and holds that the members did not know the last time, in order."""
    known = source.before.record if source.before else 0
    found = []
    for one in versions.snapshots(source.trial.pk):
        if one.version and one.version.in_force_from > known:
            found.append((one.version.written_on, _version(one), one.version.reason))
    for d in sorted(source.here.decisions, key=lambda d: d.number):
        ending = getattr(d, "ending", None)
        if ending is not None and ending.rev > known:
            labels = source.view.record.ladders.get(d.protocol_id, source.view.labels)
            state = "" if ending.in_force else " (withdrawn)"
            found.append((ending.on, f"Decision {d.number}: {decided(d, labels)}{state}", d.reason))
    last = source.before.on if source.before else None
    for spell in source.holds:
        until = f" until {words.shown(spell.until)}" if spell.until else ", still held"
        if last is None or spell.since >= last or (spell.until and spell.until >= last):
            found.append((spell.since, f"Enrolment held{until}", source.view.said(spell.because)))
    for change in source.here.basis_changes:
        if change.rev > known:
            said = f"Patient {change.patient.code} was {change.was}, is now {change.now}"
            found.append((source.cut.on, f"The basis of decision {change.decision.number} changed", said))
    found.sort(key=lambda one: one[0])  # of one day as they follow from each other
    return [[words.shown(on), what, why or "–"] for on, what, why in found]


def _version(one: Snapshot) -> str:
    assert one.version
    return "The protocol" if one.version.number == 1 else f"Protocol version {one.version.number}"
