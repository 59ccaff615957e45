"""The page on which a row of the record is read."""

from collections.abc import Callable

from django.urls import reverse

from .naming import Names, Row

RESPONSES = (  # read only by who reads responses
    "assessments_diseaseassessment",
    "assessments_measurement",
    "assessments_investigatorresponse",
    "assessments_differenceresolved",
    "assessments_questionanswered",
)
NUMBERED = {  # of its own number, or of that of the row that the column points to
    "assessments_adverseevent": ("assessments:event", ""),
    "assessments_casedetails": ("assessments:case", "event_id"),
    "assessments_caselateness": ("assessments:case", "event_id"),
    "assessments_casenews": ("assessments:case", "event_id"),
    "assessments_casesubmission": ("assessments:case", "event_id"),
    "assessments_relation": ("assessments:event", "event_id"),
    "assessments_actiontaken": ("assessments:event", "event_id"),
    "assessments_dltverdict": ("assessments:event", "event_id"),
    "assessments_eventgrade": ("assessments:event", "event_id"),
    "assessments_sponsorassessment": ("assessments:event", "event_id"),
    "assessments_sponsorrelation": ("assessments:event", "event_id"),
    "escalation_decision": ("escalation:decision", ""),
    "escalation_ending": ("escalation:decision", "decision_id"),
    "escalation_basischanged": ("escalation:decision", "decision_id"),
    "escalation_meeting": ("escalation:meeting", ""),
    "escalation_datacut": ("escalation:meeting", "meeting_id"),
    "patients_slot": ("patients:slot", ""),
}
OF_TRIAL = {
    "assessments_assay": "assessments:biomarker",
    "assessments_cutoff": "assessments:biomarker",
    "assessments_control": "assessments:biomarker",
    "assessments_safetyreference": "assessments:expected",
    "escalation_hold": "escalation:escalation",
    "escalation_outsidedecision": "escalation:outside",
    "escalation_outsideending": "escalation:outside",
    "escalation_paperopening": "escalation:opening",
    "escalation_paperending": "escalation:opening",
    "patients_cohort": "escalation:escalation",
    "patients_consentversion": "patients:consent_forms",
    "patients_screening": "patients:screening",
    "trial_dose": "escalation:protocol",
    "trial_doselevel": "escalation:protocol",
    "trial_drug": "escalation:protocol",
    "trial_eligibilitycriterion": "escalation:protocol",
    "trial_ladderstep": "escalation:protocol",
    "trial_protocolversion": "escalation:protocol",
    "trial_membership": "trial:people",
    "trial_site": "trial:people",
    "trial_trial": "trial:people",
}

PageOf = Callable[[Row, Names], str]


def nowhere(row: Row, names: Names) -> str:
    return ""


def of(code: str, *, responses: bool) -> PageOf:
    """The page of any row of this trial. responses: whether the reader may read them."""

    def page(row: Row, names: Names) -> str:
        if row.table in RESPONSES:
            patient = names.patient(row)
            return reverse("assessments:response_patient", args=[code, patient]) if patient and responses else ""
        if row.table in NUMBERED:
            view, column = NUMBERED[row.table]
            about = names.above(row, column) if column else row
            return reverse(view, args=[code, about.image["number"]]) if about else ""
        if row.table in OF_TRIAL:
            return reverse(OF_TRIAL[row.table], args=[code])
        patient = names.patient(row)
        return reverse("patients:patient", args=[code, patient]) if patient else ""

    return page
