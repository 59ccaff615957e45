"""Who may do what: the one table of roles and rights (docs/domain.md, section 10)."""

from django.db import models


class Role(models.TextChoices):
    INVESTIGATOR = "investigator", "Investigator"
    COORDINATOR = "coordinator", "Coordinator"
    MEDICAL_MONITOR = "medical_monitor", "Medical monitor"
    STATISTICIAN = "statistician", "Statistician"
    DSMB = "dsmb", "Safety committee"
    MONITOR = "monitor", "Monitor (CRA)"
    AUDITOR = "auditor", "Auditor"
    ADMINISTRATOR = "administrator", "Administrator"


class May(models.TextChoices):
    """A right. The label completes the sentence "… may not <label>"."""

    READ = "read", "read this trial"
    READ_PATIENTS = "read_patients", "read patient records"
    READ_AUDIT = "read_audit", "read the audit trail"
    CREATE_TRIAL = "create_trial", "create a trial"
    MANAGE_PEOPLE = "manage_people", "manage accounts and memberships"
    WRITE_PROTOCOL = "write_protocol", "write the protocol"
    SIGN_DECISION = "sign_decision", "sign a decision"
    REQUEST_SLOT = "request_slot", "request a slot"
    GRANT_SLOT = "grant_slot", "grant a slot"
    ENROL = "enrol", "enrol a patient"
    CONFIRM_ELIGIBILITY = "confirm_eligibility", "confirm eligibility"
    RECORD_CONSENT = "record_consent", "record consent"
    RECORD_DOSING = "record_dosing", "record dosing"
    REPORT_EVENT = "report_event", "report an adverse event"
    READ_FIRST = "read_first", "give the investigator's DLT verdict"
    READ_SECOND = "read_second", "give the second DLT verdict"
    READ_THIRD = "read_third", "give the third DLT verdict"
    CONFIRM_EVALUABILITY = "confirm_evaluability", "confirm evaluability"
    HOLD = "hold", "hold enrolment"


_READ = frozenset({May.READ, May.READ_PATIENTS})

RIGHTS: dict[str, frozenset[May]] = {
    Role.INVESTIGATOR: _READ
    | {
        May.CONFIRM_ELIGIBILITY,
        May.RECORD_DOSING,
        May.REPORT_EVENT,
        May.READ_FIRST,
        May.READ_SECOND,  # only one named second reader, of another site: checked by the service
        May.READ_THIRD,  # only one named third reader: checked by the service
        May.CONFIRM_EVALUABILITY,
        May.HOLD,  # only the principal investigator: checked by the service
    },
    Role.COORDINATOR: _READ | {May.REQUEST_SLOT, May.ENROL, May.RECORD_CONSENT, May.RECORD_DOSING},
    Role.MEDICAL_MONITOR: _READ
    | {May.GRANT_SLOT, May.READ_SECOND, May.WRITE_PROTOCOL, May.SIGN_DECISION, May.HOLD},
    Role.STATISTICIAN: _READ,
    Role.DSMB: _READ | {May.SIGN_DECISION, May.READ_THIRD},
    Role.MONITOR: _READ | {May.READ_AUDIT},
    Role.AUDITOR: _READ | {May.READ_AUDIT},
    Role.ADMINISTRATOR: frozenset({May.CREATE_TRIAL, May.MANAGE_PEOPLE}),
}

ONE_SITE = frozenset({Role.INVESTIGATOR, Role.COORDINATOR})  # the others see all sites


def allows(role: str, may: May) -> bool:
    """Whether `role` has the right `may`."""
    return may in RIGHTS[role]
