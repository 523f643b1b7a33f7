"""Calls the action server with what its actions read, over connections that are kept.

Rasa sends every event of the conversation, each message with all guesses that were made of it, and opens a connection
for each call. Our actions read what the shopper wanted, the message before the latest, and what has run since. None
reads the domain, 155 kB, which Rasa sends to every `validate_…` action even where `enable_selective_domain` is set.
"""

import asyncio
from typing import Any
from weakref import WeakKeyDictionary

import aiohttp
from rasa.core.actions.action import RemoteAction
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, Event, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker, EventVerbosity
from rasa.utils import endpoints
from rasa.utils.endpoints import EndpointConfig

IDLE_SECONDS = 4.0
"""How long a connection is kept unused: less than a server keeps it, so that none is used that is just being closed."""

_connectors: WeakKeyDictionary[asyncio.AbstractEventLoop, aiohttp.TCPConnector] = WeakKeyDictionary()
_rasas_format = RemoteAction._action_call_format


def install() -> None:
    """Let Rasa call the action server so."""
    RemoteAction._action_call_format = call_format
    EndpointConfig.session = session


def call_format(action: RemoteAction, tracker: DialogueStateTracker, domain: Domain) -> dict[str, Any]:
    """Return Rasa's call with fewer events in its tracker, and without the domain."""
    call: dict[str, Any] = _rasas_format(action, _Brief(tracker), _Unread())
    return call


def session(endpoint: EndpointConfig) -> aiohttp.ClientSession:
    """Return Rasa's session over connections that outlive it."""
    loop = asyncio.get_running_loop()
    if loop not in _connectors:
        _connectors[loop] = aiohttp.TCPConnector(limit=0, keepalive_timeout=IDLE_SECONDS)
    known = endpoint.basic_auth
    return aiohttp.ClientSession(
        headers=endpoint.headers,
        auth=aiohttp.BasicAuth(known["username"], known["password"]) if known else None,
        timeout=aiohttp.ClientTimeout(total=endpoints.DEFAULT_REQUEST_TIMEOUT),
        connector=_connectors[loop],
        connector_owner=False,
    )


async def close() -> None:
    """Close what this event loop has kept."""
    if connector := _connectors.pop(asyncio.get_running_loop(), None):
        await connector.close()


class _Brief:
    """A tracker as `_action_call_format` sees it."""

    def __init__(self, tracker: DialogueStateTracker) -> None:
        self._tracker = tracker
        self.sender_id = tracker.sender_id

    def current_state(self, _: EventVerbosity) -> dict[str, Any]:
        return self._tracker.current_state() | {"events": _events(self._tracker)}


class _Unread:
    """A domain that no action asks for."""

    def does_custom_action_explicitly_need_domain(self, _: str) -> bool:
        return False

    def as_dict(self) -> dict[str, Any]:
        return {}


def _events(tracker: DialogueStateTracker) -> list[dict[str, Any]]:
    spoken = [event for event in tracker.events if isinstance(event, UserUttered)]
    before = spoken[-2] if len(spoken) > 1 else None
    kept = (event for event in tracker.events if isinstance(event, UserUttered | ActionExecuted))
    return [event.as_dict() if event is before else _briefly(event) for event in kept]


def _briefly(event: Event) -> dict[str, Any]:
    if isinstance(event, UserUttered):
        return {"event": event.type_name, "text": event.text, "parse_data": {"intent": event.intent}}
    return {"event": event.type_name, "name": event.action_name}
