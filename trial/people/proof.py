"""The proof under a signature: the password again, and a code of the second factor where the person has one."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from django.http import HttpRequest

from ..models import User
from ..record import access_events
from ..refusals import Refused
from . import factor, suspensions, throttle
from .throttle import Try

Proof = Literal["password", "password_totp", "simulated"]
WRONG_PASSWORD = "This is not your password."
NO_CODE = "Code: an answer is needed, the one that your app shows now."


@dataclass(frozen=True, slots=True)
class Given:
    """What was given as a proof, and by field what is wrong with it: nothing where the person may sign."""

    proof: Proof
    faults: Mapping[str, str] = field(default_factory=dict)


def given(request: HttpRequest, *, password: str, code: str) -> Given:
    """Take the signed-in person's proof. Failures are counted by session, those at the log-in apart from them.

    A recovery code is none: it opens the log-in, where the next thing is a new factor.
    """
    user = request.user
    assert isinstance(user, User)
    proof: Proof = "password_totp" if factor.enrolled(user) else "password"
    if proof == "password_totp" and not code.strip():
        return Given(proof, {"code": NO_CODE})  # before the password, which would be typed in vain
    attempt = throttle.in_session(request.session)
    if wrong := _wrong(attempt, request, user, password):
        return Given(proof, {"password": wrong})
    answer = factor.check(user, code) if proof == "password_totp" else factor.Answer.RIGHT
    if answer is factor.Answer.WRONG:
        access_events.record(access_events.FACTOR_FAILED, user=user, request=request)
    else:
        attempt.right()
    return Given(proof, {"code": answer.sentence} if answer.sentence else {})


def fault(request: HttpRequest, password: str) -> str:
    """What is wrong with the password that the signed-in person gave again; "" when it is right."""
    user = request.user
    assert isinstance(user, User)
    attempt = throttle.in_session(request.session)
    wrong = _wrong(attempt, request, user, password)
    if not wrong:
        attempt.right()
    return wrong


def _wrong(attempt: Try, request: HttpRequest, user: User, password: str) -> str:
    if attempt.wait:
        return attempt.sentence
    if user.check_password(password):
        return ""
    access_events.record(access_events.PASSWORD_FAILED, user=user, request=request)
    return WRONG_PASSWORD


def check(user: User, proof: Proof) -> None:
    """Refuse a signature while signing is suspended, and one on less than this person has to give."""
    suspensions.check(user)
    if proof == "password" and factor.enrolled(user):
        raise Refused("Code: you have a second factor, and a signature needs its code.", field="code")
    if proof == "password" and factor.needed(user):
        raise Refused(factor.SET_UP_FIRST, field="code")
