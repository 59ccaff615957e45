"""The form of a new API token: made with the proof that a signature takes, since it acts for its person."""

from django import forms

from ..forms import WholeField
from .proof_forms import SignedForm

SCOPES = [("read", "Read"), ("read write", "Read and write")]


class TokenForm(SignedForm):
    name = forms.CharField(label="Name", max_length=80, help_text="What will use it, for example: nightly export.")
    scopes = forms.ChoiceField(
        label="May",
        choices=SCOPES,
        initial="read",
        widget=forms.RadioSelect,
        help_text="It can never do more than you may do yourself.",
    )
    days = WholeField(
        label="Valid for", unit="days", min_value=1, max_value=365, initial=90, help_text="1 to 365 days."
    )
