"""The library's form of a new password, with the present one counted as everywhere else."""

from allauth.account.forms import ChangePasswordForm
from allauth.core import context
from django.core.exceptions import ValidationError

from . import proof


class ChangeForm(ChangePasswordForm):
    def clean_oldpassword(self) -> str:
        given: str = self.cleaned_data["oldpassword"]
        if fault := proof.fault(context.request, given):
            raise ValidationError(fault)
        return given
