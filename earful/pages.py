"""The pages of docs/ that are made from the code: `python -m earful.pages` writes them."""

from __future__ import annotations

import re
from pathlib import Path

import click

from crawlers.base import Access, Source
from crawlers.registry import all_sources
from earful.__main__ import COMMANDS, earful
from earful.keys_shown import typed_in_words

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
KEYS_HEAD = """# Keys

`earful connect SOURCE` walks through what a site wants: the keys of your own app there, your
consent in the browser, and the exchange for tokens. `earful connect` lists what is set and when it
ends.

- **Where they lie.** In `earful.secrets.toml` beside the settings, mode 600, outside the settings
  themselves; or in the environment as `EARFUL_SECRET_<SOURCE>_<KEY>`. They are typed unseen (an
  app's id and a login's name are shown), and are in no log, no capture and no error message.
- **Consent** comes back to `http://127.0.0.1:8737/` (Meta: `http://localhost:8737/`; another port
  by `--port`), which is the redirect address to register with the site. It is believed only with
  our own `state`, and with PKCE where the site has it. On a server without a browser,
  `--no-browser` lets you paste the address that a browser elsewhere landed on. `--redirect URL` is
  for sites that want an address of your own; it is pasted back too.
- **Renewal.** A token that ends within 20 minutes is renewed before a visit, by one service at a
  time: a lock lies beside the file, so services on several machines must share it. A new token is
  written whole or not at all; one that cannot be written is kept in mind and written later. When a
  site gives no new token, the visit ends with the reason and what to do, the gap is remembered, and
  other sources go on.
- **Ends.** A week before a key ends that only you can renew, `earful sources`, `earful doctor`,
  `earful connect` and the digest say so. `--until DAY` notes the end of a key that you typed.
- **Changes** are taken with the next visit; a running service needs no restart.
- **Several accounts.** `earful connect facebook:PAGE` keeps the keys of one account; a visit takes
  those of its own page or shop first, then those of the kind.
- `--paste` types a visit's token itself, where you have one already; `--key-file` takes the key
  file of a Google service account; `--forget` drops what is kept.

The ways to consent were all built from the sites' documentation and tried against a small server of
our own, which checks signatures, challenges, one-time codes and one-time tokens; none was tried on
the real site. What surprises you there, tell us. This page is made from the code by
`python -m earful.pages`.

| source | you type | then | where to find it |
| --- | --- | --- | --- |
"""
EVIDENCE = Path(__file__).resolve().parents[1] / "docs" / "evidence.md"
EVIDENCE_HEAD = "| kind | access | read on |\n| --- | --- | --- |\n"
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
            wants = "Better with" if each.has_keyless else "Needs"
            needs = f" {wants}: {_typed(each)}." if each.keys else ""
            covers = f"**{each.name_en}**: {each.covers}.{needs}"
            parts.append(
                f"| `{each.kind}` | {covers} | {each.does_not_cover} | {each.evidence} |\n"
            )
    return "".join(parts)


def keys_page() -> str:
    """Return docs/keys.md."""
    rows = [
        f"| `{each.kind}` | {_typed(each)} | {each.grant.lasts if each.grant else 'as it is'} "
        f"| {each.keys_en} |\n"
        for each in sorted(all_sources(), key=lambda source: source.kind)
        if each.keys
    ]
    return "".join([KEYS_HEAD, *rows])


def evidence_page() -> str:
    """Return docs/evidence.md with a row for each source; what was read stands in the page."""
    page = EVIDENCE.read_text(encoding="utf-8")
    head = page.partition(EVIDENCE_HEAD)[0]
    rows: dict[str, str] = {}
    tail: list[str] = []
    for line in page.partition(EVIDENCE_HEAD)[2].splitlines(keepends=True):
        row = re.fullmatch(r"\| `(\w+)` \| [^|]+ \| ([^|]+) \|\n", line)
        if row:
            rows[row[1]] = row[2]
        else:
            tail.append(line)
    told = [
        f"| `{each.kind}` | {each.access} | {rows.get(each.kind, 'no public capture at hand')} |\n"
        for each in sorted(all_sources(), key=lambda source: source.kind)
    ]
    return "".join([head, EVIDENCE_HEAD, *told, *tail])


def _typed(source: Source) -> str:
    return typed_in_words(source).replace("--login", "`--login`")


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


PAGES = {
    "sources.md": sources_page,
    "keys.md": keys_page,
    "commands.md": commands_page,
    "evidence.md": evidence_page,
}


def main() -> None:
    """Write every page into docs/."""
    for name, page in PAGES.items():
        Path("docs", name).write_text(page(), encoding="utf-8")


if __name__ == "__main__":
    main()
