"""The command line: `earful COMMAND`; each command lives in a file of its own name."""

from __future__ import annotations

import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

import click

from earful.app import SOURCE_BROKEN, USAGE, App
from ingest.errors import ConfigError, EarfulError, SourceError

COMMANDS = {
    "demo": "the whole job on a small sample web, without internet",
    "listen": "hear a brand now, with no key and no set-up",
    "init": "four questions, then a commented settings file",
    "doctor": "what is wrong with the set-up, and how to mend it",
    "add": "watch an address, a product, a tag or a folder of files",
    "sources": "the sources watched: health, coverage, next visit",
    "connect": "the keys of a source: set them, see when they end",
    "collect": "visit the sources that are due, or those named",
    "parse": "read one saved response, without network or store",
    "import": "take in a review file, a survey, a chat, figures",
    "leftout": "what could not be read, and why",
    "replay": "read kept answers again with today's readers, show what differs",
    "capture": "save one answer of a site as a redacted sample",
    "sheets": "ready survey questions whose answers import as they are",
    "mentions": "the mentions as a table",
    "cases": "what needs an answer, and what was done",
    "feedback": "say what you think of a flag",
    "score": "score JSON lines from stdin",
    "train": "learn from star ratings and corrections",
    "evaluate": "how good the scores are, against true labels",
    "models": "the learned models: list, compare, promote, roll back, rescore",
    "digest": "the digest of a day",
    "export": "the whole filtered result as a file",
    "erase": "erase what a person wrote, with a receipt",
    "migrate": "bring the database to this version",
    "run": "the service: visits, digests and deliveries on schedule",
    "hook": "take in feedback that your app or the feedback form posts",
}


class EarfulGroup(click.Group):
    """A group that imports a command's file only when that command is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names in the order of a first day's work."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return the command, imported now; None when there is no such one."""
        if cmd_name not in COMMANDS:
            return None
        file = {"import": "import_file"}.get(cmd_name, cmd_name)
        command: click.Command = import_module(f"earful.commands.{file}").command
        _add_global_options(command)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list of commands without importing any of them."""
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


def _keep(name: str) -> Callable[[click.Context, click.Parameter, Any], None]:
    def keep(ctx: click.Context, _: click.Parameter, value: Any) -> None:
        app = ctx.ensure_object(App)
        if value not in (None, False):
            setattr(app, name, value)

    return keep


def _global_options() -> list[click.Option]:
    plain = {"expose_value": False, "is_eager": True}
    return [
        click.Option(
            ["--db"], metavar="URL", callback=_keep("database"), help="The database.", **plain
        ),
        click.Option(
            ["--config"],
            type=click.Path(path_type=Path, dir_okay=False),
            callback=_keep("config"),
            help="The settings file (earful.toml if present).",
            **plain,
        ),
        click.Option(
            ["--json"], is_flag=True, callback=_keep("is_json"), help="Print JSON.", **plain
        ),
        click.Option(
            ["--quiet", "-q"], is_flag=True, callback=_keep("is_quiet"), help="Less talk.", **plain
        ),
    ]


def _add_global_options(command: click.Command) -> None:
    """Let the global options stand after the command as well as before it."""
    taken = {name for param in command.params for name in param.opts}
    for option in _global_options():
        if not taken & set(option.opts):
            command.params.append(option)
    if isinstance(command, click.Group):
        for each in command.commands.values():
            _add_global_options(each)


@click.group(
    cls=EarfulGroup,
    params=_global_options(),
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(package_name="earful")
@click.pass_context
def earful(ctx: click.Context) -> None:
    """Hear what people say about a brand, and answer what is bad before it grows."""
    ctx.ensure_object(App)


def main(arguments: list[str] | None = None) -> None:
    """Run the command line and end with the contract's exit codes."""
    app = App()
    try:
        earful.main(args=arguments, prog_name="earful", standalone_mode=False, obj=app)
        code = app.exit_code
    except click.exceptions.Abort:
        app.note("Stopped; nothing is lost.")
        code = 130
    except click.ClickException as e:
        e.show()
        code = USAGE
    except EarfulError as e:
        click.echo(f"earful: {e}", err=True)
        code = _code_of(e)
    except BrokenPipeError:
        code = 0
    finally:
        app.close()
    sys.exit(code)


def _code_of(error: EarfulError) -> int:
    if isinstance(error, ConfigError):
        return USAGE
    return SOURCE_BROKEN if isinstance(error, SourceError) else 1


if __name__ == "__main__":
    main()
