"""The command `shakwa demo`: an empty store full of made-up shoppers, complaints and colleagues."""

import typer
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from bot.printed import out
from bot.settings import DEMONSTRATION, Settings

err = Console(stderr=True)


class Nobody:
    """Nobody listens while a demonstration is made."""

    def wake(self, conversation_id: str) -> None: ...
    def typing(self, conversation_id: str, on: bool, who: str = "bot") -> None: ...


def demo() -> None:
    """Fill an empty store with made-up shoppers, complaints, colleagues and utterances, to try everything in two minutes."""
    from bot.bootstrap import build, demo_over
    from bot.services.demo import COMPLAINTS

    settings = Settings()
    services = build(settings)
    services.migrate()
    services.console.canned.stock()
    with Progress(console=err) as progress:
        making = progress.add_task("Two weeks of complaints", total=COMPLAINTS)
        passwords = demo_over(settings, Nobody()).fill(lambda: progress.advance(making))
    (settings.data_dir / DEMONSTRATION).touch()
    table = Table("signs in as", "one-time password", box=None)
    for login, password in passwords.items():
        table.add_row(login, password)
    out.print(table)
    typer.echo(f"Start it with `make run`, then open {settings.gateway_url}/console")
