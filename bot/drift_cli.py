"""The commands `shakwa nlu drift` and `shadow`: what changes over the days, and a candidate that reads along."""

import getpass
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from bot.printed import out

err = Console(stderr=True)
shadow = typer.Typer(
    help="Let the candidate read what shoppers write beside the live model, without answering anybody.", no_args_is_help=True
)
NAMES = {
    "unsure": "read with little confidence",
    "fallback": "not understood",
    "new_words": "with a new word",
    "agreement": "agents left the kind as the bot read it",
    "intent": "read as",
    "variety": "in the variety",
}


def show_drift(
    days: Annotated[int, typer.Option(min=14, max=366, help="How many of the last days, today included.")] = 30,
    model: Annotated[str, typer.Option(help="Only what this model read; a file name as `shakwa nlu models` lists it.")] = "",
    variety: Annotated[str, typer.Option(help="Only this variety: gulf, egyptian, levantine, iraqi, maghrebi, msa …")] = "",
    most: Annotated[int, typer.Option(min=1, help="How many intents and new words are listed.")] = 15,
) -> None:
    """Show how understanding changes over the days: unsure, not understood, new words, intents, varieties, agreement."""
    from bot.bootstrap import build

    drift = build().console.drift
    with err.status("Counting what was read since the last time…"):
        drift.catch_up()
    told = drift.of(days, model, variety)
    err.print(_sentence(told), highlight=False)
    out.print(_weeks(told["weeks"]))
    out.print(_days(told))
    out.print(_named("Intents", told["intents"][:most]))
    out.print(_named("Varieties", told["varieties"]))
    out.print(_words(told["words"][:most]))


def _sentence(told: dict[str, Any]) -> str:
    most = told["moved"]
    if not told["enough"]:
        return "Too few messages in the last two weeks to compare them."
    if most is None:
        return "Nothing clearly changed from the seven days before to the last seven."
    what = f"{NAMES[most['what']]} {most['name']}".strip()
    return f"What changed most: {what}, from {_share(most['before'])} to {_share(most['now'])}."


def _weeks(shares: list[dict[str, Any]]) -> Table:
    table = Table("share of the messages", "last 7 days", "7 before", box=None)
    for one in shares:
        now, before = _share(one["now"]), _share(one["before"])
        table.add_row(NAMES[one["what"]], f"{now} of {one['whole']}", f"{before} of {one['whole_before']}")
    return table


def _days(told: dict[str, Any]) -> Table:
    table = Table("day", "read", "unsure", "not understood", "with new words", "agents", "agreed", box=None)
    names = ("read", "unsure", "fallback", "new_words", "handled", "agreement")
    for day, *numbers in zip(told["days"], *(told[name] for name in names), strict=True):
        if any(numbers):
            table.add_row(day, *map(str, numbers))
    return table


def _named(title: str, rows: list[dict[str, Any]]) -> Table:
    table = Table(title, "last 7 days", "7 before", "all", box=None)
    for one in rows:
        counts = one["counts"]
        table.add_row(one["name"], str(sum(counts[-7:])), str(sum(counts[-14:-7])), str(sum(counts)))
    return table


def _words(words: list[dict[str, Any]]) -> Table:
    table = Table("new word", "times", "number", "for example", box=None)
    for one in words:
        table.add_row(one["word"], str(one["count"]), str(one["utterance_id"]), one["example"])
    return table


def _share(value: float | None) -> str:
    return "–" if value is None else f"{value:.1%}"


@shadow.command("on")
def turn_on() -> None:
    """Let candidates read along from the next message on. The running worker does it, in some 0.7 GB more of memory."""
    _turn(is_on=True)


@shadow.command("off")
def turn_off() -> None:
    """Let no candidate read along; what was read stays."""
    _turn(is_on=False)


@shadow.command("show")
def show_shadow(
    most: Annotated[int, typer.Option(min=1, help="How many intents, pairs and messages are listed.")] = 15,
) -> None:
    """Show how often the candidate reads as the live model does, and where it does not."""
    from bot.bootstrap import build

    told = build().shadow.show()
    err.print(_state(told), highlight=False)
    share, middle, high = _share(told["share"]), told["ms_p50"], told["ms_p95"]
    out.print(f"{told['model'] or 'no model'}: read {told['read']}, alike {share}, {middle} ms (p95 {high} ms)")
    out.print(_agreed(told["intents"][:most]))
    out.print(_pairs(told["pairs"][:most]))
    out.print(_differences(told["differences"][:most]))


def _turn(*, is_on: bool) -> None:
    from bot.bootstrap import build

    services = build()
    services.shadow.turn(is_on, getpass.getuser())
    err.print(_state(services.shadow.show()), highlight=False)


def _state(told: dict[str, Any]) -> str:
    if not told["is_on"]:
        return "Shadow mode is off; `shakwa nlu shadow on` turns it on."
    if told["candidate"] is None:
        return "Shadow mode is on, and waits for a candidate: `shakwa nlu candidate` trains one."
    return f"Shadow mode is on, turned on by {told['by']}: {told['candidate']} reads along."


def _agreed(intents: list[dict[str, Any]]) -> Table:
    table = Table("live model", "read", "alike", box=None)
    for one in intents:
        table.add_row(one["name"], str(one["read"]), _share(one["agreed"] / one["read"]))
    return table


def _pairs(pairs: list[list[Any]]) -> Table:
    table = Table("live model", "candidate", "times", box=None)
    for live, other, count in pairs:
        table.add_row(live, other, str(count))
    return table


def _differences(differences: list[dict[str, Any]]) -> Table:
    table = Table("number", "live model", "", "candidate", "", "text", box=None)
    for one in differences:
        figures = f"{one['live_confidence']:.2f}", f"{one['shadow_confidence']:.2f}"
        table.add_row(str(one["utterance_id"]), one["live"], figures[0], one["shadow"], figures[1], one["text"])
    return table
