"""What `deploy/` says fits the code and itself; with the tools at hand it is checked by them, too."""

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, urlsplit

import pytest
import yaml

from bot import cli
from bot.domain.evidence import LARGEST_FILE
from bot.domain.vitals import Vitals
from bot.services.meter import Meter
from bot.services.parts import Parts
from bot.settings import ROOT, Settings, variable
from bot.settings_cli import reference
from bot.web.metrics import ABOUT, MetricsRoute
from bot.web.streams import Hub
from tests.conftest import missing_tool

DEPLOY = ROOT / "deploy"
NAMES = {variable(name, field): field for name, field in Settings.model_fields.items()}
OTHERS = {"RASA_CACHE_DIRECTORY", "MPLCONFIGDIR", "PATH", "PYTHONUNBUFFERED"}
SECRET = "0123456789abcdef" * 4
METRIC = re.compile(r"\b(?:shakwa|process)_[a-z_]+")
YAML = sorted(DEPLOY.rglob("*.yml"))


@pytest.fixture
def compose() -> dict[str, Any]:
    return yaml.safe_load((DEPLOY / "compose.yml").read_text("utf-8"))


def ours(compose: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {name: one for name, one in compose["services"].items() if one["image"].startswith("shakwa:")}


def tool(name: str, *arguments: str) -> None:
    """Run a tool and fail with what it says; skip where the tool is missing."""
    if shutil.which(name) is None:
        missing_tool(name)
    ran = subprocess.run([name, *arguments], capture_output=True, text=True, check=False, timeout=60)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert not ran.stderr.strip(), ran.stderr


def test_the_reference_of_settings_is_the_codes() -> None:
    assert (DEPLOY / "environment.md").read_text("utf-8") == reference(), (
        "run `shakwa settings --markdown > deploy/environment.md`"
    )


def settings_named() -> Iterator[tuple[str, str]]:
    for one in ours(yaml.safe_load((DEPLOY / "compose.yml").read_text("utf-8"))).values():
        yield from (("compose.yml", name) for name in one["environment"])
    for file in (DEPLOY / "systemd").iterdir():
        words = re.findall(r"^(?:Environment=)?(.*)$", file.read_text("utf-8"), re.MULTILINE)
        yield from ((file.name, name) for line in words for name in re.findall(r"(?:^| )([A-Z][A-Z_]{3,})=", line))
    for block in re.findall(r"^ENV ((?:.*\\\n)*.*)$", (DEPLOY / "Dockerfile").read_text("utf-8"), re.MULTILINE):
        yield from (("Dockerfile", name) for name in re.findall(r"\b([A-Z][A-Z_]{3,})=", block) if "UV_" not in name)


def test_every_setting_that_is_set_is_one() -> None:
    named = list(settings_named())
    assert len(named) > 30
    for file, name in named:
        secret = name.removesuffix("_FILE")
        in_a_file = name != secret and "Secret" in str(NAMES[secret].annotation)
        assert name in NAMES or name in OTHERS or in_a_file, (file, name)


def test_production_takes_the_settings_of_the_containers(
    compose: dict[str, Any], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in NAMES:
        monkeypatch.delenv(name, raising=False)
    given = {"SHAKWA_PUBLIC_URL": "https://chat.shop.example", "SHAKWA_ALLOWED_ORIGINS": "https://shop.example"}
    secrets = {"shakwa_secret": SECRET, "metrics_token": SECRET[::-1], "database_url": "postgresql+psycopg://s:x9Kq@db/s"}
    for name, value in (ours(compose)["gateway-1"]["environment"] | given).items():
        if name.endswith("_FILE"):
            kept = tmp_path / Path(value).name
            kept.write_text(secrets[kept.name])
            value = str(kept)
        monkeypatch.setenv(name, value)
    settings = Settings.for_serving()
    assert settings.root_secret == SECRET
    assert settings.store_url.startswith("postgresql+psycopg://s")


def test_of_the_containers_nginx_alone_is_reached_from_outside(compose: dict[str, Any]) -> None:
    published = {name: one["ports"] for name, one in compose["services"].items() if "ports" in one}
    assert published == {"nginx": ["80:80", "443:443"], "grafana": ["127.0.0.1:3000:3000"]}
    assert compose["networks"]["inner"]["internal"] is True
    for name in ("postgres", "redis"):
        assert compose["services"][name]["networks"] == ["inner"]


def test_our_containers_have_no_rights_they_do_not_need(compose: dict[str, Any]) -> None:
    for name, one in ours(compose).items():
        assert (one["read_only"], one["cap_drop"]) == (True, ["ALL"]), name
        assert "no-new-privileges:true" in one["security_opt"]
        assert not [value for key, value in one["environment"].items() if "SECRET" in key and not key.endswith("_FILE")]


def test_what_the_containers_name_is_there(compose: dict[str, Any]) -> None:
    services, secrets = compose["services"], set(compose["secrets"])
    for name, one in services.items():
        assert set(one.get("secrets", [])) <= secrets, name
        assert set(one.get("depends_on", {})) <= set(services), name
        assert one.get("network_mode", "service:node-1").removeprefix("service:") in services
        for source in (volume.split(":")[0] for volume in one.get("volumes", [])):
            known = source in compose["volumes"] or source == "./tls" or (DEPLOY / source).exists()
            assert known, (name, source)


def test_addresses_agree(compose: dict[str, Any]) -> None:
    services = compose["services"]
    nodes = {one["networks"]["inner"]["ipv4_address"] for name, one in services.items() if name.startswith("node-")}
    upstream = (DEPLOY / "nginx/upstream.conf").read_text()
    assert set(re.findall(r"^    server ([\d.]+):8000", upstream, re.MULTILINE)) == nodes
    scraped = yaml.safe_load((DEPLOY / "prometheus/prometheus.yml").read_text())["scrape_configs"][0]["static_configs"]
    assert {target.removesuffix(":8000") for target in scraped[0]["targets"]} == nodes
    assert {url.hostname: url.port for url in engines(services["gateway-1"]["environment"])} == dict.fromkeys(nodes, 5005)
    for number in "12":
        node = services[f"node-{number}"]["networks"]["inner"]["ipv4_address"]
        assert services[f"engine-{number}"]["environment"]["SHAKWA_ENGINE_HOST"] == node
        assert "SHAKWA_ENGINE_HOST" not in services[f"actions-{number}"]["environment"]
    proxy = services["nginx"]["networks"]["inner"]["ipv4_address"]
    assert services["gateway-1"]["environment"]["SHAKWA_TRUSTED_PROXIES"] == proxy


def engines(environment: dict[str, str]) -> list[SplitResult]:
    return [urlsplit(url) for url in environment["SHAKWA_ENGINE_URL"].split()]


def variables(name: str) -> dict[str, str]:
    """Return what a file of environment variables sets."""
    written = (DEPLOY / f"systemd/{name}.env").read_text("utf-8")
    return dict(re.findall(r'^([A-Z_]+)="?(.*?)"?$', written, re.MULTILINE))


def test_gateways_of_systemd_reach_the_rasa_of_each_node() -> None:
    shared, *nodes = (variables(name) for name in ("shakwa", "node-1", "node-2"))
    assert [(url.hostname, str(url.port)) for url in engines(shared)] == [
        ("127.0.0.1", node["SHAKWA_ENGINE_PORT"]) for node in nodes
    ]


def test_the_gateway_believes_the_proxies_of_its_settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    served: dict[str, Any] = {}
    monkeypatch.setenv("SHAKWA_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("SHAKWA_TRUSTED_PROXIES", "172.29.0.10")
    monkeypatch.setattr("uvicorn.run", lambda app, **options: served.update(options))
    cli.gateway()
    assert served["forwarded_allow_ips"] == "172.29.0.10"


def test_the_proxy_overwrites_what_a_client_says_of_its_address() -> None:
    proxy = (DEPLOY / "nginx/proxy.conf").read_text()
    assert "proxy_set_header X-Forwarded-For $remote_addr;" in proxy
    assert "$proxy_add_x_forwarded_for" not in proxy


def test_streams_are_not_buffered_and_files_fit() -> None:
    site = (DEPLOY / "nginx/shakwa.conf").read_text()
    [(path, block)] = re.findall(r"location ~ (\S*stream\S*) \{(.*?)\n    \}", site, re.DOTALL)
    assert all(re.search(path, stream) for stream in ("/api/stream", "/console/api/stream"))
    assert not re.search(path, "/api/messages")
    assert "proxy_buffering off;" in block
    [most] = re.findall(r"client_max_body_size (\d+)m", site)
    assert int(most) * 1_000_000 > LARGEST_FILE
    assert "location = /metrics { return 404; }" in site


def metrics() -> dict[str, set[str]]:
    """Return the names of all metrics with their labels."""
    meter = Meter()
    meter.requests.add("GET", "/", "200")
    meter.request_seconds.add(0.1, "GET", "/")
    meter.turns.add("answered")
    meter.turn_seconds.add(0.1)
    meter.readings.add("m", "sure")
    vitals = Vitals(0, 0, 0.0, 0, 0, 0, {"late_delivery": 1})
    lines = list(MetricsRoute("t", meter, Parts({"store": lambda: True}), Hub(), lambda: vitals).lines())
    found = [re.match(r"([a-z_]+)(\{.*\})? ", line) for line in lines if not line.startswith("#")]
    return {one[1]: set(re.findall(r'(\w+)="', one[2] or "")) | {"instance", "job"} for one in found if one}


def expressions() -> Iterator[str]:
    board = json.loads((DEPLOY / "grafana/shakwa.json").read_text("utf-8"))
    yield from (target["expr"] for panel in board["panels"] for target in panel.get("targets", []))
    alerts = yaml.safe_load((DEPLOY / "prometheus/alerts.yml").read_text("utf-8"))
    yield from (rule["expr"] for group in alerts["groups"] for rule in group["rules"])


def test_every_metric_and_label_of_the_board_and_the_alerts_exists() -> None:
    known = metrics()
    used = list(expressions())
    assert len(used) > 30
    for expression in used:
        names = METRIC.findall(expression)
        assert names or expression.startswith(("up", "sum(up")), expression
        labels = set().union(*(known[name] for name in names)) if names else {"job"}
        wanted = set(re.findall(r'(\w+)[=!]~?"', expression))
        for listed in re.findall(r"\b(?:by|ignoring) \(([\w, ]+)\)", expression):
            wanted |= set(listed.replace(" ", "").split(","))
        assert wanted <= labels, expression


def test_the_board_shows_every_metric() -> None:
    shown = {name for expression in expressions() for name in METRIC.findall(expression)}
    assert {f"shakwa_{name}" for name in ABOUT} <= shown
    assert {name for name in metrics() if not name.endswith(("_bucket", "_sum", "_count"))} <= shown


@pytest.mark.parametrize("file", YAML, ids=lambda file: file.relative_to(DEPLOY).as_posix())
def test_every_file_can_be_read(file: Path) -> None:
    assert yaml.safe_load(file.read_text("utf-8"))


def test_the_image_takes_what_is_there_runs_as_nobody_and_brings_no_test_tools() -> None:
    lines = (DEPLOY / "Dockerfile").read_text("utf-8").splitlines()
    copied = [line.split()[1:-1] for line in lines if line.startswith("COPY") and "--from" not in line]
    sources = [one for words in copied for one in words if not one.startswith("--")]
    let = [line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")]
    assert sources
    for source in sources:
        assert (ROOT / source).exists()
        assert any(fnmatch(source, pattern) for pattern in let), f".dockerignore keeps {source} out"
    assert [line for line in lines if line.startswith("USER")] == ["USER shakwa"]
    assert all("--locked --no-dev" in line for line in lines if "uv sync" in line)


def test_prometheus_takes_its_files() -> None:
    tool("promtool", "check", "config", "--syntax-only", str(DEPLOY / "prometheus/prometheus.yml"))
    tool("promtool", "check", "rules", str(DEPLOY / "prometheus/alerts.yml"))


def test_docker_compose_takes_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if shutil.which("docker") is None or subprocess.run(["docker", "compose", "version"], capture_output=True).returncode:
        takes_without_its_name(tmp_path, monkeypatch)
        return
    environment = tmp_path / "env"
    environment.write_text("SHAKWA_PUBLIC_URL=https://chat.shop.example\n")
    tool("docker", "compose", "--env-file", str(environment), "--file", str(DEPLOY / "compose.yml"), "config", "--quiet")


def takes_without_its_name(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have the older tool look, which knows everything in the file but `name`."""
    monkeypatch.setenv("SHAKWA_PUBLIC_URL", "https://chat.shop.example")
    file = folder / "compose.yml"
    file.write_text((DEPLOY / "compose.yml").read_text("utf-8").replace("\nname: shakwa\n", "\n"))
    tool("docker-compose", "--project-directory", str(DEPLOY), "--file", str(file), "config", "--quiet")


def test_systemd_takes_the_units(tmp_path: Path) -> None:
    """With a program that is there in the place of ours."""
    units = [file for file in (DEPLOY / "systemd").iterdir() if file.suffix != ".env"]
    for unit in units:
        name = unit.name.replace("@.", "@1.")
        (tmp_path / name).write_text(unit.read_text().replace("/opt/shakwa/.venv/bin/shakwa", "/bin/true"))
    tool("systemd-analyze", "verify", "--man=no", *(str(file) for file in tmp_path.iterdir()))
