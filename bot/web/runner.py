"""Runs the bot's turns on the gateway's event loop, and takes up those whose runner died or paused."""

import asyncio

import structlog

from bot.domain.turn import Job
from bot.services.turns import Turns

log = structlog.get_logger()

AT_ONCE = 16
"""Turns of different conversations asked at the same time: Rasa takes them one after another."""


class Runner:
    def __init__(self, turns: Turns) -> None:
        self._turns = turns
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._again: set[str] = set()
        self._claimed: dict[str, Job] = {}
        self._slots = asyncio.Semaphore(AT_ONCE)

    @property
    def has_room(self) -> bool:
        """Whether another turn would be asked at once: only such a one may be claimed before it is started."""
        return len(self._tasks) < AT_ONCE

    def start(self, conversation_id: str, job: Job | None = None) -> asyncio.Task[None]:
        """Run what is pending in a conversation, `job` first; while it runs, another call makes it look once more."""
        if job is not None:
            self._claimed[conversation_id] = job
        task = self._tasks.get(conversation_id)
        if task is not None:
            self._again.add(conversation_id)
            return task
        task = asyncio.create_task(self._run(conversation_id))
        self._tasks[conversation_id] = task
        return task

    async def watch(self, every: float = 1.0) -> None:
        """Take up turns that nobody runs: left by a gateway that died, or put back until now."""
        while True:
            try:
                for conversation_id in await asyncio.to_thread(self._turns.waiting):
                    self.start(conversation_id)
            except Exception as error:
                log.warning("runner.watch.failed", cause=type(error).__name__)
            await asyncio.sleep(every)

    async def finish(self) -> None:
        """Wait for the turns that are running: a stop loses none of their answers."""
        await asyncio.gather(*self._tasks.values(), return_exceptions=True)

    async def _run(self, conversation_id: str) -> None:
        try:
            while True:
                self._again.discard(conversation_id)
                async with self._slots:
                    await self._turns.run(conversation_id, self._claimed.pop(conversation_id, None))
                if conversation_id not in self._again:
                    return
        except Exception as error:
            log.error("runner.turn.broken", conversation_id=conversation_id, cause=type(error).__name__, exc_info=error)
        finally:
            self._claimed.pop(conversation_id, None)
            del self._tasks[conversation_id]
