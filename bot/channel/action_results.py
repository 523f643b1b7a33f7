"""Checks what the action server answers as Rasa does, with its schema compiled once.

Rasa checks its own constant schema again at every call, which takes longer than everything else in a turn of a form.
"""

from typing import Any

from jsonschema.exceptions import best_match
from jsonschema.validators import validator_for
from rasa.core.actions.action import RemoteAction
from rasa.shared.constants import DOCS_BASE_URL

_SCHEMA = RemoteAction.action_response_format_spec()
_VALIDATOR = validator_for(_SCHEMA)(_SCHEMA)
_SLOT_SET = {"event", "timestamp", "name", "value"}
_WHY = (
    ". Failed to validate Action server response from API, make sure your response from the Action endpoint is valid. "
    f"For more information about the format visit {DOCS_BASE_URL}/custom-actions"
)


def install() -> None:
    """Let Rasa's calls of the action server check their results so."""
    RemoteAction._validate_action_result = validate_action_result


def validate_action_result(_action: RemoteAction, result: dict[str, Any]) -> bool:
    """Return True; raise jsonschema's ValidationError with Rasa's words where the answer has another form."""
    if _VALIDATOR.is_valid(_without_plain_slots(result)):
        return True
    error = best_match(_VALIDATOR.iter_errors(result))
    error.message += _WHY
    raise error


def _without_plain_slots(result: Any) -> Any:
    """Leave out the events that are surely allowed, most of a form's: the schema tries each against every kind there is."""
    if not isinstance(result, dict) or not isinstance(events := result.get("events"), list):
        return result
    return result | {"events": [event for event in events if not _sets_a_slot(event)]}


def _sets_a_slot(event: Any) -> bool:
    if not isinstance(event, dict) or event.keys() != _SLOT_SET:
        return False
    return event["event"] == "slot" and event["timestamp"] is None and isinstance(event["name"], str)
