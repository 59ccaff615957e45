"""Pages of serious events, below /trials/<code>/serious/."""

from django.urls import path

from . import views

urlpatterns = [
    path("", views.case_list, name="cases"),
    path("<int:number>/", views.case_page, name="case"),
    path("<int:number>/report/", views.case_report, name="case_report"),
    path("<int:number>/reported/", views.report_it, name="case_report_it"),
    path("<int:number>/receipt/", views.receipt, name="case_receipt"),
    path("<int:number>/follow-up/", views.follow_up, name="case_follow_up"),
    path("<int:number>/follow-up/<uuid:news>/", views.follow_up, name="case_follow_up_of"),
    path("<int:number>/follow-up/<uuid:news>/receipt/", views.receipt, name="case_follow_up_receipt"),
    path("<int:number>/follow-up/<uuid:news>/void/", views.void_follow_up, name="case_follow_up_void"),
    path("<int:number>/details/", views.details, name="case_details"),
    path("<int:number>/submission/", views.submission, name="case_submit"),
    path("<int:number>/submission/<uuid:submission>/", views.submission, name="case_submission"),
    path("<int:number>/submission/<uuid:submission>/void/", views.void_submission, name="case_submission_void"),
    path("<int:number>/late/<slug:clock>/", views.lateness, name="case_lateness"),
]
