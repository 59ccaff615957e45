"""The form under a quarter's table of rights."""

from django import forms

from .proof_forms import SignedForm


class ReviewForm(SignedForm):
    content = forms.CharField(widget=forms.HiddenInput, max_length=64)
    remark = forms.CharField(
        label="Remark",
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="What is not as it should be, and what is done about it.",
    )
