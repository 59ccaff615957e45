"""The proof under a signature: the password again."""

from django.contrib.auth import authenticate
from django.http import HttpRequest

from ..models import User


def password_is_right(request: HttpRequest, password: str) -> bool:
    """Whether the signed-in person's password was given again. Failures count towards the lock-out."""
    user = request.user
    return isinstance(user, User) and authenticate(request, email=user.email, password=password) == user
