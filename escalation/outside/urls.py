"""Pages of expansion and backfill, under /trials/<code>/expansion/."""

from django.urls import path

from . import views

urlpatterns = [
    path("", views.page, name="outside"),
    path("<int:number>/sign/", views.sign, name="outside_sign"),
    path("<int:number>/withdraw/", views.withdraw, name="outside_withdraw"),
]
