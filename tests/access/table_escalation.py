"""The Trial page, protocol, decisions, meetings, opening and expansion: escalation/."""

from tests.access.words import Table, absent, may, poller
from trial.roles import May

MEETING = "meetings/<int:number>/"
DECISION = "decisions/<int:number>/"

READ_ONLY: Table = {
    address: {"GET": may(May.READ)}
    for address in (
        "",
        "dashboard/",
        "escalation/",
        "escalation/what-if/",
        "escalation/table/",
        "escalation/design/",
        "escalation/late/",
        "protocol/",
        DECISION,
        f"{DECISION}replay/",
        "meetings/compare/",
        MEETING,
        f"{MEETING}cuts/<int:cut>/",
    )
}

PAGES: Table = READ_ONLY | {
    "pulse/": {"GET": poller(May.READ)},
    "protocol/new/": {"GET POST": may(May.WRITE_PROTOCOL)},
    "escalation/hold/": {"GET POST": may(May.HOLD)},
    "decisions/new/": {"GET POST": may(May.SIGN_DECISION)},
    f"{DECISION}sign/": {"POST": may(May.SIGN_DECISION)},
    f"{DECISION}withdraw/": {"POST": may(May.SIGN_DECISION)},
    "meetings/": {"GET": may(May.READ), "POST": may(May.CALL_MEETING)},
    f"{MEETING}freeze/": {"POST": may(May.FREEZE_CUT)},
    f"{MEETING}vote/": {"POST": may(May.VOTE)},
    f"{MEETING}outcome/": {"POST": may(May.SIGN_DECISION)},
    f"{MEETING}sign/": {"POST": may(May.SIGN_DECISION)},
    f"{MEETING}close/": {"POST": may(May.CALL_MEETING)},
    "expansion/": {"GET": may(May.READ), "POST": may(May.SIGN_DECISION)},
    "expansion/<int:number>/replay/": {"GET": absent(may(May.READ))},
    "expansion/<int:number>/sign/": {"POST": absent(may(May.SIGN_DECISION))},
    "expansion/<int:number>/withdraw/": {"POST": absent(may(May.SIGN_DECISION))},
    "reports/": {"GET POST": may(May.READ)},
    "reports/pulse/": {"GET": poller(May.READ)},
    "reports/<uuid:paper>/": {"GET": may(May.READ)},
    "reports/<uuid:paper>/pulse/": {"GET": poller(May.READ)},
    "reports/<uuid:paper>/file/": {"GET": may(May.READ)},
    "datasets/": {"GET POST": may(May.READ_EFFICACY)},
    "datasets/pulse/": {"GET": poller(May.READ_EFFICACY)},
    "datasets/<str:name>.json": {"GET": absent(may(May.READ_EFFICACY))},
    "opening/": {"GET": may(May.READ), "POST": may(May.SIGN_DECISION)},
    "opening/correct/": {"GET POST": absent(may(May.SIGN_DECISION))},
    "opening/<int:number>/sign/": {"POST": absent(may(May.SIGN_DECISION))},
    "opening/<int:number>/withdraw/": {"POST": absent(may(May.SIGN_DECISION))},
    "opening/patients/": {"GET POST": absent(may(May.ENROL))},
}
