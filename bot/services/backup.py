"""A backup is one archive: the database, the trackers, the files shoppers showed, the models, the accepted labels.

    manifest.json          format, when, which kind of database, revision of its schema, and the hash of each file
    database               as `pg_dump --format=custom` or SQLite writes it
    trackers, evidence/…, models/…, training/…

The root secret is not in it: whoever finds a backup can sign nothing.
"""

import hashlib
import io
import json
import os
import shutil
import tarfile
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import IO, Any

from bot.domain.errors import BackupUnusable, NotAllowed
from bot.services.ports import Clock

FORMAT = 1
MANIFEST, DATABASE, TRACKERS = "manifest.json", "database", "trackers"
MOST_MANIFEST_BYTES = 50_000_000

Advance = Callable[[int, int], object]
"""Told how many bytes of how many are done."""


@dataclass(frozen=True, slots=True)
class Database:
    """The store as a backup sees it."""

    kind: str
    dump: Callable[[Path], None]
    load: Callable[[Path], None]
    is_empty: Callable[[], bool]
    revision: Callable[[], str]
    knows: Callable[[str], bool]
    """Whether this version can read, or migrate, a schema of that revision."""
    migrate: Callable[[], None]


@dataclass(frozen=True, slots=True)
class Folder:
    """Files beside the database: those of `folder` that match one of the patterns."""

    folder: Path
    patterns: tuple[str, ...] = ("**/*",)

    def files(self) -> Iterator[Path]:
        for pattern in self.patterns:
            yield from sorted(path for path in self.folder.glob(pattern) if path.is_file())


@dataclass(frozen=True, slots=True)
class Manifest:
    format: int
    made_at: str
    """UTC, ISO 8601."""
    kind: str
    revision: str
    files: dict[str, str] = field(default_factory=dict)
    """SHA-256 by name."""


class Backup:
    def __init__(
        self,
        clock: Clock,
        database: Database,
        trackers: Path,
        copy: Callable[[Path, Path], None],
        folders: Mapping[str, Folder],
    ) -> None:
        """`copy` copies an SQLite file while it is written to."""
        self._clock = clock
        self._database = database
        self._trackers = trackers
        self._copy = copy
        self._folders = folders

    def write(self, archive: Path, advance: Advance) -> Manifest:
        """Write everything into one archive, whole or not at all; the database first, for its rows name the files."""
        archive.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=archive.parent, prefix=".backup-") as work:
            revision = self._database.revision()
            self._database.dump(Path(work) / DATABASE)
            if self._trackers.exists():
                self._copy(self._trackers, Path(work) / TRACKERS)
            manifest = Manifest(FORMAT, self._clock().isoformat(timespec="seconds"), self._database.kind, revision)
            draft = Path(work) / "archive"
            with open(draft, "xb", opener=_private) as out, tarfile.open(fileobj=out, mode="w:gz", compresslevel=6) as tar:
                self._add_all(tar, self._listed(Path(work)), manifest, advance)
            with draft.open("rb") as written:
                os.fsync(written.fileno())
            draft.replace(archive)
        return manifest

    def restore(self, archive: Path, advance: Advance, *, force: bool = False) -> Manifest:
        """Put a backup in place and bring it to this version's schema; raise before anything is changed where it is
        damaged, comes from a newer version or another kind of database, or, without `force`, somebody's data is here."""
        self._require_room(force)
        with tempfile.TemporaryDirectory(dir=archive.parent, prefix=".restore-") as work:
            manifest = self._checked(archive, Path(work), advance)
            self._database.load(Path(work) / DATABASE)
            if TRACKERS in manifest.files:
                self._copy(Path(work) / TRACKERS, self._trackers)
            for name, folder in self._folders.items():
                _replace(folder, Path(work) / name)
        self._database.migrate()
        return manifest

    def _listed(self, work: Path) -> list[tuple[str, Path]]:
        own = [(name, work / name) for name in (DATABASE, TRACKERS) if (work / name).exists()]
        beside = [
            (f"{name}/{path.relative_to(folder.folder).as_posix()}", path)
            for name, folder in self._folders.items()
            for path in folder.files()
        ]
        return own + beside

    def _add_all(self, tar: tarfile.TarFile, listed: list[tuple[str, Path]], manifest: Manifest, advance: Advance) -> None:
        total, done = sum(_size(path) for _, path in listed), 0
        for name, path in listed:
            try:
                manifest.files[name], size = _add(tar, name, path)
            except FileNotFoundError:
                continue  # taken back or erased since it was listed
            done += size
            advance(done, max(done, total))
        told = json.dumps(asdict(manifest), ensure_ascii=False, indent=1).encode()
        info = tarfile.TarInfo(MANIFEST)
        info.size, info.mode = len(told), 0o600
        tar.addfile(info, io.BytesIO(told))

    def _require_room(self, force: bool) -> None:
        evidence = self._folders.get("evidence")
        if not force and not (self._database.is_empty() and (evidence is None or not any(evidence.files()))):
            raise NotAllowed("there is data here already: `--force` replaces it, and it is gone then")

    def _checked(self, archive: Path, work: Path, advance: Advance) -> Manifest:
        """Unpack the archive into `work` and hold it to its manifest."""
        _unpack(archive, work, advance)
        manifest = _manifest(work / MANIFEST)
        if manifest.kind != self._database.kind:
            raise BackupUnusable(f"it holds a {manifest.kind} database, and DATABASE_URL names one of {self._database.kind}")
        if not self._database.knows(manifest.revision):
            raise BackupUnusable(f"its schema {manifest.revision or '(none)'} is not known here: it is from a newer version")
        found = {path.relative_to(work).as_posix() for path in work.rglob("*") if path.is_file()} - {MANIFEST}
        if found != set(manifest.files) or DATABASE not in found:
            raise BackupUnusable("its files are not those of its manifest")
        for name, told in manifest.files.items():
            if _hash(work / name) != told:
                raise BackupUnusable(f"{name} in it is damaged")
        return manifest


class _Hashed:
    """A file that hashes what is read of it."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self.sha = hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        part = self._file.read(size)
        self.sha.update(part)
        return part


def _add(tar: tarfile.TarFile, name: str, path: Path) -> tuple[str, int]:
    """Add a file and return its hash and size."""
    with path.open("rb") as file:
        info = tarfile.TarInfo(name)
        info.size, info.mode, info.mtime = os.fstat(file.fileno()).st_size, 0o600, int(path.stat().st_mtime)
        hashed = _Hashed(file)
        tar.addfile(info, hashed)
    return hashed.sha.hexdigest(), info.size


def _unpack(archive: Path, work: Path, advance: Advance) -> None:
    total = _size(archive)
    try:
        with archive.open("rb") as packed, tarfile.open(fileobj=packed, mode="r:gz") as tar:
            for member in tar:
                if not member.isfile():
                    raise BackupUnusable(f"{member.name} in it is not a file")
                tar.extract(member, work, filter="data")
                advance(packed.tell(), total)
    except (OSError, EOFError, tarfile.TarError) as error:
        raise BackupUnusable(f"{archive} is no whole backup: {error}") from error


def _manifest(file: Path) -> Manifest:
    try:
        if _size(file) > MOST_MANIFEST_BYTES:
            raise ValueError("it is too large")
        told: dict[str, Any] = json.loads(file.read_text("utf-8"))
        if told.get("format") != FORMAT:
            raise BackupUnusable(f"it is of format {told.get('format')!r}, and this version reads {FORMAT}")
        return Manifest(**told)
    except (OSError, ValueError, TypeError, AttributeError) as error:
        raise BackupUnusable(f"it has no manifest that can be read: {error}") from error


def _replace(folder: Folder, unpacked: Path) -> None:
    """Let a folder hold what was unpacked, of all that a backup takes of it."""
    for path in list(folder.files()):
        path.unlink()
    for path in [path for path in unpacked.rglob("*") if path.is_file()]:
        target = folder.folder / path.relative_to(unpacked)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.move(path, target)


def _hash(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
