"""People who work with Shakwa, for tests: users of every role, with a password that costs little to check."""

from argon2 import PasswordHasher

from bot.domain.user import Role, User
from bot.services.ports import Clock, Store
from bot.services.users import Users

PASSWORD = "قهوة وهيل وزعفران"


def users_of(store: Store, clock: Clock) -> Users:
    return Users(store, clock, hasher=PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))


def a_user(users: Users, role: Role = Role.AGENT, login: str = "sara", name: str = "سارة") -> User:
    """Return a user who has chosen a password of their own: PASSWORD."""
    _, one_time = users.add(login, name, role)
    token = users.sign_in(login, one_time, "192.0.2.1").token
    return users.choose_password(token, one_time, PASSWORD).user
