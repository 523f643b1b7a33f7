"""What every turn asks of the store, built once: building a statement anew takes longer than SQLite takes to answer it.

The statements name mapped classes, so this module maps them.
"""

import sqlalchemy as sa

from bot.domain.conversation import Conversation, Message
from bot.domain.draft import Draft, DraftState
from bot.domain.handoff import Handoff, HandoffState
from bot.domain.label import Utterance
from bot.domain.turn import Turn, TurnState
from bot.store import console_tables, label_tables, tables
from bot.store.mapping import map_domain

map_domain()

OPEN_TURN = (TurnState.PENDING, TurnState.RUNNING)

_as_it_is_now = {"populate_existing": True}
"""Of a row that is locked: what this unit of work read before somebody else changed it is read again."""


def _of(column: "sa.Column[str]") -> sa.ColumnElement[bool]:
    return column == sa.bindparam("conversation_id")


CONVERSATION = (
    sa.select(Conversation)
    .where(tables.conversation.c.id == sa.bindparam("conversation_id"))
    .with_for_update(key_share=True)
    .execution_options(**_as_it_is_now)
)
CONVERSATION_OF_TOKEN = sa.select(Conversation).where(tables.conversation.c.token_hash == sa.bindparam("token_hash"))

_message = tables.message.c
MESSAGE_OF_CLIENT = sa.select(Message).where(_of(_message.conversation_id), _message.client_id == sa.bindparam("client_id"))
MESSAGE_AT = sa.select(Message).where(_of(_message.conversation_id), _message.seq == sa.bindparam("seq"))
MESSAGES_AFTER = (
    sa.select(Message)
    .where(_of(_message.conversation_id), _message.seq > sa.bindparam("seq"))
    .order_by(_message.seq)
    .limit(sa.bindparam("limit", type_=sa.Integer))
)

_choice = tables.choice.c
CHOICES_LAST_OFFERED = sa.select(tables.choice).where(
    _of(_choice.conversation_id),
    _choice.message_seq
    == sa.select(sa.func.max(_choice.message_seq)).where(_of(_choice.conversation_id)).correlate(None).scalar_subquery(),
)

_turn = tables.turn.c
TURN = sa.select(Turn).where(_turn.id == sa.bindparam("turn_id")).with_for_update().execution_options(**_as_it_is_now)
FIRST_OPEN_TURN = (
    sa.select(Turn)
    .where(_of(_turn.conversation_id), _turn.state.in_(OPEN_TURN))
    .order_by(_turn.message_seq)
    .limit(1)
    .with_for_update()
)

_draft = tables.draft.c
DRAFT = (
    sa.select(Draft)
    .where(_draft.id == sa.bindparam("draft_id"))
    .with_for_update(of=tables.draft)
    .execution_options(**_as_it_is_now)
)
OPEN_DRAFT = sa.select(Draft).where(_of(_draft.conversation_id), _draft.state == DraftState.OPEN)

HANDOFF_IS_OPEN = console_tables.handoff.c.state != HandoffState.ENDED
OPEN_HANDOFF = sa.select(Handoff).where(_of(console_tables.handoff.c.conversation_id), HANDOFF_IS_OPEN)
UTTERANCE_OF_HASH = (
    sa.select(Utterance).where(label_tables.utterance.c.folded_hash == sa.bindparam("folded_hash")).with_for_update()
)
