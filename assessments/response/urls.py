"""Pages of the response, below /trials/<code>/response/."""

from django.urls import path

from . import entry_views, views

urlpatterns = [
    path("", views.response_list, name="response"),
    path("patients/<int:patient>/", views.response_patient, name="response_patient"),
    path("patients/<int:patient>/add/", entry_views.add, name="response_add"),
    path("<int:number>/correct/", entry_views.correct, name="response_correct"),
    path("<int:number>/void/", entry_views.void, name="response_void"),
    path("<int:number>/investigator/", entry_views.investigator, name="response_investigator"),
    path("<int:number>/answer/", entry_views.answer, name="response_answer"),
    path("<int:number>/answers/<uuid:answer>/correct/", entry_views.correct_answer, name="response_correct_answer"),
    path("<int:number>/resolve/", entry_views.resolve, name="response_resolve"),
]
