"""What each action of a ledger is called by people. Pure text: every floor reads it."""

VERBS = {
    "account.close": "Account closed",
    "account.open": "Account opened",
    "assay.define": "Assay defined",
    "consent.record": "Consent recorded",
    "consent.withdraw": "Consent withdrawn",
    "control.record": "External control recorded",
    "control.void": "External control voided",
    "cutoff.add": "Cut-off added",
    "cutoff.void": "Cut-off voided",
    "cycle2.start": "Cycle 2 started",
    "day.settle": "New day settled",
    "decision.sign": "Decision signed",
    "decision.withdraw": "Decision withdrawn",
    "dosing.record": "Doses recorded",
    "eligibility.confirm": "Eligibility answered",
    "evaluability.confirm": "Evaluability confirmed",
    "event.correct": "Adverse event corrected",
    "event.report": "Adverse event reported",
    "event.void": "Adverse event voided",
    "member.add": "Member added",
    "member.end": "Membership ended",
    "patient.enrol": "Patient enrolled",
    "protocol.write": "Protocol written",
    "sample.correct": "Biomarker sample corrected",
    "sample.record": "Biomarker sample recorded",
    "sample.void": "Biomarker sample voided",
    "site.add": "Site added",
    "slot.cancel": "Slot given back",
    "slot.grant": "Slot granted",
    "slot.request": "Slot requested",
    "treatment.correct": "Treatment corrected",
    "treatment.start": "First dose",
    "treatment.stop": "Treatment stopped",
    "trial.create": "Trial created",
    "trial.hold": "Enrolment held",
    "verdict.give": "DLT verdict given",
}


def verb(name: str) -> str:
    """What an action was, in words."""
    return VERBS.get(name, name.replace(".", " ").replace("_", " ").capitalize())
