"""The model server gives the live model to whoever knows the secret, and only where it is another than theirs."""

import json
import socket
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from bot.engine.model_server import ModelServer

SECRET = "secret-of-the-engine"


@pytest.fixture
def server(tmp_path: Path) -> Iterator[ModelServer]:
    with ModelServer(tmp_path, SECRET) as server:
        yield server


def make_live(server: ModelServer, name: str, content: bytes = b"a model") -> None:
    (server.models / name).write_bytes(content)
    (server.models / "live.json").write_text(json.dumps({"file": name, "sources": ""}))


def ask(server: ModelServer, serves: str = "", secret: str = SECRET, path: str = "") -> httpx.Response:
    return httpx.get(server.url + path, headers={"X-Shakwa-Secret": secret, "If-None-Match": serves}, trust_env=False)


def test_the_live_model_comes_whole_and_with_its_name(server: ModelServer) -> None:
    content = bytes(range(256)) * 9000
    make_live(server, "a.tar.gz", content)
    answer = ask(server, "something else")
    assert (answer.status_code, answer.content) == (200, content)
    assert (answer.headers["etag"], answer.headers["filename"]) == ("a.tar.gz", "a.tar.gz")


def test_whoever_serves_it_is_told_that_nothing_is_new_until_another_is_live(server: ModelServer) -> None:
    make_live(server, "a.tar.gz")
    assert (ask(server, "a.tar.gz").status_code, ask(server, "a.tar.gz").content) == (304, b"")
    make_live(server, "b.tar.gz")
    assert ask(server, "a.tar.gz").headers["etag"] == "b.tar.gz"
    make_live(server, "a.tar.gz")
    assert ask(server, "b.tar.gz").headers["etag"] == "a.tar.gz"


@pytest.mark.parametrize("secret", ["", "secret", "secret-of-the-engine "[:-2]])
def test_nobody_gets_a_model_without_the_secret(server: ModelServer, secret: str) -> None:
    make_live(server, "a.tar.gz")
    assert (ask(server, secret=secret).status_code, ask(server, secret=secret).content) == (401, b"")


def test_where_no_model_is_live_or_its_archive_is_gone_there_is_none_to_give(server: ModelServer) -> None:
    assert ask(server).status_code == 404
    make_live(server, "a.tar.gz")
    assert ask(server, path="/../secret").status_code == 404
    (server.models / "a.tar.gz").unlink()
    assert ask(server).status_code == 404


def test_it_listens_on_this_machine_alone_and_no_longer_than_it_is_needed(tmp_path: Path) -> None:
    with ModelServer(tmp_path, SECRET) as server:
        address = server.server_address
        assert address[0] == "127.0.0.1"
    with socket.socket() as knocking:
        assert knocking.connect_ex(("127.0.0.1", int(address[1]))) != 0
