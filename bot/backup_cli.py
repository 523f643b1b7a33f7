"""The commands `shakwa backup` and `shakwa restore`: everything that cannot be made again, in one archive."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn

from bot.domain.errors import BackupUnusable, NotAllowed
from bot.services.backup import Advance, Manifest
from bot.settings import Settings

err = Console(stderr=True)


def backup(
    archive: Annotated[Path, typer.Argument(help="Where to write it, e.g. backups/shakwa-2026-11-28.tar.gz.")],
    force: Annotated[bool, typer.Option("--force", help="Replace a file of that name.")] = False,
) -> None:
    """Write database, trackers, shoppers' files, models and accepted labels into one archive, while everything runs.

    The secret is not in it: keep SHAKWA_SECRET, or the file `secret` of the data directory, somewhere else.
    """
    from bot.keeping import backup_over

    if archive.exists() and not force:
        raise NotAllowed(f"{archive} is there already: name another file, or say --force")
    with _bar("Backing up") as advance:
        manifest = backup_over(Settings()).write(archive, advance)
    _tell(archive, manifest)


def restore(
    archive: Annotated[Path, typer.Argument(help="What `shakwa backup` wrote.")],
    force: Annotated[bool, typer.Option("--force", help="Replace what is here; it is gone then.")] = False,
) -> None:
    """Put a backup in place: checked first, then brought to this version's schema. Shakwa must not be running."""
    from bot.engine.processes import answers
    from bot.keeping import backup_over

    settings = Settings()
    if not archive.is_file():
        raise BackupUnusable(f"there is no file {archive}")
    if answers(f"{settings.gateway_url}/healthz")():
        raise NotAllowed(f"Shakwa is running at {settings.gateway_url}: stop it first")
    with _bar("Restoring") as advance:
        manifest = backup_over(settings).restore(archive, advance, force=force)
    _tell(archive, manifest)


@contextmanager
def _bar(what: str) -> Iterator[Advance]:
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn())
    with Progress(*columns, console=err, transient=True) as progress:
        task = progress.add_task(what, total=None)
        yield lambda done, total: progress.update(task, completed=done, total=total)


def _tell(archive: Path, manifest: Manifest) -> None:
    held = f"{len(manifest.files)} files, {manifest.kind}, schema {manifest.revision}, made at {manifest.made_at}"
    err.print(f"{archive}: {held}", highlight=False, soft_wrap=True)
