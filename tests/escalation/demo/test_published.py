"""What a file of published trials must say, and the sentence when it does not."""

import copy
import json
from pathlib import Path

import pytest

from escalation.demo.published import Cohort, read

PUBLISHED = Path(__file__).parents[3] / "docs" / "published_trials.json"
TRIALS = json.loads(PUBLISHED.read_bytes())


def test_the_published_trials_are_read():
    elotuzumab, capecitabine, paclitaxel = read(PUBLISHED.read_bytes())

    assert (elotuzumab.outcome, elotuzumab.mtd_level) == ("mtd_not_reached", None)
    assert elotuzumab.source.startswith("J Clin Oncol 2012;30(16):1960-5; PMID 22291084")
    assert capecitabine.cohorts[-1] == Cohort(level=6, n=3, dlts=1)
    assert paclitaxel.levels == ("paclitaxel 90 / cisplatin 40", "90 / 50", "105 / 50")


def test_one_object_is_a_file_too():
    assert len(read(json.dumps(TRIALS[1]).encode())) == 1


@pytest.mark.parametrize(
    ("path", "value", "sentence"),
    [
        (("title",), None, "Trial 2, title: needs a text."),
        (("title",), "x" * 251, "Trial 2, title: has 251 characters; at most 250 are kept."),
        (("title",), "a\x00b", "Trial 2, title: holds a character that cannot be printed."),
        (("title",), "a\ud800b", "Trial 2, title: holds a character that cannot be printed."),
        (("source",), {}, "Trial 2, source: needs at least one text"),
        (("source",), "a journal", "Trial 2, source: needs an object."),
        (("drugs",), [], "Trial 2, drugs: needs a list of 1 to 50 texts."),
        (("levels",), ["1", "2", "1"], "Trial 2, levels: '1' stands twice"),
        (("start_level",), 7, "Trial 2, start_level: needs a whole number from 1 to 6; it is 7."),
        (("start_level",), True, "Trial 2, start_level: needs a whole number from 1 to 6; it is true."),
        (("cohorts",), [], "Trial 2, cohorts: needs a list of at least one cohort"),
        (("cohorts", 1), 3, "Trial 2, cohorts[2]: needs an object."),
        (("cohorts", 1, "level"), 0, "Trial 2, cohorts[2].level: needs a whole number from 1 to 6; it is 0."),
        (("cohorts", 1, "n"), "3", 'Trial 2, cohorts[2].n: needs a whole number from 1 to 100; it is "3".'),
        (("cohorts", 1, "dlt"), 4, "Trial 2, cohorts[2].dlt: needs a whole number from 0 to 3; it is 4."),
        (("published",), None, "Trial 2, published: needs an object."),
        (("published", "outcome"), "rp2d", "Trial 2, published.outcome: must be one of mtd, mtd_not_reached"),
        (("published", "mtd_level"), None, "Trial 2, published.mtd_level: needs a whole number from 1 to 6"),
        (("published", "outcome"), "none_tolerated", "Trial 2, published.mtd_level: must be null when"),
    ],
)
def test_a_wrong_field_is_named_with_its_rule(path, value, sentence):
    trials = copy.deepcopy(TRIALS)
    at = trials[1]
    for step in path[:-1]:
        at = at[step]
    at[path[-1]] = value

    with pytest.raises(ValueError, match="^Trial 2, ") as error:
        read(json.dumps(trials).encode())

    assert str(error.value).startswith(sentence)


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "The file is not JSON: line 1, column 1"),
        (b"[{]", "The file is not JSON: line 1, column 3"),
        (b"\xff\xfe", "The file is not UTF-8 text."),
        (b"[]", "The file needs one published trial"),
        (b"7", "The file needs one published trial"),
        (b"[" * 100_000, "The file is not JSON"),
    ],
)
def test_a_file_of_another_kind_is_refused_in_a_sentence(data, sentence):
    with pytest.raises(ValueError, match=r".") as error:
        read(data)

    assert str(error.value).startswith(sentence)
