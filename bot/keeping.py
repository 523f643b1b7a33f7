"""Composes what keeps an installation: the checks of its parts, the audit of its store, its backups."""

import shutil
import time
from collections.abc import Collection
from datetime import datetime
from functools import partial
from pathlib import Path

from bot.bootstrap import Services, now
from bot.domain.promises import Acknowledged
from bot.domain.vitals import Vitals
from bot.engine.processes import answers, one_of
from bot.engine.promised import success_words
from bot.services.backup import Backup, Database, Folder
from bot.services.parts import Check
from bot.settings import ROOT, Settings
from bot.store import backup, views
from bot.store.auditor import audit
from bot.store.engine import open_engine
from bot.store.schema import is_current, migrate
from bot.store.vitals import vitals

BEAT = "worker.alive"
"""In the data directory: touched by the worker every few seconds."""
DEAD_AFTER_SECONDS = 150
LEAST_FREE_BYTES = 200_000_000
"""With less, the disk is called ill: twenty of the largest files, or some hundred thousand messages."""


def beat_file(settings: Settings) -> Path:
    return settings.data_dir / BEAT


def checks_of(services: Services) -> dict[str, Check]:
    """Return what must hold of the store, the worker and the disk."""
    settings, engine = services.settings, services.store.engine
    return {
        "store": partial(views.is_there, engine),
        "schema": partial(is_current, engine),
        "worker": lambda: time.time() - beat_file(settings).stat().st_mtime < DEAD_AFTER_SECONDS,
        "disk": lambda: shutil.disk_usage(settings.data_dir).free >= LEAST_FREE_BYTES,
    }


def engine_checks(settings: Settings) -> dict[str, Check]:
    """Return what must hold for the bot to answer: one Rasa at least, and an action server."""
    secret = {"X-Shakwa-Secret": settings.key("engine")}
    return {
        "engine": one_of([answers(f"{url}/webhooks/shakwa/", secret) for url in settings.engine_urls]),
        "actions": answers(f"{settings.actions_address}/health"),
    }


def vitals_of(services: Services) -> Vitals:
    """Return what waits in the store now."""
    return vitals(services.store.engine, services.clock())


def audit_of(services: Services, acknowledged: Collection[Acknowledged], at: datetime) -> list[str]:
    """Return every promise that is broken in the store, as it was or will be at a moment."""
    return audit(services.store.engine, acknowledged, success_words(ROOT), at)


def backup_over(settings: Settings) -> Backup:
    """Return what writes and restores backups of this installation."""
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    nlu = ROOT / "data" / "nlu"
    folders = {
        "evidence": Folder(settings.data_dir / "evidence"),
        "models": Folder(settings.models_dir, ("*.json", "*.jsonl", "*.tar.gz")),
        "training": Folder(nlu, ("accepted/*.yml", "reviewed.tsv")),
    }
    return Backup(now, database_at(settings.store_url), settings.tracker_file, backup.copy_sqlite, folders)


def database_at(url: str) -> Database:
    """Return the store as a backup sees it."""
    engine = open_engine(url)
    return Database(
        engine.dialect.name,
        partial(backup.dump, engine),
        partial(backup.load, engine),
        partial(backup.is_empty, engine),
        partial(backup.revision, engine),
        partial(backup.knows, engine),
        partial(migrate, engine),
    )
