"""URLs of the whole site. Everything below needs a signed-in person (LoginRequiredMiddleware) or a token."""

from django.urls import include, path

urlpatterns = [
    path("accounts/", include("allauth.urls")),
    path("", include("trial.pages")),
    path("trials/<slug:trial>/", include("escalation.urls")),
    path("trials/<slug:trial>/", include("patients.urls")),
    path("trials/<slug:trial>/", include("assessments.urls")),
    path("api/v1/", include("trial.rest")),
]
