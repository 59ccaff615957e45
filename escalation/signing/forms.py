"""Forms of signing: countersign, withdraw."""

from django import forms

from trial.forms import ReasonForm
from trial.people.proof_forms import SignedForm


class CountersignForm(SignedForm):
    basis = forms.CharField(widget=forms.HiddenInput, max_length=250)


class WithdrawForm(ReasonForm):
    """Why a proposed decision is taken back."""
