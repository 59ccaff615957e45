"""What the safety pages show: which events, and the patients behind which number."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms

from trial.forms import LevelField, WholeField

from .adverse import BANDS, FILTERS
from .behind import SHOWS, Wanted

ONLY = {"related": "Related", "serious": "Serious", "window": "In the DLT window", "dose": "Led to a dose change"}


def _only(name: str) -> forms.ChoiceField:
    return forms.ChoiceField(
        label=ONLY[name],
        required=False,
        choices=[("", "All"), ("yes", "Only these")],
        error_messages={"invalid_choice": f"{ONLY[name]}: say yes, or leave it out."},
    )


class EventsFilter(forms.Form):
    """Which events the table counts: those that are all of what is asked for."""

    related = _only("related")
    serious = _only("serious")
    window = _only("window")
    dose = _only("dose")

    @property
    def filters(self) -> list[str]:
        return [name for name in FILTERS if self.cleaned_data[name]]


class PatientsFilter(EventsFilter):
    """What a number of the tables stands for."""

    show = forms.ChoiceField(label="Patients", choices=list(SHOWS.items()), required=False)
    level = LevelField()
    soc = forms.CharField(max_length=150, required=False, widget=forms.HiddenInput)
    term = forms.CharField(max_length=400, required=False, widget=forms.HiddenInput)
    band = forms.ChoiceField(label="Worst grade", choices=list(BANDS.items()), required=False)
    reason = forms.CharField(max_length=200, required=False, widget=forms.HiddenInput)
    cycle = WholeField(label="Cycle", required=False, min_value=1, max_value=1000, widget=forms.HiddenInput)
    drug = forms.CharField(max_length=120, required=False, widget=forms.HiddenInput)
    day = WholeField(label="Day", required=False, min_value=0, max_value=100_000, widget=forms.HiddenInput)

    def __init__(self, *args: Any, levels: Sequence[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        LevelField.offer(self, levels)

    @property
    def wanted(self) -> Wanted:
        said: Mapping[str, str] = self.cleaned_data
        return Wanted(
            show=said["show"] or Wanted().show,
            level=said["level"],
            soc=said["soc"],
            term=said["term"],
            band=said["band"] or "any",
            filters=self.filters,
            reason=said["reason"],
            cycle=self.cleaned_data["cycle"],
            drug=said["drug"],
            day=self.cleaned_data["day"],
        )
