"""Everything the console stands on, over one store."""

from dataclasses import dataclass

from bot.domain.shop import Shop
from bot.services.audit import Audit
from bot.services.canned import Canned
from bot.services.dashboard import Dashboard
from bot.services.desk import Desk, Link
from bot.services.dossier import Dossiers
from bot.services.drift import Drift, Vocabulary
from bot.services.inbox import Inbox, Labels
from bot.services.lists import Lists
from bot.services.ports import Clock, Store
from bot.services.queue import Queue
from bot.services.replies import Replies
from bot.services.takeover import Takeover
from bot.services.users import Users
from bot.services.watch import Watch
from bot.services.words import Words


@dataclass(frozen=True)
class Console:
    users: Users
    queue: Queue
    takeover: Takeover
    replies: Replies
    dossiers: Dossiers
    canned: Canned
    lists: Lists
    desk: Desk
    watch: Watch
    dashboard: Dashboard
    inbox: Inbox
    audit: Audit
    drift: Drift
    clock: Clock
    shop: Shop


def console_over(
    store: Store, clock: Clock, shop: Shop, words: Words, link: Link, labels: Labels, users: Users | None = None,
    vocabulary: Vocabulary = frozenset,
) -> Console:  # fmt: skip
    """`link` returns the address under which a shopper reads a complaint's file, `labels` what can be trained, and
    `vocabulary` the words the bot was trained with."""
    return Console(
        users or Users(store, clock, words.notices["first_admin"]),
        Queue(store, clock, shop, words),
        Takeover(store, clock, words),
        Replies(store, clock, shop, words),
        Dossiers(store),
        Canned(store),
        Lists(store, clock, words),
        Desk(store, clock, shop, words, link),
        Watch(store, clock, shop),
        Dashboard(store, clock, shop),
        Inbox(store, clock, labels),
        Audit(store, clock),
        Drift(store, clock, shop, vocabulary),
        clock,
        shop,
    )
