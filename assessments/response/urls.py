"""Pages of the response, below /trials/<code>/response/."""

from django.urls import path

from . import views

urlpatterns = [
    path("", views.response_list, name="response"),
    path("patients/<int:patient>/", views.response_patient, name="response_patient"),
]
