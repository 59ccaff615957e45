"""What a patient's pages cost with twelve cycles, in times of one cycle. Run: python -m benchmarks.cycles

Two trials with one patient each, three drugs with planned days, every cycle recorded with a day that was missed; each
page is asked for with nothing kept of earlier answers. Bound: the patient page with 12 cycles 1.3 times that with one.
"""

import os
from collections.abc import Callable
from decimal import Decimal
from time import perf_counter, process_time
from typing import Any

from tests import plugin

MANY, BOUND, TIMES = 12, 1.3, 15


def main() -> None:
    plugin.start_services()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "trial.settings")
    from django.core.management import call_command

    import trial.wsgi  # noqa: F401  # as in a process of the web, whose collector leaves the program alone
    from trial.record.kept import Kept

    call_command("migrate", verbosity=0)
    studies = {cycles: given(cycles) for cycles in (1, MANY)}
    Kept.get = lambda self, trial, head: None  # type: ignore[method-assign]
    for page, bound in (("", BOUND), ("doses/", None)):
        asks = {cycles: asked(study, page) for cycles, study in studies.items()}
        took: dict[int, list[tuple[float, float]]] = {1: [], MANY: []}
        for _ in range(TIMES):  # in turn: what else the machine does meets both
            for cycles, ask in asks.items():
                took[cycles].append(seconds(ask))
        wall, work = ({cycles: min(one[k] for one in took[cycles]) for cycles in took} for k in (0, 1))
        times = work[MANY] / work[1]
        said = "no bound" if bound is None else f"bound {bound}, {'ok' if times <= bound else 'TOO SLOW'}"
        print(
            f"patients/001/{page}: {work[1] * 1000:.0f} ms of the processor with 1 cycle, {work[MANY] * 1000:.0f} ms "
            f"with {MANY}: {times:.2f} times, {said}; on the clock {wall[MANY] / wall[1]:.2f} times"
        )


def given(cycles: int) -> Any:
    """A study whose patient has begun so many cycles, all recorded."""
    from assessments.exposure.services import DayChange, record_cycle
    from patients.dosing.cycle_starts import start_cycle
    from tests import factories
    from trial.models import Drug

    study = factories.study(levels=3).schedule(factories.WEEKLY, factories.DAILY, factories.WEEKLY).open()
    patient = study.dose()
    drugs = list(Drug.objects.filter(trial=study.trial).values_list("pk", flat=True))
    missed = [DayChange(8, "missed", Decimal(0), "patient")]
    for cycle in range(1, cycles + 1):
        with study.at():
            of = {"trial": study.trial.pk, "patient": patient.pk, "by": study.coordinator}
            if cycle > 1:
                start_cycle(number=cycle, on=study.today, **of)
        study.later(28)
        with study.at():
            record_cycle(cycle=cycle, doses=dict.fromkeys(drugs, missed), last_day=28, **of)
    return study


def asked(study: Any, page: str) -> Callable[[], None]:
    from django.conf import settings
    from django.test import Client

    client = Client()
    client.force_login(study.coordinator, backend=settings.AUTHENTICATION_BACKENDS[-1])

    def ask() -> None:
        with study.at():
            assert (
                client.get(f"/trials/{study.trial.code}/patients/001/{page}", HTTP_HOST="localhost").status_code == 200
            )

    return ask


def seconds(ask: Callable[[], object]) -> tuple[float, float]:
    begun, worked = perf_counter(), process_time()
    ask()
    return perf_counter() - begun, process_time() - worked


if __name__ == "__main__":
    main()
