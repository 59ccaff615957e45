"""What stands in every SDTM-shaped set."""

from ..definition import Variable, text, whole
from ..subjects import LONGEST


def identifiers(domain: str, seq: str) -> tuple[Variable, ...]:
    """seq: what the sequence number follows from, that it stays the same from one export to the next."""
    return (
        text("STUDYID", "Study Identifier", 40, "The trial's code."),
        text("DOMAIN", "Domain Abbreviation", 2, f"{domain}."),
        text("USUBJID", "Unique Subject Identifier", LONGEST, "As in DM."),
        whole(f"{domain}SEQ", "Sequence Number", seq),
    )


def keys(domain: str) -> tuple[str, ...]:
    return ("STUDYID", "USUBJID", f"{domain}SEQ")
