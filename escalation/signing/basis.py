"""Whether what a signer read still holds, and what came in since."""

from trial.models import AuditEvent
from trial.refusals import Refused

from ..engine import terms
from ..situation import queries
from ..situation.situation import Situation


def read(here: Situation, basis: str) -> int | None:
    """The record's number that the signer's screen showed, or None while its basis holds.

    basis: the basis token of the screen (`Situation.basis`). Another inputs hash, engine or protocol version is another
    basis; another number or day alone is not: several people sign one. Refuses a token that is none.
    """
    try:
        number, _, engine_version, protocol_version, inputs = basis.split(".")
        seen = int(number)
    except ValueError:
        raise Refused("Basis: this form is not one of ours; open the page again.", field="basis") from None
    now = (terms.VERSION, str(here.protocol.version.number), here.inputs_hash)
    return None if (engine_version, protocol_version, inputs) == now else seen


def same_basis(here: Situation, basis: str) -> None:
    """Refuse a basis that no longer holds; say what came in since."""
    seen = read(here, basis)
    if seen is None:
        return
    came = [_came(event) for event in queries.since(here.trial.pk, seen)]
    what = f" Since then: {'; '.join(came)}." if came else ""
    raise Refused(f"The facts changed after you opened this page.{what} {here.because} Read it and sign again.")


def _came(event: AuditEvent) -> str:
    """What happened and by whom; not who read a DLT: another reader may be among the signers."""
    what = EVENTS.get(event.verb, event.verb)
    if event.verb == "verdict.give":
        return what
    return f"{what} ({event.by.name if event.by else 'system'})"


EVENTS = {
    "event.report": "an adverse event was reported",
    "event.correct": "an adverse event was corrected",
    "verdict.give": "a DLT verdict was given",
    "evaluability.confirm": "an evaluability was confirmed",
    "evaluability.correct": "a confirmation of evaluability was corrected",
    "firstdose.correct": "a first dose was corrected",
    "cycle2.correct": "the start of cycle 2 was corrected",
    "stop.correct": "the end of a treatment was corrected",
    "treatment.start": "a patient had the first dose",
    "treatment.stop": "a treatment was stopped",
    "treatment.correct": "a treatment was corrected",
    "dosing.record": "doses were recorded",
    "dosing.correct": "doses were corrected",
    "patient.enrol": "a patient was enrolled",
    "slot.request": "a slot was requested",
    "slot.grant": "a slot was granted",
    "slot.cancel": "a slot was given back",
    "protocol.write": "the protocol was amended",
    "decision.sign": "a decision was signed",
    "decision.withdraw": "a decision was withdrawn",
    "trial.hold": "enrolment was held",
    "meeting.call": "a meeting was called",
    "meeting.freeze": "a data cut was frozen",
    "meeting.vote": "a vote was given",
    "meeting.close": "a meeting was closed",
}
