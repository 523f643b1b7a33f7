"""Users and their sign-in: passwords by Argon2id, sessions that end, and a throttle against guessing."""

import hashlib
import re
import secrets
import threading
import unicodedata
from dataclasses import dataclass
from datetime import timedelta

from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError

from bot.domain.address import home
from bot.domain.errors import LoginTaken, NotAllowed, PasswordWeak, SignInFailed, SignInNeeded, TooMany, UserUnknown
from bot.domain.user import SHORTEST_PASSWORD, Permission, Role, User, UserSession
from bot.language.spelling import clean
from bot.services.ports import Clock, Store, Work

LOGIN = re.compile(r"[a-z0-9][a-z0-9._-]{1,31}")
LONGEST_PASSWORD = 256
"""Characters: Argon2 takes more, but not from those who only want to keep it busy."""

PER_ADDRESS = (5, timedelta(minutes=5))
PER_ACCOUNT = (10, timedelta(minutes=15))
"""Failed tries, and the time in which so many are the most."""

AT_ONCE = 4
"""Passwords that are checked at the same time: each takes 64 MB, and many strangers may try together."""


@dataclass(frozen=True, slots=True)
class SignedIn:
    user: User
    session: UserSession
    token: str
    """What the cookie holds; the store knows its hash alone."""


class Users:
    def __init__(self, store: Store, clock: Clock, first_name: str = "admin", hasher: PasswordHasher | None = None) -> None:
        """`first_name` is what the first admin is called until they change it."""
        self._first_name = first_name
        self._store = store
        self._clock = clock
        self._hasher = hasher or PasswordHasher()
        self._room = threading.BoundedSemaphore(AT_ONCE)
        self._nobody = self._hasher.hash(secrets.token_urlsafe())  # so that an unknown user takes as long as a known one

    # ------------------------------------------------------------------ keeping

    def add(self, login: str, name: str, role: Role) -> tuple[User, str]:
        """Keep a new user; return them and their one-time password, which is shown this once."""
        login = _login(login)
        if not LOGIN.fullmatch(login):
            raise NotAllowed(f"{login!r} is no user name: 2 to 32 of a-z, 0-9, dot, dash and underscore", "login_unreadable")
        password = one_time_password()
        with self._store.write() as work:
            if work.users.by_login(login):
                raise LoginTaken(f"there is a user {login} already")
            user = User(login, clean(name) or login, role, self._hasher.hash(password), self._clock(), one_time=True)
            work.users.add(user)
            work.commit()
        return user, password

    def first_admin(self) -> tuple[User, str] | None:
        """Make the first user, an admin, or give that user another one-time password until they have signed in once."""
        with self._store.read() as work:
            users = work.users.all()
        if not users:
            return self.add("admin", self._first_name, Role.ADMIN)
        only = users[0]
        if len(users) == 1 and only.one_time and only.signed_in_at is None:
            return only, self.reset_password(only.login)
        return None

    def all(self) -> list[User]:
        with self._store.read() as work:
            return work.users.all()

    def named(self, login: str) -> User:
        """Return who signs in with a login; raise UserUnknown where nobody does."""
        with self._store.read() as work:
            return _found(work, login)

    def reset_password(self, login: str) -> str:
        """Give a user a one-time password, end their sessions, and return it."""
        password = one_time_password()
        with self._store.write() as work:
            user = _found(work, login)
            user.change_password(self._hasher.hash(password), one_time=True)
            self._end_sessions(work, user)
            work.commit()
        return password

    def disable(self, login: str) -> User:
        """Shut a user out at once; what they wrote stays. Raise NotAllowed for the last admin."""
        with self._store.write() as work:
            user = _found(work, login)
            admins = [one for one in work.users.all() if one.role is Role.ADMIN and one.disabled_at is None]
            if admins == [user]:
                raise NotAllowed(f"{user.login} is the last admin: make another one first", "last_admin")
            user.disable(self._clock())
            self._end_sessions(work, user)
            work.commit()
        return user

    def enable(self, login: str) -> User:
        with self._store.write() as work:
            user = _found(work, login)
            user.enable()
            work.commit()
        return user

    def set_available(self, user_id: int, *, on: bool) -> User:
        with self._store.write() as work:
            user = work.users.get(user_id)
            if user is None:
                raise UserUnknown(f"no user {user_id}")
            user.available = on and user.may(Permission.ANSWER)
            work.commit()
        return user

    # ------------------------------------------------------------------ signing in

    def sign_in(self, login: str, password: str, address: str) -> SignedIn:
        """Begin a session; raise SignInFailed or TooMany, in the same words and time whether the user exists or not."""
        login = _login(login)
        keys = (_key("address", home(address)), _key("account", login))
        self._count_try((keys[0], *PER_ADDRESS), (keys[1], *PER_ACCOUNT))
        with self._store.read() as work:
            user = work.users.by_login(login)
        known = user is not None and user.disabled_at is None
        if not self._fits(user.password_hash if user and known else self._nobody, password) or not known or user is None:
            raise SignInFailed("user and password do not belong together")
        with self._store.write() as work:
            work.users.forget_tries(keys[1])
            work.users.forget_newest_try(keys[0])
            user = _found(work, login)
            user.signed_in_at = self._clock()
            if self._hasher.check_needs_rehash(user.password_hash):
                user.password_hash = self._hasher.hash(password)
            signed_in = self._begin(work, user)
            work.commit()
        return signed_in

    def access(self, token: str) -> SignedIn:
        """Return who works in the session of this token; raise SignInNeeded where it is over or never was."""
        with self._store.read() as work:
            session = work.users.session(_hash(token))
            user = work.users.get(session.user_id) if session else None
        if session is None or user is None or user.disabled_at is not None or session.is_over(self._clock()):
            raise SignInNeeded("no session has this token, or it is over")
        return SignedIn(user, session, token)

    def touch(self, token: str) -> None:
        """Note that somebody did something in this session."""
        with self._store.write() as work:
            session = work.users.session(_hash(token))
            if session is not None:
                session.seen_at = self._clock()
                work.commit()

    def sign_out(self, token: str) -> None:
        with self._store.write() as work:
            session = work.users.session(_hash(token))
            if session is not None:
                work.users.end_session(session)
                user = work.users.get(session.user_id)
                if user is not None:
                    user.available = False
                work.commit()

    def choose_password(self, token: str, old: str, new: str) -> SignedIn:
        """Change one's own password; every session of the user ends and a new one begins."""
        user = self.access(token).user
        tries = _key("password", user.login)
        self._count_try((tries, *PER_ACCOUNT))
        if not self._fits(user.password_hash, old):
            raise SignInFailed("the old password is another")
        if len(new) < SHORTEST_PASSWORD or len(new) > LONGEST_PASSWORD or len(set(new)) < 5 or user.login in new.lower():
            raise PasswordWeak(f"a password has at least {SHORTEST_PASSWORD} characters, and is not the user's name")
        if old == new:
            raise PasswordWeak("the new password is the old one")
        with self._store.write() as work:
            work.users.forget_tries(tries)
            user = _found(work, user.login)
            user.change_password(self._hasher.hash(new), one_time=False)
            self._end_sessions(work, user)
            signed_in = self._begin(work, user)
            work.commit()
        return signed_in

    def _begin(self, work: Work, user: User) -> SignedIn:
        now, token = self._clock(), secrets.token_urlsafe(32)
        assert user.id is not None
        session = UserSession(_hash(token), user.id, secrets.token_urlsafe(24), now, now)
        work.users.begin_session(session)
        return SignedIn(user, session, token)

    def _end_sessions(self, work: Work, user: User) -> None:
        assert user.id is not None
        work.users.end_sessions(user.id)

    def _fits(self, password_hash: str, password: str) -> bool:
        try:
            with self._room:
                return self._hasher.verify(password_hash, password[:LONGEST_PASSWORD])
        except VerifyMismatchError:
            return False

    def _count_try(self, *limits: tuple[str, int, timedelta]) -> None:
        """Count a try before it is looked at, so that many at once are not let through together.

        Each limit is what is counted, how many are the most, and in what time; raise TooMany where there were more.
        """
        now = self._clock()
        with self._store.write() as work:
            for key in sorted(key for key, _, _ in limits):
                work.users.hold_tries(key)
            for key, most, within in limits:
                tries = work.users.tries(key, now - within)
                if len(tries) >= most:
                    raise TooMany(int((tries[-most] + within - now).total_seconds()) + 1)
            for key, _, _ in limits:
                work.users.count_try(key, now)
            work.users.forget_tries_before(now - timedelta(days=1))
            work.commit()


def one_time_password() -> str:
    """Return 12 letters and digits in groups, without those that look alike."""
    letters = "abcdefghjkmnpqrstuvwxyz23456789"
    return "-".join("".join(secrets.choice(letters) for _ in range(4)) for _ in range(3))


def _login(typed: str) -> str:
    return unicodedata.normalize("NFKC", typed).strip().casefold()[:64]


def _key(what: str, value: str) -> str:
    return f"{what}:{hashlib.sha256(value.encode('utf-8', 'surrogatepass')).hexdigest()}"


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def _found(work: Work, login: str) -> User:
    user = work.users.by_login(_login(login))
    if user is None:
        raise UserUnknown(f"no user is called {login}")
    return user
