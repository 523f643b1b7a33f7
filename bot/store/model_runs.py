"""Finding and keeping the runs that train and compare models."""

import sqlalchemy as sa
from sqlalchemy.orm import Session

from bot.domain.model import ModelRun
from bot.store import model_tables

_run = model_tables.model_run.c


class ModelRuns:
    def __init__(self, session: Session) -> None:
        self._session = session

    def begin(self, run: ModelRun) -> bool:
        """Add a run; False where another is under way, also one that was asked for at the same moment."""
        try:
            with self._session.begin_nested():
                self._session.add(run)
        except sa.exc.IntegrityError:
            return False
        return True

    def locked(self, run_id: int) -> ModelRun | None:
        return self._session.get(ModelRun, run_id, with_for_update=True)

    def under_way(self) -> ModelRun | None:
        """Return the run that waits or runs, locked."""
        return self._session.scalars(sa.select(ModelRun).where(_run.under_way).with_for_update()).one_or_none()

    def newest(self, limit: int) -> list[ModelRun]:
        return list(self._session.scalars(sa.select(ModelRun).order_by(_run.id.desc()).limit(limit)))

    def last_training(self) -> float | None:
        """Return the seconds of the newest training that came to its end, None before the first."""
        query = sa.select(_run.trained_in).where(_run.trained_in.is_not(None))
        return self._session.scalar(query.order_by(_run.id.desc()).limit(1))
