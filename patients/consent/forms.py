"""Forms of consent: what was signed, its correction, its withdrawal, and the versions of the form."""

from collections.abc import Sequence
from typing import Any

from django import forms

from trial.forms import ServiceForm, Typed, WhyField, shown

from ..models import Consent
from .models import ConsentVersion

Versions = Sequence[ConsentVersion]


def _label(kind: str) -> str:
    label = Consent.Kind(kind).label
    return label if label[1].isupper() else label.capitalize()


def _version_field(listed: Versions) -> forms.Field:
    """A choice of the trial's versions; typed while the trial lists none."""
    label, hint = "Version of the form", "As printed on it, like 2.1."
    if not listed:
        return forms.CharField(label=label, max_length=40, help_text=hint)
    names = dict.fromkeys(v.version for v in sorted(listed, key=lambda v: v.valid_from, reverse=True))
    return forms.ChoiceField(
        label=label,
        choices=[(name, name) for name in names],
        error_messages={"invalid_choice": "Version of the form: %(value)s is none of this trial."},
    )


def _resumes_field() -> forms.Field:
    return forms.TypedChoiceField(
        label="Consents again to what was withdrawn",
        choices=[("yes", "Yes"), ("no", "No, the withdrawal stays")],
        widget=forms.RadioSelect,
        coerce=lambda said: said == "yes",
        empty_value=None,
        required=False,
        help_text="Of a consent to the trial signed after the withdrawal. Yes ends it from the day of the consent on.",
    )


class ConsentForm(ServiceForm):
    """withdrawn: the patient withdrew from the trial, so a consent says whether it ends that."""

    kind = forms.ChoiceField(label="Consent to", widget=forms.RadioSelect, choices=Consent.Kind.choices)
    version = forms.CharField()
    given_on = Typed(label="Signed on")

    def __init__(
        self, *args: Any, kinds: Sequence[str], listed: Versions = (), withdrawn: bool = False, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        if withdrawn:
            self.fields["resumes"] = _resumes_field()
        field = self.fields["kind"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(k, _label(k)) for k in Consent.Kind.values if k in kinds]
        field.initial = kinds[0] if kinds else None
        self.fields["version"] = _version_field([v for v in listed if v.kind in kinds])
        self.fields["version"].error_messages["required"] = "Version of the form: an answer is needed."


class CorrectConsentForm(ServiceForm):
    version = forms.CharField()
    given_on = Typed(label="Signed on")

    def __init__(self, *args: Any, consent: Consent, listed: Versions, withdrawn: bool, **kwargs: Any) -> None:
        super().__init__(*args, rev=consent.rev, **kwargs)
        self.initial = {"version": consent.version, "given_on": consent.given_on}
        mine = [v for v in listed if v.kind == consent.kind]
        known = any(v.version == consent.version for v in mine)
        self.fields["version"] = _version_field(mine if known or not mine else [])
        if mine and not known:
            self.fields["version"].help_text = f"One of the trial's: {', '.join(v.version for v in mine)}."
        self.fields["version"].error_messages["required"] = "Version of the form: an answer is needed."
        if consent.withdrawn_on:
            self.initial["withdrawn_on"] = consent.withdrawn_on
            self.fields["withdrawn_on"] = Typed(
                label="Withdrawn on", required=False, help_text="Empty it when the consent was not withdrawn."
            )
        if withdrawn and consent.kind == Consent.Kind.TRIAL:
            self.fields["resumes"] = _resumes_field()
            self.initial["resumes"] = {None: None, True: "yes", False: "no"}[consent.resumes]
        self.fields["reason"] = WhyField(self)


class WithdrawForm(ServiceForm):
    on = Typed(label="Withdrawn on", help_text="The day from which the consent no longer holds.")
    reason = forms.CharField(
        label="Reason",
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="As the patient gave it, or that none was given. Never a name.",
    )


class VersionForm(ServiceForm):
    """A version of the form; with `row` its correction."""

    kind = forms.ChoiceField(
        label="Form", widget=forms.RadioSelect, choices=[(k, _label(k)) for k in Consent.Kind.values], initial="trial"
    )
    version = forms.CharField(label="Version", max_length=40, help_text="As printed on the form, like 2.1.")
    valid_from = Typed(
        label="In use from", help_text="The first day on which it may be signed, like 14 Mar 2026 or 2026-03-14."
    )
    reconsent_by = Typed(
        label="Re-consent by",
        required=False,
        help_text="Who signed an earlier version signs this one by that day. Empty: nobody is asked again.",
    )

    def __init__(self, *args: Any, row: ConsentVersion | None = None, **kwargs: Any) -> None:
        super().__init__(*args, rev=row.rev if row else None, **kwargs)
        if row:
            self.initial = {name: getattr(row, name) for name in ("version", "valid_from", "reconsent_by")}
            del self.fields["kind"]
            self.fields["reason"] = WhyField(self)


def said(version: ConsentVersion) -> str:
    """A version in a line."""
    asked = f", re-consent by {shown(version.reconsent_by)}" if version.reconsent_by else ""
    return f"Version {version.version}, in use from {shown(version.valid_from)}{asked}."
