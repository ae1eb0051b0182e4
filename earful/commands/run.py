"""`earful run`: the service, left on for weeks."""

from __future__ import annotations

import asyncio
import json
import logging
import sys

import click

import scheduler
from earful.app import App
from earful.show import plain_table
from ingest.errors import ConfigError


@click.command("run")
@click.option("--show-jobs", is_flag=True, help="Print the jobs and when they run next, then end.")
@click.pass_obj
def command(app: App, show_jobs: bool) -> None:
    """Run visits, digests, deliveries, health and retention on schedule, until stopped."""
    plan = app.plan()
    if not plan.brands:
        raise ConfigError("no brand yet", next_step="earful init, then earful run")
    for brand in app.brands():
        app.keep_brand(brand)
    service = scheduler.Service(plan)
    if show_jobs:
        _print_jobs(app, service)
        service.close()
        return
    _log_to_stderr(is_json=app.is_json, is_quiet=app.is_quiet)
    if plan.delivery is None:
        logging.getLogger("earful").warning(
            "no mail server and no folder: digests wait in the outbox until [mail] is set"
        )
    asyncio.run(service.run())


def _print_jobs(app: App, service: scheduler.Service) -> None:
    rows = service.jobs()
    if app.is_json:
        app.print_json([{"job": name, "when": when, "next": at} for name, when, at in rows])
        return
    words = app.words
    table = plain_table(words("Job"), words("When"), words("Next"))
    for name, when, at in rows:
        table.add_row(name, when, f"{at:%Y-%m-%d %H:%M:%S} UTC")
    app.out.print(table)


class _JsonLines(logging.Formatter):
    """One JSON object a line: time, level, logger, message, and the fault if there is one."""

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "at": self.formatTime(record, "%Y-%m-%dT%H:%M:%S%z"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        if record.exc_info:
            line["fault"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False)


def _log_to_stderr(*, is_json: bool, is_quiet: bool) -> None:
    handler = logging.StreamHandler(sys.stderr)
    plain = logging.Formatter("%(asctime)s %(levelname)-7s %(message)s", "%Y-%m-%d %H:%M:%S")
    handler.setFormatter(_JsonLines() if is_json else plain)
    own = logging.getLogger("earful")
    own.addHandler(handler)
    own.setLevel(logging.WARNING if is_quiet else logging.INFO)
    logging.getLogger("apscheduler").addHandler(handler)
    logging.getLogger("apscheduler").setLevel(logging.WARNING)
