"""Pages of safety, below /trials/<code>/safety/."""

from django.urls import path

from . import views

urlpatterns = [
    path("", views.summary, name="safety"),
    path("events/", views.adverse_events, name="safety_events"),
    path("listings/", views.listing_page, name="safety_listings"),
    path("displays/", views.displays, name="safety_displays"),
    path("beyond/", views.beyond_window, name="safety_beyond"),
    path("patients/", views.patients, name="safety_patients"),
]
