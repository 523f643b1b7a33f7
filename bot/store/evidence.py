"""Finding and keeping what is known of the files that shoppers show; the files themselves are not in the store."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from bot.domain.evidence import EvidenceFile
from bot.store import tables


class Evidence:
    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, file: EvidenceFile) -> None:
        self._session.add(file)
        self._session.flush()

    def get(self, file_id: str) -> EvidenceFile | None:
        return self._session.get(EvidenceFile, file_id)

    def remove(self, file: EvidenceFile) -> None:
        self._session.delete(file)

    def waiting(self, conversation_id: str) -> int:
        """Return how many files of the conversation belong to no complaint yet."""
        query = sa.select(sa.func.count()).select_from(tables.evidence_file)
        return self._session.scalars(query.filter_by(conversation_id=conversation_id, complaint_id=None)).one()

    def give(self, conversation_id: str, complaint_id: int) -> int:
        """Give the complaint what was sent and belongs to none; return how many files that is."""
        file = tables.evidence_file.c
        query = sa.select(EvidenceFile).filter_by(conversation_id=conversation_id, complaint_id=None)
        sent = list(self._session.scalars(query.where(file.message_seq.is_not(None)).with_for_update()))
        for one in sent:
            one.complaint_id = complaint_id
        return len(sent)

    def of_complaint(self, complaint_id: int) -> list[EvidenceFile]:
        query = sa.select(EvidenceFile).filter_by(complaint_id=complaint_id)
        return list(self._session.scalars(query.order_by(tables.evidence_file.c.created_at)))

    def never_sent(self, before: datetime) -> list[EvidenceFile]:
        file = tables.evidence_file.c
        query = sa.select(EvidenceFile).where(file.message_seq.is_(None), file.created_at < before)
        return list(self._session.scalars(query.limit(1_000)))
