"""The shoppers themselves: every kind and variety, answers to whatever may be asked, nothing from the training data."""

import re
from collections import Counter
from datetime import date
from functools import cache

import pytest

from bot.domain.draft import ASKED, SLOTS, VOLUNTEERED, asked_for
from bot.domain.shop import Shop
from bot.language.digits import western
from bot.language.spelling import fold
from tests.laws.contract import KINDS, REMEDIES
from tests.laws.project import domain, sentences
from tests.shoppers.facts import ENDS, FILED, VARIETIES, Person, day, people

each_person = pytest.mark.parametrize("person", people(), ids=lambda person: person.name)


@cache
def taught() -> set[str]:
    return {fold(sentence.text) for sentence in sentences()}


@cache
def titles() -> set[str]:
    return {
        button["title"] for texts in domain()["responses"].values() for text in texts for button in text.get("buttons", [])
    }


def test_there_are_sixty_of_every_kind_and_variety_and_most_file() -> None:
    assert len({person.name for person in people()}) == 60
    assert {person.kind for person in people()} == set(KINDS)
    assert [name for name, _ in Counter(person.variety for person in people()).most_common(1)] == ["gulf"]
    assert {person.variety for person in people()} == set(VARIETIES)
    assert {person.ends for person in people()} == set(ENDS)
    assert sum(person.ends in FILED for person in people()) >= 50


def test_no_two_have_the_same_order() -> None:
    orders = [str(person.facts["order_number"].expect) for person in people() if "order_number" in person.facts]
    assert len(set(orders)) == len(orders)


@each_person
def test_whoever_files_can_answer_every_question(person: Person) -> None:
    if person.ends not in FILED:
        return
    known = {*person.facts, *person.skips, *person.tells}
    assert set(asked_for(person.kind)) <= known
    for slot, fact in person.facts.items():
        assert slot in VOLUNTEERED or fact.says or fact.tap or slot in person.tells or slot in person.skips, slot


@each_person
def test_slots_and_buttons_are_ours(person: Person) -> None:
    named = {*person.facts, *person.skips, *person.tells, *person.interrupts, *(one.slot for one in person.corrections)}
    assert named <= {*SLOTS, "merge"}
    corrections = [step for one in person.corrections for step in one.steps]
    steps = [*corrections, *(step for steps in person.skips.values() for step in steps)]
    taps = {step["tap"] for step in steps if isinstance(step, dict) and "tap" in step}
    assert taps | {fact.tap for fact in person.facts.values() if fact.tap} | set(person.when_lost) <= titles()
    assert {one.at for one in person.corrections} <= {*ASKED, "confirmed"}


@each_person
def test_what_is_expected_can_be_stored(person: Person, shop: Shop) -> None:
    facts = person.facts
    assert person.ends in ENDS
    assert set(facts["remedy"].expect if "remedy" in facts else []) <= set(REMEDIES)
    if "order_number" in facts:
        assert re.fullmatch(shop.order_number_pattern, facts["order_number"].expect)
    if "purchase_date" in facts:
        assert day(facts["purchase_date"].expect, date(2026, 11, 22)) <= date(2026, 11, 22)


@each_person
def test_nothing_they_say_at_first_stands_in_the_training_data(person: Person) -> None:
    texts = [*person.opening, *(fact.says for slot, fact in person.facts.items() if fact.says and slot == "complaint_kind")]
    assert [text for text in texts if fold(text) in taught() and len(text.split()) > 3] == []


def test_both_sets_of_digits_are_written() -> None:
    orders = [fact.says for person in people() if (fact := person.facts.get("order_number")) and fact.says]
    assert sum(western(says) != says for says in orders) >= 10
    assert sum(western(says) == says for says in orders) >= 10


@pytest.mark.parametrize(
    ("expect", "today", "meant"),
    [
        ({"days_ago": 14}, date(2026, 11, 22), date(2026, 11, 8)),
        ({"months_ago": 1}, date(2026, 3, 31), date(2026, 2, 28)),
        ({"months_ago": 2}, date(2026, 1, 15), date(2025, 11, 15)),
        ({"weekday": "sunday"}, date(2026, 11, 22), date(2026, 11, 22)),
        ({"weekday": "saturday"}, date(2026, 11, 22), date(2026, 11, 21)),
        ({"weekday_before": "sunday"}, date(2026, 11, 22), date(2026, 11, 15)),
        ({"weekday_before": "monday"}, date(2026, 11, 22), date(2026, 11, 16)),
        ({"month_day": [10, 15]}, date(2026, 11, 22), date(2026, 10, 15)),
        ({"month_day": [12, 1]}, date(2026, 11, 22), date(2025, 12, 1)),
    ],
)
def test_a_day_is_counted_from_today(expect: dict[str, object], today: date, meant: date) -> None:
    assert day(expect, today) == meant
