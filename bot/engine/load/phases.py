"""The phases of a run: steady talk, growing until it is too slow, streams that only wait, a herd that comes back."""

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack

from bot.engine.load.figures import Figures, Usage, percentile
from bot.engine.load.people import agent, shopper
from bot.engine.load.run import Phase, Run
from bot.engine.load.visit import REPLY_SECONDS, Lost, Visit

TOO_SLOW = 1.0
"""Seconds: the knee is the most shoppers whose replies' p95 is not above it."""
GROWTH = 1.5
AT_ONCE = 50
"""Streams that are opened at the same time where nothing is learnt from the crowd at the door."""
HERD_COMES_WITHIN = 5.0
HURRY = 0.01
WARM_UP_SECONDS = 60.0


async def warm_up(run: Run) -> None:
    """Bring one complaint in a hurry, uncounted: the first words that processes read take them seconds."""
    pace, run.pace = run.pace, HURRY
    await steady(run, "warm-up", 1, [], WARM_UP_SECONDS, complaints=1)
    run.pace = pace


async def steady(run: Run, name: str, shoppers: int, cookies: Sequence[str], seconds: float, complaints: int = 0) -> Figures:
    """Have so many shoppers talk, and one agent per cookie read along; all finish the turn they are in."""
    phase = Phase(run, name, shoppers)
    readers = [asyncio.create_task(agent(phase, cookie)) for cookie in cookies]
    ending = asyncio.create_task(phase.end_after(seconds))
    await asyncio.gather(*(shopper(phase, complaints) for _ in range(shoppers)))
    phase.figures.end(run.usage())
    phase.over.set()
    for task in (ending, *readers):
        task.cancel()
    await asyncio.gather(ending, *readers, return_exceptions=True)
    return phase.figures


async def growing(run: Run, first: int, cookies: Sequence[str], seconds: float) -> AsyncIterator[Figures]:
    """Yield steady phases with ever more shoppers until replies are too slow; the last one is the one that was."""
    shoppers = first
    while not run.stop.is_set():
        figures = await steady(run, f"{shoppers} shoppers", shoppers, cookies, seconds)
        yield figures
        if not figures.reply_p95 <= TOO_SLOW:
            return
        shoppers = max(shoppers + 1, round(shoppers * GROWTH))


async def idle(run: Run, streams: int, seconds: float) -> Figures:
    """Open so many streams that nobody writes into, and look at what they take when they have waited so long."""
    phase = Phase(run, f"{streams} idle streams", streams)
    async with AsyncExitStack() as stack:
        visits = await _crowd(phase, stack, streams, asyncio.Semaphore(AT_ONCE))
        waiting = run.usage().get("gateway", Usage())
        await phase.end_after(seconds)
        there = sum(visit.connected.is_set() for visit in visits)
        phase.figures.end(run.usage())
    worked = phase.figures.after.get("gateway", Usage()).cpu - waiting.cpu
    told = f"{there} of {streams} streams were open after {seconds:.0f} s; the gateway worked {worked / seconds:.0%} of them"
    phase.figures.notes.append(told)
    return phase.figures


async def herd(run: Run, size: int) -> Figures:
    """Have so many come within 5 s, drop all at once, miss a message each, and come back at once."""
    phase = Phase(run, f"herd of {size}", size)
    async with AsyncExitStack() as stack:
        visits = await _crowd(phase, stack, size, asyncio.Semaphore(size), HERD_COMES_WITHIN)
        phase.figures.notes.append(
            f"{len(visits)} of {size} came, the last {time.monotonic() - phase.figures.begun:.1f} s in"
        )
        await asyncio.gather(*(visit.drop() for visit in visits))
        missed = await asyncio.gather(*(_say(run, visit) for visit in visits))
        back = time.monotonic()
        resumed = await asyncio.gather(*(_come_back(phase, *one) for one in zip(visits, missed, strict=True)))
        slowest = percentile(phase.figures.resumes, 1)
        phase.figures.notes.append(f"{sum(resumed)} of {len(visits)} resumed, the last {slowest:.1f} s after all came back")
        answered = sum(await asyncio.gather(*(_answered(visit) for visit in visits)))
        phase.figures.notes.append(f"{answered} were answered, the last {time.monotonic() - back:.1f} s after coming back")
        phase.figures.end(run.usage())
    return phase.figures


async def _crowd(
    phase: Phase, stack: AsyncExitStack, size: int, door: asyncio.Semaphore, within: float = 0.0
) -> list[Visit]:
    """Open so many visits, spread over `within` seconds; those that came in are returned."""

    async def come() -> Visit | None:
        await phase.sleep(phase.run.chance.uniform(0, within))
        async with door:
            try:
                return await stack.enter_async_context(Visit(phase))
            except Lost:
                return None

    return [visit for visit in await asyncio.gather(*(come() for _ in range(size))) if visit]


async def _say(run: Run, visit: Visit) -> int:
    """Return the number of what was said, 0 where it was refused."""
    try:
        return await visit.say(text=run.complaint()[0])
    except Lost:
        return 0


async def _come_back(phase: Phase, visit: Visit, missed: int) -> bool:
    begun = time.monotonic()
    visit.connect()
    there = await visit.until(lambda: len(visit.messages) >= max(1, missed), REPLY_SECONDS)
    if there:
        phase.figures.resumes.append(time.monotonic() - begun)
    return there


async def _answered(visit: Visit) -> bool:
    return await visit.until(lambda: bool(visit.answers(0)), REPLY_SECONDS)
