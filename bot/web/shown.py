"""How messages look to clients."""

from collections.abc import Callable
from typing import Any

from bot.domain.conversation import Message


def shown(message: Message, address: Callable[[str], str]) -> dict[str, Any]:
    """Return a message as streams and history carry it; a button's payload never leaves the server.

    `address` returns where a file can be opened for a while: whoever reads the message may.
    """
    body: dict[str, Any] = {
        "seq": message.seq,
        "from": str(message.sender),
        "text": message.text,
        "at": message.created_at.isoformat().replace("+00:00", "Z"),
    }
    custom = dict(message.custom)
    if "files" in custom:
        custom["files"] = [file | {"url": address(file["id"])} for file in custom["files"]]
    extras = {"client_id": message.client_id, "buttons": message.buttons, "custom": custom}
    return body | {name: value for name, value in extras.items() if value}


def shown_to_rest(message: Message, recipient: str) -> dict[str, Any]:
    """Return a message in the form of Rasa's REST channel; a button's payload is the id of the choice."""
    body: dict[str, Any] = {"recipient_id": recipient, "text": message.text}
    if message.buttons:
        body["buttons"] = [{"title": button["title"], "payload": button["id"]} for button in message.buttons]
    if message.custom:
        body["custom"] = message.custom
    return body
