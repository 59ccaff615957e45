"""The ground: ledger, people, protocol, machinery."""

from .artifacts import Artifact, ArtifactPart, ArtifactProgress
from .ledger import AccessEvent, Anchor, Audited, AuditEvent, Ledger, Once, ResultSeal, RowImage
from .machinery import ApiToken, Attempt, Notice, NoticeKind, NoticeOff, Visit
from .people import Account, Membership, RightsReview, Signature, Site, Suspension, User
from .protocol import Dose, DoseLevel, Drug, EligibilityCriterion, LadderStep, ProtocolVersion, Trial

__all__ = [
    "AccessEvent",
    "Account",
    "Anchor",
    "ApiToken",
    "Artifact",
    "ArtifactPart",
    "ArtifactProgress",
    "Attempt",
    "AuditEvent",
    "Audited",
    "Dose",
    "DoseLevel",
    "Drug",
    "EligibilityCriterion",
    "LadderStep",
    "Ledger",
    "Membership",
    "Notice",
    "NoticeKind",
    "NoticeOff",
    "Once",
    "ProtocolVersion",
    "ResultSeal",
    "RightsReview",
    "RowImage",
    "Signature",
    "Site",
    "Suspension",
    "Trial",
    "User",
    "Visit",
]
