"""What a shopper says is stored once, in order, with the turn it calls for; nobody reaches another's conversation."""

import uuid
from collections.abc import Callable

import pytest
import sqlalchemy as sa

from bot.domain.conversation import Sender
from bot.domain.errors import ClientIdReused, SessionUnknown
from bot.domain.turn import TurnState
from bot.services.chat import Chat, Incoming
from bot.store import tables
from bot.store.unit_of_work import Store
from tests.builders import Talk, at_once, errors_in

AShopper = Callable[[], str]


def rows(store: Store, table: sa.Table) -> list[sa.Row[tuple[object, ...]]]:
    with store.engine.connect() as connection:
        return list(connection.execute(sa.select(table).order_by(table.c.id)))


def said(text: str, client_id: str | None = None) -> Incoming:
    return Incoming(client_id or uuid.uuid4().hex, text)


def test_a_message_is_stored_with_the_turn_it_calls_for(chat: Chat, store: Store, a_shopper: AShopper) -> None:
    shopper = a_shopper()
    message, new = chat.receive(shopper, said("طلبي تأخر", "first-id"))
    assert (message.seq, message.sender, message.text, new) == (1, Sender.SHOPPER, "طلبي تأخر", True)
    [stored], [turn] = rows(store, tables.message), rows(store, tables.turn)
    assert (stored.seq, stored.text, stored.client_id, stored.payload) == (1, "طلبي تأخر", "first-id", None)
    assert (turn.conversation_id, turn.message_seq, turn.state) == (shopper, 1, TurnState.PENDING)


def test_the_same_message_again_changes_nothing_and_returns_the_first(chat: Chat, store: Store, a_shopper: AShopper) -> None:
    shopper = a_shopper()
    first, _ = chat.receive(shopper, said("طلبي تأخر", "same-id"))
    chat.receive(shopper, said("وأمر آخر"))
    again, new = chat.receive(shopper, said("  طلبي   تأخر ", "same-id"))
    assert (again.id, again.seq, new) == (first.id, 1, False)
    assert [len(rows(store, table)) for table in (tables.message, tables.turn)] == [2, 2]


def test_the_same_id_with_another_text_is_refused(chat: Chat, store: Store, a_shopper: AShopper) -> None:
    shopper = a_shopper()
    chat.receive(shopper, said("طلبي تأخر", "same-id"))
    with pytest.raises(ClientIdReused):
        chat.receive(shopper, said("طلبي وصل", "same-id"))
    assert [row.text for row in rows(store, tables.message)] == ["طلبي تأخر"]


def test_two_shoppers_may_use_the_same_client_id(chat: Chat, a_shopper: AShopper) -> None:
    one, other = a_shopper(), a_shopper()
    assert chat.receive(one, said("أ", "same-id"))[1]
    assert chat.receive(other, said("ب", "same-id"))[1]
    assert [message.text for message in chat.history(other)] == ["ب"]


def test_numbers_have_no_gap_and_no_double_under_concurrent_senders(chat: Chat, store: Store, a_shopper: AShopper) -> None:
    shopper = a_shopper()
    outcomes = at_once(20, lambda number: chat.receive(shopper, said(f"رسالة {number}")))
    assert errors_in(outcomes) == []
    assert sorted(message.seq for message, _ in outcomes) == list(range(1, 21))
    history = chat.history(shopper)
    assert [message.seq for message in history] == list(range(1, 21))
    assert {message.seq: message.text for message in history} == {message.seq: message.text for message, _ in outcomes}
    assert [row.message_seq for row in sorted(rows(store, tables.turn), key=lambda turn: turn.message_seq)] == list(
        range(1, 21)
    )


def test_a_message_sent_by_twenty_at_once_is_stored_once(chat: Chat, store: Store, a_shopper: AShopper) -> None:
    shopper = a_shopper()
    outcomes = at_once(20, lambda _: chat.receive(shopper, said("طلبي تأخر", "same-id")))
    assert errors_in(outcomes) == []
    assert sum(new for _, new in outcomes) == 1
    assert len({message.id for message, _ in outcomes}) == 1
    assert [len(rows(store, table)) for table in (tables.message, tables.turn)] == [1, 1]


def test_history_comes_in_pages_that_join_without_gap(
    chat: Chat, a_shopper: AShopper, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.services.chat.PAGE", 3)
    shopper, pages = a_shopper(), []
    for number in range(7):
        chat.receive(shopper, said(f"{number}"))
    while page := chat.history(shopper, pages[-1][-1] if pages else 0):
        pages.append([message.seq for message in page])
    assert pages == [[1, 2, 3], [4, 5, 6], [7]]


def test_a_token_opens_its_own_conversation_and_is_stored_only_as_a_hash(chat: Chat, store: Store) -> None:
    one, other = chat.open("widget"), chat.open("widget")
    assert (chat.access(one.token), chat.access(other.token)) == (one.conversation_id, other.conversation_id)
    for row in rows(store, tables.conversation):
        assert one.token not in map(str, row)
        assert row.token_hash != one.token


@pytest.mark.parametrize(
    "token", ["", "x", "\x00", "ü", "\ud800", "' OR 1=1 --", "x" * 10_000], ids=lambda token: ascii(token)[:20]
)
def test_a_wrong_token_opens_nothing(chat: Chat, token: str) -> None:
    session = chat.open("widget")
    for wrong in (token, session.token + token or "-", session.conversation_id):
        if wrong != session.token:
            with pytest.raises(SessionUnknown):
                chat.access(wrong)


def test_the_stored_hash_is_not_a_token(chat: Chat, store: Store) -> None:
    chat.open("widget")
    [row] = rows(store, tables.conversation)
    for wrong in (row.token_hash, row.sender_key, row.id):
        with pytest.raises(SessionUnknown):
            chat.access(wrong)


def test_a_message_for_no_conversation_is_refused(chat: Chat, store: Store) -> None:
    with pytest.raises(SessionUnknown):
        chat.receive("0" * 32, said("طلبي تأخر"))
    with pytest.raises(SessionUnknown):
        chat.undelivered("0" * 32)
    assert rows(store, tables.message) == []


def test_a_named_sender_keeps_one_conversation(chat: Chat) -> None:
    assert chat.named("rest", "sara") is None
    assert chat.open_named("rest", "sara") == chat.named("rest", "sara")
    assert chat.named("widget", "sara") is None
    assert len({chat.open_named("rest", name) for name in ("sara", "Sara", "sara ", "نورة")}) == 4


def test_twenty_first_messages_of_one_named_sender_open_one_conversation(chat: Chat, store: Store) -> None:
    for name in ("sara", "noura", "huda", "layla", "maha"):
        outcomes = at_once(20, lambda _, name=name: chat.open_named("rest", name))
        assert errors_in(outcomes) == []
        assert len(set(outcomes)) == 1
    assert len(rows(store, tables.conversation)) == 5


def test_no_name_reaches_a_conversation_of_the_widget(chat: Chat, store: Store) -> None:
    session = chat.open("widget")
    [row] = rows(store, tables.conversation)
    names = [session.conversation_id, session.token, row.sender_key, row.token_hash, f"widget:{session.conversation_id}"]
    assert session.conversation_id not in {chat.open_named("rest", name) for name in names}


def test_names_of_other_installations_lead_elsewhere(chat: Chat, store: Store, clock) -> None:
    assert Chat(store, clock, "another secret").open_named("rest", "sara") != chat.open_named("rest", "sara")


def test_a_conversation_begun_in_rasa_is_found_by_the_key_rasa_knows(chat: Chat, store: Store, a_shopper: AShopper) -> None:
    shopper = a_shopper()
    [row] = rows(store, tables.conversation)
    assert chat.access_sender(row.sender_key, "shell") == shopper
    opened = chat.access_sender("typed by hand", "shell")
    assert opened != shopper
    assert chat.access_sender("typed by hand", "shell") == opened


def test_one_conversation_is_opened_for_a_key_that_many_ask_for_at_once(chat: Chat, store: Store) -> None:
    outcomes = at_once(10, lambda _: chat.access_sender("typed by hand", "shell"))
    assert errors_in(outcomes) == []
    assert [row.id for row in rows(store, tables.conversation)] == [outcomes[0]]


def test_what_was_not_delivered_is_handed_out_once_and_without_the_shoppers_own(talk: Talk) -> None:
    talk.ask("طلبي تأخر")
    assert [message.text for message in talk.chat.undelivered(talk.id)] == ["رد على: طلبي تأخر"]
    assert talk.chat.undelivered(talk.id) == []
    talk.ask("طيب")
    assert [message.text for message in talk.chat.undelivered(talk.id)] == ["رد على: طيب"]


def test_two_who_ask_for_the_undelivered_at_once_do_not_both_get_it(talk: Talk) -> None:
    talk.ask("طلبي تأخر")
    outcomes = at_once(10, lambda _: talk.chat.undelivered(talk.id))
    assert errors_in(outcomes) == []
    assert sum(len(messages) for messages in outcomes) == 1
