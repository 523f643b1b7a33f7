"""The commands `shakwa bench load` and `shakwa audit`: many shoppers at once, and whether every promise was kept."""

import asyncio
import json
import os
import signal
import tempfile
import time
from collections.abc import Awaitable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from bot.domain.errors import BadSettings
from bot.domain.promises import OUTBOX_MAY_WAIT, Acknowledged
from bot.domain.user import Role
from bot.engine.load import phases
from bot.engine.load.figures import Figures, Usage, percentile
from bot.engine.load.run import Run
from bot.engine.load.system import OwnSystem
from bot.printed import out
from bot.settings import ROOT, Settings

err = Console(stderr=True)
SETTLES_WITHIN = 60.0
"""Seconds after the last client in which the outbox has to be empty."""
OPTIONS = {
    "SHAKWA_ENVIRONMENT": "development",
    "SHAKWA_PUBLIC_URL": "",
    "REDIS_URL": "",
    "SHAKWA_SMTP_HOST": "",  # the addresses in these complaints are made up: no letter may go there
    "SHAKWA_SESSIONS_PER_MINUTE": "1000000",
    "SHAKWA_LOG_LEVEL": "warning",
}
"""Settings of the system that is measured; all shoppers come from one address, which may begin only so many a minute."""


@dataclass
class Plan:
    """What is to be measured."""

    shoppers: int
    minutes: float
    agents: int
    complaints: int
    find_knee: bool
    overload: bool
    idle: int
    hold: float
    herd: int


@dataclass
class Measurement:
    """Runs the phases of a plan and prints each as it ends."""

    run: Run
    plan: Plan
    cookies: list[str] = field(default_factory=list)
    """One of every agent that reads along."""

    async def all(self) -> None:
        await self.run.require_gateway()
        asyncio.get_running_loop().add_signal_handler(signal.SIGINT, self._stop)
        await phases.warm_up(self.run)
        await self._talk()
        await self._streams()
        if self.run.stop.is_set():
            out.print("stopped early by Ctrl-C: the figures are of what was done until then")

    def _stop(self) -> None:
        """Let all end what they are about; a second Ctrl-C does not wait for that."""
        self.run.stop.set()
        asyncio.get_running_loop().remove_signal_handler(signal.SIGINT)

    async def _talk(self) -> None:
        shoppers, seconds = self.plan.shoppers, self.plan.minutes * 60
        if self.plan.find_knee:
            shoppers = await self._knee(seconds)
        elif shoppers:
            await self._measured(self._steady(f"{shoppers} shoppers", shoppers, seconds))
        if self.plan.overload and shoppers and not self.run.stop.is_set():
            await self._measured(self._steady(f"twice: {shoppers * 2} shoppers", shoppers * 2, seconds))

    async def _knee(self, seconds: float) -> int:
        """Return the most shoppers who were answered quickly, 0 where even the first ones were not."""
        knee = 0
        async for figures in phases.growing(self.run, self.plan.shoppers or 10, self.cookies, seconds):
            print_figures(figures)
            knee = figures.clients if figures.reply_p95 <= phases.TOO_SLOW else knee
        where = f"between {knee} shoppers and the next step" if knee else "below the first step: begin with fewer --shoppers"
        out.print(f"the knee (reply p95 above {phases.TOO_SLOW:.0f} s) is {where}")
        return knee

    async def _streams(self) -> None:
        if self.plan.idle and not self.run.stop.is_set():
            await self._measured(phases.idle(self.run, self.plan.idle, self.plan.hold))
        if self.plan.herd and not self.run.stop.is_set():
            await self._measured(phases.herd(self.run, self.plan.herd))

    def _steady(self, name: str, shoppers: int, seconds: float) -> Awaitable[Figures]:
        return phases.steady(self.run, name, shoppers, self.cookies, seconds, self.plan.complaints)

    async def _measured(self, phase: Awaitable[Figures]) -> None:
        print_figures(await phase)


def bench_load(
    shoppers: Annotated[int, typer.Option(min=0, help="Shoppers at once; where --find-knee begins.")] = 100,
    minutes: Annotated[float, typer.Option(min=0.05, help="How long they talk, or each step of --find-knee.")] = 3.0,
    agents: Annotated[int, typer.Option(min=0, help="Agents that read along in the console.")] = 3,
    find_knee: Annotated[bool, typer.Option("--find-knee", help="Take more and more until reply p95 is over 1 s.")] = False,
    overload: Annotated[
        bool, typer.Option("--overload", help="Then twice as many, of the knee if that is looked for.")
    ] = False,
    idle: Annotated[int, typer.Option(min=0, help="Streams that only wait.")] = 0,
    hold: Annotated[float, typer.Option(min=1, help="How many seconds they wait.")] = 60.0,
    herd: Annotated[int, typer.Option(min=0, help="Clients that come, drop and come back, all at once.")] = 0,
    complaints: Annotated[int, typer.Option(min=0, help="Complaints each shopper brings; 0: until the time is over.")] = 0,
    pace: Annotated[float, typer.Option(min=0.01, help="Thinking times of 8 to 12 s are multiplied with this.")] = 1.0,
    seed: Annotated[int, typer.Option(help="The same seed gives the same shoppers.")] = 1,
    database: Annotated[str, typer.Option(help="An EMPTY database; without one, SQLite in a temporary folder.")] = "",
    url: Annotated[str, typer.Option(help="A running gateway, in place of one that is started for this.")] = "",
    keep: Annotated[Path | None, typer.Option(help="Write what was acknowledged here, for `shakwa audit`.")] = None,
) -> None:
    """Let many shoppers talk to a whole system at human pace, and audit what it kept.

    Without --url it starts a system of its own, whose limit of conversations by address is lifted: all shoppers come from
    this one. A running one keeps its limits, and answers 429 where they are passed; its agents, its memory and its store
    are not looked at: run `shakwa audit` there, with what --keep wrote.
    """
    plan = Plan(shoppers, minutes, agents, complaints, find_knee, overload, idle, hold, herd)
    out.print(f"seed {seed}; {os.cpu_count()} cores; load average {_load()}", highlight=False)
    if url:
        run = Run(url.rstrip("/"), seed, pace)
        asyncio.run(Measurement(run, plan).all())
        problems = run.broken
        out.print("agents, memory and store were not looked at: run `shakwa audit` where it runs")
    else:
        with own_system(database) as (system, services):
            run = Run(system.url, seed, pace, system.usage)
            asyncio.run(Measurement(run, plan, agents_of(services, agents)).all())
            problems = [*run.broken, *settled(services, run.acknowledged)]
    if keep:
        keep.write_text("".join(json.dumps(asdict(one)) + "\n" for one in run.acknowledged), "utf-8")
    end(problems, len(run.acknowledged))


def audit(
    acknowledged: Annotated[Path | None, typer.Option(help="What clients were told is stored: `bench load --keep`.")] = None,
) -> None:
    """Check every promise that can be checked in the store, and name those that are broken."""
    from bot.bootstrap import build
    from bot.keeping import audit_of

    told = read_acknowledged(acknowledged) if acknowledged else []
    services = build()
    end(audit_of(services, told, services.clock()), len(told))


def read_acknowledged(file: Path) -> list[Acknowledged]:
    """Return what `bench load --keep` wrote; raise BadSettings where the file is another's."""
    try:
        return [Acknowledged(**json.loads(line)) for line in file.read_text("utf-8").splitlines()]
    except (OSError, ValueError, TypeError) as error:
        raise BadSettings(f"{file} is not what `shakwa bench load --keep` writes: {error}") from error


def end(problems: list[str], acknowledged: int) -> None:
    """Print what is broken, and end with 1 where anything is."""
    for problem in problems:
        out.print(problem, highlight=False)
    out.print(f"audit: {len(problems)} violations; {acknowledged} acknowledged messages were looked for", highlight=False)
    if problems:
        raise typer.Exit(1)


@contextmanager
def own_system(database: str) -> Iterator[tuple[OwnSystem, Any]]:
    """Yield a running system and its services; both are gone afterwards, a database that was given apart."""
    from bot.bootstrap import build

    with tempfile.TemporaryDirectory(prefix="shakwa-load-") as folder:
        options = OPTIONS | {"DATABASE_URL": database, "SHAKWA_MODELS_DIR": str(Settings().models_dir.resolve())}
        system = OwnSystem(ROOT, Path(folder), options)
        with ExitStack() as running:
            with err.status("Starting a system for the measurement…"):
                running.enter_context(system)
            yield system, build(Settings(data_dir=Path(folder) / "data", database_url=database, environment="development"))


def agents_of(services: Any, count: int) -> list[str]:
    """Make so many agents and sign them in; return their cookies."""
    users, cookies = services.console.users, []
    for number in range(count):
        user, one_time = users.add(f"reader{number}", "", Role.AGENT)
        token = users.sign_in(user.login, one_time, "127.0.0.1").token
        signed_in = users.choose_password(token, one_time, one_time[::-1] + "-chosen")
        cookies.append(f"shakwa={signed_in.token}")
    return cookies


def settled(services: Any, acknowledged: list[Acknowledged]) -> list[str]:
    """Return what is broken once the outbox has had its minute."""
    from bot.keeping import audit_of

    until = time.monotonic() + SETTLES_WITHIN
    while True:
        problems = audit_of(services, acknowledged, services.clock() + OUTBOX_MAY_WAIT)
        if not problems or time.monotonic() > until:
            return problems
        time.sleep(2)


# ------------------------------------------------------------------ printing


def print_figures(figures: Figures) -> None:
    """Print one phase: its times, its errors, and what the processes took."""
    table = Table(figures.name, "count", "p50 ms", "p95 ms", "p99 ms", "most ms", box=None)
    for name, times in (
        ("acknowledged", figures.acks),
        ("replied", figures.replies),
        ("connected", figures.connects),
        ("resumed", figures.resumes),
    ):
        if times:
            shown = (f"{percentile(times, share) * 1000:,.0f}" for share in (0.5, 0.95, 0.99, 1.0))
            table.add_row(name, str(len(times)), *shown)
    out.print(table)
    errors = ", ".join(f"{name} ×{count}" for name, count in sorted(figures.errors.items())) or "none"
    told = (
        f"{figures.turns_per_second:.1f} turns a second for {figures.seconds:.0f} s; {figures.complaints} complaints filed"
    )
    out.print(f"{told}; agents heard {figures.read_along} messages; load average {_load()}", highlight=False)
    out.print(f"errors: {errors}; tried again: {figures.retries}", highlight=False)
    for note in figures.notes:
        out.print(note, highlight=False)
    if figures.after:
        out.print(_used(figures))
    out.print()


def _used(figures: Figures) -> Table:
    table = Table("process", "MB before", "MB after", "of a core", "waits for one", "ms a turn", box=None)
    turns = len(figures.replies)
    for role, used in figures.after.items():
        was = figures.before.get(role, Usage())
        worked, waited = ((now - then) / figures.seconds for now, then in ((used.cpu, was.cpu), (used.waited, was.waited)))
        cost = f"{worked * figures.seconds / turns * 1000:.0f}" if turns else ""
        table.add_row(role, f"{was.memory:.0f}", f"{used.memory:.0f}", f"{worked:.0%}", f"{waited:.0%}", cost)
    return table


def _load() -> str:
    return " ".join(f"{one:.1f}" for one in os.getloadavg())
