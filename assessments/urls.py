"""Pages of adverse events and of DLT reading, below /trials/<code>/."""

from django.urls import include, path

from .endpoints.urls import urlpatterns as endpoints
from .events import form_views, sponsor_views
from .events import views as events
from .review import views as review

app_name = "assessments"
urlpatterns = [
    path("events/", events.event_list, name="events"),
    path("events/terms/", form_views.term_search, name="terms"),
    path("events/report/<int:patient>/", form_views.report, name="report"),
    path("events/report/<int:patient>/preview/", form_views.preview, name="preview"),
    path("events/<int:number>/", events.event_page, name="event"),
    path("events/<int:number>/follow/", form_views.follow, name="follow"),
    path("events/<int:number>/correct/", form_views.correct, name="correct"),
    path("events/<int:number>/sponsor/", sponsor_views.assess, name="sponsor"),
    path("events/expected/", sponsor_views.expected_lists, name="expected"),
    path("events/expected/add/", sponsor_views.add_list, name="add_expected"),
    path("events/expected/<uuid:reference>/correct/", sponsor_views.correct_list, name="correct_expected"),
    path("events/expected/<uuid:reference>/void/", sponsor_views.void_list, name="void_expected"),
    path("events/<int:number>/void/", events.void, name="void"),
    path("serious/", include("assessments.cases.urls")),
    path("biomarker/", include("assessments.biomarker.urls")),
    path("response/", include("assessments.response.urls")),
    path("safety/", include("assessments.tables.urls")),
    path("review/", review.queue, name="review"),
    path("review/<int:number>/", review.verdict, name="verdict"),
    *endpoints,
]
