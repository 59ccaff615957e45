"""SQL past the grants and triggers: what a database administrator could do."""

import pytest
from django.db import connection


@pytest.fixture
def as_owner():
    def run(sql: str, *arguments: object) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # as if what was written before had been committed
            cursor.execute("RESET ROLE")
            cursor.execute(sql, arguments or None)
            cursor.execute("SET ROLE escalation_app")

    return run
