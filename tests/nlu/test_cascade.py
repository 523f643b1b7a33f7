"""Two readings: the second is asked where the first is unclear, weighs as much as it knows, and is believed no further."""

import pickle
from collections.abc import Sequence

import numpy as np
import pytest

from bot.nlu import cascade
from bot.nlu.cascade import MEANING, UNCLEAR, Cascade, fit
from bot.nlu.encoder import Wording

LABELS = ("late_delivery", "damaged_item", "refund_problem")
NEVER_SEEN = "zzz"


def wordings(count: int) -> tuple[list[Wording], list[str]]:
    """Messages of which every other one has a word that tells its label; what the others mean only the vectors know."""
    telling = dict(zip(LABELS, ("late", "broken", "refund"), strict=True))
    labels = [LABELS[at % 3] for at in range(count)]
    words = [[telling[label] if at % 6 < 3 else "hello", "box"] for at, label in enumerate(labels)]
    return [(one, " ".join(one)) for one in words], labels


def meaning(labels: Sequence[str], known: float, seed: int = 1) -> np.ndarray:
    """Vectors that point to the label in a share of the messages, elsewhere anywhere."""
    draw = np.random.default_rng(seed)
    at = np.array([LABELS.index(label) for label in labels])
    told = np.where(draw.random(len(at)) < known, at, draw.integers(0, 3, len(at)))
    vectors = np.eye(8)[told] + draw.normal(0, 0.1, (len(at), 8))
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)


def trained(known: float) -> Cascade:
    messages, labels = wordings(360)
    return fit(messages, labels, 1.0, meaning(labels, known))


@pytest.fixture
def means(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What each message means to the encoder, message by message, for a test to fill."""
    told: list[str] = []
    monkeypatch.setattr(cascade, "encoded", lambda messages: meaning(told[: len(messages)], 1.0, seed=2))
    return told


def test_a_clear_message_is_not_asked_about_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    model = trained(known=0.9)
    monkeypatch.delattr(cascade, "encoded")
    chances = model.chances(["late"], "late")
    assert LABELS[0] == model.labels[int(chances.argmax())]
    assert chances.max() >= UNCLEAR
    assert not model.asks_twice(["late"])


@pytest.mark.parametrize("label", LABELS)
def test_an_unclear_message_is_read_by_what_it_means(label: str, means: list[str]) -> None:
    model = trained(known=1.0)
    means.append(label)
    chances = model.chances([NEVER_SEEN], NEVER_SEEN)
    assert model.asks_twice([NEVER_SEEN])
    assert model.labels[int(chances.argmax())] == label
    assert chances.sum() == pytest.approx(1.0)
    assert chances.max() > 0.9


def test_a_second_reading_that_knows_nothing_weighs_nothing(means: list[str]) -> None:
    ignorant, knowing = trained(known=0.0), trained(known=1.0)
    assert ignorant.share < 0.1 < knowing.share
    means.append(LABELS[0])
    assert ignorant.chances([NEVER_SEEN], NEVER_SEEN).max() < UNCLEAR


def test_it_is_as_sure_as_it_is_right(means: list[str]) -> None:
    """A meaning that is right seven times of ten, no other three times alike, is believed about so far."""
    means.append(LABELS[1])
    assert trained(known=0.55).chances([NEVER_SEEN], NEVER_SEEN).max() == pytest.approx(0.7, abs=0.1)


def test_a_label_too_rare_to_hold_out_leaves_the_first_reading_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(cascade, "encoded")
    messages, labels = wordings(36)
    model = fit([*messages, (["app"], "app")], [*labels, "app_problem"], 1.0)
    assert model.second is None
    assert not model.asks_twice([NEVER_SEEN])
    assert model.chances([NEVER_SEEN], NEVER_SEEN).sum() == pytest.approx(1.0)


def test_what_is_missed_without_a_word_is_what_the_second_reading_had_of_it(means: list[str]) -> None:
    model = trained(known=1.0)
    means += [LABELS[0], LABELS[0], LABELS[1]]
    same, other = model.missed((["a", "b"], "a b"), [(["a"], "a"), (["b"], "b")], model.labels.index(LABELS[0]))
    assert abs(same) < 0.5 < other


@pytest.mark.parametrize(("meant", "speaks_for"), [(LABELS[0], True), (LABELS[1], False)])
def test_what_decided_names_the_meaning_where_it_was_asked(meant: str, speaks_for: bool, means: list[str]) -> None:
    model = trained(known=1.0)
    means.append(meant)
    *features, (name, ahead) = model.deciding(["box"], "box", model.labels.index(LABELS[0]), 3)
    assert len(features) == 3
    assert name == MEANING
    assert (ahead > 0) is speaks_for
    assert MEANING not in dict(model.deciding(["late"], "late", model.labels.index(LABELS[0]), 3))


def test_a_model_that_was_kept_reads_as_it_did(means: list[str]) -> None:
    model = trained(known=1.0)
    means.append(LABELS[2])
    kept = pickle.loads(pickle.dumps(model))
    assert list(kept.chances([NEVER_SEEN], "")) == list(model.chances([NEVER_SEEN], ""))
