"""Pages of the papers, under /trials/<code>/reports/."""

from django.urls import path

from . import views

urlpatterns = [
    path("", views.papers, name="papers"),
    path("pulse/", views.pulse, name="papers_pulse"),
    path("<uuid:paper>/", views.paper, name="paper"),
    path("<uuid:paper>/pulse/", views.paper_pulse, name="paper_pulse"),
    path("<uuid:paper>/file/", views.file, name="paper_file"),
]
