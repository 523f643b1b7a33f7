"""Two sides measured beside each other: shoppers against pretended servers, the stock project, what the log tells."""

import json
import os
import sys
import threading
import time
from collections.abc import Iterator
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.testing import CliRunner

from bot.bench_cli import bench
from bot.engine import stock_project
from bot.engine.bench_servers import Servers, environment, family, free_ports, resident
from bot.engine.bench_shoppers import GatewayShopper, Step, StockShopper, apply, read_script, turns_of_one
from bot.engine.bench_turns import Plan, inside_rasa, installed_megabytes, steps
from bot.engine.stock_project import STOCK, Recipe, point_at_actions, sampled, write_project
from bot.engine.trainer import TrainingFailed
from bot.settings import ROOT

SCRIPT = [Step("order {order}"), Step("send", "/affirm")]


class Pretended(BaseHTTPRequestHandler):
    """Both sides in one: asks for a button after the first text, gives a number after the tap."""

    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.heard.append(body)  # type: ignore[attr-defined]
        if self.path == "/api/session":
            return self._say({"token": "t", "conversation": "c"})
        if self.path == "/webhooks/rest/webhook":
            return self._say([self._answer(body["message"])] if body["message"] != "fail" else [])
        return self._say({"message": self._kept(body)})

    def do_GET(self) -> None:
        """The stream: what was kept, and what comes, until the client goes."""
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Connection", "close")
        self.end_headers()
        self.close_connection = True
        sent, kept = 0, self.server.kept  # type: ignore[attr-defined]
        until = time.monotonic() + 5
        while time.monotonic() < until and sent < 4:
            for message in kept[sent:]:
                self.wfile.write(f"event: message\ndata: {json.dumps(message)}\n\n".encode())
                sent += 1
            self.wfile.flush()
            time.sleep(0.005)

    def _kept(self, body: dict[str, Any]) -> dict[str, Any]:
        kept = self.server.kept  # type: ignore[attr-defined]
        said = {"seq": len(kept) + 1, "from": "shopper", "text": body.get("text") or body["choice"]}
        answer = {"seq": len(kept) + 2, "from": "bot", **self._answer(said["text"])}
        kept += [said, answer]
        return said

    def _answer(self, text: str) -> dict[str, Any]:
        if text.startswith("order"):
            return {"text": "sure?", "buttons": [{"title": "send", "payload": "/affirm", "id": "/affirm"}]}
        return {"text": "SH-1" if text == "/affirm" else "what?"}

    def _say(self, body: Any) -> None:
        content = json.dumps(body).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: Any) -> None:
        """Nothing is logged."""


@pytest.fixture
def pretended() -> Iterator[ThreadingHTTPServer]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Pretended) as server:
        server.daemon_threads = True
        server.kept, server.heard = [], []  # type: ignore[attr-defined]
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


def url_of(server: ThreadingHTTPServer) -> str:
    return f"http://127.0.0.1:{server.server_address[1]}"


def test_shoppers_of_stock_go_through_the_script_again_and_again(pretended: ThreadingHTTPServer) -> None:
    load = apply(partial(StockShopper, url=url_of(pretended)), SCRIPT, shoppers=3, seconds=0.5)
    assert load.failed == 0
    assert load.filed == load.ended > 3
    assert len(load.milliseconds) >= 2 * load.ended
    assert load.per_second == len(load.milliseconds) / 0.5
    orders = [body["message"] for body in pretended.heard if body["message"] != "/affirm"]  # type: ignore[attr-defined]
    assert len(set(orders)) == len(orders), "each conversation has an order of its own"


def test_a_shopper_of_the_gateway_hears_over_the_stream_and_takes_buttons_by_their_id(
    pretended: ThreadingHTTPServer,
) -> None:
    taken = turns_of_one(partial(GatewayShopper, url=url_of(pretended)), SCRIPT, 2)
    assert len(taken) == 2
    assert 0 < min(taken) <= max(taken) < 2_000
    assert [body.get("choice") for body in pretended.heard][-1] == "/affirm"  # type: ignore[attr-defined]


def test_turns_without_an_answer_are_counted_and_not_timed(pretended: ThreadingHTTPServer) -> None:
    script = [Step("hello"), Step("fail")]
    load = apply(partial(StockShopper, url=url_of(pretended)), script, shoppers=1, seconds=0.5)
    assert load.failed >= 1
    assert load.ended == 0
    assert len(load.milliseconds) - load.failed in (0, 1), "the greeting alone was answered"


def test_a_button_that_is_not_offered_is_said(pretended: ThreadingHTTPServer) -> None:
    turns_of_one(partial(GatewayShopper, url=url_of(pretended)), [Step("send", "/affirm")], 1)
    assert [body.get("text") for body in pretended.heard][-1] == "send"  # type: ignore[attr-defined]


def test_a_server_that_is_down_is_counted_too() -> None:
    load = apply(partial(StockShopper, url=f"http://127.0.0.1:{free_ports().web}"), SCRIPT, shoppers=2, seconds=0.3)
    assert load.milliseconds == []
    assert 2 <= load.failed <= 10


def test_the_log_tells_what_a_turn_took_in_rasa(tmp_path: Path) -> None:
    log = tmp_path / "ours.log"
    line = "01:16:14 engine | timestamp='…' level='info' event='channel.turn.answered' turn_id=1 seconds=0.158 epoch=1\n"
    log.write_text(line, "utf-8")
    before = log.stat().st_size
    log.write_text(
        f'{line}{{"event": "channel.turn.answered", "seconds": 0.25}}\nevent=\'message.kept\' seconds=9\n', "utf-8"
    )
    assert inside_rasa(log, 0) == [158.0, 250.0]
    assert inside_rasa(log, before) == [250.0]


def test_examples_are_thinned_evenly_and_never_to_nothing() -> None:
    lines = "".join(f"- {number}\n" for number in range(10))
    block, lookup = {"intent": "greet", "examples": lines}, {"lookup": "product", "examples": lines}
    thin = sampled({"nlu": [block, lookup]}, 0.3)["nlu"]
    assert thin == [{"intent": "greet", "examples": "- 0\n- 3\n- 6\n"}, lookup]
    assert sampled({"nlu": [block]}, 0.01)["nlu"][0]["examples"] == "- 0\n- 5\n"
    assert sampled({"nlu": [block]}, 1.0)["nlu"] == [block]


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("stock")
    write_project(ROOT, folder, Recipe(0.02, epochs=3))
    point_at_actions(folder, 1234)
    return folder


def read(file: Path) -> Any:
    return yaml.safe_load(file.read_text("utf-8"))


def test_the_stock_project_has_our_intents_slots_and_answers(project: Path) -> None:
    domain, ours = read(project / "domain.yml"), read(ROOT / "domain.yml")
    assert domain["intents"] == ours["intents"]
    assert domain["forms"]["complaint_form"] == ours["forms"]["complaint_form"]
    topics = read(ROOT / "bot" / "help" / "topics.ar.yml")
    assert {f"utter_faq/{topic}" for topic in topics} <= set(domain["responses"])
    assert not [name for name in topics if "{" in domain["responses"][f"utter_faq/{name}"][0]["text"]]
    assert {f"utter_ask_{slot}" for slot in domain["forms"]["complaint_form"]["required_slots"]} <= set(domain["responses"])


def test_the_stock_project_is_trained_as_told(project: Path) -> None:
    config = read(project / "config.yml")
    assert [one["epochs"] for one in config["pipeline"] + config["policies"] if "epochs" in one] == [3, 3, 3]
    assert [one["epochs"] for one in read(STOCK / "config.yml")["pipeline"] if "epochs" in one] == [100, 100]
    assert read(project / "endpoints.yml")["action_endpoint"]["url"].endswith(":1234/webhook")


def test_the_script_taps_what_both_sides_offer(project: Path) -> None:
    for file in (project / "domain.yml", ROOT / "domain.yml"):
        responses = read(file)["responses"].values()
        titles = {
            (button["title"], button["payload"])
            for variants in responses
            for one in variants
            for button in one.get("buttons", [])
        }
        assert {(step.text, step.payload) for step in read_script(STOCK / "conversation.yml") if step.payload} <= titles


def test_a_model_is_trained_once_for_its_sources(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    trained: list[Path] = []

    def train(_folder: Path, archive: Path, _told: object) -> None:
        trained.append(archive)
        archive.write_bytes(b"model")

    monkeypatch.setattr(stock_project, "_train_stock", train)
    first = stock_project.stock_model(ROOT, tmp_path, Recipe(0.02, 3), lambda _: None)
    assert stock_project.stock_model(ROOT, tmp_path, Recipe(0.02, 3), lambda _: None) == first
    assert stock_project.stock_model(ROOT, tmp_path, Recipe(0.02, 4), lambda _: None) != first
    assert len(trained) == 2


def test_a_training_that_fails_says_where_its_output_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stock_project, "RASA", (sys.executable, "-c", "raise SystemExit('no')"))
    with pytest.raises(TrainingFailed, match=r"train\.log"):
        stock_project.stock_model(ROOT, tmp_path, Recipe(0.02, 3), lambda _: None)


def test_servers_run_while_they_are_entered_with_all_that_descends_from_them(tmp_path: Path) -> None:
    port = free_ports().web
    serves = [sys.executable, "-m", "http.server", str(port), "--bind", "127.0.0.1"]
    parent = ["/bin/sh", "-c", f"{' '.join(serves)} & wait"]
    with Servers([parent], tmp_path, {}, [f"http://127.0.0.1:{port}/"], tmp_path / "log") as servers:
        leader = servers._children[0].pid
        lot = family(leader)
        assert len(lot) == 2
        assert 0 < servers.started_in < 30
        assert servers.resident() == pytest.approx(sum(resident(pid) for pid in lot), rel=0.1)
        assert servers.resident() > 5
    until = time.monotonic() + 60
    while (left := [pid for pid in lot if resident(pid)]) and time.monotonic() < until:
        time.sleep(0.02)
    assert left == []


def test_servers_get_no_settings_of_whoever_measures(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://the.real.one/shop")
    monkeypatch.setenv("SHAKWA_DATA_DIR", "/real")
    given = environment(PORT="1")
    assert "DATABASE_URL" not in given
    assert "SHAKWA_DATA_DIR" not in given
    assert (given["PORT"], given["RASA_TELEMETRY_ENABLED"], given["PATH"]) == ("1", "false", os.environ["PATH"])


def test_every_step_of_a_run_is_counted(tmp_path: Path) -> None:
    plan = Plan(ROOT, tmp_path, tmp_path, "", Recipe(), shoppers=(1, 10), rounds=2, examples=(1, 3), stored=5)
    assert steps(plan) == 2 + 2 + 2 + 2 * 2 * 2 + 2 + 1 + 2 + 2


def test_the_size_of_an_installation_is_that_of_its_files(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "file").write_bytes(b"x" * 2_000_000)
    assert installed_megabytes(tmp_path) == 2.0


@pytest.mark.parametrize("wrong", ["ten", "1,-2", "0"])
def test_numbers_of_shoppers_that_are_none_are_refused(wrong: str) -> None:
    ran = CliRunner().invoke(bench, ["turns", "--shoppers", wrong])
    assert ran.exit_code == 2
    assert "is not like 1,10,50" in ran.output
