"""Every address and method × every role of the own site, the other site, another trial, nobody, a closed account.

The tables of this folder say who opens what in the words of docs/domain.md, section 10; the walk reads the resolver and
asks. A new address needs an entry in a table.
"""

import logging
from dataclasses import replace

import pytest
from django.template.backends.django import Template
from django.urls import resolve

from tests.access import people
from tests.access.study import SCREENING, VERDICT, walked
from tests.access.walk import COSTLY, METHODS, TABLE, asking, by_method, is_rest, path, routed
from tests.access.words import OPEN, Person, expected
from trial.operations import heartbeat
from trial.roles import RIGHTS, May, Role
from trial.sheets import offered

PERSONS = [
    *(Person(role, role) for role in ("coordinator", "investigator", *sorted(people.ALL_SITES), "administrator")),
    Person("other_coordinator", people.COORDINATOR, own_site=False),
    Person("other_investigator", people.INVESTIGATOR, own_site=False),
    Person("other_trial", people.MEDICAL_MONITOR, here=False),  # and was an investigator here until he left
    Person("closed"),
    Person("nobody"),
]


def opens(who, person, *, rest):
    return expected(replace(who, absent=False), person, rest=rest) == OPEN


def offers(where, page):
    """Whether each table of data and each figure of the page can be taken out, or the one list says why none can."""
    if "<main" not in page or resolve(where).view_name in offered.NOT:
        return True
    tables = [table for table in page.split("<table")[1:] if "<input" not in table.partition("</table>")[0]]
    return page.count('class="take') == len(tables) + page.count('<figure class="figure')


@pytest.fixture
def trial(db, caplog):
    caplog.set_level(logging.CRITICAL)  # each refusal is a warning; a thousand of them take seconds
    for name in heartbeat.NAMES:
        heartbeat.give(name)
    return walked()


def user_of(trial, person):
    return None if person.name == "nobody" else trial.others.get(person.name) or getattr(trial.study, person.name)


def secrets_from(trial, person):
    """What stands in the record and on no page or endpoint that this person opens."""
    if person.name in ("medical_monitor", "dsmb"):
        return [VERDICT]  # a reading stays blind until the second verdict
    if person.own_site:
        return []  # of his own, or refused before anything is read
    rows = (trial.rows[name] for name in ("patient", "event", "sample", "consent", "screening"))
    codes = [trial.rows["event"].code] if person.name == "other_coordinator" else []  # he knows no numbers
    return [VERDICT, SCREENING, *codes, *(str(row.pk) for row in rows)]


def test_the_rights_of_the_program_are_those_of_the_roles_written_out():
    assert set(people.WHO) == set(May), "write out in tests/access/people.py who has the right"
    assert {right: {role for role in Role if right in RIGHTS[role]} for right in May} == people.WHO


def test_who_may_not_write_has_no_right_to():
    """The column "may not" of the roles, whatever the rights are called."""
    reads = {right for right in May if right.value.startswith("read") and not right.value.endswith(("second", "third"))}
    assert {right for right in May if people.AUDITOR in people.WHO[right]} <= reads
    assert {right for right in May if people.MONITOR in people.WHO[right]} <= reads


def test_every_address_has_an_entry_and_every_entry_an_address():
    found = set(routed())

    missing = [f"{address}: write in a table of tests/access/ who opens it" for address in found - TABLE.keys()]
    gone = [f"{address}: no such address, take its entry out of tests/access/" for address in TABLE.keys() - found]
    assert sorted(missing + gone) == []


@pytest.mark.long
@pytest.mark.parametrize("person", PERSONS, ids=lambda person: person.name)
def test_each_address_opens_to_whom_it_should(trial, person, monkeypatch):
    ask, hidden = asking(trial, user_of(trial, person)), secrets_from(trial, person)
    if not hidden:  # whether a page opens is decided before it is drawn, and drawing takes most of the time
        monkeypatch.setattr(Template, "render", lambda *_, **__: "")
    wrong = []

    for address in sorted(set(routed()) & TABLE.keys()):
        rest, where = is_rest(address), path(address, trial.rows)
        for method, who in by_method(address).items():
            if address in COSTLY and person.signed_in and person.name != COSTLY[address]:
                continue
            should = expected(who, person, rest=rest)
            answer = ask(where, method)
            if answer.sort != should:
                wrong.append(f"{method} {address}: {answer.status}, should be {should}")
            wrong += [f"{method} {address}: shows {word}" for word in hidden if word in answer.words]
            if hidden and method == "GET" and answer.status == 200 and not offers(where, answer.words):
                wrong.append(f"{address}: has a table or figure that is no file; offer it, or say why in offered.NOT")

    assert wrong == [], "\n".join(wrong)


@pytest.mark.long
def test_no_address_takes_a_method_without_an_entry(trial):
    """Asked by one who opens the address by another method."""
    asks = {person.name: asking(trial, user_of(trial, person)) for person in PERSONS[:8]}
    wrong = []

    # the library's pages answer a method that they do not know by showing themselves; ours know none of PUT, PATCH
    # and DELETE apart
    for address in sorted(a for a in set(routed()) & TABLE.keys() if not a.startswith("accounts/")):
        known, rest = by_method(address), is_rest(address)
        person = next(p for p in PERSONS for who in known.values() if opens(who, p, rest=rest))
        for method in METHODS if rest else METHODS[:3]:
            if method not in known:
                answer = asks[person.name](path(address, trial.rows), method)
                if answer.status != 405:
                    wrong.append(f"{method} {address}: {answer.status}; write in its entry who may do that")

    assert wrong == [], "\n".join(wrong)


@pytest.mark.long
def test_a_token_that_reads_writes_nothing(trial):
    wrong = []
    for address in sorted(set(routed()) & TABLE.keys()):
        if not is_rest(address):
            continue
        for method, who in by_method(address).items():
            if method == "GET":
                continue
            person = next(p for p in PERSONS if opens(who, p, rest=True))
            answer = asking(trial, user_of(trial, person), scopes="read")(path(address, trial.rows), method)
            if answer.status != 403 or "This token may only read." not in answer.words:
                wrong.append(f"{method} {address}: {answer.status}")

    assert wrong == []
