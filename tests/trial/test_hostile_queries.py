"""What stands after the question mark of an address may be anything; it is answered, or refused by name."""

import pytest

from tests import factories, rest
from tests.test_closed_by_default import asking

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("path", ["audit/", "audit/export/"])
def test_a_day_that_no_record_reaches_is_refused_by_the_filter_of_the_audit_trail(path):
    study = factories.study()

    answer = asking(study, study.auditor)(f"/trials/{study.trial.code}/{path}?until=9999-12-31")

    assert answer.status_code == 422
    assert 'aria-invalid="true"' in answer.content.decode()


@pytest.mark.parametrize("kind", ["%00", "nonsense"])
def test_a_kind_of_run_that_there_is_not_is_named(kind):
    study = factories.study()

    answer = rest.ask(study.auditor, f"runs/?kind={kind}", study)

    assert answer.status_code == 400
    assert answer.json() == {"kind": ["A kind is one of efficacy, biomarker."]}
