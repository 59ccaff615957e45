"""Who is in the trial: cohorts, slots, patients, eligibility, consent, treatment and disposition."""

from datetime import date

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from trial.models import Audited, DoseLevel, Drug, EligibilityCriterion, ProtocolVersion, Site


class Cohort(Audited):
    """Patients given one dose level together. The dose lives only here; a decision opens the row."""

    class Role(models.TextChoices):
        """Patients outside the count of the escalation rule."""

        EXPANSION = "expansion", "expansion"
        BACKFILL = "backfill", "backfill"

    number = models.PositiveSmallIntegerField(help_text="1, 2, 3 … in the order opened.")
    role = models.CharField(
        max_length=20, choices=Role.choices, null=True, help_text="Empty: escalation, in the count."
    )
    dose_level = models.ForeignKey(DoseLevel, models.PROTECT, related_name="cohorts")
    places = models.PositiveSmallIntegerField(
        help_text="Evaluable patients wanted: on the level while it is open, outside the count in this cohort."
    )
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)
    paper_on = models.DateField(null=True, help_text="Opened outside the system: the day of that decision; null: here.")
    paper_reference = models.CharField(max_length=200, null=True, help_text="The paper on which that decision stands.")

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="cohort_on_paper_is_closed_and_referred",
                condition=Q(paper_on=None, paper_reference=None)
                | (Q(paper_on__isnull=False, closed_at__isnull=False, role=None) & ~Q(paper_reference="")),
            ),
            models.UniqueConstraint(fields=["trial", "number"], name="cohort_number_unique_in_trial"),
            models.UniqueConstraint(
                fields=["trial"], condition=Q(closed_at=None, role=None), name="cohort_one_open_escalation_per_trial"
            ),
            models.UniqueConstraint(
                fields=["trial", "role", "dose_level"],
                condition=Q(closed_at=None),
                name="cohort_one_open_per_role_and_level",
            ),
            models.CheckConstraint(
                name="cohort_role_is_known", condition=Q(role=None) | Q(role__in=["expansion", "backfill"])
            ),
            models.CheckConstraint(
                name="cohort_closes_after_opening", condition=Q(closed_at=None) | Q(closed_at__gte=F("opened_at"))
            ),
            models.CheckConstraint(name="cohort_has_places", condition=Q(places__gte=1)),
        ]
        ordering = ["number"]


class Slot(Audited):
    """A place asked for and held for one patient, from the request to the first dose."""

    class State(models.TextChoices):
        WAITING = "waiting", "on the waiting list"
        REQUESTED = "requested", "requested, waiting for the medical monitor"
        GRANTED = "granted", "granted"
        ENROLLED = "enrolled", "enrolled"
        DECLINED = "declined", "declined"
        CANCELLED = "cancelled", "cancelled"
        EXPIRED = "expired", "expired"
        RELEASED = "released", "released before the first dose"

    number = models.PositiveIntegerField()
    cohort = models.ForeignKey(Cohort, models.PROTECT, null=True, related_name="slots")
    site = models.ForeignKey(Site, models.PROTECT, related_name="slots")
    state = models.CharField(max_length=20, choices=State.choices)
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    requested_at = models.DateTimeField()
    granted_at = models.DateTimeField(null=True, blank=True)
    held_until = models.DateField(null=True, blank=True, help_text="The last day on which it is held.")
    screening = models.ForeignKey(
        "patients.Screening", models.PROTECT, null=True, related_name="slots", help_text="Null: not recorded."
    )
    note = models.CharField(
        max_length=200, blank=True, help_text="What a site wrote before screening was recorded; never a name."
    )

    @property
    def screening_number(self) -> str:
        """As the site gave it, also before screening was recorded; "" where nothing was."""
        return self.screening.number if self.screening else self.note

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["trial", "number"], name="slot_number_unique_in_trial"),
            models.UniqueConstraint(
                fields=["screening"],
                condition=Q(state__in=["waiting", "requested", "granted", "enrolled", "released"], voided=False),
                name="slot_one_of_a_patient",
            ),
            models.CheckConstraint(
                name="slot_granted_in_a_cohort",
                condition=~Q(state__in=["granted", "enrolled"]) | Q(cohort__isnull=False, granted_at__isnull=False),
            ),
        ]
        ordering = ["number"]


class Patient(Audited):
    """A patient, known by number. Cohort and dose level are frozen at enrolment."""

    number = models.PositiveIntegerField(help_text="People see 001, 002 …; never reused.")
    site = models.ForeignKey(Site, models.PROTECT, related_name="patients")
    slot = models.OneToOneField(Slot, models.PROTECT, related_name="patient")
    cohort = models.ForeignKey(Cohort, models.PROTECT, related_name="patients")
    enrolled_at = models.DateTimeField()
    enrolled_on = models.DateField()
    granted_on = models.DateField(
        null=True,
        help_text="The day on which the slot was granted, at its site. Null: not recorded, or from paper.",
    )
    source = models.CharField(
        max_length=200, null=True, help_text="Of a patient who was entered from paper: where it stands; null: enrolled."
    )

    class Meta:
        constraints = [models.UniqueConstraint(fields=["trial", "number"], name="patient_number_unique_in_trial")]
        ordering = ["number"]

    @property
    def code(self) -> str:
        return f"{self.number:03d}"

    @property
    def from_paper(self) -> bool:
        """Whether he was treated outside the system, before the trial was brought in."""
        return self.source is not None

    @property
    def role(self) -> str:
        """escalation, or expansion or backfill outside the count."""
        return self.cohort.role or "escalation"

    @property
    def before_grant(self) -> str:
        """That the enrolment lies before the grant of the slot, in a sentence; "" when it does not."""
        return self.ungranted(self.enrolled_on)

    def ungranted(self, on: date) -> str:
        """Why what is dated before the slot was granted was done without a place; "" of that day and later."""
        if self.granted_on is None or on >= self.granted_on:
            return ""
        return f"The slot was granted on {self.granted_on:%-d %b %Y}; {on:%-d %b %Y} is before it."

    @property
    def treatment(self) -> "Treatment":
        """As it stands; there is none before the first dose, nor once that was taken back."""
        row: Treatment = self.treatment_row
        if row.voided:  # as Django says of none, which a template takes for nothing
            raise Patient.treatment_row.RelatedObjectDoesNotExist(f"the first dose of {self.code} was taken back")
        return row

    def __str__(self) -> str:
        return self.code


class EligibilityAnswer(Audited):
    """One criterion answered by a named person. Anything but yes keeps the patient out; no waivers."""

    slot = models.ForeignKey(Slot, models.PROTECT, related_name="eligibility")
    criterion = models.ForeignKey(EligibilityCriterion, models.PROTECT, related_name="+")
    met = models.BooleanField()
    on = models.DateField(null=True, help_text="The day on which it was answered; null: from before it was asked.")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["slot", "criterion"], name="eligibility_one_answer_per_criterion")
        ]


class Consent(Audited):
    """One version of the form as the patient signed it; a later version is another consent."""

    class Kind(models.TextChoices):
        TRIAL = "trial", "trial"
        BIOMARKER = "biomarker", "sBCMA sub-study"

    slot = models.ForeignKey(Slot, models.PROTECT, related_name="consents")
    kind = models.CharField(max_length=20, choices=Kind.choices, default=Kind.TRIAL)
    version = models.CharField(max_length=40, help_text="Version of the consent form that was signed.")
    given_on = models.DateField()
    withdrawn_on = models.DateField(null=True, blank=True)
    resumes = models.BooleanField(
        null=True,
        help_text="Whether the patient consents again to what was withdrawn before. Null: from before it was asked.",
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["slot", "kind", "version", "given_on"],
                condition=Q(withdrawn_on=None, voided=False),
                name="consent_one_of_a_version_and_day",
            ),
            models.CheckConstraint(
                name="consent_withdrawn_after_given",
                condition=Q(withdrawn_on=None) | Q(withdrawn_on__gte=F("given_on")),
            ),
        ]


class Treatment(Audited):
    """When treatment began, at which dose level it was really received, and when it ended.

    Read as `patient.treatment`. Voided once the first dose was taken back; the next first dose writes the row anew.
    """

    patient = models.OneToOneField(Patient, models.PROTECT, related_name="treatment_row")
    protocol = models.ForeignKey(
        ProtocolVersion,
        models.PROTECT,
        related_name="+",
        help_text="Its window and criteria hold: that of the first dose, or an amendment that lists him.",
    )
    received_level = models.ForeignKey(DoseLevel, models.PROTECT, related_name="+")
    first_dose_on = models.DateField()
    cycle2_on = models.DateField(null=True, blank=True)
    stopped_on = models.DateField(null=True, blank=True)
    stop_reason = models.CharField(max_length=200, blank=True)
    stop_related = models.BooleanField(
        null=True, help_text="Whether it ended for toxicity related to a study drug (criterion N4). Null: not asked."
    )
    stopped_drugs = models.JSONField(null=True, help_text="Names of the drugs stopped for it; null: all, or not asked.")
    held_because = models.TextField(
        null=True, help_text="What held enrolment when a dose that had been given was entered; null: nothing."
    )
    held_why = models.TextField(
        null=True, help_text="Why it was given all the same, as the site says; null: not a column when it was entered."
    )
    held_from = models.DateField(null=True, help_text="The first day of that hold; null where it has none.")
    left_study_on = models.DateField(null=True, blank=True)
    left_study_reason = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="treatment_stops_after_first_dose",
                condition=Q(stopped_on=None) | Q(stopped_on__gte=F("first_dose_on")),
            ),
            models.CheckConstraint(
                name="treatment_cycle2_after_first_dose",
                condition=Q(cycle2_on=None) | Q(cycle2_on__gt=F("first_dose_on")),
            ),
            models.CheckConstraint(name="treatment_stop_has_reason", condition=Q(stopped_on=None) | ~Q(stop_reason="")),
            models.CheckConstraint(
                name="treatment_left_has_reason",
                condition=Q(left_study_on=None, left_study_reason="")
                | (Q(left_study_on__isnull=False) & ~Q(left_study_reason="")),
            ),
            models.CheckConstraint(
                name="treatment_left_after_stop",
                condition=Q(left_study_on=None) | (Q(stopped_on__isnull=False) & Q(left_study_on__gte=F("stopped_on"))),
            ),
        ]

    @property
    def in_spite_of(self) -> str:
        """What kept the patient from starting on the day of the first dose, given all the same; "" when nothing did."""
        before = self.held_from is not None and self.first_dose_on < self.held_from
        held = "" if self.held_because is None or before else self.held_because
        return " ".join(filter(None, (self.patient.ungranted(self.first_dose_on), held)))


class AmendedPatient(Audited):
    """A patient still in his DLT window whom an amendment includes: his window, fraction and criteria are its own."""

    INSERT_ONLY = True
    version = models.ForeignKey(ProtocolVersion, models.PROTECT, related_name="+", help_text="The amendment.")
    patient = models.ForeignKey(Patient, models.PROTECT, related_name="amendments")
    was = models.ForeignKey(ProtocolVersion, models.PROTECT, related_name="+", help_text="Whose window it was before.")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["version", "patient"], name="amendedpatient_once_a_version"),
            models.CheckConstraint(condition=~Q(version=F("was")), name="amendedpatient_by_another_version"),
        ]
        ordering = ["patient__number"]


class DoseTaken(Audited):
    """Planned and taken amount of one drug over the DLT window, in the unit of the dose."""

    patient = models.ForeignKey(Patient, models.PROTECT, related_name="doses_taken")
    drug = models.ForeignKey(Drug, models.PROTECT, related_name="+")
    planned = models.DecimalField(max_digits=12, decimal_places=4)
    taken = models.DecimalField(max_digits=12, decimal_places=4)
    unusual = models.CharField(max_length=300, null=True, help_text="Why an unlikely amount stands; null: it is none.")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["patient", "drug"], condition=Q(voided=False), name="dosetaken_one_per_drug"
            ),
            models.CheckConstraint(name="dosetaken_planned_positive", condition=Q(planned__gt=0)),
            models.CheckConstraint(name="dosetaken_taken_not_negative", condition=Q(taken__gte=0)),
        ]
        ordering = ["drug__position"]


class PatientStanding(Audited):
    """A list's summary of a patient, written by the consequences of each action; never read to decide."""

    patient = models.OneToOneField(Patient, models.PROTECT, related_name="standing")
    outcome = models.CharField(max_length=20, help_text="dlt, no_dlt, pending, suspected, not_evaluable, not_dosed.")
    dlt = models.CharField(max_length=20, help_text="none, suspected or adjudicated.")
    enough_drug = models.BooleanField(null=True)
    window_ends_on = models.DateField(null=True, help_text="The last day of the DLT window.")
    next_due = models.CharField(max_length=200, blank=True)
    next_due_on = models.DateField(null=True)


# The subjects with models of their own; Django finds them here.
from .consent.models import ConsentVersion, Deviation, Withdrawal  # noqa: E402, F401
from .dosing.models import ClosedLevelAnswer, CycleDoses, CycleStart, DatesChecked, DoseDay  # noqa: E402, F401
from .follow_up.models import FollowUp  # noqa: E402, F401  it imports nothing from above but Patient
from .screening.models import Screening  # noqa: E402, F401
