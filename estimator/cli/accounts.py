"""The commands `estimator accounts …`: who may sign in to the staff pages, and the first administrator among them.

A password is asked for or read from standard input, never written on the command line, where others could read it.
"""

from __future__ import annotations

import sys

import click

from estimator.accounts.accounts import MEANINGS
from estimator.cli.parts import told

_ROLES = click.Choice([role.value for role in MEANINGS])
_from_standard_input = click.option(
    "--password-stdin", is_flag=True, help="Read the password from standard input, up to the end of its first line."
)


@click.group(epilog="Roles: " + "; ".join(f"{role} {meaning}" for role, meaning in MEANINGS.items()) + ".")
def accounts() -> None:
    """Say who may sign in to the staff pages."""


@accounts.command()
@click.argument("name")
@click.option("--role", type=_ROLES, required=True, help="What the account is for.")
@_from_standard_input
@told
def add(name: str, role: str, password_stdin: bool) -> None:
    """Make an account called NAME; the first one needs the role admin."""
    from estimator.accounts.accounts import add_account
    from estimator.db.connection import open_engine

    made = add_account(open_engine(), name, role, _password(password_stdin))
    click.echo(f"{made.name} may sign in at /staff/ with the role {made.role}.")


@accounts.command("list")
@told
def list_() -> None:
    """Print every account with its role, and which are disabled."""
    from estimator.accounts.accounts import list_accounts
    from estimator.db.connection import open_engine

    found = list_accounts(open_engine())
    for account in found:
        since = f"  disabled on {account.disabled_at:%Y-%m-%d}" if account.disabled_at else ""
        click.echo(f"{account.role:<8} {account.name}{since}")
    if not found:
        click.echo("There is no account yet. Make the first: estimator accounts add NAME --role admin")


@accounts.command("set-role")
@click.argument("name")
@click.option("--role", type=_ROLES, required=True, help="What the account is for from now on.")
@told
def set_role(name: str, role: str) -> None:
    """Give the account NAME another role."""
    from estimator.accounts.accounts import set_role as give_role
    from estimator.db.connection import open_engine

    give_role(open_engine(), name, role)
    click.echo(f"{name} has the role {role} now.")


@accounts.command("set-password")
@click.argument("name")
@_from_standard_input
@told
def set_password(name: str, password_stdin: bool) -> None:
    """Give the account NAME another password, and sign it out everywhere."""
    from estimator.accounts.accounts import set_password as give_password
    from estimator.db.connection import open_engine

    give_password(open_engine(), name, _password(password_stdin))
    click.echo(f"{name} has another password now, and is signed out everywhere.")


@accounts.command()
@click.argument("name")
@told
def disable(name: str) -> None:
    """Take the use of the account NAME away at once; what it did stays in the log."""
    from estimator.accounts.accounts import disable as take_away
    from estimator.db.connection import open_engine

    take_away(open_engine(), name)
    click.echo(f"{name} is disabled, and signed out everywhere.")


@accounts.command()
@click.argument("name")
@told
def enable(name: str) -> None:
    """Let the disabled account NAME be used again."""
    from estimator.accounts.accounts import enable as let_in
    from estimator.db.connection import open_engine

    let_in(open_engine(), name)
    click.echo(f"{name} may sign in again.")


def _password(from_standard_input: bool) -> str:
    if from_standard_input:
        return sys.stdin.readline().rstrip("\r\n")
    return str(click.prompt("Password", hide_input=True, confirmation_prompt="The same once more"))
