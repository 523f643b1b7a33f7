"""The command `shakwa nlu import`: sentences from files into the analysts' inbox."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from bot.domain.imports import Fate, Import
from bot.printed import out

err = Console(stderr=True)
MEANINGS = {
    Fate.NEW: "not in the inbox yet",
    Fate.LABELLED: "there already, gets the file's label",
    Fate.KNOWN: "there already, stays as it is",
    Fate.CONFLICT: "accepted with another label before, which stays",
    Fate.REFUSED: "not taken",
}


def import_sentences(
    files: Annotated[list[Path], typer.Argument(exists=True, dir_okay=False, help="Rasa YAML, CSV, TSV, or transcripts.")],
    write: Annotated[bool, typer.Option("--write", help="Write it; without, only show it.")] = False,
    shopper: Annotated[str, typer.Option(help="Who the shopper is in a transcript.")] = "",
    accept: Annotated[bool, typer.Option("--accept", help="Accept the labels at once, instead of suggesting them.")] = False,
    by: Annotated[str, typer.Option(help="Login of the user who imports.")] = "admin",
    most: Annotated[int, typer.Option(min=0, help="How many lines that need a look are listed.")] = 30,
) -> None:
    """Show what files would bring into the analysts' inbox; bring it with --write. The same file changes nothing twice."""
    from bot.bootstrap import build
    from bot.services.importing import File, Wanted

    services, wanted = build(), Wanted(shopper, accept)
    given = [File(file.name, file.read_bytes()) for file in files]
    if write:
        user = services.console.users.named(by)
        with err.status("Reading the sentences with the live model and writing them…"):
            shown = services.importing.write(user, given, wanted)
    else:
        shown = services.importing.preview(given, wanted)
    _print(shown, most)
    done = "Written" if write else "Nothing is written yet; --write does it"
    err.print(f"{done}. What tells who wrote a sentence is masked when labels are exported.", highlight=False)


def _print(shown: Import, most: int) -> None:
    fates, labelled = shown.fates, sum(bool(line.label) for line in shown.lines if line.fate is not Fate.REFUSED)
    table = Table("", "sentences", "", box=None)
    for fate in Fate:
        table.add_row(str(fate), str(fates[fate]), MEANINGS[fate])
    table.add_row("", str(labelled), "of those taken have a label")
    table.add_row("", str(shown.merged), "lines say what an earlier line says")
    out.print(table)
    for label, count in shown.unknown.most_common():
        out.print(f"{label}: no label that can be trained; {count} come without one", highlight=False)
    looked_at = [line for line in shown.lines if line.fate in (Fate.REFUSED, Fate.CONFLICT)]
    lines = Table("line", "why", "label", "before", "text", box=None)
    for line in looked_at[:most]:
        why = str(line.reason or line.fate)
        lines.add_row(f"{line.file}:{line.number}", why, line.label, line.before, line.text[:80])
    if looked_at:
        out.print(lines)
