"""The ground: ledger, people, protocol, machinery."""

from .ledger import AccessEvent, Audited, AuditEvent, DailyAnchor, Ledger, Once, RowImage
from .machinery import ApiToken, Attempt, Notice
from .people import Account, Membership, Signature, Site, User
from .protocol import Dose, DoseLevel, Drug, EligibilityCriterion, LadderStep, ProtocolVersion, Trial

__all__ = [
    "AccessEvent",
    "Account",
    "ApiToken",
    "Attempt",
    "AuditEvent",
    "Audited",
    "DailyAnchor",
    "Dose",
    "DoseLevel",
    "Drug",
    "EligibilityCriterion",
    "LadderStep",
    "Ledger",
    "Membership",
    "Notice",
    "Once",
    "ProtocolVersion",
    "RowImage",
    "Signature",
    "Site",
    "Trial",
    "User",
]
