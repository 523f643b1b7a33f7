"""What is checked with a guard on and off: signing in, what is typed, where webhooks go. An AssertionError is red."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
import sqlalchemy as sa

from bot.domain.complaint import Complaint
from bot.domain.errors import AddressRefused, SignInFailed, TooMany
from bot.outward.webhooks import Poster
from bot.services.users import PER_ADDRESS
from tests.builders import Talk
from tests.services.staff import a_user
from tests.web.site import Shopper, Site


@dataclass
class World:
    site: Site
    http: httpx.Client
    folder: Path
    talk: Talk
    a_complaint: Callable[..., Complaint]

    def rows(self, table: sa.Table) -> int:
        with self.site.store.engine.connect() as connection:
            return connection.scalar(sa.select(sa.func.count()).select_from(table)) or 0


def guessing_a_password_is_slowed(world: World) -> None:
    a_user(world.site.console.users)
    outcomes = []
    for _ in range(PER_ADDRESS[0] + 1):
        with pytest.raises((SignInFailed, TooMany)) as refused:
            world.site.console.users.sign_in("sara", "guess", "192.0.2.7")
        outcomes.append(refused.type)
    assert outcomes == [SignInFailed] * PER_ADDRESS[0] + [TooMany]


def a_wrong_password_opens_nothing(world: World) -> None:
    a_user(world.site.console.users)
    with pytest.raises(SignInFailed):
        world.site.console.users.sign_in("sara", "guess", "192.0.2.7")


def outcomes(world: World, addresses: list[str], login: str = "sara") -> list[type[Exception]]:
    """Guess once from each address; return what each was told."""
    told = []
    for number, address in enumerate(addresses):
        with pytest.raises((SignInFailed, TooMany)) as refused:
            world.site.console.users.sign_in(login.format(number), "guess", address)
        told.append(refused.type)
    return told


def one_account_is_guessed_from_many_addresses(world: World) -> None:
    a_user(world.site.console.users)
    assert outcomes(world, [f"198.51.100.{number}" for number in range(11)])[-1] is TooMany


def many_accounts_are_guessed_from_one_address(world: World) -> None:
    assert outcomes(world, ["192.0.2.7"] * 6, "user{}")[-1] is TooMany


def a_home_has_many_addresses(world: World) -> None:
    assert outcomes(world, [f"2001:db8:1:2::{number}" for number in range(6)], "user{}")[-1] is TooMany


def a_page_says_what_may_run_on_it(world: World) -> None:
    headers = world.http.get("/console").headers
    assert "default-src 'self'" in headers.get("content-security-policy", "")
    assert headers.get("x-content-type-options") == "nosniff"


def a_long_text_is_refused(world: World) -> None:
    assert Shopper(world.http).post(text="كلام " * 500).status_code == 413


def an_id_is_used_for_one_text(world: World) -> None:
    shopper = Shopper(world.http)
    answers = [shopper.post(client_id="client-1-of-a-test", text=text).status_code for text in ("طلبي", "غيره")]
    assert answers == [202, 409]


def no_webhook_goes_to_this_machine(world: World) -> None:
    with pytest.raises(AddressRefused):
        Poster().check("http://127.0.0.1/")


def no_webhook_goes_to_a_site_of_ipv6(world: World) -> None:
    with pytest.raises(AddressRefused):
        Poster(resolve=lambda host, port: ["fec0::1"]).check("http://shop.example/")
