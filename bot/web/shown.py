"""How messages look to clients."""

from typing import Any

from bot.domain.conversation import Message


def shown(message: Message) -> dict[str, Any]:
    """Return a message as streams and history carry it; a button's payload never leaves the server."""
    body: dict[str, Any] = {
        "seq": message.seq,
        "from": str(message.sender),
        "text": message.text,
        "at": message.created_at.isoformat().replace("+00:00", "Z"),
    }
    extras = {"client_id": message.client_id, "buttons": message.buttons, "custom": message.custom}
    return body | {name: value for name, value in extras.items() if value}


def shown_to_rest(message: Message, recipient: str) -> dict[str, Any]:
    """Return a message in the form of Rasa's REST channel; a button's payload is the id of the choice."""
    body: dict[str, Any] = {"recipient_id": recipient, "text": message.text}
    if message.buttons:
        body["buttons"] = [{"title": button["title"], "payload": button["id"]} for button in message.buttons]
    if message.custom:
        body["custom"] = message.custom
    return body
