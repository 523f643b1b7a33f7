"""Takes up another model beside the turns under way.

Rasa asks its model server every second for what is new, and that is kept. But it loads a new model on its event loop, where
nobody is answered meanwhile, into the very stores of the turns under way; and one that cannot be loaded is fetched again
every second. Here the model is loaded in a thread, into an agent of its own, and then takes the other's place at once.
"""

import asyncio
import copy
import time
from pathlib import Path

import structlog
from rasa.core import agent as rasa_agent
from rasa.core.agent import Agent
from rasa.core.tracker_store import FailSafeTrackerStore, TrackerStore
from rasa.utils.common import TempDirectoryPath, get_temp_dir_name
from rasa.utils.endpoints import EndpointConfig

log = structlog.get_logger()


def install() -> None:
    """Let Rasa's regular question to the model server end in `take_up`: nothing else of Rasa is replaced."""
    rasa_agent._update_model_from_server = take_up


async def take_up(server: EndpointConfig, agent: Agent) -> None:
    """Ask the model server and serve what it gives; whatever fails, the model that served goes on."""
    try:
        with TempDirectoryPath(get_temp_dir_name()) as folder:
            fingerprint = await rasa_agent._pull_model_and_fingerprint(server, agent.fingerprint, folder)
            if fingerprint:
                await _change_to(Path(folder), fingerprint, agent)
    except Exception:
        log.exception("channel.model.refused", serves=agent.model_id)


async def _change_to(folder: Path, fingerprint: str, agent: Agent) -> None:
    # Whatever comes of it, this one was tried: Rasa asks for another from now on, not for the same each second.
    agent.fingerprint = fingerprint
    begun = time.monotonic()
    fresh = beside(agent)
    await asyncio.to_thread(fresh.load_model, folder, fingerprint)
    # Turns ask the agent for its processor once, when they begin; between two of them all of it changes.
    vars(agent).update(vars(fresh))
    log.info("channel.model.changed", model=agent.processor.model_filename, seconds=round(time.monotonic() - begun, 1))


def beside(agent: Agent) -> Agent:
    """Return an agent for another model: the same databases and addresses, but a domain and responses of its own."""
    other = copy.copy(agent)
    other.nlg = copy.copy(agent.nlg)
    other.tracker_store = _with_own_domain(agent.tracker_store)
    return other


def _with_own_domain(store: TrackerStore) -> TrackerStore:
    own = copy.copy(store)
    if isinstance(own, FailSafeTrackerStore):  # whose domain is that of the store inside
        own._tracker_store = copy.copy(own._tracker_store)
    return own
