"""The composition root: the only place that knows which concrete classes serve the services."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import yaml

from bot.domain.errors import BadSettings, NotAllowed
from bot.domain.shop import Shop, shop_from
from bot.engine import dataset
from bot.engine.client import RasaClient
from bot.language.search import search_form
from bot.language.spelling import fold
from bot.outward.mail import Mail
from bot.outward.webhooks import Poster
from bot.services.chat import Chat
from bot.services.complaints import Complaints
from bot.services.console import Console, console_over
from bot.services.demo import Calendar, Demo
from bot.services.drafts import Drafts
from bot.services.evidence import Evidence
from bot.services.files import ComplaintFiles
from bot.services.identity import Identities
from bot.services.letters import Letters, Send
from bot.services.life import ComplaintLife
from bot.services.outbox import Outbox
from bot.services.ports import Clock, Engine, Listeners
from bot.services.requests import Requests
from bot.services.training import Training
from bot.services.turns import Turns
from bot.services.webhooks import Outcome, Webhooks
from bot.services.words import Words
from bot.settings import ROOT, Settings
from bot.store import views
from bot.store.bench import Measured, fill, measure
from bot.store.engine import open_engine
from bot.store.schema import is_current, migrate
from bot.store.unit_of_work import Store

WORDS = ROOT / "bot" / "services" / "words.ar.json"
HELP = ROOT / "bot" / "help" / "topics.ar.yml"


@dataclass(frozen=True)
class Services:
    """Everything a process of ours may ask for; the engine's client is made by who needs it."""

    settings: Settings
    clock: Clock
    shop: Shop
    words: Words
    store: Store
    chat: Chat
    drafts: Drafts
    complaints: Complaints
    life: ComplaintLife
    requests: Requests
    files: ComplaintFiles
    evidence: Evidence
    identities: Identities
    outbox: Outbox
    letters: Letters
    webhooks: Webhooks
    training: Training
    console: Console
    since: Callable[[int], tuple[int, set[str]]]
    """Newest message id and the conversations that got one after the given id."""
    newest: Callable[[], int]

    def turns(self, engine: Engine, listeners: Listeners) -> Turns:
        return Turns(self.store, self.clock, engine, listeners, self.words)

    def engine(self) -> RasaClient:
        return RasaClient(self.settings.engine_url, self.settings.key("engine"))

    def migrate(self) -> None:
        migrate(self.store.engine)

    def schema_is_current(self) -> bool:
        return is_current(self.store.engine)


def now() -> datetime:
    return datetime.now(UTC)


def build(settings: Settings | None = None, clock: Clock = now) -> Services:
    """Wire the services over the database the settings name."""
    settings = settings or Settings()
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    shop, words = load_shop(settings.shop_file), load_words()
    store = Store(open_engine(settings.store_url), search_form)
    evidence = Evidence(store, clock, settings.data_dir / "evidence", settings.key("evidence"))
    files = ComplaintFiles(store, clock, shop, words, evidence, settings.public_url or settings.gateway_url)
    console = console_over(store, clock, shop, words, files.link, partial(dataset.known_labels, ROOT))
    return Services(
        settings=settings,
        clock=clock,
        shop=shop,
        words=words,
        store=store,
        chat=Chat(store, clock, settings.key("sessions")),
        drafts=Drafts(store, clock),
        complaints=Complaints(store, clock, shop, words.hazardous),
        life=ComplaintLife(store, clock, shop, words),
        requests=Requests(store, clock),
        files=files,
        evidence=evidence,
        identities=Identities(settings.identity_key, shop.region),
        outbox=Outbox(store, clock),
        letters=Letters(store, clock, mail_of(settings)),
        webhooks=webhooks_over(store, clock, settings),
        training=Training(console.inbox, shop, partial(dataset.changes, ROOT), partial(dataset.write, ROOT)),
        console=console,
        since=partial(views.conversations_since, store.engine),
        newest=partial(views.newest_message, store.engine),
    )


def mail_of(settings: Settings) -> Send | None:
    """Return what sends letters, None where no mail server is set; raise BadSettings where nobody is their sender."""
    if not settings.smtp_host:
        return None
    if not settings.smtp_sender:
        raise BadSettings("SHAKWA_SMTP_SENDER is not set: letters need an address they come from")
    password = settings.smtp_password.get_secret_value()
    mail = Mail(
        settings.smtp_host, settings.smtp_port, settings.smtp_user, password, settings.smtp_sender, settings.smtp_tls
    )
    return mail.send


def webhooks_over(store: Store, clock: Clock, settings: Settings) -> Webhooks:
    private, https_only = settings.webhook_private_hosts.split(), settings.environment == "production"
    poster = Poster(private, https_only=https_only)
    return Webhooks(store, clock, lambda letter: Outcome(*poster.send(letter)), poster.check)


def folded(text: str) -> str:
    """Return the form in which two spellings of one sentence are equal."""
    return fold(text)


def demo_over(settings: Settings, nobody: Listeners) -> Demo:
    """Return what fills the store with a demonstration; raise NotAllowed where it is not empty, or in production."""
    calendar = Calendar(now())
    services = build(settings, calendar)
    if settings.environment == "production" or services.newest() or services.console.users.all():
        raise NotAllowed("a demonstration needs an empty store outside production: set SHAKWA_DATA_DIR to a new folder")
    turns = services.turns(services.engine(), nobody)
    return Demo(
        calendar, services.store, services.chat, services.drafts, services.complaints, services.requests, services.console,
        turns,
    )  # fmt: skip


def measure_lists(
    url: str, sentences: list[str], words: list[str], complaints: int, messages: int, rounds: int,
    done: Callable[[int], object],
) -> list[Measured]:  # fmt: skip
    """Fill the empty database at `url` and return how long lists and search take in it."""
    store = Store(open_engine(url), search_form)
    migrate(store.engine)
    fill(store, sentences, complaints, messages, done)
    return measure(store, words, rounds)


def load_shop(file: Path) -> Shop:
    try:
        return shop_from(yaml.safe_load(file.read_text("utf-8")))
    except OSError as error:
        raise BadSettings(f"{file} cannot be read: {error.strerror}") from error
    except yaml.YAMLError as error:
        raise BadSettings(f"{file} is not valid YAML: {error}") from error


def load_words() -> Words:
    topics = yaml.safe_load(HELP.read_text("utf-8"))
    return Words(topics={name: topic["title"] for name, topic in topics.items()}, **json.loads(WORDS.read_text("utf-8")))
