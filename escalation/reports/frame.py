"""What stands on each page of a paper that is no report: of which trial and record, and that it is a demo."""

from collections.abc import Sequence

from trial import queries as ground
from trial.dates import shown
from trial.models import Artifact, Trial
from trial.paper.document import Block, Document, Section


def made(artifact: Artifact, *, first: Sequence[Block] = (), sections: Sequence[Section] = ()) -> Document:
    """The document of an artifact, under `as_of` its number."""
    trial = Trial.objects.get(pk=artifact.trial_id)
    event = ground.events(trial.pk).get(number=artifact.number)
    return Document(
        code=trial.code,
        title=artifact.title,
        subject=trial.title,
        about=f"Record no. {artifact.number} of {shown(artifact.on)}, sealed {event.hash[:16]}",
        on=shown(artifact.on),
        at=event.at.replace(microsecond=0),
        marks=marks(trial),
        first=first,
        sections=sections,
    )


def marks(trial: Trial) -> list[str]:
    """What no page may leave out."""
    said = [trial.label] if trial.label else []
    if trial.simulated:
        said.append("Simulated patients and clock")
    if trial.illustrative:
        said.append("Illustrative protocol settings")
    return [". ".join(said)] if said else []
