"""The commands `shakwa nlu inbox` and `shakwa nlu export`: what shoppers said, and the labels as training data."""

from typing import Annotated

import typer
from rich.console import Console
from rich.syntax import Syntax
from rich.table import Table

from bot.domain.label import InboxFilter, LabelState
from bot.printed import out

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
