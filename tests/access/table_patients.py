"""Screening to follow-up: patients/."""

from tests.access.words import Table, may, of_site
from trial.roles import May

ONE = "patients/<int:number>/"
SLOT = "enrolment/slots/<int:number>/"

LISTS: Table = {
    "patients/": {"GET": may(May.READ)},
    "enrolment/": {"GET": may(May.READ)},
    "enrolment/request/": {"GET POST": may(May.REQUEST_SLOT)},
    "screening/": {"GET": may(May.READ_PATIENTS)},
    "screening/add/": {"GET POST": may(May.SCREEN)},
    "screening/<uuid:screening>/end/": {"GET POST": of_site(May.SCREEN)},
    "screening/<uuid:screening>/correct/": {"GET POST": of_site(May.SCREEN)},
    "screening/<uuid:screening>/void/": {"GET POST": of_site(May.SCREEN)},
    "consent/": {"GET": may(May.READ)},
    "consent/add/": {"GET POST": may(May.DEFINE_CONSENT)},
    "consent/<uuid:version>/correct/": {"GET POST": may(May.DEFINE_CONSENT)},
    "consent/<uuid:version>/void/": {"GET POST": may(May.DEFINE_CONSENT)},
    "deviations/<uuid:deviation>/": {"GET POST": of_site(May.EXPLAIN_DEVIATION)},
}

SLOTS: Table = {
    SLOT: {"GET": of_site(May.READ_PATIENTS)},
    f"{SLOT}grant/": {"POST": may(May.GRANT_SLOT)},
    f"{SLOT}cancel/": {"GET POST": of_site(May.GRANT_SLOT, May.REQUEST_SLOT)},
    f"{SLOT}eligibility/": {"POST": of_site(May.CONFIRM_ELIGIBILITY)},
    f"{SLOT}eligibility/correct/": {"GET POST": of_site(May.CONFIRM_ELIGIBILITY)},
    f"{SLOT}consent/": {"POST": of_site(May.RECORD_CONSENT)},
    f"{SLOT}consent/<uuid:consent>/correct/": {"GET POST": of_site(May.RECORD_CONSENT)},
    f"{SLOT}consent/<uuid:consent>/void/": {"GET POST": of_site(May.RECORD_CONSENT)},
    f"{SLOT}consent/<uuid:consent>/withdraw/": {"GET POST": of_site(May.RECORD_CONSENT)},
    f"{SLOT}withdrawal/": {"GET POST": of_site(May.RECORD_CONSENT)},
    f"{SLOT}withdrawal/<uuid:withdrawal>/correct/": {"GET POST": of_site(May.RECORD_CONSENT)},
    f"{SLOT}withdrawal/<uuid:withdrawal>/void/": {"GET POST": of_site(May.RECORD_CONSENT)},
    f"{SLOT}enrol/": {"POST": of_site(May.ENROL)},
}

PATIENT: Table = {
    ONE: {"GET": of_site(May.READ_PATIENTS)},
    f"{ONE}enrolment/correct/": {"GET POST": of_site(May.ENROL)},
    f"{ONE}consent/": {"GET POST": of_site(May.RECORD_CONSENT)},
    f"{ONE}first-dose/": {"GET POST": of_site(May.RECORD_DOSING)},
    f"{ONE}first-dose/correct/": {"GET POST": of_site(May.RECORD_DOSING)},
    f"{ONE}first-dose/void/": {"GET POST": of_site(May.RECORD_DOSING)},
    f"{ONE}first-dose/why/": {"GET POST": of_site(May.RECORD_DOSING)},
    f"{ONE}dosing/": {"GET POST": of_site(May.RECORD_DOSING)},
    f"{ONE}dosing/void/": {"GET POST": of_site(May.RECORD_DOSING)},
    f"{ONE}doses/": {"GET": of_site(May.READ_PATIENTS)},
    f"{ONE}doses/start/": {"GET POST": of_site(May.RECORD_DOSING)},
    f"{ONE}doses/<int:cycle>/": {"GET POST": of_site(May.RECORD_DOSING)},
    f"{ONE}doses/<int:cycle>/as-planned/": {"GET POST": of_site(May.RECORD_DOSING)},
    f"{ONE}doses/<int:cycle>/start/": {"GET POST": of_site(May.RECORD_DOSING)},
    f"{ONE}doses/<int:cycle>/void/": {"GET POST": of_site(May.RECORD_DOSING)},
    f"{ONE}level/": {"GET POST": of_site(May.RECORD_DOSING)},
    f"{ONE}closed-level/": {"GET POST": of_site(May.DECIDE_TREATMENT)},
    f"{ONE}cycle-2/": {"GET POST": of_site(May.RECORD_DOSING)},
    f"{ONE}cycle-2/correct/": {"GET POST": of_site(May.RECORD_DOSING)},
    f"{ONE}stop/": {"GET POST": of_site(May.RECORD_DOSING)},
    f"{ONE}stop/correct/": {"GET POST": of_site(May.RECORD_DOSING)},
    f"{ONE}dates/": {"GET": of_site(May.READ_PATIENTS), "POST": of_site(May.RECORD_DOSING)},
    f"{ONE}evaluability/": {"GET POST": of_site(May.CONFIRM_EVALUABILITY)},
    f"{ONE}follow-up/": {"GET POST": of_site(May.RECORD_FOLLOW_UP)},
    f"{ONE}leave/": {"GET POST": of_site(May.RECORD_FOLLOW_UP)},
}

PAGES: Table = LISTS | SLOTS | PATIENT
