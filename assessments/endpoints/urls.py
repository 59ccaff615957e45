"""Pages of efficacy, below /trials/<code>/."""

from django.urls import path

from . import views

urlpatterns = [
    path("efficacy/", views.efficacy, name="efficacy"),
    path("efficacy/patients/", views.patients, name="efficacy_patients"),
    path("efficacy/run/", views.run_again, name="efficacy_run"),
    path("efficacy/pulse/", views.pulse, name="efficacy_pulse"),
]
