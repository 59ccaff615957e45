"""The signed opening of a trial that already runs: what was decided on paper before it was brought in."""

from django.conf import settings
from django.db import models

from trial.models import Audited, ProtocolVersion


class PaperOpening(Audited):
    """The levels opened on paper, as proposed and read by its signers. In force with the last signature."""

    INSERT_ONLY = True

    number = models.PositiveSmallIntegerField()
    levels = models.JSONField(help_text="In order: dose_level (id), label, on (day of the decision), reference.")
    reason = models.TextField()
    corrects = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        related_name="corrections",
        help_text="The opening in force that it corrects.",
    )
    protocol = models.ForeignKey(ProtocolVersion, models.PROTECT, related_name="+")
    proposed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField()
    content = models.CharField(max_length=64, help_text="SHA-256 of all of the above: what signatures are bound to.")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["trial", "number"], name="paperopening_number_unique_in_trial")]
        ordering = ["number"]


class PaperEnding(Audited):
    """How it ended: in force with its last signature, or withdrawn with a reason."""

    INSERT_ONLY = True
    opening = models.OneToOneField(PaperOpening, models.PROTECT, related_name="ending")
    in_force = models.BooleanField()
    reason = models.TextField(blank=True)
    at = models.DateTimeField()
    on = models.DateField()
