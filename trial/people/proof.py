"""The proof under a signature: the password again, and a code of the second factor where the person has one."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from django.contrib.auth import authenticate
from django.http import HttpRequest

from ..models import User
from ..refusals import Refused
from . import attempts, factor

Proof = Literal["password", "password_totp", "simulated"]
WORDS: Mapping[str, str] = {  # of a stored proof
    "password": "password entered again",
    "password_totp": "password and code entered again",
    "simulated": "simulated",
}
WRONG_PASSWORD = "This is not your password. Nothing was signed."
NO_CODE = "Code: an answer is needed, the one that your app shows now."


@dataclass(frozen=True, slots=True)
class Given:
    """What was given as a proof, and by field what is wrong with it: nothing where the person may sign."""

    proof: Proof
    faults: Mapping[str, str] = field(default_factory=dict)


def given(request: HttpRequest, *, password: str, code: str) -> Given:
    """Take the signed-in person's proof. Failures count towards the lock-out.

    A recovery code is none: it opens the log-in, where the next thing is a new factor.
    """
    user = request.user
    assert isinstance(user, User)
    proof: Proof = "password_totp" if factor.enrolled(user) else "password"
    if proof == "password_totp" and not code.strip():
        return Given(proof, {"code": NO_CODE})  # before the password, which would be typed in vain
    if not password_is_right(request, password):
        return Given(proof, {"password": WRONG_PASSWORD})
    if proof == "password":
        return Given(proof)
    answer = factor.check(user, code)
    if answer is factor.Answer.WRONG:
        attempts.failed(request, user)
    return Given(proof, {"code": answer.sentence} if answer.sentence else {})


def password_is_right(request: HttpRequest, password: str) -> bool:
    user = request.user
    return isinstance(user, User) and authenticate(request, email=user.email, password=password) == user


def check(user: User, proof: Proof) -> None:
    """Refuse a signature on less than this person has to give."""
    if proof == "password" and factor.enrolled(user):
        raise Refused("Code: you have a second factor, and a signature needs its code.", field="code")
    if proof == "password" and factor.needed(user):
        raise Refused(factor.SET_UP_FIRST, field="code")
