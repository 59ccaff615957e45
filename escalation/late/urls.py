"""The page of late changes, under /trials/<code>/escalation/late/."""

from django.urls import path

from . import views

urlpatterns = [path("", views.page, name="late")]
