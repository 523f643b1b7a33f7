"""The simulated shopper and its judge, against a bot that says what it is told."""

from datetime import UTC, datetime
from typing import Any

import pytest

from tests.shoppers.check import check, wrong_fields
from tests.shoppers.facts import Correction, Fact, Leaving, Person, Step
from tests.shoppers.run import figures, line
from tests.shoppers.shopper import Outcome, SimulatedShopper
from tests.system.shoppers import Reply

NUMBER = "SH-00000-00000-0001"
FACTS = {
    "complaint_kind": Fact(expect="late_delivery"),
    "order_number": Fact(says="رقمه ٨٨٤٤٢٢١١", expect="88442211"),
    "product": Fact(says="سماعة سوداء", expect=["سماعة"]),
    "remedy": Fact(tap="تعويض", says="عوضوني", expect=["compensation"]),
}
RECORD: dict[str, Any] = {
    "kind": "late_delivery", "order_number": "88442211", "purchase_date": None, "product": "سماعة سوداء", "seller": None,
    "amount": None, "description": "طلبي تأخر كثيرًا", "remedy": "compensation", "contact": None,
    "created_at": datetime(2026, 11, 22, 22, 30, tzinfo=UTC).isoformat(),
}  # fmt: skip


def person(**more: Any) -> Person:
    fields = {"name": "a", "variety": "gulf", "opening": ["طلبي تأخر كثيرًا"], "facts": FACTS, "ends": "filed"}
    return Person(**fields | {"tells": ["complaint_kind", "description"]} | more)


def asks(slot: str, *buttons: str, **custom: Any) -> Reply:
    return Reply(f"{slot}؟", {title: title for title in buttons}, {"asks": slot, **custom})


SUMMARY = asks("confirmed", "نعم، أرسلها", "أريد تعديلًا", summary=[{"slot": "order_number", "edit": "edit-order"}])
FILED = Reply("سُجّلت", {}, {"complaint_number": NUMBER})


class FakeWidget:
    """Replies in the order given, and repeats the last reply for ever."""

    conversation = "c"

    def __init__(self, *replies: Reply) -> None:
        self.rest = list(replies)
        self.done: list[str] = []
        self.last: list[Reply] = []

    def say(self, text: str) -> list[Reply]:
        return self._next(text)

    def tap(self, title: str) -> list[Reply]:
        return self._next(f"[{title}]")

    def send(self, choice: str) -> str:
        return choice

    def replies(self, choice: str) -> list[Reply]:
        return self._next(f"[{choice}]")

    def _next(self, done: str) -> list[Reply]:
        self.done.append(done)
        self.last = [self.rest.pop(0) if len(self.rest) > 1 else self.rest[0]]
        return self.last


def talked(someone: Person, *replies: Reply) -> tuple[list[str], Outcome]:
    widget = FakeWidget(*replies)
    return widget.done, SimulatedShopper(someone, widget).talk()  # type: ignore[arg-type]


def test_what_is_asked_is_answered_and_counted_without_the_summary() -> None:
    done, outcome = talked(person(), asks("order_number"), asks("remedy", "تعويض"), SUMMARY, FILED)
    assert done == ["طلبي تأخر كثيرًا", "رقمه ٨٨٤٤٢٢١١", "[تعويض]", "[نعم، أرسلها]"]
    assert (outcome.number, outcome.questions, outcome.good) == (NUMBER, ["order_number", "remedy"], True)


def test_an_interruption_comes_first_and_the_answer_when_it_is_asked_again() -> None:
    someone = person(interrupts={"order_number": ["ليش تسأل؟"]})
    done, outcome = talked(someone, asks("order_number"), asks("order_number"), SUMMARY, FILED)
    assert done[1:3] == ["ليش تسأل؟", "رقمه ٨٨٤٤٢٢١١"]
    assert outcome.asked_again == []


def test_what_was_told_and_is_asked_again_is_noted() -> None:
    someone = person(tells=["complaint_kind", "description", "product"])
    _, outcome = talked(someone, asks("product"), asks("order_number"), asks("order_number"), SUMMARY, FILED)
    assert outcome.asked_again == ["product", "order_number"]
    assert not outcome.good


@pytest.mark.parametrize(
    ("steps", "replies", "done"),
    [
        (["لا، رقمه 99"], [FILED], ["لا، رقمه 99"]),
        ([{"edit": "order_number"}, "99"], [asks("order_number"), SUMMARY, FILED], ["[edit-order]", "99", "[نعم، أرسلها]"]),
        (
            [{"tap": "أريد تعديلًا"}, {"tap": "رقم الطلب"}, "99"],
            [asks("confirmed", "رقم الطلب"), asks("order_number"), SUMMARY, FILED],
            ["[أريد تعديلًا]", "[رقم الطلب]", "99", "[نعم، أرسلها]"],
        ),
    ],
)
def test_a_correction_is_said_or_tapped_at_the_summary(steps: list[Step], replies: list[Reply], done: list[str]) -> None:
    someone = person(corrections=[Correction("confirmed", "order_number", steps, "99")])
    did, outcome = talked(someone, asks("order_number"), SUMMARY, *replies)
    assert did[2:] == done
    assert (outcome.corrected, outcome.asked_again) == ({"order_number"}, [])


def test_a_slot_is_skipped_in_words_and_then_by_its_button() -> None:
    someone = person(skips={"purchase_date": ["ما أذكر", {"tap": "نكمل من دونه"}]})
    replies = asks("purchase_date"), asks("purchase_date"), asks("purchase_date", "نكمل من دونه"), SUMMARY, FILED
    done, outcome = talked(someone, *replies)
    assert done[1:4] == ["ما أذكر", "ما أذكر", "[نكمل من دونه]"]
    assert outcome.asked_again == ["purchase_date"]


def test_whoever_leaves_says_so_and_keeps_the_draft_or_drops_it() -> None:
    question = asks("keep_draft", "احفظها لي", "احذفها")
    for ends, button in (("stopped_kept", "[احفظها لي]"), ("stopped_dropped", "[احذفها]")):
        someone = person(leaves=Leaving("order_number", "خلاص"), ends=ends)
        done, outcome = talked(someone, asks("order_number"), question, Reply("حاضر", {}, {}))
        assert done[1:] == ["خلاص", button]
        assert outcome.problems == []


def test_whoever_comes_back_goes_on_to_the_end() -> None:
    someone = person(leaves=Leaving("order_number", "خلاص", "أكمل"), ends="resumed_and_filed")
    resume = asks("resume_draft", "نعم، نكملها")
    done, outcome = talked(
        someone, asks("order_number"), Reply("حاضر", {}, {}), resume, asks("order_number"), SUMMARY, FILED
    )
    assert done[1:] == ["خلاص", "أكمل", "[نعم، نكملها]", "رقمه ٨٨٤٤٢٢١١", "[نعم، أرسلها]"]
    assert (outcome.number, outcome.asked_again) == (NUMBER, [])


@pytest.mark.parametrize(
    ("reply", "problem"),
    [
        (Reply("أهلًا", {}, {}), "gave up: not understood"),
        (asks("product"), "gave up: asked for product more than 6 times"),
        (asks("shoe_size"), "asked for shoe_size, which nobody foresaw"),
        (SUMMARY, "gave up after 25 turns"),
    ],
)
def test_nobody_goes_on_for_ever(reply: Reply, problem: str) -> None:
    _, outcome = talked(person(), reply)
    assert any(found.startswith(problem) for found in outcome.problems), outcome.problems


def test_what_was_not_offered_cannot_be_tapped() -> None:
    _, outcome = talked(person(), asks("confirmed"))
    assert outcome.problems == ["broke off: there was no button «نعم، أرسلها»"]


# ------------------------------------------------------------------ the judge


class FakeInstallation:
    def __init__(self, record: dict[str, Any] | None = None, states: tuple[str, ...] = ()) -> None:
        self.record, self.states = record, states

    def complaint(self, number: str) -> dict[str, Any]:
        assert self.record is not None
        return self.record

    def filed_in(self, conversation_id: str) -> list[str]:
        return [NUMBER] if self.record else []

    def draft_states(self, conversation_id: str) -> list[str]:
        return list(self.states)


def outcome(someone: Person | None = None, **more: Any) -> Outcome:
    someone = someone or person()
    told = {"complaint_kind", "description", "order_number", "product", "remedy"}
    return Outcome(someone, **{"number": NUMBER, "told": told, "said": ["رقمه ٨٨٤٤٢٢١١", "عوضوني"]} | more)


def test_a_record_of_what_was_told_is_right() -> None:
    assert wrong_fields(outcome(), RECORD) == []


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("kind", "not_received"), ("order_number", "88442212"), ("order_number", None), ("purchase_date", "2026-11-20"),
        ("product", "غسالة"), ("product", "سماعة " * 9), ("remedy", "refund"), ("seller", "سماعة"), ("amount", "45 ريال"),
        ("contact", "+966501234567"), ("description", "طلبي تأخر وأريد تعويضًا"), ("description", ""),
    ],
)  # fmt: skip
def test_a_field_that_is_not_what_was_told_is_named(field: str, value: str | None) -> None:
    [wrong] = wrong_fields(outcome(), RECORD | {field: value})
    assert wrong.startswith("complaint_kind" if field == "kind" else field)


def test_an_interruption_is_no_description() -> None:
    someone = person(interrupts={"order_number": ["ليش تسأل؟"]})
    told = outcome(someone, said=["ليش تسأل؟"])
    assert wrong_fields(told, RECORD | {"description": "ليش تسأل؟"}) == ["description: «ليش تسأل؟»"]


def test_a_date_is_counted_in_the_shops_zone() -> None:
    """Half past ten in the evening in UTC is the next day in Riyadh."""
    someone = person(facts=FACTS | {"purchase_date": Fact(says="أمس", expect={"days_ago": 1})})
    told = outcome(someone, told={"complaint_kind", "order_number", "product", "remedy", "purchase_date"})
    assert wrong_fields(told, RECORD | {"purchase_date": "2026-11-22"}) == []
    assert len(wrong_fields(told, RECORD | {"purchase_date": "2026-11-21"})) == 1


def test_after_a_correction_the_new_value_is_right() -> None:
    someone = person(corrections=[Correction("confirmed", "order_number", ["لا، رقمه 99"], "99")])
    told = outcome(someone, corrected={"order_number"})
    assert wrong_fields(told, RECORD | {"order_number": "99"}) == []
    assert len(wrong_fields(told, RECORD)) == 1


def test_what_was_overheard_rightly_is_right() -> None:
    told = outcome(told={"complaint_kind", "order_number", "remedy"})
    assert wrong_fields(told, RECORD) == []
    assert len(wrong_fields(told, RECORD | {"product": "غسالة"})) == 1


@pytest.mark.parametrize(
    ("ends", "installation", "heard", "problems"),
    [
        ("stopped_kept", FakeInstallation(states=("paused",)), "", 0),
        ("stopped_kept", FakeInstallation(states=("abandoned",)), "", 1),
        ("stopped_dropped", FakeInstallation(states=("abandoned",)), "", 0),
        ("stopped_dropped", FakeInstallation(states=("open",)), "", 1),
        ("stopped_dropped", FakeInstallation(RECORD, ("filed",)), "", 2),
        ("human", FakeInstallation(), "اتصل على 920000000", 0),
        ("human", FakeInstallation(), "أهلًا", 1),
        ("filed", FakeInstallation(), "", 1),
        ("not_understood_then_buttons", FakeInstallation(RECORD), "", 1),
    ],
)
def test_an_end_is_judged_by_what_is_stored(ends: str, installation: FakeInstallation, heard: str, problems: int) -> None:
    told = outcome(person(ends=ends), heard=[heard], number=NUMBER if installation.record and ends != "filed" else None)
    check(told, installation)
    assert len(told.problems) == problems, told.problems


def test_a_number_that_was_never_stored_is_a_problem() -> None:
    told = outcome()
    check(told, FakeInstallation())
    assert told.problems == ["filed 0 complaints, should have ended filed"]


def test_figures_count_what_filed() -> None:
    fine, asked = outcome(questions=["product"]), outcome(questions=["a", "b", "c"], asked_again=["a"])
    wrong, stopped = outcome(questions=["x"] * 9, problems=["remedy"]), outcome(person(ends="human"), number=None)
    found = figures([fine, asked, wrong, stopped])
    assert (found.shoppers, found.right, found.asked_again, found.questions) == (4, 3, 1, 3)
    assert found.share == 0.75
    assert line(wrong).startswith("FAIL a ")
    assert line(asked).endswith("asked again for a ×1")
