"""`python -m tests.shoppers [names…]`: the shoppers against the system that `make run` runs, a line for each, then totals.

With names, these shoppers alone, each with what was said. Settings (PORT, SHAKWA_DATA_DIR, …) must be those of the system.
"""

import sys

import httpx
import sqlalchemy as sa

from bot.bootstrap import build
from bot.domain.promises import Acknowledged
from bot.services.record import record_of
from bot.settings import Settings
from bot.store import tables
from tests.shoppers.facts import people
from tests.shoppers.run import figures, line, run, totals
from tests.shoppers.shopper import Outcome


class Local:
    """The system on this machine, read through its store."""

    def __init__(self, settings: Settings) -> None:
        self.url = settings.gateway_url
        self.acknowledged: list[Acknowledged] = []
        self._services = build(settings)

    def complaint(self, number: str) -> dict[str, object]:
        return record_of(self._services.complaints.show(number))

    def filed_in(self, conversation_id: str) -> list[str]:
        return [complaint.number for complaint in self._services.complaints.of_conversation(conversation_id)]

    def draft_states(self, conversation_id: str) -> list[str]:
        query = sa.select(tables.draft.c.state).filter_by(conversation_id=conversation_id)
        with self._services.store.engine.connect() as connection:
            return list(connection.scalars(query.order_by(tables.draft.c.created_at)))


def main(names: list[str]) -> int:
    system = Local(Settings())
    chosen = [person for person in people() if not names or person.name in names]
    if not chosen:
        print(f"No shopper is called {' or '.join(names)}.", file=sys.stderr)
        return 2
    try:
        httpx.get(f"{system.url}/readyz", trust_env=False, timeout=5)
    except httpx.TransportError:
        print(f"Nothing answers at {system.url}: start it with `make run`.", file=sys.stderr)
        return 2
    outcomes = run(chosen, system, lambda outcome: tell(outcome, whole=bool(names)))
    print(totals(figures(outcomes)))
    return 0 if all(outcome.good for outcome in outcomes) else 1


def tell(outcome: Outcome, *, whole: bool) -> None:
    print(line(outcome), flush=True)
    if whole:
        print("\n".join(f"     {said}" for said in outcome.transcript))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
