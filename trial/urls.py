"""URLs of the whole site. Everything below needs a signed-in person (middleware.SignedIn) or a token."""

from django.urls import include, path

from . import views
from .inbox import views as views_inbox
from .operations import views as views_operations
from .people import account_views as views_accounts
from .people import correction_views as views_corrections
from .people import rights_views as views_rights
from .people import token_views as views_tokens
from .people import views as views_people
from .record import access_views as views_access
from .record import views as views_audit

pages = [
    path("", views.home, name="home"),
    path("pulse/", views.pulse, name="pulse"),
    path("new/", views.new_trial, name="new"),
    path("inbox/", views_inbox.inbox, name="inbox"),
    path("inbox/read/", views_inbox.read_all, name="read_all"),
    path("inbox/kinds/", views_inbox.kinds, name="notice_kinds"),
    path("inbox/<uuid:notice>/open/", views_inbox.open_notice, name="open_notice"),
    path("people/mail/", views_inbox.undelivered, name="undelivered"),
    path("tokens/", views_tokens.tokens, name="tokens"),
    path("tokens/<uuid:token>/revoke/", views_tokens.revoke, name="revoke_token"),
    path("access/", views_access.page, name="access"),
    path("access/export/", views_access.export, name="access_export"),
    path("access/rights/", views_rights.of_installation, name="access_rights"),
    path("access/rights/export/", views_rights.export, name="access_rights_export"),
    path("access/record/", views_audit.installation, name="installation"),
    path("access/record/verify/", views_audit.verify, name="installation_verify"),
    path("access/record/export/", views_audit.whole_trail, name="installation_export"),
    path("access/record/proof/", views_audit.proof, name="installation_proof"),
    path("people/", views_accounts.accounts, name="accounts"),
    path("people/new/", views_accounts.open_account, name="open_account"),
    path("people/<uuid:user>/", views_accounts.account, name="account"),
    path("people/<uuid:user>/name/", views_corrections.name, name="correct_name"),
    path("people/<uuid:user>/address/", views_accounts.change_address, name="change_address"),
    path("people/<uuid:user>/close/", views_accounts.close_account, name="close_account"),
    path("people/<uuid:user>/open/", views_accounts.reopen_account, name="reopen_account"),
    path("people/<uuid:user>/password/", views_accounts.new_password, name="new_password"),
    path("people/<uuid:user>/factor/", views_accounts.remove_factor, name="remove_factor"),
    path("people/<uuid:user>/sessions/", views_accounts.end_sessions, name="end_sessions"),
    path("people/<uuid:user>/confirm/", views_accounts.confirm, name="confirm_person"),
    path("trials/<slug:trial>/people/", views_people.people, name="people"),
    path("trials/<slug:trial>/people/add/", views_people.add_member, name="add_member"),
    path("trials/<slug:trial>/people/open/", views_accounts.open_account, name="open_account_here"),
    path("trials/<slug:trial>/people/<uuid:membership>/end/", views_people.end_membership, name="end_membership"),
    path("trials/<slug:trial>/people/trial/", views_corrections.trial, name="correct_trial"),
    path("trials/<slug:trial>/sites/<uuid:site>/correct/", views_corrections.site, name="correct_site"),
    path("trials/<slug:trial>/sites/add/", views_people.add_site, name="add_site"),
    path("trials/<slug:trial>/access/", views_access.page, name="trial_access"),
    path("trials/<slug:trial>/access/export/", views_access.export, name="trial_access_export"),
    path("trials/<slug:trial>/access/rights/", views_rights.of_trial, name="trial_access_rights"),
    path("trials/<slug:trial>/access/rights/export/", views_rights.export, name="trial_access_rights_export"),
    path("trials/<slug:trial>/audit/", views_audit.audit, name="audit"),
    path("trials/<slug:trial>/audit/verify/", views_audit.verify, name="verify"),
    path("trials/<slug:trial>/audit/export/", views_audit.whole_trail, name="audit_export"),
    path("trials/<slug:trial>/audit/proof/", views_audit.proof, name="audit_proof"),
]

api = [
    path("", include("trial.api")),
    path("trials/<uuid:trial>/", include("trial.record.api")),
    path("trials/<uuid:trial>/", include("escalation.api")),
    path("trials/<uuid:trial>/", include("patients.api")),
    path("trials/<uuid:trial>/", include("assessments.api")),
]

urlpatterns = [
    path("healthz", views_operations.healthz, name="healthz"),
    path("readyz", views_operations.readyz, name="readyz"),
    path("api/v1/", include((api, "api"))),
    path("accounts/", include("trial.people.urls")),
    path("", include((pages, "trial"))),
    path("trials/<slug:trial>/", include("escalation.urls")),
    path("trials/<slug:trial>/", include("patients.urls")),
    path("trials/<slug:trial>/", include("assessments.urls")),
]

handler400, handler404 = "trial.middleware.unreadable", "trial.middleware.missing"
handler500 = "trial.middleware.broken"
