"""The command `shakwa talk`: a conversation with the running system in a terminal."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Annotated, Protocol

import typer

from bot.domain.conversation import Reading
from bot.domain.draft import Draft
from bot.domain.errors import Refused
from bot.engine.talk import Bubble, GatewayClient
from bot.printed import print_bubble, print_reading, print_slots
from bot.settings import Settings

COMMANDS = "/slots what is gathered   /parse how the last message was read   /quit"
PROMPT = "» "


class Conversation(Protocol):
    def say(self, text: str) -> list[Bubble]: ...
    def tap(self, choice: str) -> list[Bubble]: ...


class Kept(Protocol):
    """What the store holds of the conversation."""

    def draft(self) -> Draft | None: ...
    def reading(self) -> tuple[str, Reading] | None: ...


@dataclass
class Talk:
    """One conversation: what is typed is said, tapped by its number, or a command."""

    conversation: Conversation
    kept: Kept
    show: bool = False
    """Whether the slots and the reading are printed after every turn."""
    choices: list[tuple[str, str]] = field(default_factory=list)
    """What was offered last, (title, id), under the numbers 1, 2, …"""

    def run(self, ask: Callable[[str], str] = input) -> None:
        """Go on until `/quit` or the end of what is typed."""
        typer.echo(COMMANDS)
        while (line := _typed(ask)) not in (None, "/quit"):
            if line:
                self.take(line)

    def take(self, line: str) -> None:
        """Do what one line asks for."""
        if line == "/slots":
            print_slots(self.kept.draft())
        elif line == "/parse":
            print_reading(self.kept.reading())
        elif line.startswith("/"):
            typer.echo(COMMANDS)
        else:
            self._turn(line)

    def _turn(self, line: str) -> None:
        try:
            chosen = self._chosen(line)
            bubbles = self.conversation.tap(chosen) if chosen else self.conversation.say(line)
        except Refused as refused:
            typer.echo(str(refused))
            return
        self._hear(bubbles)

    def _hear(self, bubbles: list[Bubble]) -> None:
        self.choices = []
        for bubble in bubbles:
            print_bubble(bubble.sender, bubble.text, [title for title, _ in bubble.choices], len(self.choices) + 1)
            self.choices += bubble.choices
        if not bubbles:
            typer.echo("No answer came yet; what you say next shows it if it comes.")
        if self.show:
            print_slots(self.kept.draft())
            print_reading(self.kept.reading())

    def _chosen(self, line: str) -> str | None:
        """Return the id of the choice whose number was typed, in Western or Arabic digits."""
        number = int(line) if line.isdecimal() and len(line) <= 2 else 0
        return self.choices[number - 1][1] if 0 < number <= len(self.choices) else None


def talk(show: Annotated[bool, typer.Option(help="Print slots and reading after every turn.")] = False) -> None:
    """Talk to the running system in this terminal; `make run` must be running elsewhere."""
    settings = Settings()
    with GatewayClient(settings.gateway_url) as client:
        Talk(client, _Stored(client.open(), settings), show).run()


class _Stored:
    """Reads the store on this machine, the one the gateway writes to."""

    def __init__(self, conversation_id: str, settings: Settings) -> None:
        from bot.bootstrap import build

        self._id = conversation_id
        self._services = build(settings)

    def draft(self) -> Draft | None:
        return self._services.drafts.current(self._id)

    def reading(self) -> tuple[str, Reading] | None:
        return self._services.chat.last_reading(self._id)


def _typed(ask: Callable[[str], str]) -> str | None:
    """Return the next line, None where there will be no more."""
    try:
        return ask(PROMPT).strip()
    except (EOFError, KeyboardInterrupt):
        return None
