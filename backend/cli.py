"""The command line: every command of `rundown`, each in a module of its own."""

from __future__ import annotations

import asyncio
from typing import Annotated

import typer

from backend.commands.backup import backup_database, restore_database
from backend.commands.doctor import doctor
from backend.commands.import_runs import import_files
from backend.commands.rotate_keys import rotate_keys
from backend.errors import RundownError
from backend.logs import configure_logs
from backend.server.process_guard import forbid_core_dumps
from backend.settings import load_settings
from backend.terminal import echo

app = typer.Typer(no_args_is_help=True, add_completion=False, help="Ask a finished trading run why it lost money.")


app.command("import")(import_files)
app.command("rotate-keys")(rotate_keys)
app.command("doctor")(doctor)
app.command("backup")(backup_database)
app.command("restore")(restore_database)


@app.callback()
def main() -> None:
    """Ask a finished trading run why it lost money."""


@app.command()
def serve(
    workers: Annotated[
        int | None,
        typer.Option(min=1, max=64, help="Processes that answer; more than one needs REDIS_URL. [RUNDOWN_WORKERS, 1]"),
    ] = None,
) -> None:
    """Serve the page and the API; with no Supabase set, on an embedded database."""
    # Here, because they load all that answers questions: seconds that the other commands need not wait.
    from backend.server.serving import run_server, serve_alone  # noqa: PLC0415
    from backend.server.workers import serve_with_workers  # noqa: PLC0415

    forbid_core_dumps()
    try:
        settings = load_settings() if workers is None else load_settings(RUNDOWN_WORKERS=workers)
        configure_logs(settings.log_level)
        run_server(serve_alone(settings) if settings.workers == 1 else serve_with_workers(settings))
    except RundownError as error:
        echo(f"rundown: {error.message}", err=True)
        raise typer.Exit(1) from error
    except (KeyboardInterrupt, asyncio.CancelledError):
        raise typer.Exit(130) from None


if __name__ == "__main__":
    app()
