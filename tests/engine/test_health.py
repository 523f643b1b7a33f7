"""What is wrong with training data is found where it was put, and nothing is found in data that is well."""

from pathlib import Path

from bot.domain.health import Confused, LookAlike, Sentence
from bot.engine.health import Guess, examine, keep, kept, out_of_fold
from bot.engine.questions import Question, Span
from bot.language.spelling import fold


def question(text: str, label: str, variety: str = "gulf", *spans: Span) -> Question:
    return Question(text, label, variety, spans)


def well(label: str, count: int = 20) -> list[Question]:
    return [question(f"جملة {at} من {label} لا تشبه {at * 7} غيرها", label) for at in range(count)]


def agreeing(examples: list[Question]) -> list[Guess]:
    return [(example.label, 0.9) for example in examples]


def test_data_that_is_well_has_nothing_to_mend() -> None:
    examples = well("greet") + well("deny")
    found = examine(examples, agreeing(examples), fold)
    assert (found.sentences, found.too_few, found.contradictions, found.confused, found.mislabelled) == (40, [], [], [], [])
    assert found.missing_varieties == []


def test_too_few_and_missing_varieties_are_named_the_worst_first() -> None:
    examples = [*well("greet"), question("لا", "deny", "egyptian"), question("نعم", "affirm"), question("اي", "affirm")]
    found = examine(examples, agreeing(examples), fold)
    assert found.too_few == [("deny", 1), ("affirm", 2)]
    assert found.missing_varieties == [("affirm", ["egyptian"]), ("deny", ["gulf"]), ("greet", ["egyptian"])]


def test_the_same_sentence_under_two_labels_is_a_contradiction_however_it_is_spelled() -> None:
    examples = [question("طلبي تأخّر", "late_delivery"), question("طلبي تاخر", "not_received")]
    assert examine(examples, agreeing(examples), fold).contradictions == [
        [Sentence("طلبي تأخّر", "late_delivery"), Sentence("طلبي تاخر", "not_received")]
    ]


def test_confused_pairs_and_likely_wrong_labels_come_from_predictions_of_the_unseen() -> None:
    examples = [question(f"وين طلبي {at}", "greet") for at in range(3)] + [question("هلا", "greet")]
    guesses: list[Guess] = [("late_delivery", 0.95), ("late_delivery", 0.5), ("late_delivery", 0.99), ("", 0.0)]
    found = examine(examples, guesses, fold)
    assert found.confused == [Confused("greet", "late_delivery", 3)]
    assert [(one.sentence.text, one.sure) for one in found.mislabelled] == [("وين طلبي 2", 0.99), ("وين طلبي 0", 0.95)]


def test_look_alikes_within_a_label_and_marked_entities_are_counted() -> None:
    examples = [
        question("وصلت الغسالة مكسورة من الجنب اليمين", "damaged_item", "gulf", Span("product", 5, 12)),
        question("وصلت الغساله مكسوره من الجنب اليمين", "damaged_item", "gulf", Span("product", 5, 12)),
        question("وصلت الغسالة مكسورة من الجنب اليمين", "wrong_item"),
    ]
    found = examine(examples, agreeing(examples), fold)
    assert found.look_alikes == [
        LookAlike(Sentence(examples[0].text, "damaged_item"), Sentence(examples[1].text, "damaged_item"))
    ]
    assert found.entities == {"product": 2}


def test_a_planted_wrong_label_is_found_by_the_model_that_has_not_seen_it() -> None:
    late = [f"طلبي تأخر {day} أيام وما وصل" for day in range(12)]
    broken = [f"وصلت الغسالة مكسورة {side} من الجنب" for side in range(12)]
    hello = [f"هلا والله {name} كيفكم" for name in range(12)]
    examples = [
        *(question(text, "late_delivery") for text in late),
        *(question(text, "damaged_item") for text in broken),
        *(question(text, "greet") for text in hello),
        question("طلبي تأخر شهر وما وصل", "greet"),
        question("وحيدة", "rare"),
    ]
    guesses = out_of_fold(examples)
    assert guesses[-2][0] == "late_delivery"
    assert guesses[-1] == ("", 0.0)
    assert sum(guess == example.label for example, (guess, _) in zip(examples, guesses, strict=True)) >= 34


def test_what_a_person_approved_is_named_no_more_and_an_entity_without_a_value_is() -> None:
    examples = [question("وين طلبي", "greet"), question("هلا", "greet")]
    guesses: list[Guess] = [("late_delivery", 0.95), ("late_delivery", 0.9)]
    approved = {Sentence("وين طلبي", "greet")}
    found = examine(examples, guesses, fold, "", {"product"}, approved)
    assert [one.sentence.text for one in found.mislabelled] == ["هلا"]
    assert found.entities == {"product": 0}


def test_what_was_found_is_read_back_as_it_was_and_a_mended_sentence_is_gone_from_it(tmp_path: Path) -> None:
    examples = [question("وين طلبي", "greet"), question("وين طلبي", "late_delivery"), *well("deny", 3)]
    found = examine(examples, [("late_delivery", 0.95), ("greet", 0.9), *agreeing(well("deny", 3))], fold, "a hash")
    keep(tmp_path / "health.json", found)
    assert kept(tmp_path / "health.json") == found
    mended = found.without(Sentence("وين طلبي", "greet"))
    assert (mended.contradictions, [one.sentence.label for one in mended.misread]) == ([], ["late_delivery"])
    (tmp_path / "health.json").write_text('{"made_at": 1}')
    assert kept(tmp_path / "health.json") is kept(tmp_path / "nothing.json") is None
