"""Pages of the data sets, under /trials/<code>/datasets/."""

from django.urls import path

from . import views

urlpatterns = [
    path("", views.sets, name="datasets"),
    path("pulse/", views.pulse, name="datasets_pulse"),
    path("<str:name>.json", views.one, name="dataset"),
]
