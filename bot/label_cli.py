"""The commands `shakwa nlu inbox`, `export` and `health`: what shoppers said, labels as training data, and its state."""

from collections.abc import Sequence
from typing import Annotated

import typer
from rich.console import Console
from rich.syntax import Syntax
from rich.table import Table

from bot.domain.label import InboxFilter, LabelState
from bot.printed import out
from bot.settings import ROOT

err = Console(stderr=True)


def list_inbox(
    state: Annotated[LabelState, typer.Option(help="Which ones.")] = LabelState.NEW,
    first: Annotated[bool, typer.Option("--first", help="Only what should be looked at first.")] = False,
    text: Annotated[str, typer.Option(help="Words in it, however spelled.")] = "",
) -> None:
    """List what shoppers said and how it was read: what needs a look before what was said often."""
    from bot.bootstrap import build

    found, count = build().console.inbox.page(InboxFilter(state, text=text, first_only=first))
    table = Table("number", "times", "read as", "sure", "suggested", "label", "text", box=None)
    for one in found:
        sure, label = f"{one.confidence:.2f}", one.label or ""
        table.add_row(str(one.id), str(one.count), one.intent, sure, one.suggestion or "", label, one.text)
    out.print(table)
    err.print(f"{len(found)} of {count}; label them at /console/nlu.", highlight=False)


def export_labels(write: Annotated[bool, typer.Option("--write", help="Write it; without, only show it.")] = False) -> None:
    """Show what the accepted labels would change in data/nlu/accepted/, masked; write it with --write."""
    from bot.bootstrap import build

    training = build().training
    changes = training.write() if write else training.preview()
    for change in changes:
        out.print(Syntax(change.diff, "diff", background_color="default", word_wrap=True))
    done = "written" if write else "would change; --write does it"
    err.print(f"{len(changes)} files {done}." if changes else "Nothing to write.", highlight=False)


def show_health(
    most: Annotated[int, typer.Option(min=1, help="How many of each are listed.")] = 12,
    guesses: Annotated[
        bool, typer.Option(help="Also what a model says of sentences it has not seen; about a minute.")
    ] = True,
) -> None:
    """Examine the training data: too few sentences, contradictions, confused labels, likely wrong ones, look-alikes."""
    from bot.bootstrap import folded
    from bot.engine import health
    from bot.engine.questions import read_questions

    examples = read_questions(*sorted((ROOT / "data" / "nlu").rglob("*.yml")))
    with err.status(f"Examining {len(examples)} sentences…"):
        read = health.out_of_fold(examples) if guesses else [("", 0.0)] * len(examples)
        found = health.examine(examples, read, folded)
    _listed("Labels with too few sentences", ("label", "sentences"), found.too_few, most)
    _listed("The same sentence under several labels", ("sentence", "labels"), found.contradictions, most)
    _listed("Labels taken for each other", ("label", "taken for", "times"), found.confused, most)
    _listed("Likely labelled wrongly", ("sentence", "label", "rather", "sure"), found.mislabelled, most)
    _listed("Almost the same", ("label", "sentence", "another"), found.look_alikes, most)
    _listed("Varieties a label lacks", ("label", "varieties"), found.missing_varieties, most)
    _listed("Entities", ("entity", "marked"), list(found.entities.items()), most)


def _listed(title: str, heads: tuple[str, ...], rows: Sequence[Sequence[object]], most: int) -> None:
    table = Table(*heads, title=f"{title}: {len(rows)}", box=None, title_justify="left")
    for row in rows[:most]:
        table.add_row(*(_cell(cell) for cell in row))
    out.print(table)


def _cell(value: object) -> str:
    if isinstance(value, float):
        return f"{value:.2f}"
    return ", ".join(value) if isinstance(value, list) else str(value)
