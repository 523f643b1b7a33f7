"""How records, readings and verdicts look in a terminal."""

import sys
from typing import Any

import typer
from rich.console import Console
from rich.table import Table

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
