"""Controlled terms: CDISC's lists by their NCI codes where they have the answer, and lists of this program's own."""

from collections.abc import Mapping

from assessments.event_words import Action, Degree, Outcome
from assessments.imwg.terms import Response

from .definition import CodeList

YES = CodeList("NY_Y", "C66742", {"Y": "Yes"})
YES_OR_NO = CodeList("NY", "C66742", {"N": "No", "Y": "Yes"})
AGEU = CodeList("AGEU", "C66781", {"YEARS": "Years"}, extensible=True)
SEX = CodeList("SEX", "C66731", {"F": "Female", "M": "Male", "U": "Unknown", "UNDIFFERENTIATED": "Undifferentiated"})
RACE = CodeList("RACE", "C74457", {}, extensible=True)
ETHNIC = CodeList("ETHNIC", "C66790", {}, extensible=True)
ARMNULRS = CodeList(
    "ARMNULRS",
    "C142179",
    {
        "SCREEN FAILURE": "Failed screening",
        "NOT ASSIGNED": "Screened and given no dose level",
        "ASSIGNED, NOT TREATED": "Enrolled at a dose level; no first dose is recorded",
    },
    extensible=True,
)
NULLFLAVOR = CodeList("NULLFLAVOR", None, {"UNK": "Unknown"})
TSPARMCD = CodeList(
    "TSPARMCD",
    "C66738",
    {
        "TITLE": "Trial Title",
        "INDIC": "Trial Disease/Condition Indication",
        "SPONSOR": "Clinical Study Sponsor",
        "REGID": "Registry Identifier",
        "TPHASE": "Trial Phase Classification",
        "TBLIND": "Trial Blinding Schema",
        "RANDOM": "Trial is Randomized",
        "DCUTDTC": "Data Cutoff Date",
        "DCUTDESC": "Data Cutoff Description",
        "TRT": "Investigational Therapy or Treatment",
        "NARMS": "Planned Number of Arms",
        "ILLUSTR": "Doses and Settings are Illustrative",
        "SIMULATE": "Data are Simulated",
        "DATANOTE": "Note on the Data",
        "PROTVER": "Protocol Version in Force",
        "STARTLEV": "Start Dose Level",
        "RULE": "Variant of the 3+3 Rule",
        "RULEAB": "Parameters of the A+B Rule",
        "LEVDOSE": "Dose of One Drug at One Dose Level",
        "CYCLEN": "Length of a Cycle",
        "DLTWIN": "Length of the DLT Window",
        "DLTDOSE": "Least Share of Planned Dose if Evaluable",
        "DLTCRIT": "DLT Criteria in Use",
        "CTCAE": "CTCAE Version",
        "TEAEEND": "Treatment-Emergent after Last Dose",
        "RESPCRIT": "Response Criteria",
        "RESPDEN": "Denominator of Response Rates",
    },
    extensible=True,
)

# Disposition
DSCAT = CodeList(
    "DSCAT",
    "C74558",
    {
        "PROTOCOL MILESTONE": "Protocol milestone",
        "DISPOSITION EVENT": "Disposition event",
        "OTHER EVENT": "Other event",
    },
)
DSDECOD = CodeList(
    "DSDECOD",
    "C66727",  # with the milestones of C114118
    {
        "INFORMED CONSENT OBTAINED": "A consent was signed",
        "ENTERED INTO TRIAL": "Enrolled",
        "SCREEN FAILURE": "Failed screening",
        "ADVERSE EVENT": "Adverse event",
        "DEATH": "Death",
        "LOST TO FOLLOW-UP": "Lost to follow-up",
        "PHYSICIAN DECISION": "Decision of the investigator",
        "PROGRESSIVE DISEASE": "Progression",
        "WITHDRAWAL BY SUBJECT": "Withdrawal by the patient",
        "COMPLETED": "End of the study",
        "OTHER": "Another reason, in the words of DSTERM",
    },
    extensible=True,
)
STOPPED = {  # the reasons that the form offers; any other is OTHER
    "Progression": "PROGRESSIVE DISEASE",
    "Toxicity": "ADVERSE EVENT",
    "Patient's decision": "WITHDRAWAL BY SUBJECT",
    "Investigator's decision": "PHYSICIAN DECISION",
    "Death": "DEATH",
}
LEFT = {
    "Lost to follow-up": "LOST TO FOLLOW-UP",
    "Withdrawal from the study": "WITHDRAWAL BY SUBJECT",
    "Death": "DEATH",
    "End of the study": "COMPLETED",
}
NOT_ENROLLED = {"failure": "SCREEN FAILURE", "declined": "WITHDRAWAL BY SUBJECT", "no_slot": "OTHER"}
IECAT = CodeList("IECAT", "C66797", {"INCLUSION": "Inclusion: every criterion must be answered yes"})

# Adverse events
ACN_TERMS: Mapping[str, str] = {
    Action.NONE: "DOSE NOT CHANGED",
    Action.HELD: "DRUG INTERRUPTED",
    Action.REDUCED: "DOSE REDUCED",
    Action.STOPPED: "DRUG WITHDRAWN",
    Action.NOT_APPLICABLE: "NOT APPLICABLE",
    Action.UNKNOWN: "UNKNOWN",
}
MULTIPLE = "MULTIPLE"
ACN = CodeList("ACN", "C66767", {term: str(Action(action).label) for action, term in ACN_TERMS.items()})
ACN_ALL = CodeList("ACN_ALL", "C66767", {**ACN.terms, MULTIPLE: "Not the same of every drug: see AEACN1 and on"}, True)
OUT_TERMS: Mapping[str, str] = {
    Outcome.RECOVERED: "RECOVERED/RESOLVED",
    Outcome.RECOVERING: "RECOVERING/RESOLVING",
    Outcome.SEQUELAE: "RECOVERED/RESOLVED WITH SEQUELAE",
    Outcome.NOT_RECOVERED: "NOT RECOVERED/NOT RESOLVED",
    Outcome.FATAL: "FATAL",
    Outcome.UNKNOWN: "UNKNOWN",
}
OUT = CodeList("OUT", "C66768", {term: str(Outcome(outcome).label) for outcome, term in OUT_TERMS.items()})
TOXGR = CodeList("TOXGR", "C66784", {str(grade): f"Grade {grade}" for grade in range(1, 6)})
CAUSALITY = CodeList("AEREL", None, {degree.value.upper(): str(degree.label) for degree in Degree})
STENRF = CodeList("STENRF", "C66728", {"ONGOING": "Goes on at AEENTPT"}, extensible=True)

# Findings
ND = CodeList("ND", "C66789", {"NOT DONE": "Not done"})
UNIT_TERMS = {  # as CDISC writes what is not the same there
    "mg/24 h": "mg/day", "g/24 h": "g/day", "cm²": "cm2", "mm²": "mm2", "/µL": "/uL", "10⁹/L": "10^9/L",
}  # fmt: skip
UNIT = CodeList("UNIT", "C71620", {}, extensible=True)
EVAL = CodeList("EVAL", "C78735", {"INVESTIGATOR": "The site's investigator"}, extensible=True)
RESPONSE = CodeList("ONCRSR", "C96785", {one.value: one.name for one in Response}, extensible=True)
RSTESTCD = CodeList(
    "ONCRTSCD",
    "C96782",
    {
        "OVRLRESP": "Overall Response",
        "CNFMRESP": "Overall Response, Confirmed",
        "BESTRESP": "Best Response, Confirmed",
        "BESTUNC": "Best Response, Unconfirmed",
    },
    extensible=True,
)
SSTESTCD = CodeList("SSTESTCD", "C124305", {"SURVSTAT": "Survival Status"}, extensible=True)
SURVIVAL = CodeList("SSRESP", "C124304", {"ALIVE": "Known alive on SSDTC", "DEAD": "Died on SSDTC"}, extensible=True)
FATESTCD = CodeList(
    "FATESTCD",
    "C101832",
    {
        "TOXGR": "Toxicity Grade from this Day on",
        "DLTSTAT": "Dose-Limiting Toxicity Status",
        "DLTCRIT": "Criterion of the DLT",
        "DLTVERD": "Verdict of One Reader: DLT",
    },
    extensible=True,
)
DLTSTAT = {"dlt": "DLT", "not_dlt": "NOT DLT", "suspected": "SUSPECTED", "open": "OPEN"}
READERS = {"first": "INVESTIGATOR", "second": "SECOND READER", "third": "THIRD READER"}
