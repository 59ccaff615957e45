"""Which pages can be read as of then, and why the others cannot: the one list of them.

A page that is in neither table writes something, and is refused as such.
"""

from collections.abc import Mapping

AS_OF = "as_of"  # the part of a page's address that names the moment
CUT = "cut"  # the part that names one which a meeting froze, by the number of its record
MOMENTS = (AS_OF, CUT)
TWO_MOMENTS = "A cut is read as of its own number: leave out the cut or the other moment."

READABLE = frozenset(
    {
        *(
            "escalation:trial",
            "escalation:dashboard",
            "escalation:escalation",
            "escalation:what_if",
            "escalation:table",
            "escalation:design",
        ),
        *("escalation:late", "escalation:protocol", "escalation:decision", "escalation:outside", "escalation:opening"),
        *("escalation:meetings", "escalation:meeting"),
        *("patients:list", "patients:patient", "patients:cycles", "patients:enrolment", "patients:slot"),
        *("patients:screening", "patients:consent_forms"),
        *("assessments:safety", "assessments:safety_events", "assessments:safety_listings"),
        *("assessments:safety_displays", "assessments:safety_beyond", "assessments:safety_patients"),
        *("assessments:events", "assessments:event", "assessments:expected"),
        *("assessments:cases", "assessments:case", "assessments:case_report"),
        *("assessments:review", "assessments:verdict"),
        *("assessments:response", "assessments:response_patient", "assessments:efficacy"),
        *("assessments:efficacy_patients", "assessments:biomarker", "assessments:biomarker_patients"),
    }
)

RIGHTS = "Who works in the trial as what is always of today, as everybody's rights are. When roles began and ended "
TRAIL = "The audit trail is not read as of then: it is the list of what happened, each with its number and time."
LOG = "What is recorded about access is not read as of then: each line has its time."
LIVE = "This address tells an open page whether it still holds, and the past does not change."
PAPERS = "A report is of its own cut, whatever came later, and the list says when each was asked for and built."
WHY_NOT: Mapping[str, str] = {
    "trial:people": f"{RIGHTS}stands in the table of rights.",
    "trial:trial_access_rights": f"{RIGHTS}is what this table says: choose the quarter in it.",
    "trial:trial_access_rights_export": f"{RIGHTS}is what this table says: choose the quarter in it.",
    "trial:trial_access": LOG,
    "trial:trial_access_export": LOG,
    "trial:audit": TRAIL,
    "trial:audit_export": TRAIL,
    "trial:audit_proof": "The proof of the audit trail is of the whole of it, up to its last action.",
    "escalation:pulse": LIVE,
    "assessments:efficacy_pulse": LIVE,
    "assessments:biomarker_pulse": LIVE,
    "escalation:compare": "Two moments are compared as of their own cuts: choose them in the page.",
    "escalation:papers": PAPERS,
    "escalation:paper": PAPERS,
    "escalation:paper_file": PAPERS,
    "escalation:papers_pulse": LIVE,
    "escalation:paper_pulse": LIVE,
    "escalation:datasets": "Data sets are exported as of then: choose the cut beside their list.",
    "escalation:datasets_pulse": LIVE,
    "escalation:dataset": "One data set is of the record as it stands; an export is of any cut.",
    "escalation:packet": "A packet is read as of its own cut, whatever came later.",
    "escalation:decision_replay": "A replay is read as of its own decision, and beside it the engine of today.",
    "escalation:outside_replay": "A replay is read as of its own decision.",
    "patients:dates": "What is looked at again after a corrected date is of today, until somebody has done so.",
    "assessments:terms": "The dictionary of terms serves a form, and what is written is written today.",
}
OF_NO_TRIAL = "Only the pages of a trial are read as of then."
WRITES = "This page writes, and what is written is written today."


def why_not(view: str | None, *, of_trial: bool) -> str:
    """Why a view cannot be read as of then; "" where it can."""
    if view in READABLE:
        return ""
    return WHY_NOT.get(view or "", WRITES) if of_trial else OF_NO_TRIAL
