"""Measures how long after a message is stored at one gateway a stream at another hears it: `python -m tests.signals`.

Needs PostgreSQL (TEST_DATABASE_URL) and redis-server. Answers nothing: what is measured is the way from store to stream.
"""

import secrets
import statistics
import tempfile
import time
import uuid
from contextlib import ExitStack
from itertools import chain
from pathlib import Path
from typing import Any

from bot.bootstrap import load_shop, load_words
from bot.language.search import search_form
from bot.settings import ROOT
from bot.signals.broadcast import Broadcast
from bot.signals.link import Link
from bot.store.engine import open_engine
from bot.store.schema import migrate
from bot.store.unit_of_work import Store
from tests.conftest import Clock, on_postgres
from tests.redis_server import OwnRedis
from tests.web.site import Shopper, Site

TIMES = 60


def main() -> None:
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        redis = OwnRedis(Path(folder))
        redis.start()
        stack.callback(redis.stop)
        sqlite = open_engine(f"sqlite:///{folder}/shakwa.db")
        stack.callback(sqlite.dispose)
        print(f"{'store':<12}{'wake-up':<10}{'median':>9}{'p95':>9}{'most':>9}   ms, of {TIMES}")
        for name, engine in chain([("SQLite", sqlite)], (("PostgreSQL", engine) for engine in on_postgres())):
            migrate(engine)
            for url in ("", redis.url):
                told = [1000 * seconds for seconds in measured(Store(engine, search_form), Path(folder), url)]
                figures = (statistics.median(told), statistics.quantiles(told, n=20)[-1], max(told))
                print(f"{name:<12}{'Redis' if url else 'polling':<10}" + "".join(f"{figure:9.0f}" for figure in figures))


def measured(store: Store, folder: Path, url: str) -> list[float]:
    """Return the seconds from the acknowledgement at one gateway to the other's stream."""
    site = Site(store, Clock(), load_words(), load_shop(ROOT / "shop.yml"), folder)
    name, took = f"test{secrets.token_hex(6)}", []
    with ExitStack() as stack:
        here, there = (stack.enter_context(site.serve(**shared(url, name))) for _ in range(2))
        shopper = Shopper(there)
        stream = stack.enter_context(shopper.listen())
        time.sleep(1)
        for number in range(TIMES):
            time.sleep(0.2 + (number * 0.137) % 1)  # not in step with polling
            body = {"client_id": uuid.uuid4().hex, "text": f"رسالة {number}"}
            here.post("/api/messages", json=body, headers=shopper.headers)
            began = time.monotonic()
            heard = stream.messages(1)[0]
            took.append(time.monotonic() - began)
            assert heard["text"] == body["text"]
            stream.messages(1)  # the answer
    return took


def shared(url: str, name: str) -> dict[str, Any]:
    return {"signals": Broadcast(Link(url, name))} if url else {}


if __name__ == "__main__":
    main()
