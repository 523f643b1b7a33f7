"""Who comes: shoppers with whole complaints, and agents who read along."""

import asyncio
from typing import Any

import httpx

from bot.engine.load.run import Answers, Phase
from bot.engine.load.visit import Lost, Visit, messages_in

MOST_TURNS = 20
"""A complaint that takes more goes round in circles."""
READS_SECONDS = 20.0
"""How long an agent looks at one conversation."""


async def shopper(phase: Phase, complaints: int = 0) -> None:
    """Bring so many complaints (0: until the phase is over), each in a conversation of its own, as a new shopper."""
    brought = 0
    await phase.sleep(phase.run.chance.uniform(0, 10) * phase.run.pace)  # they do not all come at once
    while not phase.over.is_set() and (not complaints or brought < complaints):
        try:
            async with Visit(phase) as visit:
                await complain(phase, visit)
        except Lost:
            await phase.think()
        brought += 1


async def complain(phase: Phase, visit: Visit) -> None:
    """Go from the first word to "filed, number X", or as far as the phase's time reaches."""
    said, answers = phase.run.complaint()
    content: dict[str, str] = {"text": said}
    for _ in range(MOST_TURNS):
        custom = (await visit.ask(**content)).get("custom", {})
        if number := custom.get("complaint_number"):
            phase.run.shown(number, visit.conversation)
            phase.figures.complaints += 1
            return
        await phase.think()
        if phase.over.is_set():
            return
        content = _answer(phase, visit, answers, custom.get("asks", "nothing"))
    phase.figures.errors["round in circles"] += 1


def _answer(phase: Phase, visit: Visit, answers: Answers, slot: str) -> dict[str, str]:
    """Return what to say to a question; raise Lost where there is no answer to it."""
    answer: Any = answers.get(slot)
    if isinstance(answer, str):
        return {"text": answer}
    choice = visit.choice(answer["tap"]) if answer else None
    if choice is None:
        phase.figures.errors[f"asked for {slot}"] += 1
        raise Lost
    return {"choice": choice, "title": answer["tap"]}


async def agent(phase: Phase, cookie: str) -> None:
    """Look at one conversation after another in the console, as long as the phase lasts."""
    async with phase.run.client(Cookie=cookie) as http:
        while not phase.over.is_set():
            going_on = sorted(phase.run.conversations)
            watched = phase.run.chance.choice(going_on) if going_on else ""
            try:
                await asyncio.wait_for(_read_along(phase, http, watched), READS_SECONDS * min(1.0, phase.run.pace))
            except TimeoutError:
                continue
            except httpx.TransportError as error:
                phase.figures.errors[f"agent: {type(error).__name__}"] += 1
            await phase.sleep(1)


async def _read_along(phase: Phase, http: httpx.AsyncClient, conversation: str) -> None:
    last = 0
    async with http.stream("GET", "/console/api/stream", params={"conversation": conversation}) as response:
        if response.is_error:
            phase.figures.errors[f"agent: {response.status_code}"] += 1
            return
        async for message in messages_in(response.aiter_lines()):
            if message["seq"] != last + 1:
                phase.run.broken.append(f"I4: an agent heard {message['seq']} after {last} in conversation {conversation}")
            last = message["seq"]
            phase.figures.read_along += 1
