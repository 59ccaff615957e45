"""Pages of adverse events and of DLT reading, below /trials/<code>/."""

from django.urls import include, path

from .endpoints.urls import urlpatterns as endpoints
from .events import views as events
from .review import views as review

app_name = "assessments"
urlpatterns = [
    path("events/", events.event_list, name="events"),
    path("events/terms/", events.term_search, name="terms"),
    path("events/report/<int:patient>/", events.report, name="report"),
    path("events/report/<int:patient>/preview/", events.preview, name="preview"),
    path("events/<int:number>/", events.event_page, name="event"),
    path("events/<int:number>/correct/", events.correct, name="correct"),
    path("events/<int:number>/void/", events.void, name="void"),
    path("biomarker/", include("assessments.biomarker.urls")),
    path("response/", include("assessments.response.urls")),
    path("safety/", include("assessments.tables.urls")),
    path("review/", review.queue, name="review"),
    path("review/<int:number>/", review.verdict, name="verdict"),
    *endpoints,
]
