"""Lines of ours in a conversation: neither the shopper nor the bot nor an agent says them."""

from datetime import datetime
from typing import Any

from bot.domain.conversation import Conversation, Message, Sender
from bot.services.ports import Work
from bot.services.words import Words


def tell(
    work: Work,
    conversation: Conversation,
    words: Words,
    name: str,
    now: datetime,
    *,
    payload: str | None = None,
    values: dict[str, str] | None = None,
    **custom: Any,
) -> Message:
    """Put the notice `name` into a conversation, with `values` in its braces; clients know it by `custom`.

    Part of the caller's transaction.
    """
    text = words.notices[name].format(**(values or {}), **custom)
    message = Message(conversation.id, conversation.next_seq(), Sender.SYSTEM, text, now, payload=payload)
    message.custom = {"notice": name} | custom
    work.messages.add(message)
    return message
