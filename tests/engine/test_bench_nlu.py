"""The data of others as Rasa's training data: every question in, none of it read as a mark."""

import subprocess
from pathlib import Path

import pytest

from bot.engine.bench_nlu import as_nlu, rows
from bot.engine.questions import read_questions
from bot.engine.tensorflow import OURS, STOCK, NoTensorFlow, require_tensorflow
from bot.settings import ROOT


def test_questions_of_others_are_written_as_rasa_reads_them(tmp_path: Path) -> None:
    table = tmp_path / "table.tsv"
    table.write_text('intent\ttext\ncard: lost\tوين بطاقتي [هنا](x)؟\nyes\tنعم: {a}\ncard: lost\tضاعت "البطاقة"\n', "utf-8")
    written = as_nlu(rows(table), tmp_path / "nlu.yml")
    found = sorted((question.label, question.text, question.spans) for question in read_questions(written))
    assert found == [
        ("card: lost", 'ضاعت "البطاقة"', ()),
        ("card: lost", "وين بطاقتي  هنا  x ؟", ()),
        ("yes", "نعم:  a", ()),
    ]
    assert "\nnlu:\n" in written.read_text("utf-8"), "Rasa passes over a file whose key is quoted"


def test_who_has_no_tensorflow_is_told_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    with pytest.raises(NoTensorFlow, match="uv sync --inexact --group stock"):
        require_tensorflow()


@pytest.mark.parametrize(("python", "stands_in"), [(OURS, True), (STOCK, False)], ids=["ours", "stock"])
def test_stock_rasa_has_tensorflow_and_ours_has_not(python: tuple[str, ...], stands_in: bool) -> None:
    code = "import sys, bot.nlu; print(any(type(one).__module__ == 'bot.nlu.without_tensorflow' for one in sys.meta_path))"
    ran = subprocess.run([*python, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == str(stands_in)
