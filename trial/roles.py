"""Who may do what: the one table of roles and rights (docs/domain.md, section 10)."""

from enum import StrEnum


class Role(StrEnum):
    INVESTIGATOR = "investigator"
    COORDINATOR = "coordinator"
    MEDICAL_MONITOR = "medical_monitor"
    STATISTICIAN = "statistician"
    DSMB = "dsmb"
    MONITOR = "monitor"
    AUDITOR = "auditor"
    ADMINISTRATOR = "administrator"

    @property
    def label(self) -> str:
        return LABELS[self]


class May(StrEnum):
    """A right. The label completes the sentence "… may not <label>"."""

    READ = "read"
    READ_PATIENTS = "read_patients"
    READ_AUDIT = "read_audit"
    READ_ACCESS = "read_access"
    CREATE_TRIAL = "create_trial"
    MANAGE_PEOPLE = "manage_people"
    WRITE_PROTOCOL = "write_protocol"
    SIGN_DECISION = "sign_decision"
    SCREEN = "screen"
    REQUEST_SLOT = "request_slot"
    GRANT_SLOT = "grant_slot"
    ENROL = "enrol"
    CONFIRM_ELIGIBILITY = "confirm_eligibility"
    RECORD_CONSENT = "record_consent"
    EXPLAIN_DEVIATION = "explain_deviation"
    DEFINE_CONSENT = "define_consent"
    RECORD_DOSING = "record_dosing"
    REPORT_EVENT = "report_event"
    HANDLE_CASE = "handle_case"
    GRADE_EVENT = "grade_event"
    ASSESS_EVENT = "assess_event"
    DECIDE_TREATMENT = "decide_treatment"
    READ_FIRST = "read_first"
    READ_SECOND = "read_second"
    READ_THIRD = "read_third"
    CONFIRM_EVALUABILITY = "confirm_evaluability"
    HOLD = "hold"
    RECORD_SAMPLE = "record_sample"
    DEFINE_ASSAY = "define_assay"
    RECORD_RESPONSE = "record_response"
    ASSESS_RESPONSE = "assess_response"
    RECORD_FOLLOW_UP = "record_follow_up"
    READ_EFFICACY = "read_efficacy"
    REQUEST_RUN = "request_run"
    CALL_MEETING = "call_meeting"
    FREEZE_CUT = "freeze_cut"
    VOTE = "vote"
    READ_VOTES = "read_votes"
    READ_FIRMNESS = "read_firmness"

    @property
    def label(self) -> str:
        return LABELS[self]


# Those that leave the record as it is: a reader of the past has no others. Who is named reader of a DLT sees its event
# by that.
READING = frozenset(right for right in May if right.value.startswith("read"))

LABELS: dict[Role | May, str] = {
    Role.INVESTIGATOR: "Investigator",
    Role.COORDINATOR: "Coordinator",
    Role.MEDICAL_MONITOR: "Medical monitor",
    Role.STATISTICIAN: "Statistician",
    Role.DSMB: "Safety committee",
    Role.MONITOR: "Monitor (CRA)",
    Role.AUDITOR: "Auditor",
    Role.ADMINISTRATOR: "Administrator",
    May.READ: "read this trial",
    May.READ_PATIENTS: "read patient records",
    May.READ_AUDIT: "read the audit trail",
    May.READ_ACCESS: "read what is recorded about access",
    May.CREATE_TRIAL: "create a trial",
    May.MANAGE_PEOPLE: "manage accounts and memberships",
    May.WRITE_PROTOCOL: "write the protocol",
    May.SIGN_DECISION: "sign a decision",
    May.SCREEN: "record screening",
    May.REQUEST_SLOT: "request a slot",
    May.GRANT_SLOT: "grant a slot",
    May.ENROL: "enrol a patient",
    May.CONFIRM_ELIGIBILITY: "confirm eligibility",
    May.RECORD_CONSENT: "record consent",
    May.EXPLAIN_DEVIATION: "give the reason for a deviation",
    May.DEFINE_CONSENT: "keep the versions of the consent form",
    May.RECORD_DOSING: "record dosing",
    May.REPORT_EVENT: "report an adverse event",
    May.HANDLE_CASE: "handle serious events for the sponsor",
    May.GRADE_EVENT: "grade an adverse event and relate it to a drug",
    May.ASSESS_EVENT: "give the sponsor's assessment of an adverse event",
    May.DECIDE_TREATMENT: "decide how a patient is treated on",
    May.READ_FIRST: "give the investigator's DLT verdict",
    May.READ_SECOND: "give the second DLT verdict",
    May.READ_THIRD: "give the third DLT verdict",
    May.CONFIRM_EVALUABILITY: "confirm evaluability",
    May.HOLD: "hold enrolment",
    May.RECORD_SAMPLE: "record a biomarker sample",
    May.DEFINE_ASSAY: "keep the biomarker's assays, cut-offs and controls",
    May.RECORD_RESPONSE: "enter a disease assessment",
    May.ASSESS_RESPONSE: "assess the response",
    May.RECORD_FOLLOW_UP: "record follow-up",
    May.READ_EFFICACY: "read efficacy over all cohorts",
    May.REQUEST_RUN: "ask for an endpoint run",
    May.CALL_MEETING: "call or close a meeting",
    May.FREEZE_CUT: "freeze a data cut",
    May.VOTE: "vote in a meeting",
    May.READ_VOTES: "read the members' votes",
    May.READ_FIRMNESS: "read how firm a recommendation is",
}

_READ = frozenset({May.READ, May.READ_PATIENTS})
_EFFICACY = frozenset({May.READ_EFFICACY, May.REQUEST_RUN})
_MEETING = frozenset({May.CALL_MEETING, May.FREEZE_CUT, May.READ_VOTES})

RIGHTS: dict[str, frozenset[May]] = {
    Role.INVESTIGATOR: _READ
    | {
        May.CONFIRM_ELIGIBILITY,
        May.EXPLAIN_DEVIATION,
        May.RECORD_DOSING,
        May.REPORT_EVENT,
        May.GRADE_EVENT,
        May.DECIDE_TREATMENT,
        May.READ_FIRST,
        May.READ_SECOND,  # only one named second reader, of another site: checked by the service
        May.READ_THIRD,  # only one named third reader: checked by the service
        May.CONFIRM_EVALUABILITY,
        May.HOLD,  # only the principal investigator: checked by the service
        May.RECORD_SAMPLE,
        May.ASSESS_RESPONSE,
        May.RECORD_FOLLOW_UP,
    },
    Role.COORDINATOR: _READ
    | {
        May.SCREEN,
        May.REQUEST_SLOT,
        May.ENROL,
        May.RECORD_CONSENT,
        May.RECORD_DOSING,
        May.REPORT_EVENT,
        May.RECORD_SAMPLE,
        May.RECORD_RESPONSE,
        May.RECORD_FOLLOW_UP,
    },
    Role.MEDICAL_MONITOR: _READ
    | {
        May.GRANT_SLOT,
        May.READ_SECOND,
        May.HANDLE_CASE,
        May.WRITE_PROTOCOL,
        May.DEFINE_CONSENT,
        May.SIGN_DECISION,
        May.HOLD,
        May.DEFINE_ASSAY,
        May.READ_FIRMNESS,
        May.ASSESS_EVENT,
    }
    | _EFFICACY
    | _MEETING,
    Role.STATISTICIAN: _READ | {May.FREEZE_CUT, May.READ_FIRMNESS} | _EFFICACY,
    Role.DSMB: _READ | {May.SIGN_DECISION, May.READ_THIRD, May.VOTE, May.READ_FIRMNESS} | _EFFICACY | _MEETING,
    Role.MONITOR: _READ | {May.READ_AUDIT, May.READ_VOTES},  # the votes stand in the audit trail too
    Role.AUDITOR: _READ | {May.READ_AUDIT, May.READ_ACCESS, May.READ_EFFICACY, May.READ_VOTES},
    Role.ADMINISTRATOR: frozenset({May.CREATE_TRIAL, May.MANAGE_PEOPLE, May.READ_ACCESS}),
}

SIGNING = frozenset({May.SIGN_DECISION})  # the rights that are used with a proof of the person
ONE_SITE = frozenset({Role.INVESTIGATOR, Role.COORDINATOR})  # the others see all sites


ROLES = [(role.value, role.label) for role in Role]  # as a model field's choices


def allows(role: str, may: May) -> bool:
    """Whether `role` has the right `may`."""
    return may in RIGHTS[role]
