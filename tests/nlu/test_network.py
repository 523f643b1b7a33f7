"""The network over the encoder's vectors: probabilities, whatever the number of labels, and the same from the same."""

import numpy as np
import pytest

from bot.nlu.network import Network, learn

CORNERS = np.eye(8, dtype=np.float32)


def around(label: int, count: int, seed: int) -> np.ndarray:
    """Vectors of length one near a corner."""
    drawn = CORNERS[label] + np.random.default_rng(seed).normal(0, 0.2, (count, 8))
    return (drawn / np.linalg.norm(drawn, axis=1, keepdims=True)).astype(np.float32)


def trained(labels: int) -> Network:
    vectors = np.vstack([around(label, 60, seed=label) for label in range(labels)])
    return learn(vectors, np.repeat(np.arange(labels), 60))


@pytest.mark.parametrize("labels", [2, 3, 8])
def test_it_knows_what_it_has_not_seen(labels: int) -> None:
    network = trained(labels)
    for label in range(labels):
        logs = network.log_chances(around(label, 20, seed=100 + label))
        assert logs.shape == (20, labels)
        assert np.exp(logs).sum(axis=1) == pytest.approx(1.0, abs=1e-5)
        assert (logs.argmax(axis=1) == label).mean() > 0.9


def test_the_same_messages_give_the_same_network() -> None:
    one, other = trained(3), trained(3)
    assert (one.hidden[0] == other.hidden[0]).all()
    assert (one.outer[0] == other.outer[0]).all()


def test_vectors_far_from_all_are_finite() -> None:
    assert np.isfinite(trained(3).log_chances(np.full((1, 8), 1e6, np.float32))).all()
