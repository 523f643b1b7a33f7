"""Users: passwords, sessions that end, and the same answer for whoever guesses."""

import pytest

from bot.domain.errors import Forbidden, LoginTaken, NotAllowed, PasswordWeak, SignInFailed, SignInNeeded, TooMany
from bot.domain.user import MAY, Permission, Role
from bot.services.users import PER_ACCOUNT, PER_ADDRESS, Users
from bot.store.unit_of_work import Store
from tests.builders import at_once, errors_in
from tests.conftest import Clock
from tests.services.staff import PASSWORD, a_user, users_of

HERE = "192.0.2.7"


@pytest.fixture
def users(store: Store, clock: Clock) -> Users:
    return users_of(store, clock)


def test_a_one_time_password_opens_nothing_but_the_way_to_ones_own(users: Users) -> None:
    _, password = users.add("sara", "سارة", Role.ADMIN)
    signed_in = users.sign_in("sara", password, HERE)
    assert signed_in.user.permissions == []
    with pytest.raises(Forbidden):
        signed_in.user.require(Permission.ANSWER)
    chosen = users.choose_password(signed_in.token, password, PASSWORD)
    assert chosen.user.may(Permission.MANAGE_USERS)
    with pytest.raises(SignInFailed):
        users.sign_in("sara", password, HERE)
    assert users.sign_in("  SARA ", PASSWORD, HERE).user.login == "sara"


def test_choosing_a_password_ends_every_other_session(users: Users) -> None:
    a_user(users)
    old, current = users.sign_in("sara", PASSWORD, HERE), users.sign_in("sara", PASSWORD, HERE)
    fresh = users.choose_password(current.token, PASSWORD, PASSWORD + " جديدة")
    assert users.access(fresh.token).user.login == "sara"
    for gone in (old, current):
        with pytest.raises(SignInNeeded):
            users.access(gone.token)


@pytest.mark.parametrize("weak", ["", "short", "aaaaaaaaaaaa", "sara-sara-1", PASSWORD, "x" * 300])
def test_a_weak_password_is_refused(users: Users, weak: str) -> None:
    a_user(users)
    token = users.sign_in("sara", PASSWORD, HERE).token
    with pytest.raises(PasswordWeak):
        users.choose_password(token, PASSWORD, weak)


def test_each_sign_in_has_a_session_of_its_own_and_the_store_knows_no_token(users: Users, store: Store) -> None:
    a_user(users)
    one, other = users.sign_in("sara", PASSWORD, HERE), users.sign_in("sara", PASSWORD, HERE)
    assert one.token != other.token
    assert one.session.csrf != other.session.csrf
    with store.read() as work:
        assert work.users.session(one.token) is None
    users.sign_out(one.token)
    with pytest.raises(SignInNeeded):
        users.access(one.token)
    assert users.access(other.token).user.login == "sara"


def test_a_session_ends_when_nobody_does_anything_and_after_a_working_day(users: Users, clock: Clock) -> None:
    a_user(users)
    token = users.sign_in("sara", PASSWORD, HERE).token
    for _ in range(24):
        clock.turn(minutes=29)
        users.access(token)
        users.touch(token)
    clock.turn(minutes=25)
    with pytest.raises(SignInNeeded):
        users.access(token)
    token = users.sign_in("sara", PASSWORD, HERE).token
    clock.turn(minutes=30, seconds=1)
    with pytest.raises(SignInNeeded):
        users.access(token)


def test_a_disabled_user_is_out_at_once_and_comes_back_when_enabled(users: Users) -> None:
    a_user(users, Role.ADMIN, "admin")
    a_user(users)
    token = users.sign_in("sara", PASSWORD, HERE).token
    users.disable("sara")
    with pytest.raises(SignInNeeded):
        users.access(token)
    with pytest.raises(SignInFailed):
        users.sign_in("sara", PASSWORD, HERE)
    users.enable("sara")
    assert users.sign_in("sara", PASSWORD, HERE)


def test_the_last_admin_is_not_shut_out(users: Users) -> None:
    a_user(users, Role.ADMIN, "admin")
    with pytest.raises(NotAllowed) as refused:
        users.disable("admin")
    assert refused.value.code == "last_admin"


def test_a_login_is_taken_once_and_is_plain(users: Users) -> None:
    a_user(users)
    with pytest.raises(LoginTaken):
        users.add("Sara", "أخرى", Role.AGENT)
    for odd in ("", "س", "a", "a b", "../x", "a" * 33, "<b>"):
        with pytest.raises(NotAllowed):
            users.add(odd, "أحد", Role.AGENT)


def test_guessing_is_slowed_by_address(users: Users, clock: Clock) -> None:
    a_user(users)
    for number in range(PER_ADDRESS[0]):
        with pytest.raises(SignInFailed):
            users.sign_in(f"user{number}", "guess", HERE)
    with pytest.raises(TooMany) as refused:
        users.sign_in("sara", PASSWORD, HERE)
    assert 0 < refused.value.retry_after <= 301
    assert users.sign_in("sara", PASSWORD, "192.0.2.8")
    clock.turn(minutes=5, seconds=1)
    assert users.sign_in("sara", PASSWORD, HERE)


def test_guessing_is_slowed_by_account_from_wherever_and_however_it_is_spelled(users: Users) -> None:
    a_user(users)
    spellings = ("sara", "SARA", " Sara", "ｓａｒａ")
    for number in range(PER_ACCOUNT[0]):
        with pytest.raises(SignInFailed):
            users.sign_in(spellings[number % 4], "guess", f"198.51.100.{number}")
    with pytest.raises(TooMany):
        users.sign_in("sara", PASSWORD, "203.0.113.1")


def test_who_stole_a_session_cannot_guess_the_password_for_long(users: Users, clock: Clock) -> None:
    a_user(users)
    token = users.sign_in("sara", PASSWORD, HERE).token
    for _ in range(PER_ACCOUNT[0]):
        with pytest.raises(SignInFailed):
            users.choose_password(token, "guess", "another password")
    with pytest.raises(TooMany):
        users.choose_password(token, PASSWORD, "another password")
    clock.turn(minutes=15, seconds=1)
    assert users.choose_password(users.sign_in("sara", PASSWORD, HERE).token, PASSWORD, "another password")


def test_a_home_of_ipv6_is_one_address(users: Users) -> None:
    for number in range(PER_ADDRESS[0]):
        with pytest.raises(SignInFailed):
            users.sign_in(f"user{number}", "guess", f"2001:db8:1:2::{number:x}")
    with pytest.raises(TooMany):
        users.sign_in("other", "guess", "2001:db8:1:2:ffff::1")
    with pytest.raises(SignInFailed):
        users.sign_in("other", "guess", "2001:db8:1:3::1")


def test_many_guesses_at_once_are_not_let_through_together(users: Users) -> None:
    a_user(users)
    outcomes = at_once(20, lambda _: users.sign_in("sara", "guess", HERE))
    failed = [error for error in errors_in(outcomes) if isinstance(error, SignInFailed)]
    assert len(failed) <= PER_ADDRESS[0]
    assert len(errors_in(outcomes)) == 20


def test_the_first_admin_is_made_once_and_gets_another_password_until_they_came(users: Users) -> None:
    made = users.first_admin()
    assert made is not None
    again = users.first_admin()
    assert again is not None
    with pytest.raises(SignInFailed):
        users.sign_in("admin", made[1], HERE)
    assert users.sign_in("admin", again[1], HERE).user.role is Role.ADMIN
    assert users.first_admin() is None


def test_every_permission_is_somebodys_and_only_known_roles_have_any() -> None:
    assert set(MAY) == set(Permission)
    assert all(roles and roles <= set(Role) for roles in MAY.values())
    assert {role for roles in MAY.values() for role in roles} == set(Role)
    assert all(Role.AGENT not in MAY[p] for p in (Permission.MANAGE_USERS, Permission.EXPORT, Permission.SEE_DASHBOARD))
    analysts = {Permission.READ_CONVERSATIONS, Permission.SEE_NLU, Permission.LABEL, Permission.TRAIN}
    assert {p for p in Permission if Role.ANALYST in MAY[p]} == analysts
