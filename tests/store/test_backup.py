"""A backup is taken while everything goes on, is whole, and is put back as it was; nothing else is."""

import io
import json
import shutil
import sqlite3
import stat
import tarfile
import threading
from collections.abc import Callable
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from bot.domain.errors import BackupUnusable, NotAllowed
from bot.domain.shop import Shop
from bot.language.search import search_form
from bot.services.backup import Backup, Database, Folder
from bot.services.chat import Chat, Incoming
from bot.services.complaints import Complaints
from bot.services.drafts import Drafts, Given
from bot.services.words import Words
from bot.store import backup as copies
from bot.store.schema import migrate
from bot.store.trackers import Trackers
from bot.store.unit_of_work import Store
from tests.conftest import Clock, empty, missing_tool
from tests.store.filled import fill, rows_of
from tests.system.auditor import audit
from tests.system.running import Acknowledged

FILES = {
    "evidence/ab/one": b"a photograph" * 1000,
    "models/live.json": b'{"file": "m.tar.gz"}',
    "models/m.tar.gz": b"\x1f\x8bmodel",
    "training/accepted/greet.yml": "nlu: [سلام]".encode(),
    "training/reviewed.tsv": b"x\ty\n",
}
EVENTS = "CREATE TABLE events (id SERIAL PRIMARY KEY, sender_id VARCHAR(255) NOT NULL, data TEXT)"
"""The table of Rasa's trackers, as far as we read it."""
ONE_ROW = partial(dict, complaint_kind="damaged_item", description="وصلت مكسورة", remedy="refund", contact="m@example.com")


class Place:
    """An installation: a database, its trackers and its files."""

    def __init__(self, engine: sa.Engine, folder: Path, clock: Clock) -> None:
        if engine.dialect.name == "postgresql" and shutil.which("pg_dump") is None:
            missing_tool("pg_dump")
        migrate(engine)
        self.engine, self.folder = engine, folder
        self.trackers = folder / "tracker.db"
        self.store = Store(engine, search_form)
        self.backup = Backup(clock, self.database(), self.trackers, copies.copy_sqlite, self.folders)
        self.archive = folder / "backups" / "shakwa.tar.gz"

    @property
    def folders(self) -> dict[str, Folder]:
        return {
            "evidence": Folder(self.folder / "evidence"),
            "models": Folder(self.folder / "models", ("*.json", "*.tar.gz")),
            "training": Folder(self.folder / "training", ("accepted/*.yml", "reviewed.tsv")),
        }

    def database(self) -> Database:
        made = [partial(one, self.engine) for one in (copies.dump, copies.load, copies.is_empty)]
        return Database(
            self.engine.dialect.name, *made, partial(copies.revision, self.engine), partial(copies.knows, self.engine),
            partial(migrate, self.engine),
        )  # type: ignore[arg-type]  # fmt: skip

    def furnish(self) -> None:
        for name, content in FILES.items():
            (self.folder / name).parent.mkdir(parents=True, exist_ok=True)
            (self.folder / name).write_bytes(content)
        with closing(sqlite3.connect(self.trackers)) as trackers, trackers:
            trackers.execute("CREATE TABLE events (data TEXT)")
            trackers.execute("INSERT INTO events VALUES ('said')")

    def wipe(self) -> None:
        empty(self.engine)
        self.trackers.unlink(missing_ok=True)
        for name in ("evidence", "models", "training"):
            shutil.rmtree(self.folder / name, ignore_errors=True)

    def files(self) -> dict[str, bytes]:
        found = [path for name in self.folders for path in (self.folder / name).rglob("*") if path.is_file()]
        return {path.relative_to(self.folder).as_posix(): path.read_bytes() for path in found}

    def write(self) -> Path:
        self.backup.write(self.archive, lambda done, total: None)
        return self.archive

    def restore(self, **options: bool) -> None:
        self.backup.restore(self.archive, lambda done, total: None, **options)


@pytest.fixture
def place(database: sa.Engine, tmp_path: Path, clock: Clock) -> Place:
    return Place(database, tmp_path, clock)


def test_what_was_backed_up_is_put_back_as_it_was(place: Place, clock: Clock, shop: Shop, words: Words) -> None:
    fill(place.store, clock, shop, words)
    place.furnish()
    before = rows_of(place.engine)
    assert all(before.values()), "every table holds something"
    place.write()
    place.wipe()
    place.restore()
    assert rows_of(place.engine) == before
    assert place.files() == FILES
    with closing(sqlite3.connect(place.trackers)) as trackers:
        assert trackers.execute("SELECT data FROM events").fetchall() == [("said",)]
    complaint = next(iter(before["complaint"].values()))
    with place.store.read() as work:
        assert work.lists.complaints, "search goes on"
        found = work.complaints.by_number(complaint["number"])
    assert found is not None


@pytest.mark.parametrize("backend", ["postgresql"], indirect=True)
def test_trackers_that_lie_beside_the_store_are_in_its_copy(place: Place) -> None:
    trackers = Trackers(place.engine.url.render_as_string(hide_password=False))
    with place.engine.begin() as connection:
        connection.exec_driver_sql(EVENTS)
        remember(connection, "one", "two", "one")
    before = trackers.of(["one"]), trackers.of(["two"])
    assert [len(events) for events in before] == [2, 1]
    place.write()
    with place.engine.begin() as connection:
        remember(connection, "one", "three")
        connection.exec_driver_sql("DELETE FROM events WHERE sender_id = 'two'")
    place.restore(force=True)
    assert (trackers.of(["one"]), trackers.of(["two"])) == before
    assert trackers.of(["three"]) == [], "what was said after the backup is gone, as in the store"
    with place.engine.begin() as connection:
        remember(connection, "one")  # its number is a new one
    assert len(trackers.of(["one"])) == 3
    assert not place.trackers.exists()


def remember(connection: sa.Connection, *senders: str) -> None:
    for sender in senders:
        connection.execute(
            sa.text('INSERT INTO events (sender_id, data) VALUES (:it, \'{"event": "user"}\')'), {"it": sender}
        )


def test_it_is_whole_though_others_write_meanwhile(place: Place, clock: Clock, shop: Shop, tmp_path: Path) -> None:
    told: list[Acknowledged] = []
    done, error = threading.Event(), []

    def shoppers() -> None:
        try:
            while not done.is_set():
                told.extend(a_complaint(place.store, clock, shop, len(told)))
        except Exception as failed:
            error.append(failed)

    writing = threading.Thread(target=shoppers)
    writing.start()
    try:
        while len(told) < 6 and not error:
            done.wait(0.01)
        before = len(told)
        place.write()
        after = len(told)
    finally:
        done.set()
        writing.join(20)
    assert error == []
    place.restore(force=True)
    kept = {row["client_id"] for row in rows_of(place.engine)["message"].values()}
    asked = [one.client_id for one in told]
    assert kept >= set(asked[:before]), "what was acknowledged before the backup began is in it"
    assert kept <= set(asked[: after + 2])
    assert kept == set(asked[: len(kept)]), "and no message without the one before it"
    if place.engine.dialect.name == "sqlite":
        held = [one for one in told if one.client_id in kept]
        assert audit(Path(str(place.engine.url.database)), held, clock.now) == []


def a_complaint(store: Store, clock: Clock, shop: Shop, number: int) -> list[Acknowledged]:
    """Have a shopper say something and file a complaint; return what they were told is stored."""
    chat, drafts = Chat(store, clock, "a secret of the tests"), Drafts(store, clock)
    conversation = chat.open("widget").conversation_id
    said, _ = chat.receive(conversation, Incoming(f"client-{number:06}", "وصلت مكسورة"))
    draft = drafts.open(conversation, None)
    given = [Given(slot, value, value) for slot, value in ONE_ROW().items()]
    drafts.record(draft.id, given, ["purchase_date", "order_number", "product"], {}, None)
    Complaints(store, clock, shop).file(draft.id, None)
    return [Acknowledged(f"client-{number:06}", said.text, said.seq)]


def test_where_somebodys_data_is_nothing_is_replaced_unless_it_is_asked_for(place: Place, clock: Clock, shop: Shop) -> None:
    a_complaint(place.store, clock, shop, 1)
    place.write()
    a_complaint(place.store, clock, shop, 2)
    held = rows_of(place.engine)
    with pytest.raises(NotAllowed, match="there is data here already: `--force` replaces it"):
        place.restore()
    assert rows_of(place.engine) == held
    place.restore(force=True)
    assert len(rows_of(place.engine)["complaint"]) == 1


def test_files_alone_are_somebodys_data_too(place: Place) -> None:
    place.write()
    place.furnish()
    with pytest.raises(NotAllowed):
        place.restore()
    place.restore(force=True)
    assert place.files() == {}, "what the backup does not hold is gone"


def test_a_backup_of_an_older_schema_is_migrated(place: Place, clock: Clock, shop: Shop) -> None:
    from alembic import command

    from bot.store.schema import config_for, is_current

    a_complaint(place.store, clock, shop, 1)
    command.downgrade(config_for(place.engine), "-1")
    place.write()
    place.restore(force=True)
    assert is_current(place.engine)
    assert len(rows_of(place.engine)["complaint"]) == 1


def rewritten(archive: Path, change: Callable[[str, bytes], tuple[str, bytes] | None], *more: tarfile.TarInfo) -> None:
    """Write the archive anew with its files changed."""
    with tarfile.open(archive) as tar:
        held = [(member.name, tar.extractfile(member).read()) for member in tar]  # type: ignore[union-attr]
    with tarfile.open(archive, "w:gz") as tar:
        for changed in (change(*one) for one in held):
            if changed is not None:
                info = tarfile.TarInfo(changed[0])
                info.size = len(changed[1])
                tar.addfile(info, io.BytesIO(changed[1]))
        for info in more:
            tar.addfile(info)


def told(**values: Any) -> Callable[[str, bytes], tuple[str, bytes]]:
    def change(name: str, content: bytes) -> tuple[str, bytes]:
        return name, json.dumps(json.loads(content) | values).encode() if name == "manifest.json" else content

    return change


def link(name: str, kind: bytes, target: str) -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, target
    return info


@pytest.mark.parametrize(
    ("damage", "sentence"),
    [
        (lambda a: a.write_bytes(a.read_bytes()[:200]), "is no whole backup"),
        (lambda a: a.write_bytes(b"not an archive"), "is no whole backup"),
        (lambda a: rewritten(a, lambda n, c: (n, c[1:] + b"?") if n.endswith("one") else (n, c)), "one in it is damaged"),
        (lambda a: rewritten(a, lambda n, c: None if n == "evidence/ab/one" else (n, c)), "not those of its manifest"),
        (lambda a: rewritten(a, lambda n, c: None if n == "manifest.json" else (n, c)), "no manifest that can be read"),
        (lambda a: rewritten(a, lambda n, c: ("../out", c) if n == "evidence/ab/one" else (n, c)), "is no whole backup"),
        (lambda a: rewritten(a, lambda n, c: (n, c), link("evidence/l", tarfile.SYMTYPE, "/etc")), "is not a file"),
        (lambda a: rewritten(a, told(revision="9999")), "its schema 9999 is not known here: it is from a newer version"),
        (lambda a: rewritten(a, told(kind="oracle")), "it holds a oracle database"),
        (lambda a: rewritten(a, told(format=2)), "it is of format 2, and this version reads 1"),
        (lambda a: rewritten(a, told(more="x")), "no manifest that can be read"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
def test_a_backup_that_is_damaged_or_anothers_changes_nothing(
    place: Place, clock: Clock, shop: Shop, damage: Callable[[Path], object], sentence: str
) -> None:
    place.furnish()
    a_complaint(place.store, clock, shop, 1)
    damage(place.write())
    held = rows_of(place.engine)
    with pytest.raises(BackupUnusable, match=sentence):
        place.restore(force=True)
    assert rows_of(place.engine) == held
    assert place.files() == FILES
    assert not (place.folder.parent / "out").exists()
    assert [path.name for path in place.archive.parent.iterdir()] == ["shakwa.tar.gz"]


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
def test_a_backup_is_its_owners_alone_and_one_that_fails_leaves_nothing(place: Place, clock: Clock, shop: Shop) -> None:
    assert stat.S_IMODE(place.write().stat().st_mode) == 0o600
    place.archive.unlink()
    place.engine.dispose()
    Path(str(place.engine.url.database)).write_bytes(b"not a database at all" * 500)
    with pytest.raises(BackupUnusable, match="cannot be copied"):
        copies.dump(place.engine, place.folder / "copy")
    assert list(place.archive.parent.iterdir()) == []


@pytest.mark.parametrize("backend", ["postgresql"], indirect=True)
def test_without_postgresqls_tools_it_says_what_to_install(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(copies.shutil, "which", lambda _: None)
    with pytest.raises(BackupUnusable, match="pg_dump is not installed: it comes with PostgreSQL's client"):
        place.write()
