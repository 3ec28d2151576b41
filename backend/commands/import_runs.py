"""`rundown import`: files into a model of a running server, through its API.

Exit status: 0 when every file is imported or was before (with `--dry-run`: could be), 1 when some were refused or lack
an answer, 2 when the command can't be carried out as it was given, 130 when it was interrupted (Ctrl-C), which ends the
import under way.
"""

from __future__ import annotations

import glob
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import httpx
import typer
from rich.console import Console
from rich.progress import Progress

from backend.commands.import_upload import LineCut, Upload, import_bars
from backend.terminal import echo, harmless

_DEFAULT_URL = "http://127.0.0.1:8000"
# What a folder may hold beside results: freqtrade's notes on them, and its pointer to the newest.
_RUN_ENDINGS = (".json", ".jsonl", ".zip", ".csv", ".tsv", ".gz", ".parquet", ".htm", ".html", ".xml")
_NOT_RUNS = (".meta.json", "_config.json", ".last_result.json")
# The server says something every 15 s, however long it takes.
_READ_TIMEOUT_S = 120.0
_INTERRUPTED = 130
_NAME_COLUMNS = "Of a table, --dry-run shows the columns, and --map COLUMN=MEANING says what they are."


class _UsageError(Exception):
    """The command can't be carried out as it was given."""


@dataclass(frozen=True, slots=True)
class _Outcome:
    """What became of one file; `refused` when nothing of it is in the model."""

    said: str
    refused: bool = False


def import_files(
    files: Annotated[list[str], typer.Argument(help="Files, globs or folders of results.", metavar="FILE…")],
    model: Annotated[str, typer.Option(help="The model's name or number.")],
    again: Annotated[bool, typer.Option("--again", help="Import a file that is imported already once more.")] = False,
    name: Annotated[str | None, typer.Option(help="The run's name (for one file).")] = None,
    format_name: Annotated[str | None, typer.Option("--format", help="The format, if not by content.")] = None,
    symbol: Annotated[str | None, typer.Option(help="What was traded, where the file does not say.")] = None,
    strategy: Annotated[str | None, typer.Option(help="Which strategy, where the file holds several.")] = None,
    currency: Annotated[str | None, typer.Option(help="The run's currency.")] = None,
    timezone: Annotated[str | None, typer.Option(help="The zone of times that name none (IANA name).")] = None,
    initial_cash: Annotated[float | None, typer.Option(help="The cash the run began with.")] = None,
    columns: Annotated[
        list[str] | None,
        typer.Option(
            "--map",
            help="A plain table's column and its meaning, as 'Date=time' ('Note=': none), or a JSON file of them.",
            metavar="COLUMN=MEANING",
        ),
    ] = None,
    multipliers: Annotated[
        list[str] | None,
        typer.Option(
            "--multiplier",
            help="Money that one point of price is worth for one unit, as 'MNQH6=2' ('*=2': every symbol).",
            metavar="SYMBOL=VALUE",
        ),
    ] = None,
    date_order: Annotated[
        str | None, typer.Option(help="Whether 4/6/26 has its 'day' or its 'month' first.", metavar="day|month")
    ] = None,
    long_only: Annotated[
        bool | None, typer.Option("--long-only/--may-be-short", help="Whether the account can't be short.")
    ] = None,
    account: Annotated[str | None, typer.Option(help="Which account, where the file holds several.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would be imported.")] = False,
    url: Annotated[str, typer.Option(envvar="RUNDOWN_URL", help="The server.")] = _DEFAULT_URL,
    email: Annotated[str, typer.Option(envvar="RUNDOWN_EMAIL", help="Your account.")] = "",
    password: Annotated[
        str, typer.Option(envvar="RUNDOWN_PASSWORD", help="Better in the environment than here.", show_default=False)
    ] = "",
) -> None:
    """Import runs from files into a model of a running server."""
    fields: dict[str, object] = {
        "name": name,
        "format": format_name,
        "symbol": symbol,
        "strategy": strategy,
        "currency": currency,
        "timezone": timezone,
        "initial_cash": initial_cash,
        "again": "true" if again else None,
        "date_order": date_order,
        "long_only": None if long_only is None else str(long_only).lower(),
        "account": account,
    }
    console = Console(stderr=True)
    try:
        paths = _found(files)
        fields["mapping"] = _mapping(columns or [])
        fields["multipliers"] = _multipliers(multipliers or [])
        if date_order not in (None, "day", "month"):
            raise _UsageError(f"--date-order is 'day' or 'month', not {date_order!r}.")
        if name and len(paths) > 1:
            raise _UsageError(f"--name is for one file; {len(paths)} were found.")
        with _signed_in(url.rstrip("/"), email, password) as http:
            given = {name: str(value) for name, value in fields.items() if value is not None}
            refused = _import_all(http, _model_id(http, model), paths, given, console, dry_run=dry_run)
    except _UsageError as error:
        echo(f"rundown: {error}", err=True)
        raise typer.Exit(2) from error
    except httpx.HTTPError as error:
        echo(f"rundown: {url} can't be reached ({error}). Start it with: rundown serve", err=True)
        raise typer.Exit(2) from error
    except KeyboardInterrupt as error:
        raise typer.Exit(_INTERRUPTED) from error
    raise typer.Exit(1 if refused else 0)


def _mapping(said: Sequence[str]) -> str | None:
    """The columns' meanings as the API takes them: from `column=meaning` and from JSON files of such pairs."""
    meanings: dict[str, str | None] = {}
    for item in said:
        column, mark, meaning = item.rpartition("=")
        if mark:
            meanings[column] = meaning.strip() or None
            continue
        try:
            read = json.loads(Path(item).expanduser().read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise _UsageError(f"--map {item!r} is neither COLUMN=MEANING nor a JSON file of them.") from error
        if not isinstance(read, dict) or not all(value is None or isinstance(value, str) for value in read.values()):
            raise _UsageError(f'{item} must hold one JSON object, such as {{"Date": "time", "Note": null}}.')
        meanings |= read
    return json.dumps(meanings) if meanings else None


def _multipliers(said: Sequence[str]) -> str | None:
    """The multipliers as the API takes them, from `symbol=value`."""
    values: dict[str, float] = {}
    for item in said:
        symbol, _, value = item.rpartition("=")
        try:
            values[symbol] = float(value)
        except ValueError:
            symbol = ""
        if not symbol:
            raise _UsageError(f"--multiplier {item!r} is not SYMBOL=VALUE.")
    return json.dumps(values) if values else None


def _found(patterns: Sequence[str]) -> list[Path]:
    """The files meant, each once, in the order given; a folder stands for the results directly in it."""
    paths: list[Path] = []
    for pattern in patterns:
        path = Path(pattern).expanduser()
        if path.is_dir():
            matched = sorted(item for item in path.iterdir() if _may_be_run(item))
        elif path.is_file():
            matched = [path]
        else:
            # Path.glob takes no absolute pattern.
            named = sorted(glob.glob(str(path), recursive=True))  # noqa: PTH207
            matched = [Path(item) for item in named if Path(item).is_file()]
        if not matched:
            raise _UsageError(f"No file was found for {pattern!r}.")
        paths += matched
    return list(dict.fromkeys(paths))


def _may_be_run(path: Path) -> bool:
    name = path.name.lower()
    return path.is_file() and name.endswith(_RUN_ENDINGS) and not name.endswith(_NOT_RUNS)


@contextmanager
def _signed_in(url: str, email: str, password: str) -> Iterator[httpx.Client]:
    """A client that carries the account's token."""
    with httpx.Client(base_url=url, timeout=httpx.Timeout(_READ_TIMEOUT_S, connect=5.0)) as http:
        answer = http.get("/api/config")
        if not answer.is_success:
            raise _UsageError(f"{url} is no Rundown server: it answered {answer.status_code}.")
        config = answer.json()
        if not email or not password:
            raise _UsageError("Say who you are: --email and --password, or RUNDOWN_EMAIL and RUNDOWN_PASSWORD.")
        token = http.post(
            f"{config['supabase_url']}/auth/v1/token?grant_type=password",
            json={"email": email, "password": password},
            headers={"apikey": config["supabase_anon_key"]},
        )
        if not token.is_success:
            raise _UsageError("The sign-in was refused. Check the email and the password.")
        http.headers["Authorization"] = f"Bearer {token.json()['access_token']}"
        yield http


def _model_id(http: httpx.Client, wanted: str) -> int:
    names: dict[int, str] = {}
    cursor: str | None = None
    while True:
        answer = http.get("/api/models", params={"limit": 100, **({"cursor": cursor} if cursor else {})})
        if not answer.is_success:
            raise _UsageError(_detail(answer))
        page = answer.json()
        names |= {model["id"]: model["name"] for model in page["items"]}
        cursor = page.get("next_cursor")
        if not cursor:
            break
    found = [number for number, label in names.items() if label == wanted]
    if not found and wanted.isdigit() and int(wanted) in names:
        found = [int(wanted)]
    if len(found) != 1:
        known = ", ".join(f"{label} ({number})" for number, label in names.items()) or "none yet"
        many = "Several models have that name; give its number" if found else f"There is no model {wanted!r}"
        raise _UsageError(f"{many}. Yours are: {known}.")
    return found[0]


def _import_all(
    http: httpx.Client,
    model_id: int,
    paths: Sequence[Path],
    fields: dict[str, str],
    console: Console,
    *,
    dry_run: bool,
) -> int:
    """Import one after the other, a line each; how many were refused."""
    refused = 0
    # Where nobody watches there is no bar, and no empty line that it leaves.
    with import_bars(console=console, transient=True, disable=not console.is_terminal) as progress:
        for path in paths:
            outcome = _import_one(http, model_id, path, fields, progress, dry_run=dry_run)
            refused += outcome.refused
            progress.console.print(harmless(f"{path}: {outcome.said}"), markup=False, highlight=False, soft_wrap=True)
    return refused


def _import_one(
    http: httpx.Client,
    model_id: int,
    path: Path,
    fields: dict[str, str],
    progress: Progress,
    *,
    dry_run: bool,
) -> _Outcome:
    upload = Upload(path, progress)
    try:
        params = {"dry_run": "true"} if dry_run else {}
        answer = upload.send(http, f"/api/models/{model_id}/runs/import", params=params, fields=fields)
    except OSError as error:
        return _Outcome(f"can't be read ({error.strerror})", refused=True)
    except LineCut:
        unknown = "" if dry_run else " Whether it was saved is not known. Import it again: if it was, you are told so."
        return _Outcome(f"the connection was lost before the server had answered.{unknown}", refused=True)
    except KeyboardInterrupt:
        left = "" if dry_run else f"; {upload.outcome_when_left()}"
        progress.console.print(harmless(f"{path}: interrupted{left}."), markup=False, highlight=False, soft_wrap=True)
        raise
    finally:
        upload.end()
    if answer.status_code == httpx.codes.CONFLICT and _code(answer) == "already_imported":
        run: Any = answer.json()["errors"][0]
        return _Outcome(f"already imported as run #{run['run_number']} (--again imports it once more)")
    if not answer.is_success:
        advice = f" {_NAME_COLUMNS}" if _code(answer) in ("unknown_format", "missing_columns") else ""
        return _Outcome(f"refused: {_detail(answer)}{advice}", refused=True)
    body = answer.json()
    if dry_run:
        return _previewed(body)
    report = body["report"]
    skipped = f", {report['skipped_count']:,} rows left out" if report["skipped_count"] else ""
    said = (
        f"run #{body['run']['run_number']}: {report['format']}, {report['positions']:,} positions, "
        f"{report['trades']:,} trades{skipped}"
    )
    return _Outcome("\n  ".join([said, *_warned(report)]))


def _warned(said: dict[str, Any]) -> list[str]:
    return [f"warning: {warning}" for warning in said["warnings"]]


def _previewed(preview: dict[str, Any]) -> _Outcome:
    """What a dry run says of a file: the counts and the first rows, or the question that is left."""
    lines = [f"{preview['format']} ({preview['confidence']} confidence)"]
    if preview["mapping"]:
        lines.append("columns: " + ", ".join(f"{name}={meaning or ''}" for name, meaning in preview["mapping"].items()))
    problem = preview["problem"]
    if problem:
        lines.append(f"can't be imported yet: {problem['message']}")
        if preview["meanings"]:
            lines.append(f"say what a column is by --map COLUMN=MEANING, one of: {', '.join(preview['meanings'])}")
        if preview["strategies"]:
            lines.append(f"choose by --strategy, one of: {', '.join(preview['strategies'])}")
        return _Outcome("\n  ".join(lines), refused=True)
    earned = "unknown" if preview["net_pnl"] is None else f"{preview['net_pnl']:,.2f} {preview['currency']}"
    lines[0] += f": {preview['positions']:,} positions, {preview['trades']:,} trades, net P&L {earned}"
    lines[0] += f", times in {preview['timezone']}"
    if preview["skipped_count"]:
        lines[0] += f", {preview['skipped_count']:,} rows left out"
    lines += [
        f"{row['ts']}  {row['action']:<5}  {row['symbol']:<16}  {row['quantity']} at {row['price']}"
        for row in preview["first_rows"]
    ]
    lines += _warned(preview)
    if preview["already_imported"]:
        lines.append(f"already imported as run #{preview['already_imported']['run_number']}")
    return _Outcome("\n  ".join(lines))


def _code(answer: httpx.Response) -> str:
    try:
        body = answer.json()
    except ValueError:
        return ""
    return str(body.get("code", "")) if isinstance(body, dict) else ""


def _detail(answer: httpx.Response) -> str:
    try:
        return str(answer.json()["detail"])
    except (ValueError, KeyError, TypeError):
        return f"the server answered {answer.status_code}"
