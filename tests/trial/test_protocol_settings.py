"""A stored version means what was in force when it was written; what is typed anew has the defaults of today."""

from decimal import Decimal

import pytest

from trial.protocol_settings import ProtocolSettings, SettingRefused, from_json, typed

NEW = ("exception_grade", "haematological", "reduction_steps", "routes")


def stored_before():
    """As it was stored before the keys existed."""
    old = {name: value for name, value in ProtocolSettings().as_json().items() if name not in NEW}
    return old | {"criteria": dict.fromkeys(("H1", "H2", "H3", "H4", "N1", "N2", "N3", "N4"), True)}


def test_keys_that_a_stored_version_lacks_mean_what_was_in_force_then():
    read = from_json(stored_before())

    assert (read.criteria["H5"], read.exception_grade, read.haematological) == (False, 4, None)
    assert from_json(read.as_json()) == read


def test_what_is_left_out_of_a_form_is_todays_default():
    assert typed({}) == ProtocolSettings()
    assert (ProtocolSettings().criteria["H5"], ProtocolSettings().exception_grade) == (True, 3)


def test_settings_survive_storage():
    steps = ("selinexor: 60 > 40 > 37,5", "ruxolitinib: 20")
    settings = ProtocolSettings(
        exception_grade=4, haematological=("Anemia", "Hemolysis"), ctcae_version="6.0", reduction_steps=steps
    )

    assert from_json(settings.as_json()) == settings
    assert settings.reductions == {"selinexor": (60, 40, Decimal("37.5")), "ruxolitinib": (20,)}
    assert ProtocolSettings().reductions == {}


@pytest.mark.parametrize(
    ("given", "setting"),
    [
        ({"exception_grade": 5}, "exception_grade"),
        ({"exception_grade": "3"}, "exception_grade"),
        ({"haematological": []}, "haematological"),
        ({"haematological": ["Anemia", "Anemia"]}, "haematological"),
        ({"haematological": [" "]}, "haematological"),
        ({"haematological": "Anemia"}, "haematological"),
        ({"reduction_steps": []}, "reduction_steps"),
        ({"reduction_steps": ["selinexor 60 > 40"]}, "reduction_steps"),
        ({"reduction_steps": ["selinexor: 60, 40"]}, "reduction_steps"),
        ({"reduction_steps": ["selinexor: 40 > 60"]}, "reduction_steps"),
        ({"reduction_steps": ["selinexor: NaN"]}, "reduction_steps"),
        ({"reduction_steps": ["selinexor: 60", "selinexor : 40"]}, "reduction_steps"),
        ({"routes": []}, "routes"),
        ({"routes": ["selinexor:"]}, "routes"),
        ({"criteria": {"H1": True}}, "criteria"),
        ({"criteria": []}, "criteria"),
        ({"h5": True}, "h5"),
    ],
)
def test_a_wrong_setting_is_named(given, setting):
    for read in (typed, from_json):
        with pytest.raises(SettingRefused) as refused:
            read(given)
        assert refused.value.setting == setting
