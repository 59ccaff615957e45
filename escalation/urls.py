"""Pages of the decision, under /trials/<code>/."""

from django.urls import include, path

from .dashboard import views as dashboard
from .decisions import views
from .protocol import views as protocol_views
from .replay import views as replay_views
from .whatif import views as whatif_views

app_name = "escalation"
urlpatterns = [
    path("", dashboard.trial, name="trial"),
    path("dashboard/", dashboard.dashboard, name="dashboard"),
    path("pulse/", dashboard.pulse, name="pulse"),
    path("escalation/", dashboard.escalation, name="escalation"),
    path("escalation/what-if/", whatif_views.what_if, name="what_if"),
    path("escalation/table/", whatif_views.table, name="table"),
    path("escalation/design/", include("escalation.design.urls")),
    path("escalation/late/", include("escalation.late.urls")),
    path("expansion/<int:number>/replay/", replay_views.outside_decision, name="outside_replay"),
    path("meetings/", include("escalation.meetings.urls")),
    path("expansion/", include("escalation.outside.urls")),
    path("opening/", include("escalation.opening.urls")),
    path("datasets/", include("escalation.datasets.urls")),
    path("escalation/hold/", views.hold, name="hold"),
    path("decisions/new/", views.decide, name="decide"),
    path("decisions/<int:number>/", views.decision, name="decision"),
    path("decisions/<int:number>/replay/", replay_views.decision, name="decision_replay"),
    path("decisions/<int:number>/sign/", views.sign, name="sign"),
    path("decisions/<int:number>/withdraw/", views.withdraw, name="withdraw"),
    path("reports/", include("escalation.reports.urls")),
    path("protocol/", protocol_views.protocol, name="protocol"),
    path("protocol/new/", protocol_views.amend, name="amend"),
]
