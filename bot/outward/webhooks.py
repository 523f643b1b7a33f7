"""Sends webhooks: signed, to addresses of the open network alone, over the very connection that was checked."""

import hashlib
import hmac
import ipaddress
import json
import socket
import time
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any, Protocol
from urllib.parse import urlsplit

import httpx

from bot.domain.errors import AddressRefused

SECONDS = 10
MOST_READ = 2_048
"""Bytes of an answer; nobody looks at them, they only have to end."""

Resolve = Callable[[str, int], Iterable[str]]
"""Returns the addresses of a host."""

EMBEDDED = tuple(ipaddress.ip_network(network) for network in ("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32"))
"""Networks of IPv6 that lead on to an address of IPv4 written in them."""
GIVEN_OUT = ipaddress.IPv6Network("2000::/3")
"""Where every public address of IPv6 is; `is_global` calls others global, too: `fec0::1` of a site, `::7f00:1`."""


class Letter(Protocol):
    @property
    def delivery_id(self) -> int: ...
    @property
    def event_id(self) -> int | None: ...
    @property
    def topic(self) -> str: ...
    @property
    def created_at(self) -> datetime: ...
    @property
    def payload(self) -> dict[str, Any]: ...
    @property
    def url(self) -> str: ...
    @property
    def secret(self) -> str: ...


def resolved(host: str, port: int) -> list[str]:
    return sorted({str(found[4][0]) for found in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)})


class Poster:
    """Posts letters; `private` names hosts that may be reached although they are on a private network."""

    def __init__(self, private: Iterable[str] = (), *, https_only: bool = False, resolve: Resolve = resolved) -> None:
        self._private = frozenset(private)
        self._https_only = https_only
        self._resolve = resolve

    def check(self, url: str) -> str:
        """Return the network address to connect to; raise AddressRefused where nothing may be sent there."""
        parts = _parts(url)
        if parts.scheme not in (("https",) if self._https_only else ("http", "https")):
            raise AddressRefused(f"a webhook is reached by https, not {parts.scheme or 'nothing'}")
        if parts.username is not None or parts.password is not None or not parts.hostname:
            raise AddressRefused("a webhook's address has a host, and no user or password")
        addresses = self._addresses(parts.hostname, _port(parts))
        if parts.hostname not in self._private and not all(is_public(address) for address in addresses):
            raise AddressRefused(f"{parts.hostname} is on a private network: SHAKWA_WEBHOOK_PRIVATE_HOSTS may allow it")
        return addresses[0]

    def send(self, letter: Letter) -> tuple[int | None, str]:
        """Post a letter; return the status of the answer, if there was one, and why it did not get through, if so."""
        try:
            address = self.check(letter.url)
            status = self._post(letter, address)
        except AddressRefused as error:
            return None, str(error)
        except (httpx.HTTPError, OSError, ValueError) as error:
            return None, type(error).__name__
        return status, "" if 200 <= status < 300 else f"answered {status}"

    def _post(self, letter: Letter, address: str) -> int:
        """Connect to the address that was checked, so that no second look-up can lead elsewhere."""
        parts = _parts(letter.url)
        body = written(letter)
        host = f"[{address}]" if ":" in address else address
        target = parts._replace(netloc=f"{host}:{_port(parts)}").geturl()
        headers = {"Host": parts.netloc, "Content-Type": "application/json", "User-Agent": "Shakwa"} | {
            "X-Shakwa-Event": letter.topic,
            "X-Shakwa-Delivery": str(letter.delivery_id),
            "X-Shakwa-Signature": signature(letter.secret, int(time.time()), body),
        }
        extensions = {"sni_hostname": parts.hostname} if parts.scheme == "https" else {}
        with (
            httpx.Client(timeout=SECONDS, trust_env=False, follow_redirects=False) as http,
            http.stream("POST", target, content=body, headers=headers, extensions=extensions) as answer,
        ):
            next(answer.iter_raw(MOST_READ), b"")  # the rest is not read, and the line is closed
            return answer.status_code

    def _addresses(self, host: str, port: int) -> list[str]:
        try:
            addresses = list(self._resolve(host, port))
        except (OSError, UnicodeError):
            addresses = []
        if not addresses:
            raise AddressRefused(f"{host} has no address")
        return addresses


def is_public(address: str) -> bool:
    """Whether an address is one of the open network, also where it carries another inside."""
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(parsed, ipaddress.IPv6Address):
        if parsed.ipv4_mapped is not None:
            return is_public(str(parsed.ipv4_mapped))
        if parsed not in GIVEN_OUT or any(parsed in network for network in EMBEDDED):
            return False
    return parsed.is_global and not parsed.is_multicast


def written(letter: Letter) -> bytes:
    body = {
        "id": letter.event_id,
        "topic": letter.topic,
        "created_at": letter.created_at.isoformat(),
        "data": letter.payload,
    }
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()


def signature(secret: str, at: int, body: bytes) -> str:
    """Return `t=…,v1=…`: HMAC-SHA256 over the time and the body, so that neither can be changed nor sent again later."""
    signed = hmac.new(secret.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={at},v1={signed}"


def _parts(url: str) -> Any:
    try:
        parts = urlsplit(url)
        _port(parts)
    except ValueError as error:
        raise AddressRefused(f"{url!r} is no address") from error
    return parts


def _port(parts: Any) -> int:
    return parts.port or (443 if parts.scheme == "https" else 80)
