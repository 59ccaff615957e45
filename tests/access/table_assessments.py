"""Events, DLT reading, response, endpoints and biomarker: assessments/."""

from tests.access.words import Table, may, of_site, poller
from trial.roles import May

ASSESSMENT = "response/<int:number>/"
# who enters and judges those of his site; those of all sites together are efficacy
RESPONSES = (May.READ_EFFICACY, May.RECORD_RESPONSE, May.ASSESS_RESPONSE)

EVENTS: Table = {
    "events/": {"GET": may(May.READ_PATIENTS)},
    "events/terms/": {"GET": may(May.REPORT_EVENT)},
    "events/report/<int:patient>/": {"GET POST": of_site(May.REPORT_EVENT)},
    "events/report/<int:patient>/preview/": {"POST": of_site(May.REPORT_EVENT)},
    "events/<int:number>/": {"GET": of_site(May.READ_PATIENTS)},
    "events/<int:number>/follow/": {"GET POST": of_site(May.REPORT_EVENT)},
    "events/<int:number>/sponsor/": {"GET POST": of_site(May.ASSESS_EVENT)},
    "events/expected/": {"GET": may(May.READ)},
    "events/expected/add/": {"GET POST": may(May.ASSESS_EVENT)},
    "events/expected/<uuid:reference>/correct/": {"GET POST": may(May.ASSESS_EVENT)},
    "events/expected/<uuid:reference>/void/": {"GET POST": may(May.ASSESS_EVENT)},
    "events/<int:number>/correct/": {"GET POST": of_site(May.REPORT_EVENT)},
    "events/<int:number>/void/": {"GET POST": of_site(May.REPORT_EVENT)},
}

CASES: Table = {
    "serious/": {"GET": may(May.READ_PATIENTS)},
    "serious/<int:number>/": {"GET": of_site(May.READ_PATIENTS)},
    "serious/<int:number>/report/": {"GET": of_site(May.READ_PATIENTS)},
    "serious/<int:number>/reported/": {"GET POST": of_site(May.REPORT_EVENT)},
    "serious/<int:number>/receipt/": {"GET POST": may(May.HANDLE_CASE)},
    "serious/<int:number>/follow-up/": {"GET POST": of_site(May.REPORT_EVENT)},
    "serious/<int:number>/follow-up/<uuid:news>/": {"GET POST": of_site(May.REPORT_EVENT)},
    "serious/<int:number>/follow-up/<uuid:news>/receipt/": {"GET POST": may(May.HANDLE_CASE)},
    "serious/<int:number>/follow-up/<uuid:news>/void/": {"GET POST": of_site(May.REPORT_EVENT)},
    "serious/<int:number>/details/": {"GET POST": of_site(May.REPORT_EVENT)},
    "serious/<int:number>/submission/": {"GET POST": may(May.HANDLE_CASE)},
    "serious/<int:number>/submission/<uuid:submission>/": {"GET POST": may(May.HANDLE_CASE)},
    "serious/<int:number>/submission/<uuid:submission>/void/": {"GET POST": may(May.HANDLE_CASE)},
    # the walk asks for the site's clock
    "serious/<int:number>/late/<slug:clock>/": {"GET POST": of_site(May.REPORT_EVENT)},
}

REVIEW: Table = {
    "review/": {"GET": may(May.READ_PATIENTS)},
    # an investigator of another site reads the event only where he is named its reader: this one is not
    "review/<int:number>/": {
        "GET": of_site(May.READ_PATIENTS),
        "POST": of_site(May.READ_FIRST, May.READ_SECOND, May.READ_THIRD),
    },
}

SAFETY: Table = {
    f"safety/{page}": {"GET": may(May.READ_PATIENTS)}
    for page in ("", "events/", "listings/", "displays/", "beyond/", "patients/")
}

RESPONSE: Table = {
    "response/": {"GET": may(*RESPONSES)},
    "response/patients/<int:patient>/": {"GET": of_site(*RESPONSES)},
    "response/patients/<int:patient>/add/": {"GET POST": of_site(May.RECORD_RESPONSE)},
    f"{ASSESSMENT}correct/": {"GET POST": of_site(May.RECORD_RESPONSE)},
    f"{ASSESSMENT}void/": {"GET POST": of_site(May.RECORD_RESPONSE)},
    f"{ASSESSMENT}answer/": {"GET POST": of_site(May.RECORD_RESPONSE)},
    f"{ASSESSMENT}answers/<uuid:answer>/correct/": {"GET POST": of_site(May.RECORD_RESPONSE)},
    f"{ASSESSMENT}investigator/": {"GET POST": of_site(May.ASSESS_RESPONSE)},
    f"{ASSESSMENT}resolve/": {"GET POST": of_site(May.ASSESS_RESPONSE)},
}

ENDPOINTS: Table = {
    "efficacy/": {"GET": may(May.READ_EFFICACY)},
    "efficacy/patients/": {"GET": may(May.READ_EFFICACY)},
    "efficacy/run/": {"POST": may(May.REQUEST_RUN)},
    "efficacy/pulse/": {"GET": poller(May.READ_EFFICACY)},
}

BIOMARKER: Table = {
    "biomarker/": {"GET": may(May.READ_PATIENTS)},
    "biomarker/patients/": {"GET": may(May.READ_EFFICACY)},
    "biomarker/run/": {"POST": may(May.REQUEST_RUN)},
    "biomarker/pulse/": {"GET": poller(May.READ_EFFICACY)},
    "biomarker/assays/new/": {"GET POST": may(May.DEFINE_ASSAY)},
    "biomarker/assays/<uuid:assay>/correct/": {"GET POST": may(May.DEFINE_ASSAY)},
    "biomarker/assays/<uuid:assay>/cut-off/": {"GET POST": may(May.DEFINE_ASSAY)},
    "biomarker/assays/<uuid:assay>/controls/": {"GET POST": may(May.DEFINE_ASSAY)},
    "biomarker/cut-offs/<uuid:cut_off>/void/": {"GET POST": may(May.DEFINE_ASSAY)},
    "biomarker/controls/<uuid:control>/void/": {"GET POST": may(May.DEFINE_ASSAY)},
    "biomarker/patients/<int:patient>/sample/": {"GET POST": of_site(May.RECORD_SAMPLE)},
    "biomarker/samples/<uuid:sample>/correct/": {"GET POST": of_site(May.RECORD_SAMPLE)},
    "biomarker/samples/<uuid:sample>/void/": {"GET POST": of_site(May.RECORD_SAMPLE)},
}

PAGES: Table = EVENTS | CASES | SAFETY | REVIEW | RESPONSE | ENDPOINTS | BIOMARKER
