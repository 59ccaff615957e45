"""Mail leaves by EMAIL_URL alone. Every mail is a notice's: it names its trial and leads to the page it tells of."""

from django.conf import settings
from django.core.mail import EmailMessage

from .models import Trial


def is_set_up() -> bool:
    """Whether mail can leave; else notices are read in the program, and a new password is told by hand."""
    return bool(settings.EMAIL_URL)


def link(path: str) -> str:
    return f"{settings.BASE_URL}{path}"


def send(*, to: str, subject: str, text: str, path: str, trial: Trial | None, by_choice: bool) -> None:
    """One mail, now. by_choice: the reader may choose to get none of its kind. Raises OSError, SMTPException."""
    parts = [text or subject, link(path)]
    if trial is not None:
        label = f"\n{trial.label}" if trial.label else ""
        parts.insert(0, f"{trial.title} ({trial.code}){label}")
    if by_choice:
        parts.append(f"Which notices are also sent as mail: {link('/inbox/kinds/')}")
    headers = {"Auto-Submitted": "auto-generated"}  # so that no absence note answers it
    EmailMessage(subject, "\n\n".join(parts), None, [to], headers=headers).send()
