"""The console's door: who is signed in, whether they may, and whether it is their own page that asks."""

import hmac
from collections.abc import Callable
from urllib.parse import urlsplit

from fastapi import Request
from starlette.responses import Response

from bot.domain.errors import CrossOrigin, SignInNeeded
from bot.domain.user import LONGEST, Permission, User
from bot.services.users import SignedIn, Users

CSRF_HEADER = "X-Shakwa-CSRF"
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
FIRST_SIGN_IN = "sign-in"
"""What the header holds before there is a session: a foreign page cannot send any."""


class Door:
    def __init__(self, users: Users, public_url: str) -> None:
        self._users = users
        self._public = urlsplit(public_url)
        self._secure = self._public.scheme == "https"
        self.cookie = "__Host-shakwa" if self._secure else "shakwa"

    def needs(self, permission: Permission | None, *, counts: bool = True) -> Callable[[Request], User]:
        """Return the dependency that lets in whoever has the permission (None: whoever is signed in).

        A request `counts` as something done, which keeps the session alive.
        """

        def enter(request: Request) -> User:
            signed_in = self.signed_in(request)
            if permission is not None:
                signed_in.user.require(permission)
            if counts:
                self._users.touch(signed_in.token)
            return signed_in.user

        enter.permission = permission  # type: ignore[attr-defined]  # for the test that holds routes against the table
        return enter

    def signed_in(self, request: Request) -> SignedIn:
        """Return who asks; raise SignInNeeded, or CrossOrigin where a foreign page does."""
        token = request.cookies.get(self.cookie, "")
        if not token:
            raise SignInNeeded("no session cookie was sent")
        signed_in = self._users.access(token)
        if request.method not in SAFE:
            self.require_own_page(request, signed_in.session.csrf)
        return signed_in

    def require_own_page(self, request: Request, secret: str) -> None:
        """Raise CrossOrigin unless the request comes from a page of ours: by its origin, and by what only our pages know."""
        origin, site = request.headers.get("origin"), request.headers.get("sec-fetch-site", "same-origin")
        if origin is not None and not self._is_ours(origin, request.headers.get("host", "")):
            raise CrossOrigin(f"{origin} is not the console's own origin")
        if site not in ("same-origin", "none"):
            raise CrossOrigin(f"a {site} page is not the console's own")
        if not hmac.compare_digest(request.headers.get(CSRF_HEADER, "").encode(), secret.encode()):
            raise CrossOrigin(f"the header {CSRF_HEADER} is missing or wrong")

    def let_in(self, response: Response, signed_in: SignedIn) -> None:
        response.set_cookie(
            self.cookie, signed_in.token, max_age=int(LONGEST.total_seconds()), httponly=True, samesite="lax",
            secure=self._secure, path="/",
        )  # fmt: skip

    def let_out(self, response: Response) -> None:
        response.delete_cookie(self.cookie, httponly=True, samesite="lax", secure=self._secure, path="/")

    def _is_ours(self, origin: str, host: str) -> bool:
        """Whether it is the public origin, scheme and all, or that of the address at which this request was sent."""
        scheme, _, netloc = origin.partition("://")
        if netloc and netloc == self._public.netloc:
            return scheme == self._public.scheme
        return scheme in ("http", "https") and netloc != "" and netloc == host
