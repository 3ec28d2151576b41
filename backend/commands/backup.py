"""`rundown backup` and `rundown restore`: the embedded database to a file and back."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Annotated, Any

import typer

from backend.errors import Misconfigured, RundownError
from backend.local.backup import BackupManifest, back_up, restore
from backend.local.stack import SUPABASE_DIR
from backend.settings import Settings, load_settings
from backend.terminal import echo

_SUPABASE = "Your own Supabase makes its own backups: use its dashboard, or `supabase db dump`."


def backup_database(
    file: Annotated[Path, typer.Argument(help="The file to make.")],
    with_keys: Annotated[
        bool,
        typer.Option(
            "--with-keys",
            help="Also the server's keys: with them whoever has the file can open the stored OpenRouter keys.",
        ),
    ] = False,
) -> None:
    """Write the whole embedded database to FILE, also while the server runs."""
    manifest = _carried_out(lambda settings: back_up(settings.home, file.absolute(), with_keys=with_keys))
    echo(f"{file}: {manifest.rows:,} rows of {len(manifest.tables)} tables.")
    if not with_keys:
        echo(
            "The server's keys are not in it. Keep secret.key of RUNDOWN_HOME somewhere else: without it stored "
            "OpenRouter keys have to be entered again after a restore, and everyone signs in again."
        )


def restore_database(file: Annotated[Path, typer.Argument(help="A file that `rundown backup` made.")]) -> None:
    """Make the embedded database of an empty RUNDOWN_HOME from FILE. Restore only files you trust."""
    manifest = _carried_out(lambda settings: restore(settings.home, file.absolute(), SUPABASE_DIR / "migrations"))
    echo(f"Restored {manifest.rows:,} rows of {len(manifest.tables)} tables. Start with: rundown serve")
    if "secret.key" not in manifest.keys:
        echo(
            "The backup holds no server key: put the secret.key it was made under into RUNDOWN_HOME before starting, "
            "or enter the OpenRouter keys again."
        )


def _carried_out(what: Callable[[Settings], Coroutine[Any, Any, BackupManifest]]) -> BackupManifest:
    try:
        settings = load_settings()
        if not settings.embedded:
            raise Misconfigured(f"This is for the embedded database. {_SUPABASE}")
        return asyncio.run(what(settings))
    except RundownError as error:
        echo(f"rundown: {error.message}", err=True)
        raise typer.Exit(1) from error
