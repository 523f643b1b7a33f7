"""One transaction with its repositories: `with open_work() as work: … work.commit()`, or nothing happened."""

from collections.abc import Callable
from types import TracebackType
from typing import Self

import sqlalchemy as sa
from sqlalchemy.orm import Session

from bot.store import repositories
from bot.store.audit import Audit
from bot.store.desk import Canned, Letters, Views
from bot.store.drift import Drift
from bot.store.evidence import Evidence
from bot.store.figures import Figures
from bot.store.handoffs import Handoffs
from bot.store.labels import Labels
from bot.store.lists import Lists
from bot.store.model_runs import ModelRuns
from bot.store.privacy import Privacy
from bot.store.shadow import Shadow
from bot.store.users import Users
from bot.store.webhooks import Webhooks

SearchForm = Callable[[str], str]


class UnitOfWork:
    def __init__(self, engine: sa.Engine, search_form: SearchForm, *, read_only: bool = False) -> None:
        self._search_form = search_form
        self._engine = engine.execution_options(read_only=True) if read_only else engine

    def __enter__(self) -> Self:
        self._session = Session(self._engine, expire_on_commit=False)
        self.conversations = repositories.Conversations(self._session)
        self.lists = Lists(self._session, self._search_form)
        self.messages = repositories.Messages(self._session, self.lists)
        self.turns = repositories.Turns(self._session)
        self.drafts = repositories.Drafts(self._session)
        self.complaints = repositories.Complaints(self._session, self.lists)
        self.proofs = repositories.Proofs(self._session)
        self.requests = repositories.Requests(self._session)
        self.evidence = Evidence(self._session)
        self.outbox = repositories.Outbox(self._session)
        self.users = Users(self._session)
        self.handoffs = Handoffs(self._session)
        self.canned = Canned(self._session)
        self.views = Views(self._session)
        self.letters = Letters(self._session)
        self.figures = Figures(self._session)
        self.webhooks = Webhooks(self._session)
        self.labels = Labels(self._session)
        self.runs = ModelRuns(self._session)
        self.audit = Audit(self._session)
        self.privacy = Privacy(self._session)
        self.drift = Drift(self._session)
        self.shadow = Shadow(self._session)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._session.close()

    def commit(self) -> None:
        self._session.commit()


class Store:
    """Hands out units of work over one engine."""

    away = (sa.exc.OperationalError, sa.exc.InternalError, sa.exc.TimeoutError)
    """What is raised where the database is locked, full, read-only or gone: whoever asks again may find it well."""

    def __init__(self, engine: sa.Engine, search_form: SearchForm) -> None:
        """`search_form` returns a text's words so that two spellings of one are equal: search compares in it."""
        self.engine = engine
        self.search_form = search_form

    def write(self) -> UnitOfWork:
        return UnitOfWork(self.engine, self.search_form)

    def read(self) -> UnitOfWork:
        return UnitOfWork(self.engine, self.search_form, read_only=True)


Open = Callable[[], UnitOfWork]
