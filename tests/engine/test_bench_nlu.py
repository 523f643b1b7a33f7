"""The data of others as Rasa's training data: every question in, none of it read as a mark."""

from pathlib import Path

from bot.engine.bench_nlu import as_nlu, rows
from bot.engine.questions import read_questions


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
