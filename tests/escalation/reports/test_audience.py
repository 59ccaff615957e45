"""Who may read which kind of report: by the one table of roles, and never with a verdict still to give."""

from datetime import date
from types import SimpleNamespace

import pytest

from assessments.events import sight
from escalation.reports import audience
from escalation.reports.audience import Kind
from trial import clock
from trial.models import Membership, Site, Trial, User
from trial.people.access import Scope
from trial.roles import ONE_SITE, Role

OPEN = {Role.MEDICAL_MONITOR, Role.STATISTICIAN, Role.DSMB, Role.MONITOR, Role.AUDITOR}
MAY = {Kind.SUMMARY: OPEN, Kind.OPEN: OPEN, Kind.CLOSED: {Role.MEDICAL_MONITOR, Role.STATISTICIAN, Role.DSMB}}


def scope(role):
    member = Membership(role=role, site=Site() if role in ONE_SITE else None)
    return Scope(Trial(), User(), role, None if role == Role.ADMINISTRATOR else member, clock.Today(date(2026, 3, 3)))


@pytest.mark.parametrize("kind", Kind)
def test_who_may_read_it(kind):
    assert {role for role in Role if audience.may(scope(role), kind)} == MAY[kind]
    assert {role for role in Role if not audience.refusal(scope(role), kind, None)} == MAY[kind]
    assert audience.READERS[kind] in MAY[kind]


def test_who_owes_a_verdict_gives_it_before_he_reads_how_firm_it_all_is(monkeypatch):
    monkeypatch.setattr(sight, "owes", lambda scope, patients: scope.role == Role.DSMB)
    today = SimpleNamespace(facts=())

    assert audience.refusal(scope(Role.DSMB), Kind.CLOSED, today) == audience.VERDICT_FIRST
    assert audience.refusal(scope(Role.DSMB), Kind.OPEN, today) == ""
    assert audience.refusal(scope(Role.STATISTICIAN), Kind.CLOSED, today) == ""
