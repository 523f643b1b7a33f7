"""The commands `shakwa complaint …`: read what was filed, and move it on."""

import json
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from bot.domain.names import Level, Status
from bot.printed import out, print_record

complaint = typer.Typer(help="Read the complaints that were filed.", no_args_is_help=True)
err = Console(stderr=True)


@complaint.command("list")
def list_complaints(limit: Annotated[int, typer.Option(min=1, max=10_000, help="How many at most.")] = 50) -> None:
    """List the newest complaints, newest first."""
    from bot.bootstrap import build

    table = Table("number", "kind", "status", "order", "filed", box=None)
    for filed in build().complaints.newest(limit):
        when = filed.created_at.isoformat(timespec="minutes")
        table.add_row(filed.number, filed.kind, filed.status, filed.order_number or "", when)
    out.print(table)


@complaint.command("show")
def show_complaint(
    number: Annotated[str, typer.Argument(help="The complaint's number, e.g. SH-48210-77301-9151.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print the record as JSON.")] = False,
) -> None:
    """Print one complaint with its timeline."""
    from bot.bootstrap import build
    from bot.services.record import record_of

    record = record_of(build().complaints.show(number))
    if as_json:
        typer.echo(json.dumps(record, ensure_ascii=False, indent=2))
    else:
        print_record(record)


@complaint.command("status")
def move_complaint(
    number: Annotated[str, typer.Argument(help="The complaint's number.")],
    status: Annotated[Status, typer.Argument(help="What becomes of it.")],
    reason: Annotated[str | None, typer.Option(help="Why; the shopper may read it.")] = None,
) -> None:
    """Take a complaint to another status, where a step leads there."""
    from bot.bootstrap import build

    moved = build().console.desk.move(number, status, "shop", reason)
    err.print(f"{moved.number} is {moved.status}.", highlight=False)


@complaint.command("level")
def raise_complaint(
    number: Annotated[str, typer.Argument(help="The complaint's number.")],
    level: Annotated[Level, typer.Argument(help="A higher level.")],
    reason: Annotated[str | None, typer.Option(help="Why; the shopper may read it.")] = None,
) -> None:
    """Take a complaint to a higher level."""
    from bot.bootstrap import build

    raised = build().console.desk.raise_level(number, level, "shop", reason)
    err.print(f"{raised.number} is at {raised.level}, due {raised.due_at.isoformat(timespec='minutes')}.", highlight=False)
