"""The log-in's pages, home, people, the audit trail: trial/ (and accounts/, which is a library's)."""

from tests.access.words import (
    ADMINISTRATOR,
    ANYBODY,
    OWN,
    OWN_OR_ADMINISTRATOR,
    SIGNED_IN,
    Table,
    absent,
    may,
    poller,
)
from trial.roles import May

# Whoever has lost his session or password gets in by these.
DOOR: Table = {
    "accounts/login/": {"GET POST": ANYBODY},
    "accounts/logout/": {"GET POST": ANYBODY},
    "accounts/password/reset/": {"GET POST": ANYBODY},
    "accounts/password/reset/done/": {"GET": ANYBODY},
    "accounts/^password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$": {"GET POST": ANYBODY},
    "accounts/address/<str:token>/": {"GET POST": ANYBODY},  # who holds the link
    "accounts/password/reset/key/done/": {"GET": ANYBODY},
}
# The second step of a log-in: who has not begun one is led to the first, who is in is led on.
SECOND_STEP: Table = {
    "accounts/2fa/authenticate/": {"GET POST": SIGNED_IN},
}
# His own account and session, nobody else's: no address names a person.
OWN_ACCOUNT: Table = {
    "accounts/password/change/": {"GET POST": SIGNED_IN},
    "accounts/sessions/": {"GET POST": SIGNED_IN},
    "accounts/reauthenticate/": {"GET POST": SIGNED_IN},
    "accounts/2fa/": {"GET": SIGNED_IN},
    "accounts/2fa/reauthenticate/": {"GET POST": SIGNED_IN},
    "accounts/2fa/totp/activate/": {"GET POST": SIGNED_IN},
    "accounts/2fa/totp/deactivate/": {"GET POST": absent(SIGNED_IN)},
    "accounts/2fa/recovery-codes/": {"GET": absent(SIGNED_IN)},
    "accounts/2fa/recovery-codes/generate/": {"GET POST": SIGNED_IN},
    "accounts/2fa/recovery-codes/download/": {"GET": absent(SIGNED_IN)},
}

INSTALLATION: Table = {
    "healthz": {"GET": ANYBODY},
    "readyz": {"GET": ANYBODY},
    "": {"GET": SIGNED_IN},
    "pulse/": {"GET": poller()},
    "new/": {"GET POST": ADMINISTRATOR},
    "inbox/": {"GET": SIGNED_IN},
    "inbox/read/": {"POST": SIGNED_IN},
    "inbox/kinds/": {"GET POST": SIGNED_IN},
    "inbox/<uuid:notice>/open/": {"POST": OWN},
    "people/mail/": {"GET POST": ADMINISTRATOR},
    "tokens/": {"GET POST": SIGNED_IN},
    "tokens/<uuid:token>/revoke/": {"POST": OWN},
    "access/": {"GET": ADMINISTRATOR},
    "access/export/": {"GET": ADMINISTRATOR},
    "access/rights/": {"GET POST": ADMINISTRATOR},
    "access/rights/export/": {"GET": ADMINISTRATOR},
    "access/record/": {"GET": ADMINISTRATOR},
    "access/record/verify/": {"GET POST": ADMINISTRATOR},
    "access/record/export/": {"GET": ADMINISTRATOR},
    "access/record/proof/": {"GET": ADMINISTRATOR},
    "people/": {"GET": ADMINISTRATOR},
    "people/new/": {"GET POST": ADMINISTRATOR},
    "people/<uuid:user>/name/": {"GET POST": OWN_OR_ADMINISTRATOR},
    "people/<uuid:user>/": {"GET": ADMINISTRATOR},
    "people/<uuid:user>/address/": {"GET POST": ADMINISTRATOR},
    "people/<uuid:user>/close/": {"GET POST": ADMINISTRATOR},
    "people/<uuid:user>/open/": {"GET POST": ADMINISTRATOR},
    "people/<uuid:user>/password/": {"GET POST": ADMINISTRATOR},
    "people/<uuid:user>/factor/": {"GET POST": ADMINISTRATOR},
    "people/<uuid:user>/sessions/": {"GET POST": ADMINISTRATOR},
    "people/<uuid:user>/confirm/": {"GET POST": ADMINISTRATOR},  # without another one, a signer: his own tests
}

PAGES: Table = {
    "people/": {"GET": may(May.READ, May.MANAGE_PEOPLE)},
    "people/add/": {"GET POST": may(May.MANAGE_PEOPLE)},
    "people/open/": {"GET POST": may(May.MANAGE_PEOPLE)},
    "people/<uuid:membership>/end/": {"GET POST": may(May.MANAGE_PEOPLE)},
    "people/trial/": {"GET POST": may(May.MANAGE_PEOPLE)},
    "sites/<uuid:site>/correct/": {"GET POST": may(May.MANAGE_PEOPLE)},
    "sites/add/": {"GET POST": may(May.MANAGE_PEOPLE)},
    "access/": {"GET": may(May.READ_ACCESS)},
    "access/export/": {"GET": may(May.READ_ACCESS)},
    "access/rights/": {"GET": may(May.READ_ACCESS)},
    "access/rights/export/": {"GET": may(May.READ_ACCESS)},
    "audit/": {"GET": may(May.READ_AUDIT)},
    "audit/verify/": {"GET POST": may(May.READ_AUDIT)},
    "audit/export/": {"GET": may(May.READ_AUDIT)},
    "audit/proof/": {"GET": may(May.READ_AUDIT)},
}
