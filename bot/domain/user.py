"""Who works with Shakwa, what each role may do, and the sessions they work in.

`MAY` is the one table of permissions: routes, pages and services ask it and nothing else.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from bot.domain.errors import Forbidden

IDLE = timedelta(minutes=30)
"""A session in which nobody did anything for so long is over."""
LONGEST = timedelta(hours=12)
"""No session outlives a working day."""
SHORTEST_PASSWORD = 10


class Role(StrEnum):
    AGENT = "agent"
    SUPERVISOR = "supervisor"
    ANALYST = "analyst"
    ADMIN = "admin"


class Permission(StrEnum):
    SEE_QUEUE = "see_queue"
    READ_CONVERSATIONS = "read_conversations"
    ANSWER = "answer"
    """Take conversations over, reply, write notes, change the form, hand back; keep canned replies of one's own."""
    ASSIGN = "assign"
    """Give a conversation that one does not hold oneself to somebody."""
    SEE_COMPLAINTS = "see_complaints"
    CHANGE_COMPLAINTS = "change_complaints"
    CHANGE_MANY = "change_many"
    EXPORT = "export"
    SEE_DASHBOARD = "see_dashboard"
    SHARE_CANNED = "share_canned"
    SEE_NLU = "see_nlu"
    """The analysts' pages: how well the bot understands, and its models. Each page may ask for more."""
    LABEL = "label"
    TRAIN = "train"
    """Train candidates and compare them, let one serve that nothing speaks against, go back to an earlier model."""
    OVERRIDE_GATE = "override_gate"
    """Let a candidate serve although something speaks against it, or hold it to a looser margin."""
    ERASE = "erase"
    """Hand out and erase everything that is stored of one shopper."""
    SEE_AUDIT = "see_audit"
    MANAGE_WEBHOOKS = "manage_webhooks"
    MANAGE_USERS = "manage_users"


_WORKS = {Role.AGENT, Role.SUPERVISOR, Role.ADMIN}
_LEADS = {Role.SUPERVISOR, Role.ADMIN}

MAY: dict[Permission, frozenset[Role]] = {
    Permission.SEE_QUEUE: frozenset(_WORKS),
    Permission.READ_CONVERSATIONS: frozenset(_WORKS | {Role.ANALYST}),
    Permission.ANSWER: frozenset(_WORKS),
    Permission.ASSIGN: frozenset(_LEADS),
    Permission.SEE_COMPLAINTS: frozenset(_WORKS),
    Permission.CHANGE_COMPLAINTS: frozenset(_WORKS),
    Permission.CHANGE_MANY: frozenset(_LEADS),
    Permission.EXPORT: frozenset(_LEADS),
    Permission.SEE_DASHBOARD: frozenset(_LEADS),
    Permission.SHARE_CANNED: frozenset(_LEADS),
    Permission.SEE_NLU: frozenset(_LEADS | {Role.ANALYST}),
    Permission.LABEL: frozenset({Role.ANALYST, Role.ADMIN}),
    Permission.TRAIN: frozenset(_LEADS | {Role.ANALYST}),
    Permission.OVERRIDE_GATE: frozenset(_LEADS),
    Permission.ERASE: frozenset(_LEADS),
    Permission.SEE_AUDIT: frozenset({Role.ADMIN}),
    Permission.MANAGE_WEBHOOKS: frozenset({Role.ADMIN}),
    Permission.MANAGE_USERS: frozenset({Role.ADMIN}),
}


@dataclass(eq=False)
class User:
    login: str
    """As typed at sign-in, in lower case."""
    name: str
    """As shoppers and colleagues read it."""
    role: Role
    password_hash: str
    created_at: datetime
    one_time: bool = False
    """Whether the password was given by somebody else: it opens nothing but the way to one's own."""
    available: bool = False
    disabled_at: datetime | None = None
    signed_in_at: datetime | None = None
    id: int | None = None

    def may(self, permission: Permission) -> bool:
        return self.role in MAY[permission] and self.disabled_at is None and not self.one_time

    def require(self, permission: Permission) -> None:
        if not self.may(permission):
            raise Forbidden(f"{self.login} ({self.role}) may not {permission}")

    @property
    def permissions(self) -> list[Permission]:
        return [permission for permission in Permission if self.may(permission)]

    def change_password(self, password_hash: str, *, one_time: bool) -> None:
        self.password_hash, self.one_time = password_hash, one_time

    def disable(self, now: datetime) -> None:
        self.disabled_at, self.available = self.disabled_at or now, False

    def enable(self) -> None:
        self.disabled_at = None


@dataclass(eq=False)
class UserSession:
    """A signed-in browser. `token_hash` is all the store knows of its cookie; `csrf` is what its pages send along."""

    token_hash: str
    user_id: int
    csrf: str
    created_at: datetime
    seen_at: datetime

    def is_over(self, now: datetime) -> bool:
        return now - self.seen_at > IDLE or now - self.created_at > LONGEST
