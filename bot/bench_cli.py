"""The command `shakwa bench lists`: how fast the console's lists stay as the store grows."""

import tempfile
from collections import Counter
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from bot.printed import out
from bot.settings import ROOT

err = Console(stderr=True)


def bench_lists(
    url: Annotated[str, typer.Option(help="An EMPTY database; without one, SQLite in a temporary folder.")] = "",
    complaints: Annotated[int, typer.Option(min=1_000, help="How many complaints.")] = 100_000,
    messages: Annotated[int, typer.Option(min=1_000, help="How many messages.")] = 1_000_000,
    rounds: Annotated[int, typer.Option(min=2, help="How often each is asked.")] = 30,
) -> None:
    """Fill a database and time the console's lists and search in it."""
    from bot.bootstrap import measure_lists

    sentences, words = _vocabulary()
    with tempfile.TemporaryDirectory() as folder, Progress(console=err) as progress:
        rows = progress.add_task("Filling", total=complaints * 3 + messages * 2 + max(complaints, messages // 10))
        asked = url or f"sqlite:///{Path(folder) / 'bench.db'}"
        measured = measure_lists(
            asked, sentences, words, complaints, messages, rounds, lambda count: progress.advance(rows, count)
        )
    table = Table("what", "p50 ms", "p95 ms", title=f"{complaints:,} complaints, {messages:,} messages", box=None)
    for one in measured:
        table.add_row(one.name, f"{one.p50:.1f}", f"{one.p95:.1f}")
    out.print(table)


def _vocabulary() -> tuple[list[str], list[str]]:
    """Return sentences as shoppers write them, and a common, a middling and a rare word of theirs."""
    from bot.engine.questions import read_questions

    sentences = [question.text for question in read_questions(*sorted((ROOT / "data" / "nlu").glob("*.yml")))]
    counted = Counter(word for sentence in sentences for word in sentence.split() if len(word) > 3)
    ranked = [word for word, _ in counted.most_common()]
    return sentences, [ranked[0], ranked[50], ranked[-1]]
