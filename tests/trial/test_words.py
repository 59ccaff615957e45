"""How words begin where a sentence or a cell begins with them."""

import pytest

from trial.templatetags.words import begins


@pytest.mark.parametrize(
    ("words", "shown"),
    [("trial", "Trial"), ("sBCMA sub-study", "sBCMA sub-study"), ("screen failure", "Screen failure"), ("", "")],
)
def test_a_word_with_a_capital_of_its_own_gets_no_other(words, shown):
    assert begins(words) == shown
