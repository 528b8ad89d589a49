"""Commands for those who run the product: settings, database, accounts and the watch.

What a command needs is imported when it runs, as in `cli`, which these commands belong to.
"""

from __future__ import annotations

import sys
from dataclasses import asdict
from pathlib import Path

import click

from estimator.accounts.roles import MEANINGS
from estimator.cli.common import as_json, stop, told
from estimator.settings import ENVIRONMENT, in_force, markdown, settings_problems


@click.command()
@click.option("--json", "as_values", is_flag=True, help="Print them for programs.")
@click.option("--markdown", "as_page", is_flag=True, help="Print the page of the docs, which is the same everywhere.")
def settings(as_values: bool, as_page: bool) -> None:
    """Print every setting that is in force, where it comes from, what it does, and what is unsafe for others."""
    if as_page:
        click.echo(markdown(), nl=False)
        return
    from estimator.db.connection import data_folder_if_any

    found = tuple(in_force(data_folder_if_any()))
    if as_values:
        click.echo(as_json([asdict(one) for one in found]))
    for one in () if as_values else found:
        says = one.value if one.source == ENVIRONMENT else f"{one.value} ({one.source})"
        click.echo(f"{one.name}: {says}\n    {one.help}")
    for one in () if as_values else found:
        if one.unsafe:
            click.echo(f"Unsafe for others: {one.name}: {one.unsafe}")
    if problems := settings_problems():
        stop(problems)


@click.group()
def db() -> None:
    """Make the database, keep copies of it and bring them back."""


@db.command()
@told
def upgrade() -> None:
    """Make the database or bring it up to date, and publish what is new among the plans that ship."""
    from estimator.db.connection import open_engine
    from estimator.publishing.database import make_ready

    published = make_ready(open_engine(), click.echo)
    for problem in published.problems:
        click.echo(str(problem), err=True)
    told = f"{published.moved} plans published, {published.withdrawn} withdrawn"
    click.echo(f"{told}." if published.has_changed else "The database is up to date.")


@db.command()
@told
def status() -> None:
    """Print where the database is, the version of its tables, how many plans are active and how they are searched."""
    from estimator.db.connection import open_engine
    from estimator.publishing.database import status as status_of

    found = status_of(open_engine())
    click.echo(f"Database  {found.address}")
    click.echo(f"Version   {found.version or 'none'} (this program needs {found.needed})")
    click.echo(f"Plans     {found.plans:,} active")
    click.echo(f"Search    {'by the index of words' if found.is_indexed else 'reads every plan: see docs/database.md'}")


@db.command()
@told
def purge() -> None:
    """Remove the estimates whose time is over: those saved under a link, and those kept by the billing desk."""
    from estimator.billing.watch import purge as remove_expired
    from estimator.clock import now_utc
    from estimator.db.connection import open_engine

    gone = remove_expired(open_engine(), now_utc())
    click.echo(f"{gone.saved:,} saved estimates removed, {gone.given:,} given ones.")


@db.command()
@click.argument("file", type=click.Path(path_type=Path))
@told
def backup(file: Path) -> None:
    """Write everything that the database holds to FILE, which either engine can read back."""
    from estimator.db.connection import open_engine
    from estimator.publishing.database import backup as write_backup

    rows = write_backup(open_engine(), file)
    click.echo(f"{rows:,} rows written to {file}.")


@db.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--replace", is_flag=True, help="Put it in the place of what the database holds now.")
@told
def restore(file: Path, replace: bool) -> None:
    """Fill the database from FILE, which `estimator db backup` wrote."""
    from estimator.db.connection import open_engine
    from estimator.publishing.database import restore as read_backup

    rows = read_backup(open_engine(), file, replace=replace)
    click.echo(f"{rows:,} rows read from {file}.")


# ----------------------------------------------------------------------------
# The commands `estimator accounts …`: who may sign in to the staff pages, and the first administrator among them.
#
# A password is asked for or read from standard input, never written on the command line, where others could read it.
# ----------------------------------------------------------------------------

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


@accounts.command("reset-second-step")
@click.argument("name")
@told
def reset_second_step(name: str) -> None:
    """Ask the account NAME for its password alone, because phone and recovery codes are lost."""
    from estimator.accounts.second_step import reset
    from estimator.db.connection import open_engine

    reset(open_engine(), name)
    click.echo(f"{name} signs in with the password alone now, and is signed out everywhere.")


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


# ----------------------------------------------------------------------------
# The command `estimator watch`: what has grown old, ended, failed or would change, for a nightly timer or by hand.
# ----------------------------------------------------------------------------


@click.command()
@told
def watch() -> None:
    """List what needs a person: old sources, ended plans, open proposals, failing examples, changed estimates.

    Each job reports for itself, and one that fails stops no other; the exit status is then 1.
    """
    from estimator.billing.watch import failed
    from estimator.billing.watch import watch as look
    from estimator.db.connection import open_engine, require_ready

    engine = open_engine()
    require_ready(engine)
    run = look(engine)
    for report in run.reports:
        click.echo(f"{report['job']}: {len(report['found'])} found{', then failed' if report['failed'] else ''}")
        for subject, says in report["found"]:
            click.echo(f"  {subject}: {says}")
        if report["failed"]:
            click.echo(f"  did not come to its end: {report['failed']}")
    if failed(run):
        sys.exit(1)
