"""The ground floor's start: the log-in signals are listened to."""

from django.apps import AppConfig


class TrialConfig(AppConfig):
    name = "trial"

    def ready(self) -> None:
        from .people import receivers

        receivers.listen()
