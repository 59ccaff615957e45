"""Whatever any role asks or writes by REST, right or wrong by the schema, is answered as the schema says."""

import pytest
import schemathesis
from django.core.wsgi import get_wsgi_application
from django.db import transaction
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests import rest, soak
from tests.access.study import walked
from tests.trial.test_api_schema import NO_CUT, one_connection
from trial.roles import Role

pytestmark = [pytest.mark.django_db, pytest.mark.hypothesis]

assert one_connection  # a fixture
IN_THE_PAST = (NO_CUT, "/api/v1/trials/{trial}/decisions/{decision}/replay")  # read in transactions of their own
# What the schema's language cannot refuse, a service does: a day before anybody was born, a term that is in no list.
ANSWERED = ["2xx", "304", "401", "403", "404", "400", "409", "422"]


@pytest.mark.usefixtures("one_connection")
@pytest.mark.parametrize("role", [role.name.lower() for role in Role])
def test_every_answer_is_one_that_the_schema_names(role):
    here = walked()
    sent = {"Authorization": f"Bearer {rest.secret(getattr(here.study, role))}"}
    schema = schemathesis.openapi.from_wsgi("/api/v1/schema?format=json", get_wsgi_application(), headers=sent)
    schema.config.checks.positive_data_acceptance.expected_statuses = ANSWERED
    operations = [one.ok() for one in schema.get_all_operations()]
    rows = {name: str(row.pk) for name, row in here.rows.items()} | {"number": 1}

    @st.composite
    def cases(draw):
        operation = draw(st.sampled_from([one for one in operations if one.path not in IN_THE_PAST]))
        known = {name: value for name, value in rows.items() if f"{{{name}}}" in operation.path}
        mode = draw(st.sampled_from(list(schemathesis.GenerationMode)))
        return draw(operation.as_strategy(path_parameters=known, generation_mode=mode))

    @settings(
        max_examples=soak.requests_a_role(),
        deadline=None,
        derandomize=soak.TIMES < 20,  # what is asked before a change is taken is the same each time
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(cases())
    def answer(case):
        with here.study.at(), transaction.atomic():
            case.call_and_validate(headers=sent)
            transaction.set_rollback(True)

    answer()
