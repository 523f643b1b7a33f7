"""What waits in the store and how much there is, as figures for those who watch over the installation."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Vitals:
    shoppers_waiting: int
    """For a person: nobody has taken their conversation yet."""
    turns_pending: int
    oldest_turn_seconds: float
    """Age of the message that has waited longest for the bot; 0 where none waits."""
    outbox_waiting: int
    webhooks_waiting: int
    webhooks_given_up: int
    complaints: dict[str, int]
    """Filed so far, by kind."""
