"""The house of docs/design: four floors, doors, a pure heart. Read off the source; nothing is imported for it."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
FLOORS = {"trial": 1, "patients": 2, "assessments": 3, "escalation": 4}
DOORS = {"views", "forms", "api", "urls", "admin", "tasks", "management", "context"}  # and the context processor
PURE = re.compile(
    r"escalation\.(engine(_v\d+)?|characteristics|whatif|decision_table|design\.comparison|meetings\.rules)"
    r"|assessments\.(dlt|course_rules|imwg(_\w+)?|times|ctcae|binomial|columns|response\.(parameters|assembly))"
    r"|trial\.(roles|jsonl)"
)
IMPURE = {"os", "pathlib", "random", "secrets", "socket", "subprocess", "tempfile", "time", "urllib", "uuid"}
HEAVY = {"numpy", "pandas", "scipy", "statsmodels"}
# The statistics, and the analyses of a subject that call them, are for workers: tasks import them, nobody else.
WORKERS = re.compile(r"assessments\.(statistics|\w+\.analysis)")


def is_door(module: str) -> bool:
    """views.py, views/patient.py, views_audit.py, protocol_views.py and a subject's biomarker/views.py alike."""
    app, *parts = module.split(".")
    ends = {word for part in parts[:2] for word in (part.split("_")[0], part.split("_")[-1])}
    return app in FLOORS and bool(ends & DOORS)


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


def faults(module: str, source: str, *, package: bool = False) -> set[str]:
    """What is wrong with a module of an app."""
    tree = ast.parse(source)
    found = set()
    imports = set(imported(module, tree, package=package))
    for target in imports:
        top = target.split(".")[0]
        if not is_door(module) and is_door(target):
            found.add("imports a door")
        if not is_door(module) and FLOORS.get(top, 0) > FLOORS[module.split(".")[0]]:
            found.add("imports up")
        if PURE.fullmatch(module) and top in IMPURE:
            found.add("a pure module with a clock, chance or files")
        if PURE.fullmatch(module) and not (top in sys.stdlib_module_names or is_pure(target, imports)):
            found.add("a pure module with more than the standard library")
        if top in HEAVY and module != "assessments.statistics":
            found.add("heavy import outside statistics")
        if WORKERS.fullmatch(target) and not (WORKERS.fullmatch(module) or module.endswith(".tasks")):
            found.add("statistics outside tasks")
    if is_door(module) and any(isinstance(n, ast.Attribute) and n.attr == "objects" for n in ast.walk(tree)):
        found.add("a door with .objects")
    return found


def is_pure(target: str, imports: set[str]) -> bool:
    """A pure module, a name out of one, or the package in `from trial import jsonl`."""
    parent = target.rpartition(".")[0]
    return bool(
        PURE.fullmatch(target)
        or PURE.fullmatch(parent)
        or (target in FLOORS and any(PURE.fullmatch(t) for t in imports if t.startswith(f"{target}.")))
    )


def modules() -> list[Path]:
    found = [path for app in FLOORS for path in (ROOT / app).rglob("*.py") if "migrations" not in path.parts]
    return sorted(path.relative_to(ROOT) for path in found)


@pytest.mark.parametrize("path", modules(), ids=str)
def test_a_module_keeps_to_its_floor(path):
    package = path.name == "__init__.py"
    module = ".".join(path.parent.parts if package else path.with_suffix("").parts)

    assert faults(module, (ROOT / path).read_text(), package=package) == set()


@pytest.mark.parametrize("app", FLOORS)
def test_the_file_of_an_app_itself_is_empty(app):
    assert (ROOT / app / "__init__.py").read_text() == ""


@pytest.mark.parametrize(
    ("module", "source", "fault"),
    [
        ("patients.services", "from escalation import queries", "imports up"),
        ("patients.queries", "def f():\n    import assessments.models", "imports up"),
        ("trial.models.people", "from patients.models import Patient", "imports up"),
        ("escalation.services", "from .forms import SignForm", "imports a door"),
        ("escalation.services", "from . import tasks", "imports a door"),
        ("escalation.situation.queries", "from trial.record.views import page", "imports a door"),
        ("patients.queries", "from .views.patient import page", "imports a door"),
        ("escalation.engine", "import django", "a pure module with more than the standard library"),
        ("escalation.engine_v1", "from .models import Decision", "a pure module with more than the standard library"),
        (
            "escalation.engine",
            "from trial import jsonl, clock",
            "a pure module with more than the standard library",
        ),
        ("assessments.imwg", "import random", "a pure module with a clock, chance or files"),
        ("escalation.decisions.views", "Decision.objects.all()", "a door with .objects"),
        ("assessments.endpoints.views", "EndpointRun.objects.all()", "a door with .objects"),
        ("patients.patient.views", "Patient.objects.all()", "a door with .objects"),
        ("escalation.protocol.services.views", "Trial.objects.get()", "a door with .objects"),
        ("escalation.situation.queries", "import scipy.stats", "heavy import outside statistics"),
        ("assessments.views", "from .statistics import km", "statistics outside tasks"),
        ("assessments.views", "from . import statistics", "statistics outside tasks"),
        ("assessments.endpoints.views", "from . import analysis", "statistics outside tasks"),
        ("assessments.endpoints.analysis", "import scipy", "heavy import outside statistics"),
    ],
)
def test_the_faults_are_seen(module, source, fault):
    assert fault in faults(module, source)


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("trial.views", "from escalation import services, queries"),
        ("trial.urls", "from escalation import views"),
        ("escalation.situation.queries", "from . import engine\nfrom trial.models import User"),
        ("assessments.endpoints.tasks", "from . import analysis"),
        ("assessments.endpoints.analysis", "from .. import statistics"),
        ("assessments.statistics", "from scipy.stats import ecdf\nimport statistics"),
        ("escalation.engine", "from trial.jsonl import serve\nfrom . import characteristics"),
        ("assessments.times", "from .imwg import Response"),
        ("escalation.situation.queries", "import statistics\nDecision.objects.all()"),
    ],
)
def test_what_is_allowed_passes(module, source):
    assert faults(module, source) == set()


def test_a_web_process_loads_nothing_heavy():
    loaded = "import sys, trial.wsgi, trial.urls; print(*sys.modules)"
    process = subprocess.run([sys.executable, "-c", loaded], cwd=ROOT, check=False, capture_output=True, text=True)

    assert process.returncode == 0, process.stderr
    assert HEAVY.isdisjoint(process.stdout.split())
