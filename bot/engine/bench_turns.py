"""Shakwa beside stock Rasa in one run: parse, turns alone and under load, training, start, memory, and what growth costs."""

import os
import platform
import re
import sysconfig
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from statistics import median

from bot.engine import bench_servers, tensorflow
from bot.engine.bench_figures import Page, Row, percentile
from bot.engine.bench_grown import GrownTraining, grown
from bot.engine.bench_nlu import Told
from bot.engine.bench_servers import Servers, free_ports
from bot.engine.bench_shoppers import Begin, GatewayShopper, Load, Step, StockShopper, apply, read_script, turns_of_one
from bot.engine.judge import read
from bot.engine.questions import QUESTIONS, read_questions
from bot.engine.stock_project import STOCK, Kept, Recipe, our_model, point_at_actions, stock_model, write_project

PARSED = 300
"""Held-out questions read by each model, evenly spread."""
WARMED = 5.0
"""Seconds of one shopper before anything is noted: the first turns load tables."""
SHOWN_TURNS = {"turn 10": (5, 15), "turn 100": (95, 105), "turn 300": (290, 300)}
"""Name → first and last of the turns whose median it is."""
ANSWERED = re.compile(r"channel\.turn\.answered\b.{0,400}?\bseconds\W{0,8}[=:]\W{0,8}(?:\x1b\[\d{0,3}m){0,4}([\d.]{1,12})")

Fill = Callable[[str], object]
"""Fills the empty database at a URL with stored messages."""


@dataclass(frozen=True, slots=True)
class Plan:
    root: Path
    folder: Path
    """Where models are kept from one run to the next."""
    scratch: Path
    command: str
    recipe: Recipe
    shoppers: tuple[int, ...] = (1, 10, 50)
    seconds: float = 20.0
    rounds: int = 3
    turns: int = 300
    examples: tuple[int, ...] = ()
    """By how much our training data is multiplied."""
    stored: int = 0
    """Messages in the store for the turns after the comparison; 0: none."""


@dataclass(frozen=True, slots=True)
class Side:
    name: str
    servers: Servers
    begin: Begin


@dataclass(frozen=True, slots=True)
class Loads:
    """Of one number of shoppers: what each round gave, by side."""

    shoppers: int
    ours: list[Load]
    stock: list[Load]


def steps(plan: Plan) -> int:
    """Return how often `told` is called in a run."""
    return 9 + 2 * plan.rounds * len(plan.shoppers) + len(plan.examples) + 2 * bool(plan.stored)


def measure(plan: Plan, told: Told, fill: Fill) -> Page:
    """Measure everything; raise TrainingFailed, ReaderFailed or NotStarted with where the output is."""
    told("our model: trained unless kept")
    our = our_model(plan.root, plan.folder / "ours", told=lambda _: None)
    told("the stock model: trained unless kept, which takes many minutes")
    project = plan.folder / _name(plan.recipe)
    stock = stock_model(plan.root, project, plan.recipe, told=lambda _: None)
    rows = [_parse_row(plan, our, stock, told)]
    script = read_script(STOCK / "conversation.yml")
    with ExitStack() as running:
        sides = _sides(plan, our, stock, running, told)
        rows += _turn_rows(plan, sides, script, told)
        rows += _growth_rows(plan, sides, script, told)
        told("memory")
        rows += _fixed_rows(our, stock, sides)
    rows += _stored_rows(plan, our, script, told, fill) if plan.stored else []
    rows += _example_rows([grown(plan.root, plan.scratch, times, told) for times in plan.examples])
    return Page(_conditions(plan), rows, list(_notes(plan)))


def _name(recipe: Recipe) -> str:
    return f"stock-{recipe.examples:g}-{recipe.epochs or 'all'}"


def _parse_row(plan: Plan, our: Kept, stock: Kept, told: Told) -> Row:
    questions = read_questions(plan.root / QUESTIONS)
    texts = [question.text for question in questions[:: max(1, len(questions) // PARSED)]][:PARSED]
    took: dict[str, list[float]] = {}
    for name, kept, python in (("ours", our, tensorflow.OURS), ("stock", stock, tensorflow.STOCK)):
        told(f"parsing, {name}")
        took[name] = [median(reading["ms"] for reading in read(kept.model, texts, python=python))]
    return Row("parse, p50", "ms", took["ours"], took["stock"], target="≤ 2 ms")


def _sides(plan: Plan, our: Kept, stock: Kept, running: ExitStack, told: Told) -> tuple[Side, Side]:
    """Start one side after the other, so that each has the machine for its start."""
    told("starting ours")
    first = _ours(plan, our, "fresh")
    running.enter_context(first.servers)
    told("starting stock")
    second = _stock(plan, stock)
    running.enter_context(second.servers)
    for side in (first, second):
        apply(side.begin, read_script(STOCK / "conversation.yml"), 1, WARMED)
    return first, second


def _ours(plan: Plan, our: Kept, name: str) -> Side:
    ports, log = free_ports(), plan.scratch / f"{name}.log"
    servers = bench_servers.ours(plan.root, plan.scratch / name, our.model.parent, ports, log)
    return Side("ours", servers, partial(GatewayShopper, url=f"http://127.0.0.1:{ports.web}"))


def _stock(plan: Plan, stock: Kept) -> Side:
    ports, folder = free_ports(), plan.scratch / "stock"
    write_project(plan.root, folder, plan.recipe)
    point_at_actions(folder, ports.actions)
    servers = bench_servers.stock(plan.root, folder, stock.model, ports, plan.scratch / "stock.log")
    return Side("stock", servers, partial(StockShopper, url=f"http://127.0.0.1:{ports.engine}"))


def _turn_rows(plan: Plan, sides: tuple[Side, Side], script: list[Step], told: Told) -> Iterator[Row]:
    loads = [Loads(count, [], []) for count in plan.shoppers]
    inside: list[float] = []
    for number in range(1, plan.rounds + 1):
        for load in loads:
            for side, noted in zip(sides, (load.ours, load.stock), strict=True):
                told(f"round {number} of {plan.rounds}: {load.shoppers} shoppers, {side.name}")
                before = side.servers.log.stat().st_size
                noted.append(apply(side.begin, script, load.shoppers, plan.seconds))
                if side.name == "ours" and load.shoppers == 1:
                    inside.append(percentile(inside_rasa(side.servers.log, before), 0.5))
    yield from (row for load in loads for row in _alone_rows(load, inside) if load.shoppers == 1)
    yield from (row for load in loads for row in _load_rows(load))


def inside_rasa(log: Path, since: int) -> list[float]:
    """Return milliseconds that turns took in Rasa and the action server, as our channel has logged them."""
    with log.open("rb") as file:
        file.seek(since)
        return [float(seconds) * 1000 for seconds in ANSWERED.findall(file.read().decode("utf-8", "replace"))] or [0.0]


def _alone_rows(load: Loads, inside: list[float]) -> Iterator[Row]:
    ours, stock = ([percentile(_of(one), 0.5) for one in side] for side in (load.ours, load.stock))
    yield Row("turn alone, p50", "ms", ours, stock, target="≤ 20 ms")
    yield Row("of it in Rasa and the action server, p50", "ms", inside)


def _load_rows(load: Loads) -> Iterator[Row]:
    name, asked = _shoppers(load.shoppers), load.shoppers >= 10
    ours, stock = ([one.per_second for one in side] for side in (load.ours, load.stock))
    yield Row(f"turns per second, {name}", "1/s", ours, stock, "more", "≥ 5×" if asked else "")
    ours, stock = ([percentile(_of(one), 0.95) for one in side] for side in (load.ours, load.stock))
    yield Row(f"p95, {name}", "ms", ours, stock, "less", "≥ 4×" if asked else "")
    ours, stock = ([float(one.failed) for one in side] for side in (load.ours, load.stock))
    yield Row(f"turns without an answer, {name}", "", ours, stock, "")
    ours, stock = ([100 * one.filed / one.ended for one in side if one.ended] for side in (load.ours, load.stock))
    yield Row(f"scripts that ended with a number, {name}", "%", ours, stock, "")


def _shoppers(count: int) -> str:
    return "1 shopper" if count == 1 else f"{count} shoppers"


def _of(load: Load) -> list[float]:
    """Return the milliseconds of a load; where no turn was answered in time, its whole length."""
    return load.milliseconds or [load.seconds * 1000]


def _growth_rows(plan: Plan, sides: tuple[Side, Side], script: list[Step], told: Told) -> Iterator[Row]:
    taken = {}
    for side in sides:
        told(f"one conversation of {plan.turns} turns, {side.name}")
        taken[side.name] = turns_of_one(side.begin, script, plan.turns)
    shown = {name: ends for name, ends in SHOWN_TURNS.items() if ends[0] <= plan.turns}
    at = {side: {name: [median(took[a - 1 : b])] for name, (a, b) in shown.items()} for side, took in taken.items()}
    yield from (Row(name, "ms", at["ours"][name], at["stock"][name]) for name in shown)
    if "turn 300" in shown:
        ratio = {side: [figures["turn 300"][0] / figures["turn 10"][0]] for side, figures in at.items()}
        yield Row("turn 300 ÷ turn 10", "", ratio["ours"], ratio["stock"], "", "≤ 1.2")


def _fixed_rows(our: Kept, stock: Kept, sides: tuple[Side, Side]) -> Iterator[Row]:
    ours, theirs = (side.servers for side in sides)
    yield Row("training", "s", [our.seconds], [stock.seconds], target="≤ 60 s")
    yield Row("start to ready", "s", [ours.started_in], [theirs.started_in])
    yield Row("resident memory after that, all processes", "MB", [ours.resident()], [theirs.resident()])
    yield Row("installed size, site-packages", "MB", [installed_megabytes(Path(sysconfig.get_path("purelib")))])


def installed_megabytes(folder: Path) -> float:
    return sum(file.lstat().st_size for file in folder.rglob("*") if file.is_file()) / 1e6


def _stored_rows(plan: Plan, our: Kept, script: list[Step], told: Told, fill: Fill) -> Iterator[Row]:
    """Measure a turn alone again, in a store that holds very many."""
    told(f"filling a store with {plan.stored:,} messages")
    side = _ours(plan, our, "stored")
    fill(f"sqlite:///{plan.scratch / 'stored' / 'shakwa.db'}")
    told(f"a turn with {plan.stored:,} stored messages")
    with side.servers:
        apply(side.begin, script, 1, WARMED)
        loads = [apply(side.begin, script, 1, plan.seconds) for _ in range(plan.rounds)]
    yield Row(f"turn alone with {plan.stored:,} stored messages, p50", "ms", [percentile(_of(one), 0.5) for one in loads])


def _example_rows(trainings: list[GrownTraining]) -> Iterator[Row]:
    for one in trainings:
        yield Row(f"training of the NLU, {one.sentences:,} sentences (×{one.times})", "s", [one.seconds])
        yield Row(f"parse, p50, {one.sentences:,} sentences (×{one.times})", "ms", [one.parse])


def _conditions(plan: Plan) -> list[str]:
    load, recipe = " ".join(f"{one:.1f}" for one in os.getloadavg()), plan.recipe
    turns = len(read_script(STOCK / "conversation.yml"))
    return [
        f"Written by `{plan.command}` on {datetime.now():%-d %B %Y}. {platform.platform()}, {os.cpu_count()} cores for both",
        f"sides and the shoppers; load average at the end {load}. Rasa 3.6.21 on both sides.",
        "",
        "Stock: pipeline and policies of `rasa init`, REST channel, trackers in memory; our intents,",
        f"{recipe.examples:.0%} of our sentences, {recipe.epochs or 100} epochs; a form with the same slots, mapped in the",
        "stock way; an action server that validates them with the same readers and keeps nothing. Shakwa: gateway, Rasa,",
        "action server and worker; every message and answer is stored, and heard over the stream. Both go through the same",
        f"{turns} turns; medians of {plan.rounds} alternating rounds of {plan.seconds:g} s, least and most in brackets.",
    ]


def _notes(plan: Plan) -> Iterator[str]:
    if plan.recipe != Recipe():
        yield "Stock was not trained whole: that takes longer than shown, and it understands less than it could."
    yield (
        "Parse: read from the model archive in a process of its own, without HTTP. Growth with turns: one conversation that"
        " goes through the script again and again; medians of turns 5–15, 95–105 and 290–300."
    )
    yield "Installed size: one environment, which serves both sides here; `pip install rasa==3.6.21` alone takes 2.7 GB."
    if not (plan.stored and plan.examples):
        yield "Left out of this run: growth with stored messages (`--stored`) or with training examples (`--grown`)."
