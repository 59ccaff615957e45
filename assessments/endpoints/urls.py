"""Pages of efficacy, below /trials/<code>/."""

from django.urls import path

from . import views
from .models import Kind

EFFICACY = {"kind": Kind.EFFICACY.value}

urlpatterns = [
    path("efficacy/", views.efficacy, name="efficacy"),
    path("efficacy/patients/", views.patients, name="efficacy_patients"),
    path("efficacy/run/", views.run_again, EFFICACY, name="efficacy_run"),
    path("efficacy/pulse/", views.pulse, EFFICACY, name="efficacy_pulse"),
]
