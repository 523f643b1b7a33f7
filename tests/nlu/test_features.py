"""What is counted in a message, and that a message is counted as the whole training data is."""

import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.feature_extraction.text import CountVectorizer

from bot.nlu.features import LONGEST, PAIR, SHORTEST, WORD, Vocabulary, features, grams

letters = st.text("abcdeنمليا", min_size=1, max_size=9)
messages = st.lists(letters, max_size=8)


@given(letters)
def test_the_grams_of_a_word_are_those_of_scikit_learn(word: str) -> None:
    """Those of words shorter than the longest n-gram come once there, where every length repeats the whole word."""
    theirs = CountVectorizer(analyzer="char_wb", ngram_range=(SHORTEST, LONGEST), lowercase=False).build_analyzer()
    assert set(grams(word)[1:]) == set(theirs(word))


def test_words_and_pairs_are_features_of_their_own() -> None:
    found = features(["لا", "اريد", "لا"])
    assert found.count(WORD + "لا") == 2
    assert PAIR + "لا اريد" in found
    assert PAIR + "اريد لا" in found


def test_one_word_has_no_pair() -> None:
    assert not [feature for feature in features(["وصل"]) if feature.startswith(PAIR)]


@given(st.lists(messages, min_size=1, max_size=6), messages)
def test_a_row_counts_the_known_features_and_no_others(taught: list[list[str]], words: list[str]) -> None:
    vocabulary = Vocabulary(taught)
    columns, counts = vocabulary.row(words)
    names = {column: feature for feature, column in vocabulary.columns.items()}
    counted = {names[column]: count for column, count in zip(columns, counts, strict=True)}
    found = features(words)
    assert counted == {feature: found.count(feature) for feature in found if feature in vocabulary.columns}
    assert list(columns) == sorted(columns)


def test_rows_are_the_rows_of_the_messages() -> None:
    taught = [["الطلب", "تاخر"], [], ["تاخر", "تاخر"]]
    vocabulary = Vocabulary(taught)
    rows = vocabulary.rows(taught)
    assert rows.shape == (3, len(vocabulary))
    for at, words in enumerate(taught):
        columns, counts = vocabulary.row(words)
        assert rows[at].indices.tolist() == columns.tolist()
        assert rows[at].data.tolist() == counts.tolist()


@pytest.mark.parametrize("words", [["تاخر", "الطلب"], ["جديد"], []])
def test_a_vocabulary_that_was_kept_counts_the_same(words: list[str]) -> None:
    vocabulary = Vocabulary([["الطلب", "تاخر"]])
    again = pickle.loads(pickle.dumps(vocabulary))
    assert [part.tolist() for part in again.row(words)] == [part.tolist() for part in vocabulary.row(words)]
    assert again.row(words)[0].dtype == np.int64
