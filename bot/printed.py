"""How records, readings and verdicts look in a terminal."""

import sys
from typing import Any

import typer
from rich.console import Console
from rich.table import Table

from bot.domain.conversation import Reading
from bot.domain.draft import SLOTS, Draft
from bot.domain.privacy import Holdings

PIPED_WIDTH = 160
"""Columns where the output goes into a file or a pipe: nothing is cut there."""

out = Console(width=None if sys.stdout.isatty() else PIPED_WIDTH, markup=False)
"""What people typed is printed as it is: a bracket of theirs is no style."""


def print_record(record: dict[str, Any]) -> None:
    timeline = record.pop("timeline")
    for name, value in record.items():
        typer.echo(f"{name:<20} {'' if value is None else value}")
    typer.echo("timeline")
    for entry in timeline:
        detail = ", ".join(f"{key}: {value}" for key, value in entry["detail"].items() if value)
        typer.echo(f"  {entry['at']}  {entry['actor']}  {entry['action']}  {detail}")


def print_holdings(held: Holdings) -> None:
    """Print what is stored of a shopper: rows by table, then which conversations and complaints these are."""
    table = Table("stored in", "rows", box=None)
    for name, count in held.counts.items():
        table.add_row(name, str(count))
    out.print(table)
    out.print(f"conversations: {', '.join(held.conversations)}", highlight=False)
    out.print(f"complaints:    {', '.join(held.complaints) or 'none'}", highlight=False)


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


def print_report(report: Any, texts: dict[int, str], most: int) -> None:
    """Print a comparison: the figures of both, what changed, what is read otherwise, and what speaks against it."""
    table = Table("", "live", "candidate", box=None)
    for name in ("accuracy", "macro_f1", "kinds_f1", "topics", "ms_p50", "ms_p95"):
        table.add_row(name, *(f"{getattr(side.verdict, name):.3f}" for side in (report.live, report.candidate)))
    table.add_row("calibration error", *(f"{side.calibration.error:.3f}" for side in (report.live, report.candidate)))
    out.print(table)
    changed = Table("intent", "questions", "live F1", "candidate F1", "change", "95 % interval", box=None)
    for one in [one for one in report.changes if one.gain][:most]:
        figures = f"{one.live.f1:.2f}", f"{one.candidate.f1:.2f}", f"{one.gain:+.2f}", f"{one.low:+.2f} … {one.high:+.2f}"
        changed.add_row(one.intent, str(one.asked), *figures)
    out.print(changed)
    _print_beside(report)
    if report.replay:
        _print_replay(report.replay, texts, most)
    for objection in report.objections:
        typer.echo(f"against it: {objection.sentence}")


def _print_beside(report: Any) -> None:
    """Print what rests on something else than the questions one by one."""
    split, held, crossed = report.disagreement, report.conversations, report.cross_validation
    alone = f"right in the live model alone {split.only_live}, in the candidate alone {split.only_candidate}"
    typer.echo(f"{alone}; p = {split.p:.3f}")
    typer.echo(f"conversations that go as written: {len(held.passed)} of {len(held.passed) + len(held.failed)}")
    for name in held.failed:
        typer.echo(f"  not: {name}")
    if crossed:
        typer.echo(f"cross-validation of {crossed.sentences} sentences: macro F1 {crossed.macro_f1:.3f}")
        if crossed.dropped:
            typer.echo(f"  too few sentences for it: {', '.join(crossed.dropped)}")


def _print_replay(replay: Any, texts: dict[int, str], most: int) -> None:
    typer.echo(f"of {replay.read} things shoppers said, {len(replay.differences)} are read otherwise ({replay.share:.1%})")
    table = Table("live", "", "candidate", "", "text", box=None)
    for one in replay.differences[:most]:
        figures = f"{one.live_confidence:.2f}", f"{one.candidate_confidence:.2f}"
        table.add_row(one.live, figures[0], one.candidate, figures[1], texts.get(one.utterance, ""))
    out.print(table)
