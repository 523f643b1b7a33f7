"""Files that shoppers show: taken in, kept outside the store and the web root, opened by signed addresses that expire."""

import hashlib
import hmac
import os
import secrets
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import BinaryIO

from bot.domain.complaint import Complaint
from bot.domain.errors import FilesTooMany, FileTooLarge, FileUnknown
from bot.domain.evidence import LARGEST_FILE, LONGEST_NAME, MOST_FILES, EvidenceFile, Kind
from bot.domain.turn import TurnRef
from bot.language.spelling import clean
from bot.services.doors import known
from bot.services.drafts import require_claim
from bot.services.media import recognise, redraw
from bot.services.ports import Clock, Store, Work
from bot.services.video import forget_place

GOOD_FOR = timedelta(hours=24)
"""How long an address opens its file: whoever reads the conversation again gets a new one."""

TAKEN_BACK_AFTER = timedelta(days=1)
"""A file that was never sent is deleted then."""


FILES_PAYLOAD = '/add_details{"task": "files"}'
"""What a message of files means to Rasa, which sees nothing of them."""


class Evidence:
    def __init__(self, store: Store, clock: Clock, folder: Path, secret: str) -> None:
        self._store = store
        self._clock = clock
        self._folder = folder
        self._secret = secret.encode()

    @contextmanager
    def incoming(self) -> Iterator[BinaryIO]:
        """Give a file to write an upload into, which is gone afterwards."""
        self._folder.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=self._folder, prefix="incoming-") as upload:
            yield upload  # type: ignore[misc]

    def keep(self, conversation_id: str, name: str, upload: Path) -> EvidenceFile:
        """Take a file in; raise FileTooLarge, FileKindUnknown, FileBroken or FilesTooMany, all before anything is stored."""
        if upload.stat().st_size > LARGEST_FILE:
            raise FileTooLarge(f"a file has at most {LARGEST_FILE} bytes")
        self._require_room(conversation_id)
        media = recognise(upload)
        kept_id = secrets.token_urlsafe(24)
        kept = self.path(kept_id)
        kept.parent.mkdir(parents=True, exist_ok=True)
        if media.kind is Kind.IMAGE:
            redraw(upload, kept)
        else:
            if media.media_type in ("video/mp4", "video/quicktime"):
                forget_place(upload)
            os.link(upload, kept)
        file = EvidenceFile(
            kept_id, conversation_id, _name(name), media.kind, media.media_type, kept.stat().st_size, self._clock()
        )
        try:
            self._add(file)
        except BaseException:
            kept.unlink()
            raise
        return file

    def take_back(self, conversation_id: str, file_id: str) -> None:
        """Delete a file that was not sent yet; raise FileUnknown for any other."""
        with self._store.write() as work:
            file = work.evidence.get(file_id)
            if file is None or file.conversation_id != conversation_id or file.message_seq is not None:
                raise FileUnknown("no file of this conversation waits to be sent under this id")
            work.evidence.remove(file)
            work.commit()
        self.path(file_id).unlink(missing_ok=True)

    def hand_over(self, number: str, conversation_id: str, claim: TurnRef | None) -> tuple[Complaint, int]:
        """Give what was sent in this conversation to a complaint of it; return the complaint and how many files it got."""
        with self._store.write() as work:
            require_claim(work, claim)
            complaint = known(work, number, conversation_id)
            if claim and complaint.written_in(claim.turn_id, "files_added"):
                return complaint, complaint.files_added_in(claim.turn_id)
            given = give(work, conversation_id, complaint)
            if given:
                complaint.add_files(self._clock(), "shopper", given)
                complaint.timeline[-1].turn_id = claim.turn_id if claim else None
                event = {"number": complaint.number, "action": "files_added"}
                work.outbox.add("complaint.changed", event, complaint.timeline[-1].at)
            work.commit()
        return complaint, given

    def of_complaint(self, complaint: Complaint) -> list[EvidenceFile]:
        with self._store.read() as work:
            return work.evidence.of_complaint(complaint.id) if complaint.id else []

    def address(self, file_id: str) -> str:
        """Return the path that opens a file for GOOD_FOR from now."""
        until = int((self._clock() + GOOD_FOR).timestamp())
        return f"/files/{file_id}?until={until}&signature={self._signature(file_id, until)}"

    def open(self, file_id: str, until: int, signature: str) -> tuple[Path, EvidenceFile]:
        """Return the file of a signed address; raise FileUnknown where the address is forged or too old."""
        expected = self._signature(file_id, until)
        fresh = until >= self._clock().timestamp()
        if not fresh or not hmac.compare_digest(expected, signature.encode("ascii", "replace").decode()):
            raise FileUnknown("this address opens no file, or no longer")
        with self._store.read() as work:
            file = work.evidence.get(file_id)
        if file is None or not self.path(file_id).is_file():
            raise FileUnknown(f"no file {file_id}")
        return self.path(file_id), file

    def sweep(self) -> int:
        """Delete what was uploaded and never sent; return how many files went."""
        before = self._clock() - TAKEN_BACK_AFTER
        with self._store.write() as work:
            left = work.evidence.never_sent(before)
            for file in left:
                work.evidence.remove(file)
            work.commit()
        for file in left:
            self.path(file.id).unlink(missing_ok=True)
        return len(left)

    def _add(self, file: EvidenceFile) -> None:
        with self._store.write() as work:
            work.conversations.locked(file.conversation_id)  # two uploads at once are counted one after the other
            _require_room(work, file.conversation_id)
            work.evidence.add(file)
            work.commit()

    def _require_room(self, conversation_id: str) -> None:
        with self._store.read() as work:
            _require_room(work, conversation_id)

    def path(self, file_id: str) -> Path:
        """Return where a file is kept."""
        return self._folder / file_id[:2] / file_id

    def _signature(self, file_id: str, until: int) -> str:
        return hmac.new(self._secret, f"{file_id}:{until}".encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()


def give(work: Work, conversation_id: str, complaint: Complaint) -> int:
    """Give a complaint what was sent in a conversation and belongs to none yet; return how many files that is."""
    assert complaint.id is not None
    return work.evidence.give(conversation_id, complaint.id)


def send(work: Work, conversation_id: str, file_ids: Iterable[str], seq: int) -> list[EvidenceFile]:
    """Mark files as sent with message `seq`; raise FileUnknown where one is not this conversation's, or was sent before."""
    files = [work.evidence.get(file_id) for file_id in dict.fromkeys(file_ids)]
    sent = [file for file in files if file and file.conversation_id == conversation_id and file.message_seq is None]
    if len(sent) < len(files):
        raise FileUnknown("a file of this message does not wait to be sent in this conversation")
    for file in sent:
        file.message_seq = seq
    return sent


def _require_room(work: Work, conversation_id: str) -> None:
    if work.evidence.waiting(conversation_id) >= MOST_FILES:
        raise FilesTooMany(f"{MOST_FILES} files are the most for one complaint")


def _name(name: str) -> str:
    """Return the shopper's name of the file without folders and invisible characters."""
    bare = clean(name.replace("\\", "/").rsplit("/", 1)[-1][:1000])
    return " ".join(bare.split())[-LONGEST_NAME:] or "file"
