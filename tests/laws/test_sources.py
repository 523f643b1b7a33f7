"""What our sources look like: no Arabic in code, one reader of the environment, short functions and files."""

import ast
import re
from statistics import median

import pytest

from bot.settings import ROOT
from tests.laws.project import Module, modules

ARABIC = re.compile("[\u0600-\u06ff\u0750-\u077f\u08a0-\u08ff\ufb50-\ufdff\ufe70-\ufeff]")
PASSES_ON = {
    f"bot/{file}.py"
    for file in (
        "cli",
        "engine/bench_nlu",
        "engine/bench_servers",
        "engine/conversations",
        "engine/health",
        "engine/judge",
        "engine/line_reader",
        "engine/load/system",
        "engine/parent",
        "engine/processes",
        "engine/trainer",
        "store/backup",
    )
}
"""Files that hand the environment to child processes, with additions."""

each_module = pytest.mark.parametrize("module", modules(), ids=lambda module: module.name)


def functions(module: Module) -> list[tuple[str, int]]:
    """Every function with its length in lines, without its decorators."""
    kinds = ast.FunctionDef | ast.AsyncFunctionDef
    return [(node.name, node.end_lineno - node.lineno + 1) for node in ast.walk(module.tree) if isinstance(node, kinds)]


@each_module
def test_no_arabic_letter_stands_in_code(module: Module) -> None:
    """What is said is in YAML and JSON, what is known of the language is in tables."""
    lines = (ROOT / module.file).read_text("utf-8").splitlines()
    assert [f"{at}: {line.strip()}" for at, line in enumerate(lines, 1) if ARABIC.search(line)] == []


def reads_environment(tree: ast.Module) -> list[str]:
    """Uses of the environment other than adding to the whole of it or looking up PATH."""
    passed_on = {id(node.left) for node in ast.walk(tree) if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr)}
    looked_up = {
        id(node.func.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and _constants(node.args)[:1] == ["PATH"]
    }
    uses = [node for node in ast.walk(tree) if isinstance(node, ast.Attribute) and node.attr in ("environ", "getenv")]
    return [ast.unparse(node) for node in uses if id(node) not in passed_on | looked_up]


def _constants(nodes: list[ast.expr]) -> list[object]:
    return [node.value for node in nodes if isinstance(node, ast.Constant)]


@each_module
def test_only_the_settings_read_the_environment(module: Module) -> None:
    if module.name == "bot.settings":
        return
    uses = [node for node in ast.walk(module.tree) if isinstance(node, ast.Attribute) and node.attr in ("environ", "getenv")]
    assert module.file in PASSES_ON or not uses
    assert reads_environment(module.tree) == []


def test_that_law_sees_a_read() -> None:
    tree = ast.parse(
        "import os\na = os.environ['X']\nb = os.environ | {}\nc = os.getenv('Y')\nd = os.environ.get('PATH', '')"
    )
    assert reads_environment(tree) == ["os.environ", "os.getenv"]


@each_module
def test_no_function_is_over_45_lines_and_no_file_over_300(module: Module) -> None:
    assert [(name, lines) for name, lines in functions(module) if lines > 45] == []
    assert module.lines <= 300


def test_most_functions_are_short() -> None:
    lengths = sorted(lines for module in modules() for _, lines in functions(module))
    assert median(lengths) <= 8
    assert lengths[int(len(lengths) * 0.9)] <= 25


def test_names_of_responses_are_never_assembled() -> None:
    """A name built from parts keeps dead responses alive: no search finds it."""
    for module in (module for module in modules() if module.package() == "actions"):
        built = [node for node in ast.walk(module.tree) if isinstance(node, ast.JoinedStr)]
        assert [ast.unparse(node) for node in built if "utter_" in ast.unparse(node)] == []


@each_module
def test_every_module_says_what_it_is_for(module: Module) -> None:
    assert ast.get_docstring(module.tree)


def test_every_module_of_the_console_finds_what_it_imports() -> None:
    """One name that is not exported, and the whole page stays empty."""
    folder = ROOT / "bot" / "web" / "static" / "console"
    for file in folder.glob("*.js"):
        for names, source in re.findall(r'import \{([^}]+)\} from "\./([\w.]+)";', file.read_text("utf-8")):
            exported = re.findall(
                r"export (?:async )?(?:function|const|let|class) (\w+)", (folder / source).read_text("utf-8")
            )
            missing = {name.split(" as ")[0].strip() for name in names.split(",") if name.strip()} - set(exported)
            assert missing == set(), f"{file.name} imports {missing} from {source}"
