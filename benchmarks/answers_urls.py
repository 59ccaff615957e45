"""The program's addresses, and one that answers nothing: what every endpoint costs at least."""

from django.urls import path
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from trial.urls import urlpatterns as program


class Empty(APIView):
    def get(self, request: Request) -> Response:
        return Response({})


urlpatterns = [path("empty/", Empty.as_view()), *program]
