"""The linear model: probabilities that sum to one, and confidences that follow how often it is right."""

import pickle

import numpy as np
import pytest

from bot.nlu.linear import LinearModel, fit, softmax

EXAMPLES = {
    "late_delivery": ("late", "late box", "late late hello", "late thanks"),
    "damaged_item": ("broken", "broken box", "hello broken", "broken broken thanks"),
    "refund_problem": ("refund", "refund box", "hello refund", "refund thanks"),
}


def trained(examples: dict[str, tuple[str, ...]]) -> LinearModel:
    pairs = [(text, label) for label, texts in examples.items() for text in texts]
    return fit([text.split() for text, _ in pairs], [label for _, label in pairs], 1.0)[0]


def noisy(wrong: int) -> dict[str, tuple[str, ...]]:
    """Twenty examples of each label, of which `wrong` speak of another label's matter."""
    others = {"late_delivery": "broken", "damaged_item": "refund", "refund_problem": "late"}
    return {
        label: (*texts * 5, *(f"{others[label]} box",) * wrong)[-20:]
        for label, texts in EXAMPLES.items()
    }  # fmt: skip


@pytest.mark.parametrize("text", ["late", "box", "late broken refund", "", "hello hello hello"])
def test_the_chances_of_all_labels_sum_to_one(text: str) -> None:
    chances = trained(EXAMPLES).chances(text.split())
    assert chances.shape == (3,)
    assert chances.sum() == pytest.approx(1.0)
    assert (chances >= 0).all()


@pytest.mark.parametrize(
    ("text", "label"), [("late", "late_delivery"), ("broken", "damaged_item"), ("refund", "refund_problem")]
)
def test_the_matter_decides(text: str, label: str) -> None:
    model = trained(EXAMPLES)
    assert model.labels[int(model.chances(text.split()).argmax())] == label


def test_two_labels_have_a_column_each() -> None:
    model = trained({label: EXAMPLES[label] for label in ("late_delivery", "damaged_item")})
    late, broken = (dict(zip(model.labels, model.chances(text.split()), strict=True)) for text in ("late", "broken"))
    assert late["late_delivery"] > 0.6
    assert broken["damaged_item"] > 0.6
    assert sum(late.values()) == pytest.approx(1.0)


def test_a_label_too_rare_to_hold_out_leaves_the_confidences_as_they_are() -> None:
    model = trained(EXAMPLES | {"app_problem": ("thanks",)})
    assert model.temperature == 1.0
    assert model.labels == sorted([*EXAMPLES, "app_problem"])


def test_examples_that_are_always_right_sharpen() -> None:
    model = trained({label: texts * 5 for label, texts in EXAMPLES.items()})
    assert model.temperature < 0.5
    assert model.chances(["late"]).max() > 0.95


def test_examples_that_are_often_wrong_soften() -> None:
    sure, unsure = trained(noisy(wrong=0)), trained(noisy(wrong=9))
    assert unsure.temperature > 2 * sure.temperature
    assert unsure.chances(["late", "box"]).max() < sure.chances(["late", "box"]).max()


def test_confidence_is_about_how_often_it_is_right() -> None:
    """A calibrated model that is right seven times of ten says about seven tenths."""
    mixed = {
        "late_delivery": ("late",) * 70 + ("broken",) * 30,
        "damaged_item": ("broken",) * 70 + ("late",) * 30,
        "refund_problem": ("refund",) * 100,
    }
    assert trained(mixed).chances(["late"]).max() == pytest.approx(0.7, abs=0.1)


def test_the_same_examples_give_the_same_model() -> None:
    one, other = trained(noisy(wrong=5)), trained(noisy(wrong=5))
    assert one.temperature == other.temperature
    assert (one.weights == other.weights).all()


def test_softmax_of_large_margins_is_finite() -> None:
    assert softmax(np.array([1e4, 0.0, -1e4])).tolist() == [1.0, 0.0, 0.0]


def test_a_model_that_was_kept_reads_as_it_did() -> None:
    model = trained(EXAMPLES)
    kept = pickle.loads(pickle.dumps(model))
    assert list(kept.chances(["late", "box"])) == list(model.chances(["late", "box"]))
    assert kept.weights.dtype == np.float32


def test_what_the_words_added_is_the_margin_that_decided() -> None:
    """By words or by features, the parts come to the same whole; the word that names the matter leads."""
    model = trained(EXAMPLES)
    words = ["hello", "late", "box", "late"]
    label = model.labels.index("late_delivery")
    by_word = model.by_word(words, label)
    columns, weights = model.weighted(words)
    assert by_word.sum() == pytest.approx(float(weights @ model.weights[columns, label]), abs=1e-5)
    assert words[int(by_word.argmax())] == "late"


@pytest.mark.parametrize("words", [[], ["unheard"], ["late"]])
def test_each_word_has_its_part(words: list[str]) -> None:
    assert trained(EXAMPLES).by_word(words, 0).shape == (len(words),)
