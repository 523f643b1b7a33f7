"""The commands `shakwa user …`: who works in the console, and with which role."""

from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from bot.domain.audit import COMMAND_LINE, Action
from bot.domain.user import Role
from bot.printed import out

user = typer.Typer(help="Keep the people who work in the console.", no_args_is_help=True)
err = Console(stderr=True)


@user.command("add")
def add_user(
    login: Annotated[str, typer.Argument(help="What they sign in with, e.g. sara.")],
    role: Annotated[Role, typer.Option(help="What they may do.")] = Role.AGENT,
    name: Annotated[str, typer.Option(help="How shoppers and colleagues read it; the login where it is left out.")] = "",
) -> None:
    """Add a user and print their one-time password, once."""
    from bot.bootstrap import build

    console = build().console
    added, password = console.users.add(login, name, role)
    console.audit.note(COMMAND_LINE, Action.USER_ADDED, added.login, role=str(added.role))
    err.print(f"{added.login} ({added.role}) signs in with this one-time password:", highlight=False)
    typer.echo(password)


@user.command("list")
def list_users() -> None:
    """List the users with their roles."""
    from bot.bootstrap import build

    table = Table("login", "name", "role", "state", "last signed in", box=None)
    for one in build().console.users.all():
        state = "disabled" if one.disabled_at else "one-time password" if one.one_time else "active"
        seen = one.signed_in_at.isoformat(timespec="minutes") if one.signed_in_at else "never"
        table.add_row(one.login, one.name, one.role, state, seen)
    out.print(table)


@user.command("disable")
def disable_user(
    login: Annotated[str, typer.Argument(help="Whom to shut out, at once.")],
    undo: Annotated[bool, typer.Option("--undo", help="Let them in again.")] = False,
) -> None:
    """Shut a user out; what they wrote stays."""
    from bot.bootstrap import build

    console = build().console
    users = console.users
    changed = users.enable(login) if undo else users.disable(login)
    console.audit.note(COMMAND_LINE, Action.USER_ENABLED if undo else Action.USER_DISABLED, changed.login)
    err.print(f"{changed.login} is {'disabled' if changed.disabled_at else 'active'}.", highlight=False)


@user.command("password")
def reset_password(login: Annotated[str, typer.Argument(help="Whose password.")]) -> None:
    """Give a user another one-time password, print it once, and end their sessions."""
    from bot.bootstrap import build

    console = build().console
    password = console.users.reset_password(login)
    console.audit.note(COMMAND_LINE, Action.PASSWORD_RESET, login.lower()[:64])
    typer.echo(password)
