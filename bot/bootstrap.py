"""The composition root: the only place that knows which concrete classes serve the services."""

import json
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import yaml

from bot import failpoints
from bot.domain.errors import BadSettings, NotAllowed
from bot.domain.shop import Shop, shop_from
from bot.engine import dataset, health, mending
from bot.engine.gate import MARGIN
from bot.engine.guesses import guess
from bot.engine.line_reader import candidate_name, open_reader
from bot.engine.questions import Question, held_out
from bot.engine.sentences import read_sentences
from bot.engine.spread import Engines
from bot.engine.trainer import CANDIDATE_LOG, fingerprint
from bot.engine.vocabulary import Vocabulary
from bot.engine.workshop import Workshop
from bot.language.search import search_form
from bot.language.spelling import fold
from bot.language.vocabulary import vocabulary_of
from bot.outward.mail import Mail
from bot.outward.webhooks import Poster
from bot.services.bench_inbox import asked_of
from bot.services.chat import Chat
from bot.services.complaints import Complaints
from bot.services.console import Console, console_over
from bot.services.demo import Calendar, Demo
from bot.services.drafts import Drafts
from bot.services.evidence import Evidence
from bot.services.files import ComplaintFiles
from bot.services.health import Files, HealthCheck
from bot.services.identity import Identities
from bot.services.importing import Importing, Known
from bot.services.inbox import Inbox
from bot.services.letters import Letters, Send
from bot.services.life import ComplaintLife
from bot.services.meter import Meter
from bot.services.models import Models
from bot.services.outbox import Outbox
from bot.services.ports import Clock, Engine, Listeners
from bot.services.privacy import Elsewhere, Privacy, Terms
from bot.services.requests import Requests
from bot.services.runs import Runs
from bot.services.shadow import Follower, Shadow
from bot.services.training import Training
from bot.services.turns import Turns
from bot.services.webhooks import Outcome, Webhooks
from bot.services.words import Words
from bot.settings import ROOT, Settings
from bot.store import search, views
from bot.store.bench import Measured, fill, measure, timed
from bot.store.bench_inbox import Said, fill_accepted, fill_inbox
from bot.store.engine import open_engine
from bot.store.schema import migrate
from bot.store.trackers import Trackers
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
    privacy: Privacy
    importing: Importing
    health: HealthCheck
    models: Models
    runs: Runs
    shadow: Shadow
    console: Console
    since: Callable[[int], list[tuple[int, str]]]
    """The messages after the given id as (id, conversation), oldest first."""
    newest: Callable[[], int]

    def turns(self, engine: Engine, listeners: Listeners, meter: Meter | None = None) -> Turns:
        return Turns(self.store, self.clock, engine, listeners, self.words, meter)

    def engine(self) -> Engines:
        return Engines(self.settings.engine_urls, self.settings.key("engine"))

    def follower(self) -> Follower:
        """Return what has the candidate read along; the worker alone runs it."""
        models = self.settings.models_dir
        return Follower(self.store, self.clock, partial(candidate_name, models), partial(open_reader, models))

    def migrate(self) -> None:
        migrate(self.store.engine)


def now() -> datetime:
    return datetime.now(UTC)


def build(settings: Settings | None = None, clock: Clock = now) -> Services:
    """Wire the services over the database the settings name."""
    settings = settings or Settings()
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    if settings.failpoints:
        failpoints.arm(failpoints.orders_in(Path(settings.failpoints)))
    shop, words = load_shop(settings.shop_file), load_words()
    store = Store(open_engine(settings.store_url), search_form)
    evidence = Evidence(store, clock, settings.data_dir / "evidence", settings.key("evidence"))
    files = ComplaintFiles(store, clock, shop, words, evidence, settings.public_url or settings.gateway_url)
    workshop = Workshop(ROOT, settings.models_dir, settings.data_dir / CANDIDATE_LOG, folded)
    labels = partial(dataset.known_labels, ROOT)
    console = console_over(store, clock, shop, words, files.link, labels, vocabulary=Vocabulary(ROOT, vocabulary_of))
    training = Training(console.inbox, shop, partial(dataset.changes, ROOT), partial(dataset.write, ROOT))
    terms = Terms(settings.retention_days, settings.erase_complaints, words.notices["erased"], shop.region)
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
        training=training,
        privacy=privacy_over(store, clock, settings, training, evidence, terms),
        importing=Importing(store, clock, what_is_known(settings)),
        health=HealthCheck(training_files(settings), labels),
        models=Models(store, workshop),
        runs=Runs(store, clock, workshop, MARGIN),
        shadow=Shadow(store, clock, partial(candidate_name, settings.models_dir)),
        console=console,
        since=partial(views.messages_since, store.engine),
        newest=partial(views.newest_message, store.engine),
    )


def what_is_known(settings: Settings) -> Known:
    """Return what imported sentences are held against: the project's files, and the live model."""
    return Known(
        partial(dataset.known_labels, ROOT),
        partial(dataset.known_entities, ROOT),
        partial(held_out, ROOT),
        read_sentences,
        partial(guess, settings.models_dir),
    )


def training_files(settings: Settings) -> Files:
    """Return what examines and mends the project's training data."""
    kept = settings.health_file
    return Files(
        partial(health.of_project, ROOT, folded),
        partial(health.of_project, ROOT, folded, guesses=False),
        partial(health.kept, kept), partial(health.keep, kept), partial(fingerprint, ROOT),
        partial(mending.relabel, ROOT), partial(mending.remove, ROOT), partial(mending.approve, ROOT),
        partial(mending.from_inbox, ROOT),
    )  # fmt: skip


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


def privacy_over(
    store: Store, clock: Clock, settings: Settings, training: Training, evidence: Evidence, terms: Terms
) -> Privacy:
    trackers = Trackers(settings.tracker_url)
    elsewhere = Elsewhere(
        evidence.path, trackers.of, trackers.forget, dataset.fingerprint,
        partial(forget_sentences, settings.health_file), partial(search.tidy, store.engine),
    )  # fmt: skip
    return Privacy(store, clock, training, terms, elsewhere)


def forget_sentences(health_file: Path, gone: set[str]) -> None:
    """Take lines out of the training data, and what an examination has said of them."""
    dataset.forget(ROOT, gone)
    health_file.unlink(missing_ok=True)


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


def measure_inbox(
    url: str, questions: list[Question], words: list[str], messages: int, rounds: int, done: Callable[[int], object]
) -> list[Measured]:
    """Fill the empty database at `url` with messages of these utterances; return how long the inbox takes over them."""
    store = Store(open_engine(url), search_form)
    migrate(store.engine)
    fill_inbox(store, said_in(questions), messages, done)
    inbox = Inbox(store, now, partial(dataset.known_labels, ROOT))
    return [timed(name, ask, rounds) for name, ask in asked_of(inbox, words).items()]


def measure_export(
    url: str, questions: list[Question], folder: Path, rounds: int, done: Callable[[int], object]
) -> list[tuple[float, float]]:
    """Fill the empty database at `url` with accepted labels; return (seconds, of them on a core) of each export."""
    store, shop = Store(open_engine(url), search_form), load_shop(ROOT / "shop.yml")
    migrate(store.engine)
    fill_accepted(store, said_in(questions), done)
    inbox, seconds = Inbox(store, now, partial(dataset.known_labels, ROOT)), []
    for number in range(rounds):
        root = folder / str(number)  # nothing is written yet
        begun, worked = time.perf_counter(), time.process_time()
        Training(inbox, shop, partial(dataset.changes, root), partial(dataset.write, root)).write()
        seconds.append((time.perf_counter() - begun, time.process_time() - worked))
    return seconds


def said_in(questions: list[Question]) -> list[Said]:
    """Return what is said in questions, once where two are equal after folding."""
    said = {fold(one.text): one for one in questions}
    return [Said(one.text, form, one.label, tuple(map(asdict, one.spans))) for form, one in said.items()]


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
