"""Forms of trials, sites, accounts and memberships."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID
from zoneinfo import available_timezones

from django import forms

from .. import roles
from ..forms import ReasonForm, ServiceForm, WhyField
from ..models import Account, Site, Trial, User
from ..roles import Role

ZONES = sorted(
    zone for zone in available_timezones() if "/" in zone and not zone.startswith(("Etc/", "posix/", "right/"))
)
ROLES = [choice for choice in roles.ROLES if choice[0] != Role.ADMINISTRATOR]
ZONE_HINT = "Decides when a day ends, for example Europe/Vienna."


class ZoneField(forms.ChoiceField):
    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("help_text", ZONE_HINT)
        super().__init__(label="Time zone", choices=[("UTC", "UTC"), *((z, z) for z in ZONES)], initial="UTC", **kwargs)


class SponsorFields(forms.Form):
    sponsor = forms.CharField(
        label="Sponsor", max_length=200, required=False, help_text="Its name, as case reports to an authority have it."
    )
    sponsor_address = forms.CharField(
        label="Address of the sponsor", max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )


class NewTrialForm(SponsorFields, ServiceForm):
    field_order = ("code", "title", "disease", "sponsor", "sponsor_address")

    code = forms.SlugField(
        label="Code",
        max_length=40,
        help_text="Short, in addresses and file names: letters, digits and hyphens.",
        error_messages={"invalid": "Code: needs letters without accents, digits and hyphens only, such as srm-01."},
    )
    title = forms.CharField(label="Title", max_length=250, help_text="As people call it, with the drugs.")
    disease = forms.CharField(label="Disease", max_length=200, required=False)
    time_zone = ZoneField(help_text="Of the trial: its clinical date decides when a window is over.")
    illustrative = forms.BooleanField(
        label="Doses and settings are an illustration",
        required=False,
        help_text="Every page and export then says so. It cannot be taken back.",
    )


class SiteForm(ServiceForm):
    code = forms.CharField(label="Code", max_length=10, help_text="Two digits by custom: 01, 02 …")
    name = forms.CharField(label="Name", max_length=120)
    time_zone = ZoneField(help_text="Dates at this site are in its own calendar.")
    country = forms.CharField(
        label="Country", max_length=60, required=False, help_text="As case reports to an authority name it."
    )


class CorrectSiteForm(SiteForm):
    """A site as it should stand."""

    def __init__(self, *args: Any, site: Site, **kwargs: Any) -> None:
        super().__init__(*args, rev=site.rev, **kwargs)
        self.initial = {name: getattr(site, name) or "" for name in ("code", "name", "time_zone", "country")}
        self.fields["reason"] = WhyField(self)


class CorrectTrialForm(SponsorFields, ServiceForm):
    """Title, disease and sponsor as they should stand."""

    field_order = ("title", "disease")

    title = forms.CharField(label="Title", max_length=250)
    disease = forms.CharField(label="Disease", max_length=200, required=False)

    def __init__(self, *args: Any, trial: Trial, **kwargs: Any) -> None:
        super().__init__(*args, rev=trial.rev, **kwargs)
        names = ("title", "disease", "sponsor", "sponsor_address")
        self.initial = {name: getattr(trial, name) or "" for name in names}
        self.fields["reason"] = WhyField(self)


class NameForm(ServiceForm):
    """A person's name as it should stand."""

    name = forms.CharField(label="Name", max_length=120, help_text="As it stands under a signature from now on.")

    def __init__(self, *args: Any, account: Account, **kwargs: Any) -> None:
        super().__init__(*args, rev=account.rev, **kwargs)
        self.initial = {"name": account.name}
        self.fields["reason"] = WhyField(self)


class AddressForm(ReasonForm):
    """Another address to sign in with."""

    email = forms.EmailField(label="New e-mail")
    field_order = ["email", "reason"]


class ConfirmForm(ReasonForm):
    """How somebody knows that a person is the one who he should be."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].label = "How do you know?"
        self.fields["reason"].help_text = "For example: met, or called on a number known from before."


class AccountForm(ServiceForm):
    name = forms.CharField(label="Name", max_length=120, help_text="As it stands under a signature.")
    email = forms.EmailField(label="E-mail", help_text="The person signs in with it.")
    administrator = forms.BooleanField(
        label="Administrator of this installation",
        required=False,
        help_text="Opens accounts, creates trials and memberships; reads no clinical data.",
    )


def offer(form: forms.Form, name: str, choices: list[tuple[str, str]]) -> None:
    """Fill a field of choices with what the trial has."""
    field = form.fields[name]
    assert isinstance(field, forms.ChoiceField)
    field.choices = choices


class MemberForm(ServiceForm):
    """A role in the trial for a person who has an account."""

    user = forms.TypedChoiceField(label="Person", coerce=UUID)
    role = forms.ChoiceField(label="Role", choices=[("", "Choose a role"), *ROLES])
    site = forms.TypedChoiceField(
        label="Site",
        required=False,
        coerce=UUID,
        empty_value=None,
        help_text="For investigators and coordinators; the others see all sites.",
    )
    principal = forms.BooleanField(
        label="Principal investigator of the site", required=False, help_text="One at each site; can hold enrolment."
    )
    second_reader = forms.BooleanField(
        label="Named second reader of other sites' DLTs",
        required=False,
        help_text="The medical monitor is one without being named.",
    )
    third_reader = forms.BooleanField(
        label="Named third reader", required=False, help_text="Answers when the first two readers differ."
    )

    def __init__(self, *args: Any, people: Sequence[User], sites: Sequence[Site], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "user", [("", "Choose a person"), *((str(p.pk), f"{p.name} ({p.email})") for p in people)])
        offer(self, "site", [("", "None: sees all sites"), *((str(s.pk), str(s)) for s in sites)])
