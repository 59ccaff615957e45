"""Pages of patients and enrolment, below /trials/<code>/."""

from django.urls import path

from .consent import views as consent
from .dosing import closed_level_views as closed_levels
from .dosing import correction_views as dosing_corrections
from .dosing import cycle_views as cycles
from .dosing import dates_views as dates
from .dosing import views as dosing
from .enrolment import record_views as records
from .enrolment import views as enrolment
from .follow_up import views as follow_up
from .patient import list_views as listing
from .patient import views as patient
from .screening import views as screening
from .withdrawal import views as withdrawal

app_name = "patients"
urlpatterns = [
    path("patients/", listing.patient_list, name="list"),
    path("patients/<int:number>/", patient.patient_page, name="patient"),
    path("patients/<int:number>/first-dose/", dosing.first_dose, name="first_dose"),
    path("patients/<int:number>/first-dose/correct/", dosing_corrections.first_dose, name="correct_first_dose"),
    path("patients/<int:number>/first-dose/void/", dosing_corrections.void_first_dose, name="void_first_dose"),
    path("patients/<int:number>/dosing/void/", dosing_corrections.void_dosing, name="void_dosing"),
    path("patients/<int:number>/first-dose/why/", dosing_corrections.held_why, name="correct_held_why"),
    path("patients/<int:number>/dosing/", dosing.dosing, name="dosing"),
    path("patients/<int:number>/doses/", cycles.doses, name="cycles"),
    path("patients/<int:number>/doses/start/", cycles.start, name="start_cycle"),
    path("patients/<int:number>/doses/<int:cycle>/", cycles.change, name="cycle"),
    path("patients/<int:number>/doses/<int:cycle>/as-planned/", cycles.as_planned, name="cycle_as_planned"),
    path("patients/<int:number>/doses/<int:cycle>/start/", cycles.correct_start, name="correct_cycle"),
    path("patients/<int:number>/doses/<int:cycle>/void/", cycles.void, name="void_cycle"),
    path("patients/<int:number>/level/", dosing.level, name="correct_level"),
    path("patients/<int:number>/stop/", dosing.stop, name="stop"),
    path("patients/<int:number>/stop/correct/", dosing_corrections.stop, name="correct_stop"),
    path("patients/<int:number>/follow-up/", follow_up.follow_up, name="follow_up"),
    path("patients/<int:number>/leave/", follow_up.leave, name="leave_study"),
    path("patients/<int:number>/cycle-2/", dosing.cycle2, name="cycle2"),
    path("patients/<int:number>/cycle-2/correct/", dosing_corrections.cycle2, name="correct_cycle2"),
    path("patients/<int:number>/enrolment/correct/", records.enrolment, name="correct_enrolment"),
    path("patients/<int:number>/closed-level/", closed_levels.closed_level, name="closed_level"),
    path("patients/<int:number>/dates/", dates.dates, name="dates"),
    path("patients/<int:number>/evaluability/", patient.evaluability, name="evaluability"),
    path("patients/<int:number>/consent/", consent.reconsent, name="reconsent"),
    path("consent/", consent.consent_forms, name="consent_forms"),
    path("consent/add/", consent.add_version, name="add_consent_version"),
    path("consent/<uuid:version>/correct/", consent.correct_version, name="correct_consent_version"),
    path("consent/<uuid:version>/void/", consent.void_version, name="void_consent_version"),
    path("deviations/<uuid:deviation>/", withdrawal.deviation, name="deviation"),
    path("screening/", screening.screening, name="screening"),
    path("screening/add/", screening.add, name="add_screening"),
    path("screening/<uuid:screening>/end/", screening.end, name="end_screening"),
    path("screening/<uuid:screening>/correct/", screening.correct, name="correct_screening"),
    path("screening/<uuid:screening>/void/", screening.void, name="void_screening"),
    path("enrolment/", enrolment.enrolment_page, name="enrolment"),
    path("enrolment/request/", enrolment.request_slot, name="request_slot"),
    path("enrolment/slots/<int:number>/", enrolment.slot_page, name="slot"),
    path("enrolment/slots/<int:number>/grant/", enrolment.grant_slot, name="grant_slot"),
    path("enrolment/slots/<int:number>/cancel/", enrolment.cancel_slot, name="cancel_slot"),
    path("enrolment/slots/<int:number>/eligibility/", enrolment.eligibility, name="eligibility"),
    path("enrolment/slots/<int:number>/eligibility/correct/", records.eligibility, name="correct_eligibility"),
    path("enrolment/slots/<int:number>/consent/", enrolment.consent, name="consent"),
    path("enrolment/slots/<int:number>/consent/<uuid:consent>/correct/", consent.correct, name="correct_consent"),
    path("enrolment/slots/<int:number>/consent/<uuid:consent>/void/", consent.void, name="void_consent"),
    path("enrolment/slots/<int:number>/consent/<uuid:consent>/withdraw/", consent.withdraw, name="withdraw_consent"),
    path("enrolment/slots/<int:number>/withdrawal/", withdrawal.record, name="withdrawal"),
    path(
        "enrolment/slots/<int:number>/withdrawal/<uuid:withdrawal>/correct/",
        withdrawal.correct,
        name="correct_withdrawal",
    ),
    path("enrolment/slots/<int:number>/withdrawal/<uuid:withdrawal>/void/", withdrawal.void, name="void_withdrawal"),
    path("enrolment/slots/<int:number>/enrol/", enrolment.enrol, name="enrol"),
]
