"""How fast the preview of another definition of a DLT reads every event. Run: python -m benchmarks.otherwise

500 patients with 500 events, as benchmarks.safety makes them. The preview stands on a form: bound 1 s.
"""

import os
from dataclasses import replace

from benchmarks.safety import grown, seconds
from tests import plugin

EVENTS, BOUND = 500, 1.0


def main() -> None:
    plugin.start_services()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "trial.settings")
    from django.core.management import call_command

    import trial.wsgi  # noqa: F401  # as in a process of the web, whose collector leaves the program alone

    call_command("migrate", verbosity=0)
    study = grown(EVENTS)
    from escalation.protocol import otherwise

    with study.at():
        here = study.situation()
    settings = replace(here.protocol.settings, window_days=14, ctcae_version="6.0")
    found = otherwise.read(here, settings)
    took, of_it = seconds(lambda: otherwise.read(here, settings))
    said = "ok" if took <= BOUND else "TOO SLOW"
    print(
        f"preview of {found.of} events, {len(found.events)} read otherwise: {took * 1000:.0f} ms, of which "
        f"{of_it * 1000:.0f} ms this process's own work, bound {BOUND * 1000:.0f} ms, {said}"
    )


if __name__ == "__main__":
    main()
