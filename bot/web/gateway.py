"""What the gateway's application is built from."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bot.services.chat import Chat
from bot.services.console import Console
from bot.services.evidence import Evidence
from bot.services.files import FilePage
from bot.services.identity import Identities
from bot.services.ports import Listeners
from bot.services.training import Training
from bot.services.turns import Turns
from bot.services.webhooks import Webhooks
from bot.services.words import Words
from bot.web.streams import Since


@dataclass(frozen=True)
class Gateway:
    """The services behind the routes, and what this installation allows."""

    chat: Chat
    turns: Callable[[Listeners], Turns]
    """Makes the turns' service once the gateway's listeners exist."""
    words: Words
    evidence: Evidence
    identities: Identities
    console: Console
    webhooks: Webhooks
    training: Training
    file_page: Callable[[str], FilePage]
    """Returns the complaint's file that a secret opens."""
    shop_name: str
    newest: Callable[[], int]
    since: Since
    checks: dict[str, Callable[[], bool]]
    """What must hold for the gateway to be ready, by name."""
    public_url: str = ""
    """Where the public reaches this gateway; empty: where it listens."""
    allowed_origins: Sequence[str] = ()
    """Other sites that may embed the widget."""
    sessions_per_minute: int = 600
    messages_per_minute: int = 120
