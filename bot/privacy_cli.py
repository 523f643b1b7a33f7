"""The commands `shakwa privacy …`: who saw what, what is kept for how long, and one shopper's data."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from bot.domain.audit import COMMAND_LINE
from bot.domain.errors import NotAllowed
from bot.domain.privacy import ErasedComplaints
from bot.printed import out, print_holdings

privacy = typer.Typer(help="Who saw what, how long it is kept, and one shopper's data.", no_args_is_help=True)
err = Console(stderr=True)


@privacy.command("audit")
def show_audit(
    conversation: Annotated[str, typer.Option(help="Only what is about this conversation.")] = "",
    user: Annotated[str, typer.Option(help="Only what this login did; `command line` for commands.")] = "",
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="How many lines at most.")] = 50,
) -> None:
    """List who saw which conversation, and who took data out or away, newest first."""
    from bot.bootstrap import build

    page = build().console.audit.page(conversation, user, limit=limit)
    table = Table("when", "who", "what", "conversation", "", box=None)
    for line in page.lines:
        details = ", ".join(f"{name}: {value}" for name, value in line.details.items())
        table.add_row(line.at.isoformat(timespec="seconds"), line.by, line.action, line.subject, details)
    out.print(table)
    if page.before is not None:
        err.print(f"There are older lines; --limit shows more than {limit}.", highlight=False)


Subject = Annotated[str, typer.Argument(help="A conversation, a complaint number, or a shopper's telephone or e-mail.")]
ALSO_TRAINED = (
    "A model that was trained before may still weigh words of theirs: train anew (`shakwa nlu candidate`), then delete the "
    "older models. Backups of the databases and what webhooks and mails have carried out are not reached."
)


@privacy.command("purge")
def purge_old(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say how many would go.")] = False,
    older_than: Annotated[int | None, typer.Option(min=1, metavar="DAYS", help="Instead of SHAKWA_RETENTION_DAYS.")] = None,
) -> None:
    """Delete conversations that are over and in which nothing was said for so many days; the worker does so every night."""
    from bot.bootstrap import build

    service = build().privacy
    days = service.terms.days if older_than is None else older_than
    if dry_run:
        going = service.purge(COMMAND_LINE, older_than, dry_run=True)
        typer.echo(f"{going} conversations in which nothing was said for {days} days would be deleted.")
        return
    with Progress(console=err) as progress:
        bar = progress.add_task("Deleting", total=None)
        gone = service.purge(COMMAND_LINE, older_than, done=lambda at, of: progress.update(bar, completed=at, total=of))
        progress.update(bar, total=gone or 1, completed=gone or 1)
    typer.echo(f"{gone} conversations in which nothing was said for {days} days are deleted.")


@privacy.command("export")
def export_subject(
    subject: Subject,
    to: Annotated[Path, typer.Option(help="The ZIP to write.", dir_okay=False)] = Path("shopper.zip"),
) -> None:
    """Write everything that is stored of one shopper into a ZIP: data.json, and the files they showed."""
    from bot.bootstrap import build

    if to.exists():
        raise NotAllowed(f"{to} is there already: name another file with --to")
    service = build().privacy
    print_holdings(service.find(subject))
    to.touch(0o600)
    to.write_bytes(service.export(subject, COMMAND_LINE))
    err.print(f"Written to {to}, for you alone to read.", highlight=False)


@privacy.command("erase")
def erase_subject(subject: Subject, yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False) -> None:
    """Erase everything that is stored of one shopper, after showing what that is. It cannot be undone."""
    from bot.bootstrap import build

    service = build().privacy
    print_holdings(held := service.find(subject))
    if held.open_complaints and service.terms.complaints is ErasedComplaints.ANONYMISE:
        err.print(f"Still open, and withdrawn by this: {', '.join(held.open_complaints)}.", highlight=False)
    kept = "stay without their shopper" if service.terms.complaints is ErasedComplaints.ANONYMISE else "are deleted too"
    err.print(f"Complaints {kept} (SHAKWA_ERASE_COMPLAINTS).", highlight=False)
    if not yes:
        typer.confirm("Erase all of it, for ever?", abort=True)
    service.erase(subject, COMMAND_LINE)
    err.print(f"Erased. {ALSO_TRAINED}", highlight=False)
