"""The commands `shakwa nlu inbox`, `export`, `health` and `mend`: what shoppers said, and the training data."""

from collections.abc import Sequence
from typing import Annotated

import typer
from rich.console import Console
from rich.syntax import Syntax
from rich.table import Table

from bot.domain.health import Sentence
from bot.domain.label import MOST_OF_ONE, InboxFilter, LabelState, Look
from bot.printed import out

err = Console(stderr=True)


def list_inbox(
    state: Annotated[LabelState, typer.Option(help="Which ones.")] = LabelState.NEW,
    look: Annotated[Look | None, typer.Option(help="Only what should be looked at first, and why.")] = None,
    text: Annotated[str, typer.Option(help="Words in it, however spelled.")] = "",
) -> None:
    """List what shoppers said and how it was read: what needs a look before what was said often."""
    from bot.bootstrap import build

    found, count = build().console.inbox.page(InboxFilter(state, text=text, look=look))
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
    if left := training.left_out():
        err.print(f"{left} accepted sentences stay out: one conversation alone said more than {MOST_OF_ONE} of a label.")
    done = "written" if write else "would change; --write does it"
    err.print(f"{len(changes)} files {done}." if changes else "Nothing to write.", highlight=False)


def show_health(
    most: Annotated[int, typer.Option(min=1, help="How many of each are listed.")] = 12,
    guesses: Annotated[
        bool, typer.Option(help="Also what a model says of sentences it has not seen; about a minute.")
    ] = True,
) -> None:
    """Examine the training data: too few sentences, contradictions, confused labels, likely wrong ones, look-alikes."""
    from bot.bootstrap import build

    files = build().health.files
    with err.status("Examining the training data…"):
        found = files.examine() if guesses else files.glance()
    if guesses:
        files.keep(found)
    _listed("Labels with too few sentences", ("label", "sentences"), found.too_few, most)
    same = [(group[0].text, [one.label for one in group]) for group in found.contradictions]
    _listed("The same sentence under several labels", ("sentence", "labels"), same, most)
    confused = [(one.label, one.guess, one.count) for one in found.confused]
    _listed("Labels taken for each other", ("label", "taken for", "times"), confused, most)
    wrong = [(one.sentence.text, one.sentence.label, one.guess, one.sure) for one in found.mislabelled]
    _listed("Likely labelled wrongly", ("sentence", "label", "rather", "sure"), wrong, most)
    alike = [(one.sentence.label, one.sentence.text, one.other.text) for one in found.look_alikes]
    _listed("Almost the same", ("label", "sentence", "another"), alike, most)
    _listed("Varieties a label lacks", ("label", "varieties"), found.missing_varieties, most)
    _listed("Entities", ("entity", "marked"), list(found.entities.items()), most)
    err.print("`shakwa nlu mend` moves, removes or approves a sentence; so does /console/nlu/health.", highlight=False)


def mend_sentence(
    text: Annotated[str, typer.Argument(help="The sentence, as it stands in the files, without its annotations.")],
    label: Annotated[str, typer.Option(help="The label it stands under.")],
    to: Annotated[str, typer.Option(help="The label it belongs to.")] = "",
    remove: Annotated[bool, typer.Option("--remove", help="Take it out.")] = False,
    right: Annotated[bool, typer.Option("--right", help="Its label is right: do not name it again.")] = False,
    by: Annotated[str, typer.Option(help="Login of the user who mends.")] = "admin",
) -> None:
    """Mend a sentence of the training data that `shakwa nlu health` named; one of --to, --remove, --right."""
    from bot.bootstrap import build

    if [bool(to), remove, right].count(True) != 1:
        raise typer.BadParameter("give one of --to, --remove and --right")
    services = build()
    user, sentence = services.console.users.named(by), Sentence(text, label)
    if to:
        services.health.relabel(user, sentence, to)
    elif remove:
        services.health.remove(user, sentence)
    else:
        services.health.approve(user, sentence)
    err.print("Done; `git diff data/nlu` shows it.", highlight=False)


def _listed(title: str, heads: tuple[str, ...], rows: Sequence[Sequence[object]], most: int) -> None:
    table = Table(*heads, title=f"{title}: {len(rows)}", box=None, title_justify="left")
    for row in rows[:most]:
        table.add_row(*(_cell(cell) for cell in row))
    out.print(table)


def _cell(value: object) -> str:
    if isinstance(value, float):
        return f"{value:.2f}"
    return ", ".join(value) if isinstance(value, list) else str(value)
