"""The pages of docs/ that are made from the code: `python -m earful.pages` writes them."""

from __future__ import annotations

from pathlib import Path

import click

from crawlers.base import Access
from crawlers.registry import all_sources
from earful.__main__ import COMMANDS, earful

ACCESS = {
    Access.ON: "on: a keyless feed or a documented public API",
    Access.OPT_IN: "opt-in: keyless, but its terms are unclear, so you must say yes (`--opt-in`)",
    Access.KEY: "key: your own key or login (`earful connect`)",
    Access.OWN_SHOP: "own shop: the official API for your own shop",
    Access.IMPORT: "import: files only, the site forbids or blocks crawling",
}
SOURCES_HEAD = """# Sources

Every source says under which right it is read, what it covers, and on what it was built. Earful
never works around a login, a captcha or an anti-bot wall, and obeys robots.txt. "From
documentation" means that no real answer of the site was at hand: expect a first surprise there,
and tell us.

`earful add https://...` recognises the addresses of these sites; any other page is read as a feed
or for schema.org reviews. This page is made from the code by `python -m earful.pages`.
"""
COMMANDS_HEAD = """# Commands

Global options stand before or after the command: `--db URL`, `--config FILE`, `--json`,
`--quiet`. Exit codes: 0 fine, 1 a fault of Earful's own, 2 usage or settings, 3 a source is broken
or its content is damaged, 4 nothing collected. Results go to stdout, progress and remarks to
stderr. This page is made from the code by `python -m earful.pages`.
"""


def sources_page() -> str:
    """Return docs/sources.md."""
    parts = [SOURCES_HEAD]
    for access, words in ACCESS.items():
        found = [each for each in all_sources() if each.access is access]
        if not found:
            continue
        parts.append(f"\n## {words[0].upper()}{words[1:]}\n")
        parts.append("| kind | covers | does not cover | evidence |\n| --- | --- | --- | --- |\n")
        rows = sorted(found, key=lambda source: source.kind)
        for each in rows:
            needs = f" Needs: {', '.join(each.keys)}." if each.keys else ""
            covers = f"**{each.name_en}**: {each.covers}.{needs}"
            parts.append(
                f"| `{each.kind}` | {covers} | {each.does_not_cover} | {each.evidence} |\n"
            )
    return "".join(parts)


def commands_page() -> str:
    """Return docs/commands.md: every command with its own help."""
    parts = [COMMANDS_HEAD]
    root = click.Context(earful, info_name="earful", **earful.context_settings)
    for name, words in COMMANDS.items():
        command = earful.get_command(root, name)
        assert command is not None
        parts.append(f"\n## earful {name}\n\n{words[0].upper()}{words[1:]}.\n")
        parts.append(_help(command, root, name))
        if isinstance(command, click.Group):
            inner = click.Context(command, info_name=name, parent=root)
            for each, sub in sorted(command.commands.items()):
                parts.append(f"\n### earful {name} {each}\n")
                parts.append(_help(sub, inner, each))
    return "".join(parts)


def _help(command: click.Command, parent: click.Context, name: str) -> str:
    context = click.Context(
        command, info_name=name, parent=parent, max_content_width=96, terminal_width=96
    )
    return f"\n```\n{command.get_help(context).rstrip()}\n```\n"


PAGES = {"sources.md": sources_page, "commands.md": commands_page}


def main() -> None:
    """Write every page into docs/."""
    for name, page in PAGES.items():
        Path("docs", name).write_text(page(), encoding="utf-8")


if __name__ == "__main__":
    main()
