"""Names of products and sellers: read in their sentence where there is enough to learn from, listed ones where not."""

import itertools
import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.nlu.names import ENOUGH, Lists, Names, Span, learn, spans_of, stems_of, tags_of

THINGS = ("ساعة", "خلاط", "سماعة", "قميص", "كتاب", "حذاء")


def listed(**names: tuple[str, ...]) -> Lists:
    return Lists({entity: sorted({tuple(stems_of(name.split())) for name in own}) for entity, own in names.items()})


@pytest.fixture(scope="module")
def names() -> Names:
    """A watch that was bought is one; an hour that was waited is not."""
    bought = [(["اشتريت", thing, "من", "الموقع"], [Span("product", 1, 2)]) for thing in THINGS]
    broken = [(["وصلت", "ال" + thing, "مكسورة"], [Span("product", 1, 2)]) for thing in THINGS]
    waited = [(["انتظرت", "ساعة", "كاملة"], []), (["بعد", "ساعة", "وصل"], []), (["كل", "ساعة", "يتصل"], [])]
    times = ENOUGH // (len(bought) + len(broken)) + 1
    known = listed(product=("ساعة", "خلاط"))
    return learn((bought + broken + waited) * times, known, known)


@pytest.mark.parametrize(
    ("text", "spans"),
    [
        ("اشتريت ساعة من الموقع", [Span("product", 1, 2)]),
        ("انتظرت ساعة كاملة", []),
        ("اشتريت مروحة من الموقع", [Span("product", 1, 2)]),
        ("", []),
    ],
)
def test_the_sentence_says_whether_a_word_is_a_name(names: Names, text: str, spans: list[Span]) -> None:
    assert names.find(text.split()) == spans


def test_with_too_few_marks_the_list_of_all_names_decides() -> None:
    few = [(["اشتريت", "خلاط"], [Span("product", 1, 2)])]
    found = learn(few, listed(product=()), listed(product=("خلاط يدوي", "خلاط"), seller=("واحة",)))
    assert found.find(["الخلاط", "اليدوي", "من", "واحة"]) == [Span("product", 0, 2), Span("seller", 3, 4)]


@pytest.mark.parametrize("text", ["الماكينة تاع القهوة", "ماكينة القهوة", "الماكينه ديال القهوة", "المكينة بتاعة القهوة"])
def test_a_name_is_found_with_a_possessive_inside(text: str) -> None:
    found = listed(product=("ماكينة قهوة", "مكينة قهوة", "قهوة")).find(stems_of(text.split()))
    assert found == [Span("product", 0, len(text.split()))]


def test_what_was_learned_is_kept(names: Names) -> None:
    again = pickle.loads(pickle.dumps(names))
    assert again.find(["اشتريت", "مروحة", "من", "الموقع"]) == names.find(["اشتريت", "مروحة", "من", "الموقع"])


@given(st.lists(st.sampled_from(["O", "B-product", "I-product", "B-seller", "I-seller"]), max_size=12))
def test_tags_are_read_as_spans_in_order_without_overlap(tags: list[str]) -> None:
    spans = spans_of(tags)
    assert all(one.end <= other.start for one, other in itertools.pairwise(spans))
    assert spans_of(tags_of(spans, len(tags))) == spans
    assert sum(span.end - span.start for span in spans) == sum(tag != "O" for tag in tags)
