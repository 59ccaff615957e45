"""What the investigator decides on a level that closed, and that facts were checked after a corrected date."""

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


class DatesChecked(Audited):
    """After dates of a patient were corrected the site looked at the facts that follow from them: they stand."""

    INSERT_ONLY = True

    patient = models.ForeignKey("patients.Patient", models.PROTECT, related_name="dates_checked")
    through = models.PositiveIntegerField(help_text="Number of the last correction that was looked at.")
    note = models.TextField(help_text="How it was checked.")
    on = models.DateField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["patient", "through"], name="dateschecked_once_a_correction"),
            models.CheckConstraint(name="dateschecked_says_how", condition=~Q(note="")),
        ]
