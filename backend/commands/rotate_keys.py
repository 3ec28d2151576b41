"""`rundown rotate-keys`: every stored OpenRouter key, sealed anew with the newest server key."""

from __future__ import annotations

import asyncio
from typing import Annotated

import typer

from backend.errors import Misconfigured, RundownError
from backend.local.attach import attached_database
from backend.local.keys import add_secret_key, load_or_create_secret_key, write_secret_keys
from backend.local.reseal import Reseal, ResealReport, reseal_stored_keys
from backend.settings import Settings, inherited, load_settings, secret_keys
from backend.store.vault import KeyNotOpened, Vault
from backend.terminal import echo

# Read here and nowhere else: no request is ever served with a role that sees everybody's rows.
DATABASE_URL = "RUNDOWN_DATABASE_URL"


def rotate_keys(
    new: Annotated[
        bool, typer.Option("--new", help="Embedded database: make a new server key first. Stop the server before.")
    ] = False,
) -> None:
    """Seal all stored OpenRouter keys anew with the newest server key.

    Embedded database: works beside a running server, or without one. Your own Supabase: put the new key before the old
    one in RUNDOWN_SECRET_KEY, restart the server, then run this with RUNDOWN_DATABASE_URL set to the address of the
    `postgres` role, for this command only; afterwards the old key can go.
    """
    try:
        settings = load_settings()
        report = asyncio.run(_embedded(settings, new=new) if settings.embedded else _supabase(settings, new=new))
    except RundownError as error:
        echo(f"rundown: {error.message}", err=True)
        raise typer.Exit(1) from error
    echo(f"{report.resealed} keys sealed anew, {report.current} were already.")
    if report.unreadable:
        echo(
            f"{report.unreadable} could not be opened with any server key at hand and were left as they are: their "
            "models say that the key must be entered again. If you have the key they were sealed with, add it to "
            "RUNDOWN_SECRET_KEY and run this once more.",
            err=True,
        )
        raise typer.Exit(3)


async def _embedded(settings: Settings, *, new: bool) -> ResealReport:
    own = settings.secret_key.get_secret_value() if settings.secret_key else ""
    if new and own:
        raise Misconfigured(
            "RUNDOWN_SECRET_KEY is set, and goes before the key in RUNDOWN_HOME: put the new key first in it instead."
        )
    async with attached_database(settings.home, exclusive=new) as database:
        # The old key stays in the file until nothing needs it: a crash in between loses nothing.
        kept = add_secret_key(settings.home) if new else load_or_create_secret_key(settings.home).split(",")
        vault = Vault(secret_keys(",".join(filter(None, (own, *kept)))))
        report = await reseal_stored_keys(database.conninfo("postgres"), _with(vault))
        if new:
            write_secret_keys(settings.home, kept[:1])
    return report


async def _supabase(settings: Settings, *, new: bool) -> ResealReport:
    if new:
        raise Misconfigured("--new is for the embedded database. Put a new key first in RUNDOWN_SECRET_KEY yourself.")
    address = inherited(DATABASE_URL).get(DATABASE_URL, "")
    if not address:
        raise Misconfigured(
            f"Set {DATABASE_URL} for this command to the address of your project's database as the role `postgres` "
            "(Supabase: Connect, Session pooler). The server itself never needs it; do not put it into .env."
        )
    if settings.secret_key is None:
        raise Misconfigured("RUNDOWN_SECRET_KEY is not set.")
    return await reseal_stored_keys(address, _with(Vault(secret_keys(settings.secret_key.get_secret_value()))))


def _with(vault: Vault) -> Reseal:
    def reseal(sealed: str, user_id: str, model_id: int) -> str | None:
        try:
            return vault.reseal(sealed, user_id=user_id, model_id=model_id)
        except KeyNotOpened:
            return None

    return reseal
