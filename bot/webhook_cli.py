"""The commands `shakwa webhook …`: which systems are told what happens, and what got through to them."""

from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from bot.domain.webhook import Topic
from bot.printed import out

webhook = typer.Typer(help="Tell other systems what happens, by signed requests.", no_args_is_help=True)
err = Console(stderr=True)

Number = Annotated[int, typer.Argument(help="The webhook's number in `shakwa webhook list`.")]


@webhook.command("add")
def add_webhook(
    url: Annotated[str, typer.Argument(help="Where events are posted to.")],
    topic: Annotated[list[Topic], typer.Option(help="What it wants to hear of; may be given several times.")],
    description: Annotated[str, typer.Option(help="What it is for.")] = "",
) -> None:
    """Add a webhook and print the secret its signatures are checked with, once."""
    from bot.bootstrap import build

    added = build().webhooks.add(url, [str(one) for one in topic], description)
    err.print(f"Webhook {added.id} is on. Its secret:", highlight=False)
    typer.echo(added.secret)


@webhook.command("list")
def list_webhooks() -> None:
    """List the webhooks."""
    from bot.bootstrap import build

    table = Table("number", "url", "topics", "state", "description", box=None)
    for one in build().webhooks.all():
        table.add_row(str(one.id), one.url, ", ".join(one.topics), "on" if one.active else "off", one.description)
    out.print(table)


@webhook.command("off")
def turn_off(number: Number, undo: Annotated[bool, typer.Option("--undo", help="Turn it on again.")] = False) -> None:
    """Tell a webhook nothing any more; what is on its way still arrives."""
    from bot.bootstrap import build

    turned = build().webhooks.turn(number, on=undo)
    err.print(f"Webhook {turned.id} is {'on' if turned.active else 'off'}.", highlight=False)


@webhook.command("remove")
def remove_webhook(number: Number) -> None:
    """Delete a webhook with everything that is on its way to it."""
    from bot.bootstrap import build

    build().webhooks.remove(number)


@webhook.command("secret")
def renew_secret(number: Number) -> None:
    """Give a webhook another secret and print it, once."""
    from bot.bootstrap import build

    typer.echo(build().webhooks.renew_secret(number).secret)


@webhook.command("test")
def send_test(number: Number) -> None:
    """Put a test event on its way to a webhook; `deliveries` shows what became of it."""
    from bot.bootstrap import build

    err.print(f"Delivery {build().webhooks.send_test(number)} is on its way.", highlight=False)


@webhook.command("deliveries")
def list_deliveries(failed: Annotated[bool, typer.Option(help="Only what did not get through.")] = False) -> None:
    """List the newest deliveries and what became of them."""
    from bot.bootstrap import build

    table = Table("number", "webhook", "topic", "state", "tries", "last answer", "made", box=None)
    for one in build().webhooks.deliveries(failed=failed):
        answer = one.last_error or str(one.last_status or "")
        made = one.created_at.isoformat(timespec="seconds")
        table.add_row(str(one.id), str(one.webhook_id), one.topic, one.state, str(one.tries), answer, made)
    out.print(table)


@webhook.command("resend")
def resend(number: Annotated[int, typer.Argument(help="The delivery's number in `shakwa webhook deliveries`.")]) -> None:
    """Send a delivery again, from the beginning of its tries."""
    from bot.bootstrap import build

    build().webhooks.resend(number)
