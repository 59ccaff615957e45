"""REST: reading takes a token that reads, every other method one that writes."""

from tests.access.table_assessments import RESPONSES
from tests.access.words import SIGNED_IN, Table, absent, may, of_site
from trial.roles import May

INSTALLATION: Table = {
    "schema": {"GET": SIGNED_IN},
    "docs": {"GET": SIGNED_IN},
    "trials/": {"GET": SIGNED_IN},
}

TRIAL: Table = {
    address: {"GET": may(May.READ)}
    for address in (
        "protocol",
        "status",
        "design",
        "late-changes",
        "opening",
        "outside",
        "meetings/",
        "meetings/compare/",
        "meetings/<uuid:meeting>/",
        "meetings/<uuid:meeting>/cuts/<int:number>/",
        "decisions/",
        "decisions/<uuid:decision>/",
        "decisions/<uuid:decision>/replay",
        "reports/<uuid:paper>/",
        "reports/<uuid:paper>/file",
    )
} | {
    "reports/": {"GET POST": may(May.READ)},
    "datasets/": {"GET": may(May.READ_EFFICACY)},
    "datasets/exports/": {"GET POST": may(May.READ_EFFICACY)},
    "datasets/<str:name>/": {"GET": absent(may(May.READ_EFFICACY))},
    "audit/": {"GET": may(May.READ_AUDIT)},
    "audit/<int:number>/": {"GET": may(May.READ_AUDIT)},
    "opening/patients/": {"POST": may(May.ENROL)},
}

PATIENTS: Table = {
    "patients/": {"GET": may(May.READ)},
    "patients/<uuid:patient>/": {"GET": of_site(May.READ_PATIENTS)},
    "patients/<uuid:patient>/cycles/": {"GET": of_site(May.READ_PATIENTS), "POST": of_site(May.RECORD_DOSING)},
    "slots/": {"GET": may(May.READ), "POST": may(May.REQUEST_SLOT)},
    "consent-versions/": {"GET": may(May.READ), "POST": may(May.DEFINE_CONSENT)},
    "consents/": {"GET": may(May.READ_PATIENTS), "POST": may(May.RECORD_CONSENT)},
    "consents/<uuid:consent>/correction": {"POST": of_site(May.RECORD_CONSENT)},
    "consents/<uuid:consent>/void": {"POST": of_site(May.RECORD_CONSENT)},
    "reconsents/": {"GET": may(May.READ_PATIENTS)},
    "closed-levels/": {"GET": may(May.READ_PATIENTS), "POST": may(May.DECIDE_TREATMENT)},
    "screenings/": {"GET": may(May.READ_PATIENTS), "POST": may(May.SCREEN)},
    "withdrawals/": {"GET": may(May.READ_PATIENTS), "POST": may(May.RECORD_CONSENT)},
    "deviations/": {"GET": may(May.READ_PATIENTS)},
    "deviations/<uuid:deviation>/reason/": {"POST": of_site(May.EXPLAIN_DEVIATION)},
    "follow-up/": {"GET": may(May.READ_PATIENTS)},
}

ASSESSMENTS: Table = {
    "terms/": {"GET": may(May.READ_PATIENTS)},
    "events/": {"GET": may(May.READ_PATIENTS), "POST": may(May.REPORT_EVENT)},
    "events/<uuid:event>/": {"GET": of_site(May.READ_PATIENTS)},
    "events/<uuid:event>/correction": {"POST": of_site(May.REPORT_EVENT)},
    "events/<uuid:event>/follow-up": {"POST": of_site(May.REPORT_EVENT)},
    "events/<uuid:event>/void": {"POST": of_site(May.REPORT_EVENT)},
    "serious-events/": {"GET": may(May.READ_PATIENTS)},
    "serious-events/<uuid:event>/": {"GET": of_site(May.READ_PATIENTS)},
    "serious-events/<uuid:event>/report/": {"POST": of_site(May.REPORT_EVENT)},
    "serious-events/<uuid:event>/receipt/": {"POST": may(May.HANDLE_CASE)},
    "serious-events/<uuid:event>/follow-ups/": {"POST": of_site(May.REPORT_EVENT)},
    "serious-events/<uuid:event>/follow-ups/<uuid:news>/void": {"POST": of_site(May.REPORT_EVENT)},
    "serious-events/<uuid:event>/submissions/": {"POST": may(May.HANDLE_CASE)},
    "serious-events/<uuid:event>/submissions/<uuid:submission>/void": {"POST": may(May.HANDLE_CASE)},
    "serious-events/<uuid:event>/late-reasons/": {"POST": of_site(May.READ_PATIENTS)},
    "serious-events/<uuid:event>/details/": {"POST": of_site(May.REPORT_EVENT)},
    "safety/": {"GET": may(May.READ_PATIENTS)},
    "safety/adverse-events/": {"GET": may(May.READ_PATIENTS)},
    "safety/listings/": {"GET": may(May.READ_PATIENTS)},
    "safety/displays/": {"GET": may(May.READ_PATIENTS)},
    "safety/beyond-window/": {"GET": may(May.READ_PATIENTS)},
    "safety/patients/": {"GET": may(May.READ_PATIENTS)},
    "events/<uuid:event>/sponsor/": {"GET": of_site(May.READ_PATIENTS), "POST": of_site(May.ASSESS_EVENT)},
    "expected/": {"GET": may(May.READ), "POST": may(May.ASSESS_EVENT)},
    "runs/": {"GET": may(May.READ_EFFICACY)},
    "runs/<uuid:run>/": {"GET": may(May.READ_EFFICACY)},
    "responses/": {"GET": may(*RESPONSES)},
    "patients/<uuid:patient>/response/": {"GET": of_site(*RESPONSES)},
}

ENDPOINTS: Table = TRIAL | PATIENTS | ASSESSMENTS
