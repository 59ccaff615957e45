"""The signature page of a decision: who signed what, when and as what, and how anybody can check that it holds."""

from trial.dates import shown
from trial.instants import shown as at
from trial.models import Artifact, Trial
from trial.paper.document import Bullets, Column, Document, Facts, Paragraph, Row, Table

from .. import words
from ..decisions import services as decisions
from ..decisions.page import signature_row
from ..display.rows import decided
from ..models import Decision
from ..situation import history, queries
from ..situation import situation as situations
from ..stored import answer as stored_answer
from . import frame


def document(artifact: Artifact) -> Document:
    """Under `as_of` the action that ended the decision, of which `artifact.key` is the number; or as it waits."""
    trial = Trial.objects.get(pk=artifact.trial_id)
    decision = queries.decision(trial.pk, int(artifact.key))
    assert decision is not None, "asked for only of a decision that there is"
    labels = history.ladders(trial.pk).get(decision.protocol_id, [])
    signed = [signature_row(one) for one in queries.signatures(trial.pk).get(decision.pk, ())]
    needed = decision.protocol.settings.get("signatures", len(signed))
    bound = decisions.content_hash(decision) == decision.content
    return frame.made(
        artifact,
        first=[
            Paragraph(f"Decision {decision.number}: {decided(decision, labels)}", tone="headline"),
            Paragraph(*_state(decision)),
            Facts(
                [
                    ("Recommended", _because(decision, labels)),
                    ("Decided", decided(decision, labels)),
                    ("Reason", decision.reason or "none given; as recommended"),
                    *([("Later toxicity", decision.later_toxicity)] if decision.later_toxicity else []),
                    *_meeting(decision),
                    ("Proposed", f"{decision.proposed_by.name}, {at(decision.proposed_at, trial.time_zone)}"),
                    ("Protocol version", str(decision.protocol.number)),
                    ("Basis", decision.basis),
                    ("Signed content", decision.content),
                ]
            ),
            Table(
                f"Signatures, {len(signed)} of {needed}",
                [Column("Name", 1), Column("Role", 1), Column("Signed"), Column("Meaning", 1.4), Column("Proof", 0.8)],
                [Row([s.name, s.role, at(s.at, trial.time_zone), s.meaning, s.proof]) for s in signed],
                notes=["Each signature is of one person, at that moment, and bound to the hash of the signed content."],
                empty="Nobody has signed yet.",
            ),
            Paragraph(
                "The stored decision has the hash that the signatures are bound to."
                if bound
                else "The stored decision no longer has the hash that the signatures are bound to.",
                lead="Checked when this page was made:",
                tone="green" if bound else "red",
            ),
            Bullets(
                [
                    "The signed content is the SHA-256 of the decision's kind, outcome, level and reason, its basis, "
                    "the engine's input and answer, and the meeting's cut, as the signers read them.",
                    "The basis names the record's number, the clinical date, the versions of engine and protocol, and "
                    "the SHA-256 of the engine's input.",
                    f"“manage.py verify_decisions --trial {trial.code}” replays the decision from the record; "
                    "“manage.py verify_ledger” checks the record's chain, up to the hash at the head of this page.",
                ]
            ),
        ],
    )


def _state(decision: Decision) -> tuple[str, str, str]:
    """A paragraph: its text, what is bold before it, its tone."""
    ending = getattr(decision, "ending", None)
    if ending is None:
        return "It waits for signatures. Nothing is opened or closed before.", "Not in force.", "amber"
    if ending.in_force:
        return f"Since {shown(ending.on)}, with its last signature.", "In force.", "green"
    return f"On {shown(ending.on)}: {ending.reason}", "Withdrawn.", "amber"


def _because(decision: Decision, labels: list[str]) -> str:
    answer = stored_answer.readable(decision.recommendation)
    if answer is None:
        return "The stored answer cannot be read; see the decision's replay."
    return situations.with_labels(answer["because"], labels)


def _meeting(decision: Decision) -> list[tuple[str, str]]:
    if decision.cut is None:
        return []
    cut = decision.cut
    held = f"meeting {cut.meeting.number}, on cut {cut.number} of record no. {cut.record}, {words.shown(cut.on)}"
    return [("Meeting", held)]
