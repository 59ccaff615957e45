"""Numbers as people type them: read in one way or refused with a sentence, never guessed."""

from decimal import Decimal as D

import pytest
from django import forms

from trial.forms import NumberField, WholeField
from trial.numbers import NotANumber, number


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("37,5", "37.5"),
        ("37.5", "37.5"),
        (" 160 ", "160"),
        ("0,125", "0.125"),  # no thousand begins with 0
        ("1.234", "1.234"),  # the point is the decimal mark of every page
        ("1234,567", "1234.567"),  # four digits are no group of thousands
        ("1,2345", "1.2345"),
        ("-3,2", "-3.2"),
        (",05", "0.05"),
        ("5e-2", "0.05"),  # as programs print it
    ],
)
def test_a_point_and_a_comma_are_the_same_mark(typed, meant):
    assert number(typed) == D(meant)


@pytest.mark.parametrize("typed", ["1,234", "12,345", "-123,456"])
def test_a_comma_before_three_digits_could_be_two_numbers(typed):
    with pytest.raises(NotANumber, match="could be two numbers"):
        number(typed)


@pytest.mark.parametrize("typed", ["1.234,5", "1,234.5", "1 234", "1'234", "1,234,567", "1.234.567"])
def test_thousands_set_apart_are_refused(typed):
    with pytest.raises(NotANumber, match="without setting thousands apart"):
        number(typed)


@pytest.mark.parametrize("typed", ["", "5 mg", "e3", "NaN", "Infinity", "1_000", "٣", "½", "+5", "5.", "--1"])
def test_what_is_no_number_is_refused(typed):
    with pytest.raises(NotANumber, match="write a number like"):
        number(typed)


def test_every_field_reads_them_alike():
    class Both(forms.Form):
        amount = NumberField(label="Amount", unit="mg", max_digits=12, decimal_places=4)
        days = WholeField(label="Days")

    def said(amount, days):
        form = Both({"amount": amount, "days": days})
        return form.errors or form.cleaned_data

    assert said("37,5", "28") == {"amount": D("37.5"), "days": 28}
    assert said("37,5", "28,0") == {"amount": D("37.5"), "days": 28}
    assert said("1,234", "1,000") == {
        "amount": ["Amount: 1,234 could be two numbers. Write 1234 or 1.234."],
        "days": ["Days: 1,000 could be two numbers. Write 1000 or 1.000."],
    }
    assert said("much", "2,5") == {
        "amount": ["Amount: write a number like 160 or 37.5."],
        "days": ["Days: write a whole number."],
    }
