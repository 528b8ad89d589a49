"""The command `estimator watch`: what has grown old, ended, failed or would change, for a nightly timer or by hand."""

from __future__ import annotations

import sys

import click

from estimator.cli.parts import told


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
