"""What may become of a complaint: the steps between statuses and between levels, and why a step is refused.

                 ┌────────────────────────────────┐
    submitted ──►│ in_review ⇄ waiting_shopper    │──► resolved ──► closed
    reopened  ──►│           ⇄ waiting_seller     │──► closed
        ▲        └────────────────────────────────┘──► withdrawn
        └───────── resolved, closed, withdrawn

Levels go up, one after another or over several, and never down.
"""

from itertools import pairwise

from bot.domain.errors import NotAllowed
from bot.domain.names import Level, Status

OPEN = frozenset(Status) - {Status.RESOLVED, Status.CLOSED, Status.WITHDRAWN}
"""Statuses in which the shop still owes something."""

ANSWERS = frozenset({Status.WAITING_SHOPPER, Status.RESOLVED, Status.CLOSED})
"""Statuses that the shop gives by answering the shopper."""

_WORKING = frozenset({Status.IN_REVIEW, Status.WAITING_SHOPPER, Status.WAITING_SELLER})
_ENDS = frozenset({Status.RESOLVED, Status.CLOSED, Status.WITHDRAWN})

_ALLOWED = {
    Status.SUBMITTED: _WORKING | _ENDS,
    Status.REOPENED: _WORKING | _ENDS,
    **{status: (_WORKING | _ENDS) - {status} for status in _WORKING},
    Status.RESOLVED: frozenset({Status.CLOSED, Status.REOPENED}),
    Status.CLOSED: frozenset({Status.REOPENED}),
    Status.WITHDRAWN: frozenset({Status.REOPENED}),
}

_ENDED = {
    Status.RESOLVED: "already_resolved",
    Status.CLOSED: "already_closed",
    Status.WITHDRAWN: "already_withdrawn",
}
"""Status → the sentence that says why nothing follows on it."""


def allowed(status: Status) -> frozenset[Status]:
    """Return the statuses one step away."""
    return _ALLOWED[status]


def one_up(level: Level) -> Level | None:
    """Return the next level, None above the highest."""
    return dict(pairwise(Level)).get(level)


def is_higher(level: Level, other: Level) -> bool:
    levels = list(Level)
    return levels.index(level) > levels.index(other)


def require_step(status: Status, to: Status) -> None:
    """Raise NotAllowed, with a code that says what is the matter, unless the step is allowed."""
    if to in allowed(status):
        return
    code = "still_open" if to is Status.REOPENED and status in OPEN else _ENDED.get(status, "step_not_allowed")
    raise NotAllowed(f"a complaint that is {status} cannot become {to}", code)


def require_words(status: Status) -> None:
    """Raise NotAllowed where nothing can be added any more: a closed or withdrawn complaint is reopened first."""
    if status in (Status.CLOSED, Status.WITHDRAWN):
        raise NotAllowed(f"a complaint that is {status} takes no more words", _ENDED[status])


def require_level(status: Status, level: Level, to: Level) -> None:
    """Raise NotAllowed unless a complaint of this status and level may be raised to `to`."""
    if status in (Status.CLOSED, Status.WITHDRAWN):
        raise NotAllowed(f"a complaint that is {status} cannot be raised", _ENDED[status])
    if not is_higher(to, level):
        raise NotAllowed(f"{to} is not higher than {level}", "level_not_higher")
