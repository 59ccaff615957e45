"""The answers that an event is described with, as people read them."""

from datetime import date
from typing import NamedTuple

from django.db.models import TextChoices


class Graded(NamedTuple):
    """From this day on the event had this grade; None waits for the investigator."""

    on: date
    grade: int | None


class Degree(TextChoices):
    """How an event is related to a drug."""

    UNRELATED = "unrelated", "No"
    UNLIKELY = "unlikely", "Unlikely"
    POSSIBLE = "possible", "Possibly"
    PROBABLE = "probable", "Probably"
    DEFINITE = "definite", "Definitely"


class Action(TextChoices):
    """What was done about a drug because of an event."""

    NONE = "none", "Dose not changed"
    HELD = "held", "Held"
    REDUCED = "reduced", "Reduced"
    STOPPED = "stopped", "Stopped"
    NOT_APPLICABLE = "not_applicable", "Not applicable"
    UNKNOWN = "unknown", "Unknown"


class Outcome(TextChoices):
    """How an event ended, in the words of E2B and CIOMS I."""

    RECOVERED = "recovered", "Recovered"
    RECOVERING = "recovering", "Recovering"
    SEQUELAE = "recovered_sequelae", "Recovered with sequelae"
    NOT_RECOVERED = "not_recovered", "Not recovered"
    FATAL = "fatal", "Fatal"
    UNKNOWN = "unknown", "Unknown"


class Criterion(TextChoices):
    """What makes an event serious (ICH E2A)."""

    DEATH = "death", "Death"
    LIFE_THREATENING = "life_threatening", "Life-threatening"
    HOSPITALISATION = "hospitalisation", "Hospital admission, or a longer stay"
    DISABILITY = "disability", "Lasting or significant disability"
    ANOMALY = "congenital_anomaly", "Congenital anomaly or birth defect"
    IMPORTANT = "important", "Another important medical event"


CHANGES = (Action.HELD, Action.REDUCED, Action.STOPPED)  # of the dose
OVER = (Outcome.RECOVERED, Outcome.SEQUELAE)  # need the day on which the event ended
GOES_ON = (Outcome.RECOVERING, Outcome.NOT_RECOVERED)
