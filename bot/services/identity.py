"""Who a shopper is, as the shop's own server says and signs: a JSON Web Token (HS256), verified every time.

The shop signs `{"sub": "customer 42", "exp": …}` with SHAKWA_IDENTITY_SECRET, and may add `name`, `email` and `phone`. The
page hands the token to the widget, which posts it: it is never in an address.
"""

from typing import Any

import jwt

from bot.domain.errors import IdentityRefused
from bot.language.contacts import read_contact

LEEWAY_SECONDS = 30
"""How far the shop's clock may be from ours."""

LONGEST_CLAIM = 120


class Identities:
    def __init__(self, secret: str, region: str) -> None:
        """Without a `secret` nobody is believed; `region` is where telephone numbers without a country are."""
        self._secret = secret
        self._region = region

    def verified(self, token: str) -> dict[str, str]:
        """Return what a conversation may know: `customer`, and `name` and `contact` if given; raise IdentityRefused."""
        if not self._secret:
            raise IdentityRefused("SHAKWA_IDENTITY_SECRET is not set: no identity is believed")
        try:
            claims = jwt.decode(token, self._secret, ["HS256"], leeway=LEEWAY_SECONDS, options={"require": ["exp", "sub"]})
        except jwt.InvalidTokenError as error:
            raise IdentityRefused(f"the token is not valid: {type(error).__name__}") from error
        contact = self._contact(claims.get("phone")) or self._contact(claims.get("email"))
        known = {"customer": _text(claims["sub"]), "name": _text(claims.get("name")), "contact": contact}
        return {name: value for name, value in known.items() if value}

    def _contact(self, given: Any) -> str | None:
        text = _text(given)
        return read_contact(text, self._region) if text else None


def _text(value: Any) -> str | None:
    return value.strip()[:LONGEST_CLAIM] if isinstance(value, str) else None
