"""How records, readings and verdicts look in a terminal."""

import sys
from typing import Any

import typer
from rich.console import Console
from rich.table import Table

from bot.domain.conversation import Reading
from bot.domain.draft import SLOTS, Draft

PIPED_WIDTH = 160
"""Columns where the output goes into a file or a pipe: nothing is cut there."""

out = Console(width=None if sys.stdout.isatty() else PIPED_WIDTH)


def print_record(record: dict[str, Any]) -> None:
    timeline = record.pop("timeline")
    for name, value in record.items():
        typer.echo(f"{name:<20} {'' if value is None else value}")
    typer.echo("timeline")
    for entry in timeline:
        detail = ", ".join(f"{key}: {value}" for key, value in entry["detail"].items() if value)
        typer.echo(f"  {entry['at']}  {entry['actor']}  {entry['action']}  {detail}")


def print_words(reading: dict[str, Any]) -> None:
    table = Table("word", "folded", "entity", box=None)
    for token in reading["tokens"]:
        names = [e["entity"] for e in reading["entities"] if e["start"] <= token["start"] < e["end"]]
        table.add_row(token["text"], token["lemma"], " ".join(names))
    out.print(table)
    for entity in reading["entities"]:
        typer.echo(f"{entity['entity']}: {entity['value']}")


def print_guesses(reading: dict[str, Any]) -> None:
    table = Table("intent", "confidence", box=None)
    for guess in reading["ranking"][:5]:
        table.add_row(guess["name"], f"{guess['confidence']:.3f}")
    out.print(table)
    if reading["ranking"][:1] and reading["ranking"][0]["name"] == "faq":
        typer.echo(f"topic: {reading['topic']}")
    typer.echo("decided by: " + ", ".join(f"{name!r} {weight:+.2f}" for name, weight in reading["deciding"]))


def print_verdict(verdict: Any) -> None:
    table = Table("", "", box=None, show_header=False)
    for name in ("accuracy", "macro_f1", "kinds_f1", "topics", "ms_p50", "ms_p95"):
        table.add_row(name, f"{getattr(verdict, name):.3f}")
    for name, figure in (verdict.varieties | verdict.entities).items():
        table.add_row(f"  {name}", f"{figure:.3f}")
    out.print(table)


def print_bubble(sender: str, text: str, titles: list[str], first: int) -> None:
    """Print what was said, and under it what may be tapped, numbered from `first` on."""
    typer.echo(text if sender == "bot" else f"[{sender}] {text}")
    for number, title in enumerate(titles, first):
        typer.echo(f"  {number}. {title}")


def print_slots(draft: Draft | None) -> None:
    """Print the value of every slot of a draft and the words it was given in."""
    if draft is None:
        typer.echo("No complaint is being written.")
        return
    for slot in SLOTS:
        entry = draft.slots.get(slot)
        if entry is not None and (entry.value is not None or entry.skipped):
            typed = f"  «{entry.typed}»" if entry.typed not in (None, entry.value) else ""
            typer.echo(f"  {slot:<15} {entry.value if entry.value is not None else '(skipped)'}{typed}")
    typer.echo(f"  {'asked now':<15} {draft.asked or ''}")


def print_reading(read: tuple[str, Reading] | None) -> None:
    """Print how a message was read: the intent, what the dialogue took it as, the likeliest guesses, the entities."""
    if read is None:
        typer.echo("No message has been read yet.")
        return
    text, reading = read
    taken = f", taken as {reading.taken_as}" if reading.taken_as not in ("", reading.intent) else ""
    typer.echo(f"  «{text}»")
    typer.echo(f"  {reading.intent} {reading.confidence:.3f}{taken}   ({reading.model})")
    for guess in reading.ranking[:5]:
        typer.echo(f"    {guess['confidence']:.3f} {guess['name']}")
    for entity in reading.entities:
        typer.echo(f"    {entity['entity']}: {entity['value']}")
