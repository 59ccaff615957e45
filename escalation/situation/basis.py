"""The basis of a decision: whether what a signer read still holds, and in words what differs from it."""

from typing import Any

from trial.models import AuditEvent
from trial.refusals import Refused

from ..engine import terms as engine
from ..stored import inputs as stored_inputs
from . import queries
from .situation import Situation


def changes(was: dict[str, Any], now: dict[str, Any]) -> list[str]:
    """What differs between two engine inputs, in words, a patient or setting each."""
    if wrong := stored_inputs.fault(was):
        return [f"the stored inputs cannot be read: {wrong}"]
    before = {p["patient"]: p for p in was["patients"]}
    after = {p["patient"]: p for p in now["patients"]}
    found = []
    for number in sorted(before.keys() | after.keys()):
        old, new = before.get(number), after.get(number)
        if old == new:
            continue
        if new is None:
            found.append(f"patient {number:03d} left the count")
        elif old is None:
            found.append(f"patient {number:03d} was dosed ({_words(new['outcome'])})")
        elif old["outcome"] != new["outcome"]:
            found.append(f"patient {number:03d} was {_words(old['outcome'])}, is now {_words(new['outcome'])}")
        else:
            found.append(f"patient {number:03d} counts at another level")
    return found + [said for key, said in SETTINGS.items() if was[key] != now[key]]


SETTINGS = {
    "variant": "the protocol's variant is another",
    "levels": "the dose ladder has more or fewer levels",
    "start": "the trial starts at another place of the ladder",
    "settings": "the numbers of the protocol's rule are others",
    "closed_by_committee": "the committee's decision about closed levels is another",
}
WORDS = {
    "dlt": "DLT",
    "no_dlt": "no DLT",
    "pending": "pending",
    "suspected": "suspected DLT",
    "not_evaluable": "not evaluable",
}


def _words(outcome: str) -> str:
    return WORDS[outcome]


def same_basis(here: Situation, basis: str) -> None:
    """Refuse another inputs hash, engine or settings version than the signer read; say what came in since."""
    try:
        number, _, engine_version, settings_version, inputs = basis.split(".")
        seen = int(number)
    except ValueError:
        raise Refused("Basis: this form is not one of ours; open the page again.", field="basis") from None
    if (engine_version, settings_version, inputs) == (
        engine.VERSION,
        str(here.protocol.version.number),
        here.inputs_hash,
    ):
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
    "treatment.start": "a patient had the first dose",
    "treatment.stop": "a treatment was stopped",
    "treatment.correct": "a treatment was corrected",
    "dosing.record": "doses were recorded",
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
