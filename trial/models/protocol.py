"""The protocol: versions of the settings, drugs, doses and the ladder they stand on."""

from django.db import models
from django.db.models import Q

from .. import ids
from .ledger import Audited


class Trial(Audited):
    """A trial. Its protocol, people and patients hang on it."""

    LEDGER = "id"
    trial = None  # type: ignore[assignment]
    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)
    code = models.SlugField(max_length=40, unique=True)
    title = models.CharField(max_length=250)
    disease = models.CharField(max_length=200, blank=True)
    time_zone = models.CharField(max_length=60, default="UTC")
    simulated = models.BooleanField(default=False, help_text="Played under the simulated clock, never real.")
    illustrative = models.BooleanField(default=False, help_text="Doses and settings are an illustration.")
    sponsor = models.CharField(
        max_length=200, null=True, help_text="Its name, as case reports have it; null: not recorded."
    )
    sponsor_address = models.CharField(max_length=500, null=True, help_text="Null: not recorded.")
    label = models.CharField(max_length=250, blank=True, help_text="Said on every page: demo data, source …")

    class Meta:
        ordering = ["code"]

    def __str__(self) -> str:
        return self.title


class ProtocolVersion(Audited):
    """The settings from one ledger number on. Version 1 is the protocol, later ones are amendments."""

    INSERT_ONLY = True
    number = models.PositiveSmallIntegerField()
    settings = models.JSONField()
    reason = models.TextField(blank=True)
    in_force_from = models.PositiveIntegerField(help_text="Ledger number of the action that wrote it.")
    written_on = models.DateField()
    checked = models.JSONField(
        null=True, help_text="What the exhaustive check of the rule found; null before versions were checked."
    )
    unusual = models.TextField(null=True, help_text="Why an unlikely number stands; null: it has none.")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["trial", "number"], name="protocol_number_unique_in_trial")]
        ordering = ["number"]


class Drug(Audited):
    name = models.CharField(max_length=120)
    position = models.PositiveSmallIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["trial", "name"], name="drug_name_unique_in_trial"),
            models.UniqueConstraint(fields=["trial", "position"], name="drug_position_unique_in_trial"),
        ]
        ordering = ["position"]

    def __str__(self) -> str:
        return self.name


class DoseLevel(Audited):
    """A dose: what is given. Its place on the ladder is a `LadderStep` of a protocol version."""

    label = models.CharField(max_length=80)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["trial", "label"], name="doselevel_label_unique_in_trial")]

    def __str__(self) -> str:
        return self.label


class Dose(Audited):
    """The amount of one drug at one dose level; a published level may be a label without amounts."""

    dose_level = models.ForeignKey(DoseLevel, models.PROTECT, related_name="doses")
    drug = models.ForeignKey(Drug, models.PROTECT, related_name="doses")
    amount = models.DecimalField(max_digits=12, decimal_places=4, null=True, blank=True)
    unit = models.CharField(max_length=30, blank=True)
    schedule = models.CharField(max_length=120, blank=True)
    per_cycle = models.PositiveSmallIntegerField(null=True, blank=True, help_text="Planned doses in one cycle.")
    days = models.JSONField(
        null=True, help_text="Days of a cycle on which it is given, 1 the first; null: the schedule is words alone."
    )
    times = models.PositiveSmallIntegerField(null=True, help_text="How often on each of those days; null as `days`.")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["dose_level", "drug"], name="dose_one_per_drug_and_level"),
            models.CheckConstraint(name="dose_not_negative", condition=Q(amount=None) | Q(amount__gte=0)),
            models.CheckConstraint(
                name="dose_scheduled_whole",
                condition=Q(days__isnull=True, times=None) | Q(days__isnull=False, times__gte=1),
            ),
        ]
        ordering = ["drug__position"]


class LadderStep(Audited):
    """Where a dose level stands on the ladder of one protocol version; position 1 is the lowest dose."""

    INSERT_ONLY = True
    version = models.ForeignKey(ProtocolVersion, models.PROTECT, related_name="steps")
    dose_level = models.ForeignKey(DoseLevel, models.PROTECT, related_name="steps")
    position = models.PositiveSmallIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["version", "position"], name="ladderstep_position_unique"),
            models.UniqueConstraint(fields=["version", "dose_level"], name="ladderstep_level_unique"),
            models.CheckConstraint(name="ladderstep_position_from_one", condition=Q(position__gte=1)),
        ]
        ordering = ["position"]


class EligibilityCriterion(Audited):
    """One question of the eligibility list; every one must be answered yes.

    One that takes a study procedure is answered after the consent only; its line begins with a mark.
    """

    MARK = "*"

    INSERT_ONLY = True
    version = models.ForeignKey(ProtocolVersion, models.PROTECT, related_name="criteria")
    number = models.PositiveSmallIntegerField()
    text = models.CharField(max_length=300)
    procedure = models.BooleanField(
        null=True, help_text="Whether answering it takes a study procedure; null: it takes none."
    )

    class Meta:
        constraints = [models.UniqueConstraint(fields=["version", "number"], name="criterion_number_unique")]
        ordering = ["number"]

    @property
    def line(self) -> str:
        """As it is typed in the protocol, with the mark."""
        return f"{self.MARK} {self.text}" if self.procedure else self.text
