"""What would spoil a training is found before it begins, and named by its file."""

from pathlib import Path

import pytest

from bot.domain.errors import RunFailed
from bot.engine.validation import validate
from bot.language.spelling import fold
from bot.settings import ROOT

GOOD = {
    "config.yml": "language: ar\n",
    "domain.yml": "intents:\n- greet\n- faq\n- nlu_fallback\n- late_delivery:\n    use_entities: []\n",
    "shop.yml": "name: shop\n",
    "bot/help/topics.ar.yml": "warranty:\n  title: w\n",
    "data/nlu/small_talk.yml": "nlu:\n- intent: greet\n  examples: |\n    - هلا\n",
    "data/nlu/faq.yml": "nlu:\n- intent: faq/warranty\n  examples: |\n    - الضمان\n",
    "data/rules/one.yml": "rules: []\n",
    "tests/heldout/questions.yml": "nlu:\n- intent: greet\n  examples: |\n    - صباح الخير\n",
}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    for name, text in GOOD.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, "utf-8")
    return tmp_path


def test_this_project_can_be_trained_from() -> None:
    validate(ROOT, fold)


def test_a_sound_project_is_passed(project: Path) -> None:
    validate(project, fold)


@pytest.mark.parametrize(
    ("file", "text", "code", "about"),
    [
        ("data/rules/one.yml", "rules:\n- [\n", "file_broken", {"file": "data/rules/one.yml", "line": 3}),
        ("domain.yml", "intents: [greet\n", "file_broken", {"file": "domain.yml", "line": 2}),
        ("data/nlu/small_talk.yml", "version: '3.1'\n", "no_examples", {"file": "data/nlu/small_talk.yml"}),
        ("data/nlu/small_talk.yml", "nlu:\n- intent: greet\n", "no_examples", {"file": "data/nlu/small_talk.yml"}),
        (
            "data/nlu/small_talk.yml", "nlu:\n- intent: faq/weather\n  examples: |\n    - الجو\n",
            "label_unknown", {"file": "data/nlu/small_talk.yml", "label": "faq/weather"},
        ),
        (
            "data/nlu/small_talk.yml", "nlu:\n- intent: greet\n  examples: |\n    - صبـاح الخيرِ\n",
            "question_trained", {"file": "data/nlu/small_talk.yml", "text": "صبـاح الخيرِ"},
        ),
    ],
    ids=["rules", "domain", "no nlu", "no examples", "label", "held out"],
)  # fmt: skip
def test_what_is_wrong_is_named(project: Path, file: str, text: str, code: str, about: dict[str, object]) -> None:
    (project / file).write_text(text, "utf-8")
    with pytest.raises(RunFailed) as failed:
        validate(project, fold)
    assert (failed.value.code, failed.value.about) == (code, about)


def test_bytes_that_are_no_text_are_named(project: Path) -> None:
    (project / "data/nlu/small_talk.yml").write_bytes(b"nlu:\n- \xff\xfe")
    with pytest.raises(RunFailed) as failed:
        validate(project, fold)
    assert failed.value.about["file"] == "data/nlu/small_talk.yml"
