"""How conversations, the queue and users look to the console."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from bot.domain.complaint import Complaint
from bot.domain.conversation import Conversation, Message, Reading
from bot.domain.handoff import Handoff
from bot.domain.user import User
from bot.services.dossier import Dossier
from bot.services.queue import Queued
from bot.services.words import Words
from bot.web.shown import shown


def moment(at: datetime | None) -> str | None:
    return at.isoformat().replace("+00:00", "Z") if at else None


def user(one: User) -> dict[str, Any]:
    return {
        "id": one.id,
        "login": one.login,
        "name": one.name,
        "role": str(one.role),
        "available": one.available,
        "one_time": one.one_time,
        "disabled": one.disabled_at is not None,
        "signed_in_at": moment(one.signed_in_at),
    }


def handoff(one: Handoff | None, names: dict[int, str]) -> dict[str, Any] | None:
    if one is None:
        return None
    return {
        "state": str(one.state),
        "reason": str(one.reason),
        "severity": str(one.severity),
        "asked_at": moment(one.asked_at),
        "agent": names.get(one.agent_id or 0),
        "agent_id": one.agent_id,
        "returns": one.returns,
    }


def queued(one: Queued) -> dict[str, Any]:
    line = one.line
    return {
        "conversation": line.handoff.conversation_id,
        **(handoff(line.handoff, {line.handoff.agent_id or 0: line.agent or ""}) or {}),
        "urgency": round(one.urgency, 1),
        "shopper": line.shopper,
        "last_words": (line.last_words or "")[:140],
        "kind": line.kind,
        "number": line.number,
    }


def message(one: Message, address: Callable[[str], str]) -> dict[str, Any]:
    """Return a message as its shopper has it; buttons are shown, and tapped by the shopper alone."""
    return shown(one, address) | ({"tapped": True} if one.payload and str(one.sender) == "shopper" else {})


def reading(one: Reading) -> dict[str, Any]:
    return {
        "intent": one.intent,
        "confidence": round(one.confidence, 3),
        "ranking": [{"name": guess["name"], "confidence": round(guess["confidence"], 3)} for guess in one.ranking],
        "entities": one.entities,
        "taken_as": one.taken_as,
        "model": one.model,
    }


def brief(one: Complaint) -> dict[str, Any]:
    return {
        "number": one.number,
        "kind": str(one.kind),
        "status": str(one.status),
        "level": str(one.level),
        "severity": str(one.severity),
        "created_at": moment(one.created_at),
        "answer_due_at": moment(one.answer_due_at),
    }


def conversation(one: Conversation) -> dict[str, Any]:
    return {
        "id": one.id,
        "channel": one.channel,
        "created_at": moment(one.created_at),
        "holder": str(one.holder),
        "known": one.known,
    }


def state(dossier: Dossier, words: Words) -> dict[str, Any]:
    """Return what changes beside the transcript while a conversation is looked at."""
    form = [
        {
            "slot": field.slot,
            "value": field.value,
            "shown": words.shown(field.slot, field.value) if field.value is not None else None,
            "typed": field.typed,
            "skipped": field.skipped,
        }
        for field in dossier.form
    ]
    notes = [
        {"id": note.id, "author": dossier.names.get(note.author_id), "text": note.text, "at": moment(note.at)}
        for note in dossier.notes
    ]
    return {
        "conversation": conversation(dossier.conversation),
        "handoff": handoff(dossier.handoff, dossier.names),
        "form": form,
        "complaints": [brief(complaint) for complaint in dossier.complaints],
        "notes": notes,
    }
