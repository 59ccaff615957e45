"""Pages of a running trial that is brought in, under /trials/<code>/opening/."""

from django.urls import path

from . import views

urlpatterns = [
    path("", views.page, name="opening"),
    path("correct/", views.correct, name="opening_correct"),
    path("<int:number>/sign/", views.sign, name="opening_sign"),
    path("<int:number>/withdraw/", views.withdraw, name="opening_withdraw"),
    path("patients/", views.patient, name="opening_patient"),
]
