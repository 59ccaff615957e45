"""Doses by cycle and day, what the investigator decides on a level that closed, and that dates were checked."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from trial.models import Audited, DoseLevel, Drug


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


class CycleStart(Audited):
    """The first day of a cycle from the third on; those of the first two stand in the treatment."""

    patient = models.ForeignKey("patients.Patient", models.PROTECT, related_name="cycle_starts")
    number = models.PositiveSmallIntegerField()
    began_on = models.DateField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["patient", "number"], condition=Q(voided=False), name="cyclestart_once_a_cycle"
            ),
            models.CheckConstraint(name="cyclestart_from_the_third", condition=Q(number__gte=3)),
        ]
        ordering = ["number"]


class CycleDoses(Audited):
    """What is recorded of one drug in one cycle: to a day, and as planned but for the days that say otherwise."""

    patient = models.ForeignKey("patients.Patient", models.PROTECT, related_name="cycle_doses")
    cycle = models.PositiveSmallIntegerField()
    drug = models.ForeignKey(Drug, models.PROTECT, related_name="+")
    last_day = models.PositiveSmallIntegerField(help_text="Of the cycle: recorded to this day, it included.")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["patient", "cycle", "drug"], condition=Q(voided=False), name="cycledoses_once_a_drug"
            ),
            models.CheckConstraint(name="cycledoses_from_one", condition=Q(cycle__gte=1, last_day__gte=1)),
        ]
        ordering = ["cycle", "drug__position"]


class DoseDay(Audited):
    """A day of a cycle on which a drug was not taken as planned: taken otherwise, reduced, held or missed."""

    class State(models.TextChoices):
        TAKEN = "taken", "taken"
        REDUCED = "reduced", "reduced"
        HELD = "held", "held"
        MISSED = "missed", "missed"

    class Because(models.TextChoices):
        ADVERSE_EVENT = "adverse_event", "an adverse event"
        PATIENT = "patient", "the patient"
        OTHER = "other", "another reason"

    patient = models.ForeignKey("patients.Patient", models.PROTECT, related_name="dose_days")
    cycle = models.PositiveSmallIntegerField()
    drug = models.ForeignKey(Drug, models.PROTECT, related_name="+")
    day = models.PositiveSmallIntegerField(help_text="Of the cycle; 1 is its first.")
    state = models.CharField(max_length=10, choices=State.choices)
    taken = models.DecimalField(max_digits=12, decimal_places=4, help_text="Over the day, in the unit of the dose.")
    because = models.CharField(max_length=20, choices=Because.choices)
    event = models.ForeignKey("assessments.AdverseEvent", models.PROTECT, null=True, related_name="dose_days")
    note = models.CharField(max_length=200, blank=True, help_text="In words; never a name.")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["patient", "cycle", "drug", "day"], condition=Q(voided=False), name="doseday_once_a_day"
            ),
            models.CheckConstraint(name="doseday_from_one", condition=Q(cycle__gte=1, day__gte=1)),
            models.CheckConstraint(
                name="doseday_amount_fits_state",
                condition=Q(state="held", taken=0)
                | Q(state="missed", taken__gte=0)
                | Q(state__in=["taken", "reduced"], taken__gt=0),
            ),
            models.CheckConstraint(
                name="doseday_names_its_event",
                condition=Q(because="adverse_event", event__isnull=False)
                | Q(because="patient", event=None)
                | (Q(because="other", event=None) & ~Q(note="")),
            ),
        ]
        ordering = ["cycle", "drug__position", "day"]
