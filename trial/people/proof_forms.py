"""What a form that signs asks: the password again, and a code where the person has a second factor."""

from typing import Any

from django import forms

from ..forms import ServiceForm
from .factor_forms import code_field
from .proof import Proof


class Password(forms.CharField):
    """The password again, as the signature's proof. Never shown back."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("label", "Your password")
        widget = forms.PasswordInput(attrs={"autocomplete": "current-password"})
        super().__init__(widget=widget, strip=False, max_length=4096, **kwargs)


class SignedForm(ServiceForm):
    """A form whose answer is signed. The code's field is shown to whom has a second factor, and needed of him."""

    proof: Proof | None = None  # once it was taken

    password = Password()
    code = code_field(label="Code of your app", required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.order_fields([name for name in self.fields if name not in ("password", "code")])  # the proof comes last

    @property
    def answers(self) -> list[forms.BoundField]:
        """What is asked besides the proof."""
        return [field for field in self.visible_fields() if field.name not in ("password", "code")]
