"""domain.yml, the rules, the actions, the help centre and the words agree with each other and with the contract."""

import ast
import json
import re
from typing import Any

import pytest

from bot.bootstrap import load_words
from bot.domain.complaint import Kind, Level, Remedy, Status
from bot.domain.draft import ASKED, SLOTS
from bot.language.dates import DateProblem
from tests.laws.contract import ENTITIES, FAQ, INTENTS, KINDS, LEVELS, REMEDIES, STATUSES
from tests.laws.project import domain, modules, read, rules, steps

FORM = "complaint_form"
PLACEHOLDER = re.compile(r"(?<!\{)\{(\w+)\}(?!\})")
BESIDE = ("merge", "resume_draft")
"""What the complaint form may ask beside its slots."""
ACTIONS = [module for module in modules() if module.package() == "actions"]


def constants(tree: ast.AST) -> set[str]:
    return {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)}


def literal(module: str, name: str) -> Any:
    """The value of a constant of a module of actions, read without importing it."""
    [tree] = [found.tree for found in ACTIONS if found.name == module]
    for node in tree.body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == name:
            return ast.literal_eval(node.value.args[0] if isinstance(node.value, ast.Call) else node.value)
    raise AssertionError(f"{module} has no {name}")


def keys(module: str, name: str) -> set[str]:
    """The keys of a mapping of a module of actions."""
    [tree] = [found.tree for found in ACTIONS if found.name == module]
    [table] = [node.value for node in tree.body if isinstance(node, ast.AnnAssign) and ast.unparse(node.target) == name]
    assert isinstance(table, ast.Dict)
    return {ast.literal_eval(key) for key in table.keys if key is not None}


QUESTIONS = keys("actions.questions", "READ")
"""What the services ask."""
TASKS = keys("actions.service_form", "BY_BUTTON") | {"second", "resume"}


def questions() -> dict[str, list[dict[str, Any]]]:
    """Slot of the form → the wordings of its question."""
    slots = domain()["forms"][FORM]["required_slots"]
    return {slot: domain()["responses"][f"utter_ask_{slot}"] for slot in slots}


def said_with(response: str) -> set[str]:
    """Names of the values the actions give where they say a response."""
    found = set()
    for module in ACTIONS:
        for node in ast.walk(module.tree):
            if isinstance(node, ast.Call) and response in constants(node):
                found |= {word.arg for word in node.keywords if word.arg}
    return found


def buttons() -> list[dict[str, str]]:
    return [button for texts in domain()["responses"].values() for text in texts for button in text.get("buttons", [])]


# ------------------------------------------------------------------ the contract


def test_the_enums_are_the_contracts() -> None:
    assert tuple(Kind) == KINDS
    assert tuple(Remedy) == REMEDIES
    assert tuple(Status) == STATUSES
    assert tuple(Level) == LEVELS


def test_the_intents_are_the_contracts() -> None:
    assert set(domain()["intents"]) == {*INTENTS, "faq"}


def test_the_entities_are_the_contracts_and_what_buttons_carry() -> None:
    assert set(domain()["entities"]) == {*ENTITIES, "field", "topic", "task", "channel", "time", "stars"}


def test_choices_called_1_to_5_are_the_stars_of_a_rating() -> None:
    """The widget draws such choices as stars; whatever else is asked needs other names."""
    called_so = [button for button in buttons() if button["title"] in "12345"]
    assert [button["title"] for button in called_so[:5]] == list("12345")
    for button in called_so:
        assert f'"stars": "{button["title"]}"' in button["payload"]


def test_the_form_asks_the_records_slots_in_their_order() -> None:
    assert domain()["forms"][FORM]["required_slots"] == [*ASKED, "confirmed"]


@pytest.mark.parametrize(
    ("table", "names"), [("kinds", KINDS), ("remedies", REMEDIES), ("statuses", STATUSES), ("slots", SLOTS)]
)
def test_everything_the_shopper_reads_of_has_its_word(table: str, names: tuple[str, ...]) -> None:
    words = getattr(load_words(), table)
    assert list(words) == list(names)
    assert all(words.values())


# ------------------------------------------------------------------ responses


def test_every_response_used_is_defined_and_every_defined_one_used() -> None:
    asked = {f"utter_ask_{question}" for question in (*domain()["forms"][FORM]["required_slots"], *BESIDE, *QUESTIONS)}
    said = {text for module in ACTIONS for text in constants(module.tree) if text.startswith("utter_")}
    used = {name for name in steps("action") if name.startswith("utter_")} | asked | said
    assert used - {"utter_faq"} == set(domain()["responses"])  # utter_faq: Rasa's name for all answers of the help centre


def test_every_intent_has_a_rule() -> None:
    assert steps("intent") - {"nlu_fallback"} >= {*INTENTS, "faq"} - set(KINDS)
    assert steps("intent") - {"nlu_fallback"} == set(domain()["intents"])


def test_the_domains_actions_are_the_classes() -> None:
    names = set()
    for module in ACTIONS:
        for node in ast.walk(module.tree):
            if isinstance(node, ast.ClassDef) and any(ast.unparse(base) == "Action" for base in node.bases):
                [named] = [part for part in node.body if isinstance(part, ast.FunctionDef) and part.name == "name"]
                names.add(ast.literal_eval(named.body[-1].value))
    assert names == set(domain()["actions"])
    assert {name for name in steps("action") if name.startswith("action_")} <= names


def test_what_the_form_leaves_has_a_rule_in_the_form() -> None:
    inside = {
        step["intent"]
        for rule in rules()
        if {"active_loop": FORM} in rule["condition"] or rule["name"] == "A service is asked for"
        for step in rule["steps"]
        if "intent" in step
    }
    assert set(literal("actions.complaint_form", "ANSWERED_ELSEWHERE")) == inside - {"restart"}


@pytest.mark.parametrize("response", domain()["responses"])
def test_a_response_speaks_of_what_it_is_told(response: str) -> None:
    named = {name for text in domain()["responses"][response] for name in PLACEHOLDER.findall(str(text))}
    shown = {"number", "status", "level", "due", "timeline", "link"}  # actions.scene.shown
    assert named <= set(domain()["slots"]) | said_with(response) | shown


@pytest.mark.parametrize("response", domain()["responses"])
def test_a_response_can_always_be_said(response: str) -> None:
    """At least one wording has no condition."""
    assert any("condition" not in text for text in domain()["responses"][response])


@pytest.mark.parametrize("button", buttons(), ids=lambda button: button["payload"])
def test_a_button_means_something_the_bot_knows(button: dict[str, str]) -> None:
    match = re.fullmatch(r"/(\w+)(?:\{(\{.*\})\})?", button["payload"])
    assert match is not None
    intent, entities = match[1], json.loads(match[2] or "{}")
    known = {
        "remedy": REMEDIES, "field": (*ASKED, "seller", "amount"), "topic": FAQ, "stars": ("1", "2", "3", "4", "5"),
        "task": TASKS, "channel": set(load_words().channels) - {"chat"},
    }  # fmt: skip
    assert intent in domain()["intents"]
    assert all(value in known.get(entity, (value,)) for entity, value in entities.items())
    assert set(entities) <= set(domain()["entities"])
    assert button["title"]


# ------------------------------------------------------------------ the form's questions


@pytest.mark.parametrize("slot", domain()["forms"][FORM]["required_slots"])
def test_each_wording_of_a_question_says_what_it_asks(slot: str) -> None:
    assert {text["custom"]["asks"] for text in questions()[slot]} == {slot}


def fields() -> ast.Module:
    """The module with the validators of the slots."""
    [found] = [module.tree for module in modules() if module.name == "bot.services.fields"]
    return found


def reasons() -> dict[str, set[str]]:
    """Slot → why it may be asked for again, from the code."""
    slots = fields()
    found: dict[str, set[str]] = {slot: {"explained"} for slot in ASKED}
    for node in slots.body:
        if isinstance(node, ast.FunctionDef) and node.name.startswith("validate_"):
            raised = [call for call in ast.walk(node) if isinstance(call, ast.Call) and ast.unparse(call.func) == "Unclear"]
            for call in raised:
                known = {problem.value for problem in DateProblem}
                texts = constants(call.args[0]) or known
                found[node.name.removeprefix("validate_")] |= texts
    [form] = [module.tree for module in ACTIONS if module.name == "actions.complaint_form"]
    found["confirmed"] = constants(form) & {"which_field", "unclear", "explained"} - {"explained"}
    return found


@pytest.mark.parametrize("slot", domain()["forms"][FORM]["required_slots"])
def test_every_reason_to_ask_again_has_its_wording_and_every_wording_its_reason(slot: str) -> None:
    worded = [text["condition"][0]["value"] for text in questions()[slot] if "condition" in text]
    assert len(worded) == len(set(worded))
    assert set(worded) == reasons()[slot]


# ------------------------------------------------------------------ the services' questions


@pytest.mark.parametrize("question", sorted(QUESTIONS))
def test_each_wording_of_a_services_question_says_what_it_asks(question: str) -> None:
    assert {text["custom"]["asks"] for text in domain()["responses"][f"utter_ask_{question}"]} == {question}


@pytest.mark.parametrize("question", sorted(QUESTIONS))
def test_every_reason_a_service_has_to_ask_again_is_worded(question: str) -> None:
    texts = domain()["responses"][f"utter_ask_{question}"]
    worded = {text["condition"][0]["value"] for text in texts if "condition" in text}
    assert worded == reasons_of(question)


def reasons_of(question: str) -> set[str]:
    """Why a service may ask again: what the question's reader raises, and what looking at a proof raises."""
    [module] = [found.tree for found in ACTIONS if found.name == "actions.questions"]
    slots = fields()
    readers = {node.name: node for node in (*slots.body, *module.body) if isinstance(node, ast.FunctionDef)}
    [table] = [node.value for node in module.body if isinstance(node, ast.AnnAssign) and ast.unparse(node.target) == "READ"]
    assert isinstance(table, ast.Dict)
    names = {ast.literal_eval(key): ast.unparse(value) for key, value in zip(table.keys, table.values, strict=True) if key}
    return _raised(readers[names[question]], readers) | ({"mismatch", "too_many"} if question == "proof" else set())


def _called(call: ast.Call) -> str:
    """The function a call leads to; `valid` leads to the validator of its slot."""
    name = ast.unparse(call.func)
    return f"validate_{ast.literal_eval(call.args[0])}" if name == "valid" else name


def _raised(reader: ast.FunctionDef, readers: dict[str, ast.FunctionDef]) -> set[str]:
    calls = [node for node in ast.walk(reader) if isinstance(node, ast.Call)]
    own = {ast.literal_eval(call.args[0]) for call in calls if ast.unparse(call.func) == "Unclear"}
    called = [readers[name] for call in calls if (name := _called(call)) in readers]
    return own.union(*(_raised(one, readers) for one in called))


# ------------------------------------------------------------------ the help centre


def test_the_help_centre_has_the_contracts_topics() -> None:
    assert set(read("bot/help/topics.ar.yml")) == set(FAQ)


@pytest.mark.parametrize("name", FAQ)
def test_a_topic_answers_and_leads_on(name: str) -> None:
    topics, titles = read("bot/help/topics.ar.yml"), read("bot/help/buttons.ar.yml")
    topic = topics[name]
    assert topic["title"]
    assert all(bubble.strip() for bubble in topic["answer"])
    assert set(PLACEHOLDER.findall(" ".join(topic["answer"]))) <= set(domain()["slots"])
    assert name not in topic["next"]
    assert set(topic["next"]) <= set(topics) | set(titles)


def test_what_a_topic_leads_to_is_an_intent_and_used() -> None:
    titles = read("bot/help/buttons.ar.yml")
    led_to = {name for topic in read("bot/help/topics.ar.yml").values() for name in topic["next"]}
    assert {title.split("/")[0] for title in titles} <= set(domain()["intents"])
    assert {title.split("/")[1] for title in titles if "/" in title} <= TASKS
    assert set(titles) <= led_to
