"""The house of docs/map.md: four floors, rooms in a fixed order, doors, a pure heart. Read off the source."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
FLOORS = {"trial": 1, "patients": 2, "assessments": 3, "escalation": 4}
# Of each floor the ground, the rooms and the roof, lowest first. A file imports what stands before it here, what
# stands in its own room, and lower floors. Doors and Django's own files are in no list.
ORDER = {
    "trial": (
        "ids", "together", "clock", "dates", "instants", "refusals", "roles", "numbers", "percentages", "plausible",
        "protocol_settings", "sorting", "jsonl", "verbs", "problem", "processes", "claims", "access_log", "client",
        "models", "queries", "mail", "notices", "done", "settings", "svg", "record", "people", "past", "inbox", "local",
        "operations", "paper", "sheets",
        "services", "kept_page", "polled", "posted", "api", "views", "forms", "tasks", "context", "middleware", "urls",
        "wsgi", "celery",
    ),
    "patients": (
        "models", "queries", "services", "days",
        "screening", "consent", "enrolment", "dosing", "withdrawal", "follow_up", "patient",
        "common", "api", "urls",
    ),
    "assessments": (
        "binomial", "columns", "ctcae", "terms", "imwg", "dlt", "course_rules", "times", "statistics",
        "event_words", "models",
        "exposure", "events", "review", "count", "cases", "tables", "response", "endpoints", "biomarker",
        "api", "urls", "tasks",
    ),
    "escalation": (
        "engine", "characteristics", "firm", "stored", "words", "engines", "models",
        "situation", "protocol", "whatif", "design", "display", "signing", "opening", "outside", "enrolment",
        "outstanding", "meetings", "decisions", "late", "replay", "dashboard", "reports", "datasets", "demo",
        "consequences", "common", "urls", "api", "tasks",
    ),
}  # fmt: skip
DJANGOS = {"apps", "migrations", "templatetags"}  # where Django looks for them
DOORS = {"views", "forms", "api", "urls", "admin", "tasks", "management", "context", "posted", "common"}
# What doors share with one another: form fields, what endpoints have in common, the frame of a page.
SHARED = re.compile(r"(.*\.)?(\w+_)?(common|posted|forms|api)")
PURE = re.compile(
    r"escalation\.(engine(_v\d+)?(\.\w+)?|characteristics|firm|whatif\.(outcomes|table|__main__)|design\.comparison"
    r"|meetings\.rules|stored\.\w+|engines|protocol\.check)"
    r"|assessments\.(cases\.clocks|dlt(\.\w+)?|course_rules|imwg(\.\w+)?|times|ctcae|terms|binomial|columns"
    r"|response\.(parameters|assembly)|tables\.(rows|adverse|summary|behind|beyond|incidence|heat|edish))"
    r"|patients\.dosing\.course"
    r"|trial\.(roles|numbers|percentages|plausible|jsonl|verbs|dates|instants)"
)
IMPURE = {"os", "pathlib", "random", "secrets", "socket", "subprocess", "tempfile", "time", "urllib", "uuid"}
HEAVY = {"numpy", "pandas", "scipy", "statsmodels"}
# The statistics, and the analyses of a subject that call them, are for workers: tasks import them, nobody else.
STATISTICS = re.compile(r"assessments\.statistics(\.\w+)?")
WORKERS = re.compile(r"assessments\.(statistics(\.\w+)?|\w+\.analysis)")
LONGEST = 400


def is_door(module: str) -> bool:
    """views.py, token_views.py, and what stands in a management folder."""
    app, *parts = module.split(".")
    return app in FLOORS and any(part in DOORS or part.rpartition("_")[2] in DOORS for part in parts)


def imported(module: str, tree: ast.Module, *, package: bool) -> Iterator[str]:
    """Every module that this one may be importing, wherever in it the import stands."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            here = module.split(".") if package else module.split(".")[:-1]
            above = here[: len(here) - node.level + 1] if node.level else []
            source = ".".join([*above, *([node.module] if node.module else [])])
            yield source
            yield from (f"{source}.{name.name}" for name in node.names)


def place(module: str) -> int | None:
    """Where a module's room stands on its floor; None for Django's own files."""
    app, _, inside = module.partition(".")
    room = inside.split(".")[0]
    return ORDER[app].index(room) if room in ORDER[app] else None


def faults(module: str, source: str, *, package: bool = False) -> set[str]:
    """What is wrong with a module of an app, each with the module that it should not import."""
    tree = ast.parse(source)
    found = set()
    targets = set(imported(module, tree, package=package))
    for target in targets:
        found |= {f"{fault}: {module} -> {target}" for fault in _of(module, target, targets)}
    if is_door(module) and any(isinstance(n, ast.Attribute) and n.attr == "objects" for n in ast.walk(tree)):
        found.add(f"a door with .objects: {module}")
    if any(isinstance(n, ast.Name) and n.id == "TYPE_CHECKING" for n in ast.walk(tree)):
        found.add(f"imports hidden under TYPE_CHECKING: {module}")
    if source.count("\n") > LONGEST:
        found.add(f"above {LONGEST} lines: {module}")
    return found


def _of(module: str, target: str, targets: set[str]) -> Iterator[str]:
    app, top = module.split(".")[0], target.split(".")[0]
    if is_door(target) and not is_door(module):
        yield "imports a door"
    if is_door(module) and is_door(target) and not _shared(module, target):
        yield "imports another room's door"
    if not is_door(module) and FLOORS.get(top, 0) > FLOORS[app]:
        yield "imports up"
    if not is_door(module) and top == app and _later(module, target):
        yield "imports a later room"
    if PURE.fullmatch(module) and top in IMPURE:
        yield "a pure module with a clock, chance or files"
    if PURE.fullmatch(module) and not (top in sys.stdlib_module_names or is_pure(target, targets)):
        yield "a pure module with more than the standard library"
    if top in HEAVY and not STATISTICS.fullmatch(module):
        yield "heavy import outside statistics"
    if WORKERS.fullmatch(target) and not (WORKERS.fullmatch(module) or module.endswith(".tasks")):
        yield "statistics outside tasks"


def _shared(module: str, target: str) -> bool:
    """Doors of one room know each other; the roof's urls, api and tasks gather; else only what SHARED names."""
    gathers = module.split(".")[-1] in ("urls", "tasks") and module.count(".") < 3
    door = next(part for part in target.split(".")[1:] if part in DOORS or part.rpartition("_")[2] in DOORS)
    return gathers or module.split(".")[:2] == target.split(".")[:2] or bool(SHARED.fullmatch(door))


def _later(module: str, target: str) -> bool:
    if target in FLOORS or module.split(".")[1] in DJANGOS:
        return False
    if module.count(".") == 1 and module.endswith(".models") and ".models" in target:
        return False  # where Django finds the models of the rooms, which name those of the ground by strings
    mine, its = place(module), place(target)
    return mine is not None and its is not None and its > mine


def is_pure(target: str, targets: set[str]) -> bool:
    """A pure module, a name out of one, or the package in `from trial import jsonl`."""
    parent = target.rpartition(".")[0]
    return bool(
        PURE.fullmatch(target)
        or PURE.fullmatch(parent)
        or (target.split(".")[0] in FLOORS and any(PURE.fullmatch(t) for t in targets if t.startswith(f"{target}.")))
    )


def name_of(path: Path) -> str:
    return ".".join(path.parent.parts if path.name == "__init__.py" else path.with_suffix("").parts)


@cache
def sources() -> Mapping[str, tuple[str, bool]]:
    """By module: its text, and whether it is a package's own file."""
    found = [path for app in FLOORS for path in (ROOT / app).rglob("*.py") if "migrations" not in path.parts]
    paths = sorted(path.relative_to(ROOT) for path in found)
    return {name_of(path): ((ROOT / path).read_text(), path.name == "__init__.py") for path in paths}


@pytest.mark.parametrize("module", sources())
def test_a_module_keeps_to_its_floor_and_room(module):
    source, package = sources()[module]

    assert faults(module, source, package=package) == set()


def test_every_file_has_its_place():
    assert [
        m for m in sources() if m not in FLOORS and place(m) is None and m.split(".")[1] not in DJANGOS | DOORS
    ] == []


def test_no_two_files_import_each_other_around_a_circle():
    assert circle(graph(sources())) == []


def graph(texts: Mapping[str, tuple[str, bool]]) -> Mapping[str, set[str]]:
    """What each module imports, of ours. `from .events import views` is the module, not its package."""
    found = {}
    for module, (source, package) in texts.items():
        targets = set(imported(module, ast.parse(source), package=package)) & texts.keys()
        found[module] = {t for t in targets if not texts[t][1] or texts[t][0].strip()} - {module}
    return found


def circle(arrows: Mapping[str, set[str]]) -> list[str]:
    """The modules of a circle in order, empty when there is none."""
    done: set[str] = set()

    def walk(module: str, path: list[str]) -> list[str]:
        if module in path:
            return path[path.index(module) :]
        if module in done:
            return []
        for target in sorted(arrows[module]):
            if found := walk(target, [*path, module]):
                return found
        done.add(module)
        return []

    return next((found for module in arrows if (found := walk(module, []))), [])


@pytest.mark.parametrize("package", [m for m, (_, package) in sources().items() if package and m != "trial.models"])
def test_the_file_of_a_folder_itself_is_empty(package):
    assert sources()[package][0] == "" or package == "trial.svg"


@pytest.mark.parametrize(
    ("module", "source", "fault"),
    [
        ("patients.services", "from escalation.situation import queries", "imports up"),
        ("patients.queries", "def f():\n    import assessments.models", "imports up"),
        ("trial.models.people", "from patients.models import Patient", "imports up"),
        ("assessments.events.services", "from ..count import queries", "imports a later room"),
        ("assessments.events.services", "from assessments.count.queries import records", "imports a later room"),
        ("patients.services", "from .dosing.services import treated", "imports a later room"),
        ("escalation.words", "from .situation import queries", "imports a later room"),
        ("trial.record.ledger", "from ..people import access", "imports a later room"),
        ("escalation.decisions.services", "from .forms import DecideForm", "imports a door"),
        ("escalation.decisions.services", "from .. import tasks", "imports a door"),
        ("escalation.situation.queries", "from trial.record.views import page", "imports a door"),
        ("patients.queries", "from .patient.views import patient_page", "imports a door"),
        ("patients.follow_up.views", "from ..dosing.views import stop", "imports another room's door"),
        ("escalation.engine.rule", "import django", "a pure module with more than the standard library"),
        ("escalation.engine_v1", "from .models import Decision", "a pure module with more than the standard library"),
        (
            "escalation.engine.rule",
            "from trial import jsonl, clock",
            "a pure module with more than the standard library",
        ),
        ("assessments.imwg.rule", "import random", "a pure module with a clock, chance or files"),
        ("escalation.decisions.views", "Decision.objects.all()", "a door with .objects"),
        ("assessments.endpoints.views", "EndpointRun.objects.all()", "a door with .objects"),
        ("trial.people.token_views", "ApiToken.objects.get()", "a door with .objects"),
        ("escalation.situation.queries", "import scipy.stats", "heavy import outside statistics"),
        ("assessments.endpoints.views", "from assessments.statistics import survival", "statistics outside tasks"),
        ("assessments.endpoints.views", "from . import analysis", "statistics outside tasks"),
        ("assessments.endpoints.analysis", "import scipy", "heavy import outside statistics"),
        (
            "trial.queries",
            "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    pass",
            "hidden under TYPE_CHECKING",
        ),
        ("trial.queries", "x = 1\n" * 401, "above 400 lines"),
    ],
)
def test_the_faults_are_seen(module, source, fault):
    assert any(fault in found for found in faults(module, source))


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("trial.views", "from escalation.situation import queries"),
        ("trial.urls", "from escalation.dashboard import views"),
        ("escalation.situation.queries", "from ..engine import rule\nfrom trial.models import User"),
        ("escalation.urls", "from .late.urls import urlpatterns"),
        ("patients.follow_up.views", "from ..common import act\nfrom .forms import LeaveForm"),
        ("assessments.endpoints.tasks", "from . import analysis"),
        ("assessments.endpoints.analysis", "from ..statistics.survival import km"),
        ("assessments.statistics.survival", "from scipy.stats import ecdf\nimport statistics"),
        ("assessments.models", "from .response.models import Measurement"),
        ("escalation.engine.__main__", "from trial.jsonl import serve\nfrom .rule import recommend"),
        ("assessments.times", "from .imwg.terms import Response"),
        ("escalation.situation.queries", "import statistics\nDecision.objects.all()"),
    ],
)
def test_what_is_allowed_passes(module, source):
    assert faults(module, source) == set()


def test_a_circle_is_seen():
    assert circle({"a": {"b"}, "b": {"c"}, "c": {"a"}, "d": {"a"}}) == ["a", "b", "c"]
    assert circle({"a": {"b", "c"}, "b": {"c"}, "c": set()}) == []


def test_a_web_process_loads_nothing_heavy():
    loaded = "import sys, trial.wsgi, trial.urls; print(*sys.modules)"
    process = subprocess.run([sys.executable, "-c", loaded], cwd=ROOT, check=False, capture_output=True, text=True)

    assert process.returncode == 0, process.stderr
    assert HEAVY.isdisjoint(process.stdout.split())
