"""`shakwa talk`: what is typed is said, tapped by its number or obeyed; what is printed is what was heard and stored."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from bot.domain.conversation import Reading, Sender
from bot.domain.draft import Draft
from bot.domain.errors import Refused
from bot.engine.talk import Bubble
from bot.talk_cli import COMMANDS, Talk
from tests.builders import a_reading

OFFER = [
    Bubble(Sender.BOT, "ما المشكلة؟", (("تأخر", "i1"), ("ناقص", "i2"))),
    Bubble(Sender.AGENT, "معك سارة", (("شكرًا", "i3"),)),
]


class FakeConversation:
    def __init__(self, bubbles: list[Bubble], refusal: str = "") -> None:
        self.bubbles, self.refusal = bubbles, refusal
        self.done: list[tuple[str, str]] = []

    def say(self, text: str) -> list[Bubble]:
        return self._take("said", text)

    def tap(self, choice: str) -> list[Bubble]:
        return self._take("tapped", choice)

    def _take(self, how: str, what: str) -> list[Bubble]:
        if self.refusal:
            raise Refused(self.refusal)
        self.done.append((how, what))
        return self.bubbles


class FakeKept:
    def __init__(self, draft: Draft | None = None, reading: tuple[str, Reading] | None = None) -> None:
        self._draft, self._reading = draft, reading

    def draft(self) -> Draft | None:
        return self._draft

    def reading(self) -> tuple[str, Reading] | None:
        return self._reading


def a_draft() -> Draft:
    draft = Draft("d", "c", datetime(2026, 11, 22, tzinfo=UTC), asked="product")
    draft.put("purchase_date", "2026-11-15", "قبل أسبوع")
    draft.put("complaint_kind", "late_delivery", "late_delivery")
    draft.skip("contact")
    draft.refuse("product")
    return draft


def typing(*lines: str) -> Callable[[str], str]:
    """Answers every prompt with the next line, and ends like Ctrl-D."""
    rest = iter(lines)

    def ask(prompt: str) -> str:
        try:
            return next(rest)
        except StopIteration:
            raise EOFError from None

    return ask


def talked(*lines: str, conversation: FakeConversation | None = None) -> list[tuple[str, str]]:
    conversation = conversation or FakeConversation(OFFER)
    Talk(conversation, FakeKept()).run(typing(*lines))
    return conversation.done


def test_buttons_are_numbered_through_all_bubbles(capsys: pytest.CaptureFixture[str]) -> None:
    talked("أبغى أشتكي")
    assert capsys.readouterr().out.splitlines() == [
        COMMANDS, "ما المشكلة؟", "  1. تأخر", "  2. ناقص", "[agent] معك سارة", "  3. شكرًا",
    ]  # fmt: skip


@pytest.mark.parametrize(("typed", "tapped"), [("1", "i1"), ("2", "i2"), (" 3 ", "i3"), ("٢", "i2"), ("۳", "i3")])
def test_a_number_taps_its_button_in_any_digits(typed: str, tapped: str) -> None:
    assert talked("أبغى أشتكي", typed) == [("said", "أبغى أشتكي"), ("tapped", tapped)]


@pytest.mark.parametrize("typed", ["0", "4", "88442211", "1 2", "تأخر", "²"])
def test_what_is_no_number_of_a_button_is_said(typed: str) -> None:
    assert talked("أبغى أشتكي", typed)[-1] == ("said", typed)


def test_a_number_is_said_where_nothing_was_offered() -> None:
    assert talked("1") == [("said", "1")]


def test_only_what_was_offered_last_can_be_tapped() -> None:
    conversation = FakeConversation(OFFER)
    talk = Talk(conversation, FakeKept())
    talk.take("أبغى أشتكي")
    conversation.bubbles = [Bubble(Sender.BOT, "تمام")]
    talk.take("1")
    talk.take("1")
    assert conversation.done[1:] == [("tapped", "i1"), ("said", "1")]


@pytest.mark.parametrize("lines", [("/quit", "بعد"), (), ("", "  ")])
def test_it_ends_when_told_so_or_when_nothing_more_is_typed(lines: tuple[str, ...]) -> None:
    assert talked(*lines) == []


def test_ctrl_c_ends_it_too() -> None:
    def interrupted(prompt: str) -> str:
        raise KeyboardInterrupt

    Talk(FakeConversation(OFFER), FakeKept()).run(interrupted)


def test_a_command_that_is_none_is_not_said(capsys: pytest.CaptureFixture[str]) -> None:
    assert talked("/restart") == []
    assert capsys.readouterr().out.splitlines() == [COMMANDS, COMMANDS]


def test_a_refusal_is_printed_and_the_conversation_goes_on(capsys: pytest.CaptureFixture[str]) -> None:
    talked("ا" * 3000, conversation=FakeConversation([], "رسالتك طويلة"))
    assert "رسالتك طويلة" in capsys.readouterr().out


def test_an_answer_that_does_not_come_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    talked("مرحبا", conversation=FakeConversation([]))
    assert "No answer came yet" in capsys.readouterr().out


def test_slots_are_printed_with_their_words_and_what_was_skipped(capsys: pytest.CaptureFixture[str]) -> None:
    Talk(FakeConversation([]), FakeKept(draft=a_draft())).take("/slots")
    assert [line.split(maxsplit=1) for line in capsys.readouterr().out.splitlines()] == [
        ["complaint_kind", "late_delivery"],
        ["purchase_date", "2026-11-15  «قبل أسبوع»"],
        ["contact", "(skipped)"],
        ["asked", "now       product"],
    ]


def test_the_reading_is_printed_with_guesses_and_entities(capsys: pytest.CaptureFixture[str]) -> None:
    Talk(FakeConversation([]), FakeKept(reading=("الغسالة تأخرت", a_reading()))).take("/parse")
    assert [line.strip() for line in capsys.readouterr().out.splitlines()] == [
        "«الغسالة تأخرت»",
        "late_delivery 0.910, taken as inform   (shakwa-20261122-120000.tar.gz)",
        "0.910 late_delivery",
        "0.050 not_received",
        "product: غسالة",
    ]


def test_before_the_first_message_there_is_nothing_to_show(capsys: pytest.CaptureFixture[str]) -> None:
    talk = Talk(FakeConversation([]), FakeKept())
    talk.take("/slots")
    talk.take("/parse")
    assert capsys.readouterr().out.splitlines() == ["No complaint is being written.", "No message has been read yet."]


def test_with_show_both_follow_every_answer(capsys: pytest.CaptureFixture[str]) -> None:
    kept = FakeKept(a_draft(), ("الغسالة تأخرت", a_reading()))
    Talk(FakeConversation([Bubble(Sender.BOT, "أبشر")]), kept, show=True).take("الغسالة تأخرت")
    printed = capsys.readouterr().out
    assert printed.index("أبشر") < printed.index("purchase_date") < printed.index("product: غسالة")


def test_what_was_heard_is_printed_as_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    talked("؟", conversation=FakeConversation([Bubble(Sender.BOT, "[bold]مهم[/] <b>", (("[/]", "i"),))]))
    assert capsys.readouterr().out.splitlines()[1:] == ["[bold]مهم[/] <b>", "  1. [/]"]
