"""What the investigator decides for a patient whose dose level was closed."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from trial.models import Audited, DoseLevel


class ClosedLevelAnswer(Audited):
    """Reduce, continue or stop: one answer for each patient who was still on a level that closed."""

    class Answer(models.TextChoices):
        REDUCE = "reduce", "Reduce the dose"
        CONTINUE = "continue", "Continue at this dose"
        STOP = "stop", "Stop treatment"

    patient = models.ForeignKey("patients.Patient", models.PROTECT, related_name="closed_levels")
    dose_level = models.ForeignKey(DoseLevel, models.PROTECT, related_name="+", help_text="The level that closed.")
    answer = models.CharField(max_length=20, choices=Answer.choices)
    on = models.DateField(help_text="The day on which the investigator decided it.")
    because = models.TextField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["patient", "dose_level"], name="closedlevel_one_answer_per_level"),
            models.CheckConstraint(name="closedlevel_answer_has_reason", condition=~Q(because="")),
            models.CheckConstraint(
                name="closedlevel_answer_is_known", condition=Q(answer__in=["reduce", "continue", "stop"])
            ),
        ]
