"""Pages of the meetings, under /trials/<code>/meetings/."""

from django.urls import path

from . import compare_views, views

urlpatterns = [
    path("", views.listing, name="meetings"),
    path("compare/", compare_views.compare, name="compare"),
    path("<int:number>/", views.meeting, name="meeting"),
    path("<int:number>/freeze/", views.freeze, name="freeze"),
    path("<int:number>/vote/", views.vote, name="vote"),
    path("<int:number>/outcome/", views.propose, name="propose"),
    path("<int:number>/sign/", views.sign, name="sign_meeting"),
    path("<int:number>/close/", views.close, name="close_meeting"),
    path("<int:number>/cuts/<int:cut>/", views.packet_page, name="packet"),
]
