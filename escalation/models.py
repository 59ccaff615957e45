"""The decision: what was recommended on which basis, what was decided, who signed, what it opened."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from patients.models import Cohort, Patient
from trial.models import Audited, DoseLevel, ProtocolVersion

from .meetings.models import DataCut, Meeting, Vote
from .opening.models import PaperEnding, PaperOpening
from .outside.models import OutsideDecision, OutsideEnding

__all__ = [
    "BasisChanged",
    "DataCut",
    "Decision",
    "Ending",
    "Hold",
    "Meeting",
    "OutsideDecision",
    "OutsideEnding",
    "PaperEnding",
    "PaperOpening",
    "Vote",
]


class Decision(Audited):
    """A decision as proposed and read by its signers. It takes effect with the last signature."""

    INSERT_ONLY = True

    class Kind(models.TextChoices):
        OPEN = "open", "Open the trial"
        COHORT = "cohort", "Cohort decision"
        MTD = "mtd", "Maximum tolerated dose"
        RP2D = "rp2d", "Recommended phase 2 dose"

    class Outcome(models.TextChoices):
        """From the most cautious to the boldest (docs/domain.md, section 3, "Who decides")."""

        STOP = "stop", "Stop: no dose is tolerated"
        HOLD = "hold", "Hold enrolment"
        DE_ESCALATE = "de_escalate", "De-escalate"
        STAY = "stay", "Stay or fill"
        MTD = "mtd", "MTD here"
        ESCALATE = "escalate", "Escalate"
        RP2D = "rp2d", "RP2D"

    number = models.PositiveSmallIntegerField(help_text="0 opens the trial.")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    outcome = models.CharField(max_length=20, choices=Outcome.choices)
    dose_level = models.ForeignKey(DoseLevel, models.PROTECT, null=True, related_name="+")
    position = models.PositiveSmallIntegerField(null=True, help_text="Of the dose level, in `protocol`.")
    closes = models.ForeignKey(
        DoseLevel, models.PROTECT, null=True, related_name="+", help_text="Closed by the committee, beyond the counts."
    )
    protocol = models.ForeignKey(ProtocolVersion, models.PROTECT, related_name="+")
    cut = models.ForeignKey(
        DataCut, models.PROTECT, null=True, related_name="decisions", help_text="Frozen by the meeting that decided."
    )
    basis = models.CharField(max_length=250, help_text="number.date.engine.settings.inputs, as the signer saw it.")
    inputs = models.JSONField(help_text="The engine's input.")
    recommendation = models.JSONField(help_text="The engine's answer to it.")
    engine_version = models.CharField(max_length=10)
    rules_version = models.CharField(
        max_length=10, null=True, help_text="Of the rules from event to count; null: stored before they had one, 1."
    )
    reason = models.TextField(blank=True)
    later_toxicity = models.TextField(
        null=True, help_text="Of an RP2D: how toxicity beyond the DLT window counted. Null: not asked."
    )
    proposed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField()
    content = models.CharField(max_length=64, help_text="SHA-256 of all of the above: what signatures are bound to.")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["trial", "number"], name="decision_number_unique_in_trial")]
        ordering = ["number"]


class Ending(Audited):
    """How a proposed decision ended: in force with its last signature, or withdrawn with a reason."""

    INSERT_ONLY = True
    decision = models.OneToOneField(Decision, models.PROTECT, related_name="ending")
    in_force = models.BooleanField()
    cohort = models.OneToOneField(Cohort, models.PROTECT, null=True, related_name="opened_by")
    reason = models.TextField(blank=True)
    at = models.DateTimeField()
    on = models.DateField()


class BasisChanged(Audited):
    """A patient who stood in a decision's inputs now counts differently, or as before again. Points at the decision."""

    INSERT_ONLY = True
    decision = models.ForeignKey(Decision, models.PROTECT, related_name="changes")
    patient = models.ForeignKey(Patient, models.PROTECT, related_name="+")
    was = models.CharField(max_length=120)
    now = models.CharField(max_length=120)
    position = models.PositiveSmallIntegerField(help_text="Enrolment is held at this level and above.")
    dose_level = models.ForeignKey(
        DoseLevel, models.PROTECT, null=True, related_name="+", help_text="At `position` when it was written."
    )
    restored = models.BooleanField(null=True, help_text="The patient counts as before again; the change is taken back.")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["decision", "patient", "rev"], name="basischanged_once_per_action")
        ]


class Hold(Audited):
    """Enrolment of the whole trial is held: by a person in one step, or by the rule of section 4."""

    reason = models.TextField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    since = models.DateTimeField()
    lifted_by = models.ForeignKey(Decision, models.PROTECT, null=True, related_name="+")
    cause = models.CharField(max_length=120, blank=True, help_text="What the rule saw; empty for a person's hold.")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["trial", "cause"], condition=~Q(cause=""), name="hold_once_per_cause")
        ]
