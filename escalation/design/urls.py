"""The page of the design properties, under /trials/<code>/escalation/design/."""

from django.urls import path

from . import views

urlpatterns = [path("", views.page, name="design")]
