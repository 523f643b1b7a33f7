"""What the gateway's application is built from."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field

from bot.domain.conversation import DecidingWord
from bot.domain.vitals import Vitals
from bot.services.chat import Chat
from bot.services.console import Console
from bot.services.evidence import Evidence
from bot.services.files import FilePage
from bot.services.health import HealthCheck
from bot.services.identity import Identities
from bot.services.importing import Importing
from bot.services.meter import Meter
from bot.services.models import Models
from bot.services.ports import Buckets, Listeners, Signals
from bot.services.privacy import Privacy
from bot.services.runs import Runs
from bot.services.shadow import Shadow
from bot.services.training import Training
from bot.services.turns import Turns
from bot.services.webhooks import Webhooks
from bot.services.words import Words
from bot.web.streams import Alone, Since

Why = Callable[[str], Awaitable[list[DecidingWord]]]
"""Returns the words that decided how the live model reads a text; raises EngineDown where it cannot be asked."""


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
    importing: Importing
    health: HealthCheck
    why: Why
    close_engine: Callable[[], Awaitable[None]]
    """Closes the connections to Rasa once no turn runs any longer."""
    models: Models
    runs: Runs
    privacy: Privacy
    shadow: Shadow
    file_page: Callable[[str], FilePage]
    """Returns the complaint's file that a secret opens."""
    shop_name: str
    newest: Callable[[], int]
    since: Since
    checks: dict[str, Callable[[], bool]]
    """What must hold for the gateway to be ready, by name."""
    away: tuple[type[Exception], ...]
    """What the store raises where it cannot be reached or written just now."""
    vitals: Callable[[], Vitals]
    """Returns what waits in the store."""
    meter: Meter = field(default_factory=Meter)
    metrics_token: str = ""
    """What Prometheus shows; empty: it is told nothing."""
    privacy_url: str = ""
    """Where the shop says what it does with data."""
    signals: Signals = field(default_factory=Alone)
    """The way to the other gateways of this installation."""
    buckets: Buckets | None = None
    """The rates they share; None: each gateway counts for itself."""
    public_url: str = ""
    """Where the public reaches this gateway; empty: where it listens."""
    allowed_origins: Sequence[str] = ()
    """Other sites that may embed the widget."""
    sessions_per_minute: int = 600
    messages_per_minute: int = 120
