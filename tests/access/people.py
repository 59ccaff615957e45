"""Who does what: docs/domain.md, section 10, written out by hand. Never taken from the program's own table.

Under each right stand the roles that have it, with the words of that section. What the section leaves open stands in
docs/decisions/2026-11-30-access-matrix.md.
"""

from collections.abc import Mapping

from trial.roles import May

INVESTIGATOR, COORDINATOR = "investigator", "coordinator"  # each of one site
MEDICAL_MONITOR, STATISTICIAN, DSMB = "medical_monitor", "statistician", "dsmb"
MONITOR, AUDITOR, ADMINISTRATOR = "monitor", "auditor", "administrator"

SITE = frozenset({INVESTIGATOR, COORDINATOR})  # "per site"; "may not see other sites' patients"
ALL_SITES = frozenset({MEDICAL_MONITOR, STATISTICIAN, DSMB, MONITOR, AUDITOR})
MEMBERS = SITE | ALL_SITES
EVERY_ROLE = MEMBERS | {ADMINISTRATOR}
# "may not write anything"; "may not edit data"; "may not enter data"; "may not enter site data"
WRITES_NO_SITE_DATA = ALL_SITES | {ADMINISTRATOR}
SIGNERS = frozenset({DSMB, MEDICAL_MONITOR})  # an investigator may not "decide an escalation alone"

WHO: Mapping[May, frozenset[str]] = {
    # the administrator may not "read clinical data by virtue of the role"
    May.READ: MEMBERS,
    May.READ_PATIENTS: MEMBERS,
    May.READ_AUDIT: frozenset({AUDITOR, MONITOR}),  # "reads everything including the audit trail"; checks rows
    May.READ_ACCESS: frozenset({AUDITOR, ADMINISTRATOR}),  # of "everything"; of the accounts that he keeps
    # "accounts; creates a trial and its memberships"
    May.CREATE_TRIAL: frozenset({ADMINISTRATOR}),
    May.MANAGE_PEOPLE: frozenset({ADMINISTRATOR}),
    # "grants slots, second reader of DLTs, SAE clocks, writes the protocol and its amendments"
    May.GRANT_SLOT: frozenset({MEDICAL_MONITOR}),
    May.WRITE_PROTOCOL: frozenset({MEDICAL_MONITOR}),
    May.DEFINE_CONSENT: frozenset({MEDICAL_MONITOR}),
    May.DEFINE_ASSAY: frozenset({MEDICAL_MONITOR}),
    May.ASSESS_EVENT: frozenset({MEDICAL_MONITOR}),
    May.HANDLE_CASE: frozenset({MEDICAL_MONITOR}),
    May.READ_SECOND: frozenset({MEDICAL_MONITOR, INVESTIGATOR}),  # of the investigators only who is named for it
    # "screens, records consent, requests slots, enters data, answers queries"
    May.SCREEN: frozenset({COORDINATOR}),
    May.RECORD_CONSENT: frozenset({COORDINATOR}),
    May.REQUEST_SLOT: frozenset({COORDINATOR}),
    May.ENROL: frozenset({COORDINATOR}),
    May.RECORD_RESPONSE: frozenset({COORDINATOR}),
    # "confirms eligibility; grades and attributes events; DLT verdict; response; signs"
    May.CONFIRM_ELIGIBILITY: frozenset({INVESTIGATOR}),
    May.GRADE_EVENT: frozenset({INVESTIGATOR}),
    May.READ_FIRST: frozenset({INVESTIGATOR}),
    May.CONFIRM_EVALUABILITY: frozenset({INVESTIGATOR}),
    May.ASSESS_RESPONSE: frozenset({INVESTIGATOR}),
    May.DECIDE_TREATMENT: frozenset({INVESTIGATOR}),
    May.EXPLAIN_DEVIATION: frozenset({INVESTIGATOR}),
    # data of a site that its investigator enters as well as its coordinator
    May.RECORD_DOSING: SITE,
    May.RECORD_SAMPLE: SITE,
    May.RECORD_FOLLOW_UP: SITE,
    May.REPORT_EVENT: SITE,
    # "reads the frozen snapshot, votes, signs the recommendation"
    May.VOTE: frozenset({DSMB}),
    May.READ_THIRD: frozenset({DSMB, INVESTIGATOR}),  # of the investigators only who is named for it
    May.SIGN_DECISION: SIGNERS,
    May.CALL_MEETING: SIGNERS,
    May.READ_FIRMNESS: frozenset({DSMB, MEDICAL_MONITOR, STATISTICIAN}),  # domain.md, section 12
    May.READ_VOTES: SIGNERS | {MONITOR, AUDITOR},
    May.HOLD: frozenset({MEDICAL_MONITOR, INVESTIGATOR}),  # of the investigators only the principal one of a site
    # "tables, snapshots, analyses, design properties"
    May.FREEZE_CUT: SIGNERS | {STATISTICIAN},
    May.READ_EFFICACY: SIGNERS | {STATISTICIAN, AUDITOR},
    May.REQUEST_RUN: SIGNERS | {STATISTICIAN},
}
