"""The optional sBCMA sub-study: assays with their cut-offs, samples of consenting patients, external controls."""

from django.db import models
from django.db.models import Q

from patients.models import Consent, Patient
from trial.models import Audited


class Assay(Audited):
    """One way of measuring sBCMA. Values of two assays never enter one analysis."""

    name = models.CharField(max_length=120)
    lower_limit = models.DecimalField(
        max_digits=12, decimal_places=4, help_text="ng/mL; what is less is stored as below the limit."
    )
    normal_below = models.DecimalField(
        max_digits=12, decimal_places=4, null=True, blank=True, help_text="ng/mL; published, with its source."
    )
    source = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["trial", "name"], name="assay_name_unique_in_trial"),
            models.CheckConstraint(name="assay_limit_positive", condition=Q(lower_limit__gt=0)),
            models.CheckConstraint(
                name="assay_reference_has_source",
                condition=Q(normal_below=None) | (Q(normal_below__gt=0) & ~Q(source="")),
            ),
        ]
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class CutOff(Audited):
    """A value that divides high from low, with the source that it comes from: medians differ between papers."""

    class Purpose(models.TextChoices):
        DIAGNOSTIC = "diagnostic", "diagnostic: myeloma or not"
        PROGNOSTIC = "prognostic", "prognostic: high or low"

    assay = models.ForeignKey(Assay, models.PROTECT, related_name="cut_offs")
    purpose = models.CharField(max_length=20, choices=Purpose.choices)
    value = models.DecimalField(max_digits=12, decimal_places=4, help_text="ng/mL; at or above it is high.")
    source = models.CharField(max_length=300)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["assay", "purpose", "value"], condition=Q(voided=False), name="cutoff_once_per_assay"
            ),
            models.CheckConstraint(name="cutoff_positive", condition=Q(value__gt=0)),
            models.CheckConstraint(name="cutoff_has_source", condition=~Q(source="")),
        ]
        ordering = ["purpose", "value"]


class Measured(Audited):
    """What an assay said: a value, or that it lies below the limit, which is not a value and never a zero."""

    assay = models.ForeignKey(Assay, models.PROTECT, related_name="+")
    kit_lot = models.CharField(max_length=60)
    dilution = models.PositiveIntegerField(default=1, help_text="1 is undiluted, 100 is 1:100.")
    below_limit = models.BooleanField(default=False)
    value = models.DecimalField(
        max_digits=12, decimal_places=4, null=True, blank=True, help_text="ng/mL, dilution taken into account."
    )
    unusual = models.CharField(max_length=300, null=True, help_text="Why an unlikely number stands; null: it is none.")

    class Meta:
        abstract = True


def says_one_thing(name: str) -> list[models.CheckConstraint]:
    """A value or below the limit, never both and never neither."""
    return [
        models.CheckConstraint(
            name=f"{name}_value_or_below_limit",
            condition=Q(below_limit=True, value=None) | Q(below_limit=False, value__gt=0),
        ),
        models.CheckConstraint(name=f"{name}_dilution_from_one", condition=Q(dilution__gte=1)),
    ]


class Sample(Measured):
    """One blood sample of a patient, under the sub-study's consent (a trigger keeps it so)."""

    patient = models.ForeignKey(Patient, models.PROTECT, related_name="biomarker_samples")
    consent = models.ForeignKey(Consent, models.PROTECT, related_name="+")
    taken_on = models.DateField(help_text="In the site's calendar.")
    taken_at = models.TimeField(help_text="On the site's clock.")

    class Meta:
        constraints = [
            *says_one_thing("sample"),
            models.UniqueConstraint(
                fields=["patient", "assay", "taken_on", "taken_at"],
                condition=Q(voided=False),
                name="sample_once_a_time",
            ),
        ]
        ordering = ["taken_on", "taken_at"]


class Control(Measured):
    """A person without myeloma whose value was measured elsewhere; entered from a named source."""

    code = models.CharField(max_length=40, help_text="As its source names it; never a name.")
    source = models.CharField(max_length=300)

    class Meta:
        constraints = [
            *says_one_thing("control"),
            models.UniqueConstraint(
                fields=["trial", "assay", "code"], condition=Q(voided=False), name="control_code_once_per_assay"
            ),
            models.CheckConstraint(name="control_has_source", condition=~Q(source="")),
        ]
        ordering = ["code"]
