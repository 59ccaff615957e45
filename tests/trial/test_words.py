"""How words begin where a sentence or a cell begins with them, and within one."""

import pytest

from trial.templatetags.words import begins, within


@pytest.mark.parametrize(
    ("words", "shown"),
    [("trial", "Trial"), ("sBCMA sub-study", "sBCMA sub-study"), ("screen failure", "Screen failure"), ("", "")],
)
def test_a_word_with_a_capital_of_its_own_gets_no_other(words, shown):
    assert begins(words) == shown


@pytest.mark.parametrize(
    ("words", "shown"),
    [
        ("DLT verdict", "DLT verdict"),
        ("GGT increased", "GGT increased"),
        ("Platelet count decreased", "platelet count decreased"),
        ("In the DLT window", "in the DLT window"),
        ("", ""),
    ],
)
def test_within_a_sentence_an_abbreviation_keeps_its_capitals(words, shown):
    assert within(words) == shown
