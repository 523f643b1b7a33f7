"""What the services ask: how an answer to each question is read, and which questions may be left open."""

from collections.abc import Callable

from actions.scene import Scene
from actions.slots import valid
from bot.language.digits import western
from bot.language.fields import named_channel
from bot.services.fields import Unclear
from bot.services.references import canonical

DIGITS_OF_A_NUMBER = 14
SHORTEST_QUESTION = 2
"""Words."""


def number(scene: Scene) -> str:
    """Read the number of a complaint; one with a wrong digit is read too, and found to be nobody's."""
    found = scene.said.entity("complaint_number")
    digits = [char for char in western(scene.said.text) if char.isdecimal()]
    if found is None and len(digits) != DIGITS_OF_A_NUMBER:
        raise Unclear("unreadable")
    return canonical(found or "".join(digits))


def contact(scene: Scene) -> str:
    return valid("contact", scene.said.text)


def phone(scene: Scene) -> str:
    read = contact(scene)
    if "@" in read:
        raise Unclear("unreadable")
    return read


def yes_or_no(scene: Scene) -> str:
    if scene.said.intent not in ("affirm", "deny"):
        raise Unclear("unclear")
    return "yes" if scene.said.intent == "affirm" else "no"


def words(scene: Scene) -> str:
    """Read whatever was written, if it has letters or figures."""
    text = scene.said.text.strip()
    if scene.said.tapped or not any(char.isalnum() for char in text):
        raise Unclear("unclear")
    return text


def sentence(scene: Scene) -> str:
    text = words(scene)
    if len(text.split()) < SHORTEST_QUESTION:
        raise Unclear("too_short")
    return text


def channel(scene: Scene) -> str:
    named = scene.said.entity("channel") or named_channel(scene.said.text)
    return named or words(scene)


def order(scene: Scene) -> str:
    return valid("order_number", scene.said.text)


def stars(scene: Scene) -> str:
    given = scene.said.entity("stars") or western(scene.said.text).strip()
    if given not in ("1", "2", "3", "4", "5"):
        raise Unclear("unclear")
    return given


def time_of_day(scene: Scene) -> str:
    return scene.said.entity("time") or words(scene)


READ: dict[str, Callable[[Scene], str]] = {
    "tracked_number": number,
    "proof": contact,
    "details": sentence,
    "withdraw_sure": yes_or_no,
    "reopen_reason": sentence,
    "affected": sentence,
    "expected": words,
    "contact_channel": channel,
    "contact_when": words,
    "contact_content": sentence,
    "callback_phone": phone,
    "callback_time": time_of_day,
    "seller_name": words,
    "seller_order": order,
    "seller_question": sentence,
    "security_what": sentence,
    "security_when": words,
    "security_contact": contact,
    "stars": stars,
    "rating_word": words,
    "keep_draft": yes_or_no,
}
"""Question → its reader, which raises Unclear."""

OPTIONAL = frozenset({
    "reopen_reason", "affected", "expected", "contact_when", "callback_time", "seller_name", "seller_order", "security_when",
    "security_contact", "rating_word",
})  # fmt: skip
"""Questions that may be skipped, and are left open when an answer cannot be read."""

MOST_REFUSALS = 2
"""Unreadable answers after which a question is left open, or the service given up."""
