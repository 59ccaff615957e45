"""Pages of the sBCMA sub-study, below /trials/<code>/biomarker/."""

from django.urls import path

from assessments.endpoints import views as runs
from assessments.endpoints.models import Kind

from . import results_views, views

BIOMARKER = {"kind": Kind.BIOMARKER.value}

urlpatterns = [
    path("", views.biomarker, name="biomarker"),
    path("patients/", results_views.patients, name="biomarker_patients"),
    path("run/", runs.run_again, BIOMARKER, name="biomarker_run"),
    path("pulse/", runs.pulse, BIOMARKER, name="biomarker_pulse"),
    path("assays/new/", views.new_assay, name="new_assay"),
    path("assays/<uuid:assay>/correct/", views.correct_assay, name="correct_assay"),
    path("assays/<uuid:assay>/cut-off/", views.add_cut_off, name="add_cut_off"),
    path("assays/<uuid:assay>/controls/", views.add_controls, name="add_controls"),
    path("cut-offs/<uuid:cut_off>/void/", views.void_cut_off, name="void_cut_off"),
    path("controls/<uuid:control>/void/", views.void_control, name="void_control"),
    path("patients/<int:patient>/sample/", views.new_sample, name="new_sample"),
    path("samples/<uuid:sample>/correct/", views.correct_sample, name="correct_sample"),
    path("samples/<uuid:sample>/void/", views.void_sample, name="void_sample"),
]
