"""Disease assessments as they were entered, and the investigator's own word on each."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from patients.models import Patient
from trial.models import Audited

from ..imwg.terms import Response
from .parameters import PARAMETERS

CATEGORIES = [(response.value, response.value) for response in Response]
NUMBER = {"entered__isnull": False, "canonical__isnull": False}  # a comparison with NULL passes any check


class DiseaseAssessment(Audited):
    """What was measured around one visit. Its `rev` moves with every change of its measurements."""

    number = models.PositiveIntegerField(help_text='People see "DA 14"; unique in the trial, never reused.')
    patient = models.ForeignKey(Patient, models.PROTECT, related_name="disease_assessments")
    visit_on = models.DateField(help_text="Each measurement has the date of its own sample.")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["trial", "number"], name="diseaseassessment_number_unique_in_trial"),
            models.UniqueConstraint(
                fields=["patient", "visit_on"], condition=Q(voided=False), name="diseaseassessment_one_a_day"
            ),
        ]
        ordering = ["visit_on", "number"]

    @property
    def code(self) -> str:
        return f"DA {self.number}"


class Measurement(Audited):
    """One answer: a value, below a limit, a word, or that it was not done. A missing answer has no row."""

    class State(models.TextChoices):
        VALUE = "value", "measured"
        BELOW = "below_limit", "below the limit"
        NOT_DONE = "not_done", "not done"

    assessment = models.ForeignKey(DiseaseAssessment, models.PROTECT, related_name="measurements")
    parameter = models.CharField(max_length=30, choices=[(name, p.label) for name, p in PARAMETERS.items()])
    sampled_on = models.DateField()
    state = models.CharField(max_length=20, choices=State.choices)
    entered = models.DecimalField(
        max_digits=12, decimal_places=4, null=True, blank=True, help_text="As entered; below the limit, the limit."
    )
    unit = models.CharField(max_length=20, blank=True, help_text="Of the entered value.")
    canonical = models.DecimalField(
        max_digits=20, decimal_places=8, null=True, blank=True, help_text="The entered value in the rule's unit."
    )
    answer = models.CharField(max_length=20, blank=True, help_text="Of what is no number: negative, positive, yes, no.")
    baseline_until = models.DateField(
        null=True,
        help_text="Of standard of care before the consent: the last first dose whose baseline it may be.",
    )

    unusual = models.CharField(max_length=300, null=True, help_text="Why an unlikely value stands; null: it is none.")

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="measurement_baseline_after_sample",
                condition=Q(baseline_until=None) | Q(baseline_until__gte=models.F("sampled_on")),
            ),
            models.UniqueConstraint(fields=["assessment", "parameter"], name="measurement_one_per_parameter"),
            models.CheckConstraint(
                name="measurement_says_one_thing",
                condition=Q(state="not_done", entered=None, canonical=None, answer="")
                | Q(state="below_limit", entered__gt=0, canonical__gt=0, answer="", **NUMBER)
                | Q(state="value", entered__gte=0, canonical__gte=0, answer="", **NUMBER)
                | (Q(state="value", entered=None, canonical=None) & ~Q(answer="")),
            ),
        ]
        ordering = ["assessment", "parameter"]


class InvestigatorResponse(Audited):
    """The category that the site's investigator gives an assessment; it stands beside the derived one."""

    assessment = models.OneToOneField(DiseaseAssessment, models.PROTECT, related_name="investigator")
    category = models.CharField(max_length=4, choices=CATEGORIES)
    comment = models.CharField(max_length=300, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    given_on = models.DateField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="investigatorresponse_category_known", condition=Q(category__in=[name for name, _ in CATEGORIES])
            )
        ]


class DifferenceResolved(Audited):
    """The investigator's reason why his category and the derived one may differ. It holds for these two only."""

    INSERT_ONLY = True

    assessment = models.ForeignKey(DiseaseAssessment, models.PROTECT, related_name="resolutions")
    category = models.CharField(max_length=4, choices=CATEGORIES, help_text="The investigator's.")
    derived = models.CharField(max_length=4, choices=CATEGORIES)
    reason = models.TextField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    resolved_on = models.DateField()

    class Meta:
        constraints = [
            models.CheckConstraint(name="difference_is_one", condition=~Q(category=models.F("derived"))),
            models.CheckConstraint(name="difference_has_reason", condition=~Q(reason="")),
        ]
        ordering = ["rev"]


class QuestionAnswered(Audited):
    """The site's answer to what it is asked about an assessment whose values stay as they are. It holds for this one.

    A question says the values that it is about, so that another value asks anew.
    """

    assessment = models.ForeignKey(DiseaseAssessment, models.PROTECT, related_name="answers")
    question = models.TextField()
    answer = models.TextField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    answered_on = models.DateField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["assessment", "question"], name="question_answered_once"),
            models.CheckConstraint(name="question_is_answered", condition=~Q(question="") & ~Q(answer="")),
        ]
        ordering = ["rev"]
