"""The stage after reading, for every importer: rows are netted, and what the file states is held against them.

In this order: the account that was asked for; positions, amounts and cash as the rows state them; fees in coins;
splits; netting; the stated P&L; openings before the file; equity. What is found (multipliers, flows, which costs the
stated P&L is after) goes into the run's settings, what must be said into its warnings, and every line of it into its
reconciliation.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

import numpy as np

from backend.importers.base import (
    ANSWERS,
    Check,
    Evidence,
    Flow,
    ImportedRun,
    ImportOptions,
    ImportProblem,
    Netting,
    Question,
    Reconciliation,
)
from backend.importers.coins import settle_fees
from backend.importers.contracts import point_value
from backend.importers.netting import net_positions
from backend.importers.openings import settle_openings
from backend.importers.position_columns import ACTIONS, PositionColumns, columns_of, moment_of
from backend.importers.reconcile_amounts import check_amounts
from backend.importers.reconcile_balances import check_cash, check_equity, check_positions
from backend.importers.reconcile_pnl import check_pnl
from backend.importers.splits import apply_splits

_SHORT = ACTIONS.index("short")
_SYMBOLS_SAID = 10
_CHECKS_KEPT = 50
_MAX_FLOWS = 10_000


@dataclass(slots=True)
class _Stage:
    """The run on its way: its rows, what is known of its symbols' points, and what was found."""

    rows: PositionColumns
    evidence: Evidence
    currency: str
    multipliers: dict[str, float]
    fixed: dict[str, float]
    believed: bool
    inverse: list[str]
    settings: dict[str, Any]
    flows: list[Flow] = field(default_factory=list)
    checks: list[Check] = field(default_factory=list)
    questions: list[Question] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)


def reconcile(run: ImportedRun, options: ImportOptions) -> ImportedRun:
    """The run with its rows netted, what the person said applied, and what was found said.

    Raises:
        ImportProblem: `unknown_account` where the account that was asked for has no rows.
    """
    rows = _of_account(columns_of(run.positions), options.account)
    stage = _begun(run, rows, options)
    if rows.column("account") is not None and options.account is None:
        _say_accounts(stage, rows)
    hints = _hints(stage)
    _check_rows(stage, hints)
    stage.rows, said = settle_fees(stage.rows, run.evidence, run.currency)
    stage.warnings += said
    if run.evidence.splits:
        stage.rows, said = apply_splits(stage.rows, run.evidence.splits)
        stage.warnings += said
    netting: Netting = "long_only" if options.long_only and run.netting == "signed" else run.netting
    read = stage.rows
    stage.rows = net_positions(read, netting)
    if netting == "signed" and options.long_only is None:
        _say_shorts(stage, read)
    after = _check_pnl(stage, hints)
    known = run.evidence.pnl_after if after is None else after
    stage.rows, checks, said = settle_openings(stage.rows, run.evidence, stage.multipliers, known)
    stage.checks += checks
    stage.warnings += said
    _take(stage, check_equity(read, run.evidence, stage.multipliers, run.currency))
    _ask_about_points(stage, hints)
    return _finished(run, stage, options)


def _say_shorts(stage: _Stage, read: PositionColumns) -> None:
    """Sales of more than was held, read as shorts because nothing says that the account can't be short."""
    opened = np.flatnonzero(stage.rows.action_codes == _SHORT)
    told = np.flatnonzero(read.action_codes == _SHORT)
    count = len(opened) - len(told)
    if count <= 0 or stage.evidence.may_be_short is not None:
        return
    symbols = stage.rows.column("symbol") or ()
    first = int(opened[0])
    moment = moment_of(int(stage.rows.stamps[first]))
    sales = (
        "1 sale of more than was held was read as opening a short"
        if count == 1
        else (f"{count:,} sales of more than was held were read as opening shorts")
    )
    message = (
        f"{sales}, first {symbols[first]} at {moment:%Y-%m-%d %H:%M:%S} UTC. If the account can't be short, say so "
        "when importing (long only): then they sell what was bought before the file begins."
    )
    stage.warnings.append(message)
    stage.questions.append(Question("long_only", message, None, ("true", "false")))


def _begun(run: ImportedRun, rows: PositionColumns, options: ImportOptions) -> _Stage:
    settings = dict(run.settings)
    known = settings.get("multipliers")
    multipliers = dict(known) if isinstance(known, Mapping) else {}
    said = options.multipliers or {}
    every = said.get("*")
    fixed = {
        symbol: value
        for symbol in dict.fromkeys(rows.column("symbol") or ())
        if (value := said.get(symbol, every)) is not None
    }
    unknown = sorted(set(said) - set(fixed) - {"*"})
    stage = _Stage(
        rows=rows,
        evidence=run.evidence,
        currency=run.currency,
        multipliers={**multipliers, **fixed},
        fixed=fixed,
        believed=settings.get("pnl_basis") == "stated",
        inverse=sorted(run.evidence.inverse),
        settings=settings,
        flows=list(run.evidence.flows),
        questions=list(run.questions),
    )
    if options.answers_of:
        stage.warnings.append(
            f"Read as was said for {options.answers_of[:60]}, a file of the same layout: "
            f"{', '.join(name.replace('_', ' ') for name in _answers(options))}."
        )
    if unknown:
        stage.warnings.append(
            f"No row is of {', '.join(name[:60] for name in unknown[:5])}: its multiplier was not used."
        )
    return stage


def _of_account(rows: PositionColumns, account: str | None) -> PositionColumns:
    accounts = rows.column("account")
    if account is None:
        return rows
    wanted = account.strip()
    places = np.flatnonzero(np.array([name == wanted for name in accounts or ()], dtype=np.bool_))
    if len(places):
        return rows.taken(places)
    known = [name for name in dict.fromkeys(accounts or ()) if name][:20]
    has = f"It has {', '.join(known)}." if known else "It names none."
    raise ImportProblem(
        f"The file has no rows of the account {wanted[:60]!r}. {has}",
        column="account",
        code="unknown_account",
        choices=known,
    )


def _say_accounts(stage: _Stage, rows: PositionColumns) -> None:
    names = [name for name in dict.fromkeys(rows.column("account") or ()) if name]
    if len(names) < 2:
        return
    shown = ", ".join(names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")
    stage.warnings.append(
        f"The file holds {len(names)} accounts ({shown}); all were read into one run, and none is netted with another. "
        "Name the account when importing to read one alone."
    )


def _hints(stage: _Stage) -> dict[str, float]:
    """What symbols say their points are worth, where nothing else is known of them."""
    found = {}
    own = stage.rows.floats("multiplier")
    if own is not None and not np.isnan(own).any():
        return {}
    for symbol in dict.fromkeys(stage.rows.column("symbol") or ()):
        value = None if symbol in stage.multipliers else point_value(symbol)
        if value is not None and value != 1:
            found[symbol] = value
    return found


def _check_rows(stage: _Stage, hints: dict[str, float]) -> None:
    """What each row states of itself; amounts may show multipliers, or what is a hint for the P&L."""
    _take(stage, check_positions(stage.rows, stage.evidence))
    amounts = check_amounts(stage.rows, stage.evidence, stage.multipliers, hints, stage.fixed)
    _use_factors(stage, amounts.factors)
    hints.update(amounts.hints)
    _take(stage, amounts)
    _take(stage, check_cash(stage.rows, stage.evidence, stage.multipliers, stage.currency))


def _check_pnl(stage: _Stage, hints: Mapping[str, float]) -> frozenset[str] | None:
    """The stated P&L; which costs it is after. Where the source is believed there is nothing to find."""
    if stage.believed:
        return None
    found = check_pnl(stage.rows, stage.evidence, stage.multipliers, hints, stage.fixed)
    _use_factors(stage, found.factors)
    _take(stage, found)
    if found.after is not None:
        stage.settings["stated_after"] = sorted(found.after)
    return found.after


def _use_factors(stage: _Stage, factors: Mapping[str, float]) -> None:
    """Points are worth so many times what was known of them."""
    for symbol, factor in factors.items():
        stage.multipliers[symbol] = stage.multipliers.get(symbol, 1.0) * factor
    own = stage.rows.floats("multiplier")
    if own is not None and factors:
        symbols = stage.rows.column("symbol") or ()
        scale = np.array([factors.get(symbol, 1.0) for symbol in symbols])
        stage.rows = stage.rows.replaced(numbers={"multiplier": own * scale})


def _ask_about_points(stage: _Stage, hints: Mapping[str, float]) -> None:
    """Symbols that look like contracts of more than one unit, and no money in the file that says so."""
    settled = {check.symbol for check in stage.checks if check.outcome in ("applied", "offered")}
    agreed = any(check.what in ("pnl", "amount") and check.outcome == "agrees" for check in stage.checks)
    open_ = {symbol: value for symbol, value in hints.items() if symbol not in settled and symbol not in stage.fixed}
    if not open_ or agreed or stage.believed:
        return
    for symbol, value in list(open_.items())[:_SYMBOLS_SAID]:
        message = (
            f"{symbol} looks like a contract of which a point is worth {value:,.10g}; nothing in the file confirms it, "
            "so 1 was used and its P&L is in points. Name the multiplier when importing."
        )
        stage.checks.append(Check("multiplier", "offered", message, symbol, 0, 0, value))
        stage.questions.append(Question("multipliers", message, symbol, (f"{value:.10g}",)))
        stage.warnings.append(message)
    if len(open_) > _SYMBOLS_SAID:
        stage.warnings.append(f"{len(open_) - _SYMBOLS_SAID:,} more symbols look like such contracts.")


def _take(stage: _Stage, found: Any) -> None:
    """Add what a check found."""
    stage.checks += found.checks
    stage.warnings += found.warnings
    stage.questions += getattr(found, "questions", [])
    stage.flows += getattr(found, "flows", [])


def _answers(options: ImportOptions) -> dict[str, Any]:
    """What the person said of how to read the file; the next file of its layout is read so too."""
    said = {name: getattr(options, name) for name in ANSWERS}
    return {
        name: dict(value) if isinstance(value, Mapping) else value for name, value in said.items() if value is not None
    }


def _finished(run: ImportedRun, stage: _Stage, options: ImportOptions) -> ImportedRun:
    settings = stage.settings
    if stage.multipliers or "multipliers" in settings:
        settings["multipliers"] = {symbol: value for symbol, value in stage.multipliers.items() if value != 1.0}
    if stage.inverse:
        settings["inverse"] = stage.inverse
    flows: Sequence[Flow] = sorted(stage.flows, key=lambda flow: flow.ts)[:_MAX_FLOWS]
    if flows:
        settings["flows"] = [{"at": flow.ts.isoformat(), "amount": flow.amount, "what": flow.what} for flow in flows]
    if stage.checks:
        settings["reconciliation"] = [asdict(check) for check in stage.checks[:_CHECKS_KEPT]]
    answers = _answers(options)
    if answers:
        settings["answers"] = answers
    return replace(
        run,
        positions=stage.rows,
        settings=settings,
        warnings=list(dict.fromkeys([*run.warnings, *stage.warnings])),
        reconciliation=Reconciliation(stage.checks, stage.questions),
    )
