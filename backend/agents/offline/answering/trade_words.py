"""Answers about single trades: one, the worst, a list."""

from __future__ import annotations

from collections.abc import Sequence

from backend.agents.offline.answering.figure_words import nothing_there
from backend.agents.offline.answering.results import Desk, PlannedCall, trades_call
from backend.agents.offline.answering.scope import duration, trades_of
from backend.agents.offline.answering.values import shown
from backend.agents.offline.markdown import code, count, document, moment, number, percent, table
from backend.agents.offline.understanding import Condition, Part
from backend.analysis import TradeRow, TradesFound

_SHOWN = 20
_SORTS = {"pnl": "net_pnl", "duration": "holding_seconds", "mae": "mae", "mfe": "mfe", "fees": "fees", "leverage": "leverage",
          "size": "size", "quantity": "quantity", "return_pct": "return_pct", "gross_pnl": "gross_pnl", "giveback": "given_back"}  # fmt: skip
_RANKED = {"duration": ("longest", "shortest"), "size": ("largest", "smallest"), "fees": ("most expensive in fees", "cheapest in fees"),
           "leverage": ("most leveraged", "least leveraged"), "quantity": ("largest", "smallest"), "mae": ("farthest against you", "least against you"),
           "mfe": ("farthest in your favour", "least in your favour"), "giveback": ("largest give-back of a", "smallest give-back of a")}  # fmt: skip
_FIELDS: dict[str, tuple[str, str]] = {
    "fees": ("fees", "money"), "leverage": ("leverage", "times"), "entry_price": ("entry price", "price"), "exit_price": ("exit price", "price"),
    "mae": ("worst point while it was open (MAE)", "money"), "mfe": ("best point while it was open (MFE)", "money"), "giveback": ("given back from its best point", "money"),
    "return_pct": ("return", "pct"), "quantity": ("quantity", "quantity"), "stake": ("value at entry", "money"), "funding": ("funding", "money"),
    "gross_pnl": ("gross P&L", "money"), "net_pnl": ("net P&L", "money"), "stop_price": ("stop price", "price"), "r": ("R", "ratio"),
    "holding": ("holding time", "seconds"),
}  # fmt: skip
_ATTRIBUTES = {"giveback": "given_back", "stake": "size", "holding": "holding_seconds"}
_MISSING = {
    "mae": "its worst point while open is not recorded in the file; price data of the symbol would tell",
    "mfe": "its best point while open is not recorded in the file; price data of the symbol would tell",
    "giveback": "what it gave back can't be known: the file records no MFE or highs and lows; price data of the symbol would tell",
    "leverage": "the file states no leverage", "stop_price": "the file states no stop for it", "r": "no stop at entry is known, so R can't be computed",
    "exit_price": "it has no exit",
}  # fmt: skip


def one_trade_calls(part: Part, desk: Desk) -> list[PlannedCall]:
    """The trade by its id, or the n-th in order of opening."""
    return [_one_call(part)]


def _one_call(part: Part) -> PlannedCall:
    if part.topic == "in_order":
        sort = "opened_at" if part.place > 0 else "-opened_at"
        return trades_call(part.where, sort=sort, limit=max(abs(part.place), 1), periods_by="opened")
    return trades_call(part.where, limit=3)


def one_trade_words(part: Part, desk: Desk) -> str:
    """What is asked of it first, then the whole trade."""
    call = _one_call(part)
    found = desk.results.of(call, TradesFound)
    if found is None or not found.trades:
        return _no_such_trade(part, desk, desk.results.failure(call))
    trade = found.trades[-1] if part.topic == "in_order" else found.trades[0]
    if part.topic == "in_order" and len(found.trades) < abs(part.place):
        return f"**There is no such trade**: the run has {count(found.total, 'trade')}."
    return document([_asked(trade, part.names, desk), trade_sheet(trade, desk), reasoning_quotes(trade)])


def _no_such_trade(part: Part, desk: Desk, failure: str | None) -> str:
    ids = [one.value for one in part.where if one.key == "trade"]
    if ids:
        return (
            f"**There is no trade #{ids[0]} in this run**; its trades are numbered from #1 to #{desk.run.trade_count}."
        )
    return (
        nothing_there(part.where, desk) if part.where else f"**I could not find that trade.** {failure or ''}".strip()
    )


def _asked(trade: TradeRow, names: Sequence[str], desk: Desk) -> str:
    """The sentence that answers."""
    told = [words for name in names if (words := _field_words(trade, name, desk))]
    made = f"net P&L {shown(trade.net_pnl, 'money', desk.currency)}{_returned(trade)}{' at the last known price' if trade.closed_at is None else ''}"
    head = f"Trade #{trade.trade_id} ({code(trade.symbol)} {trade.side}{', still open' if trade.closed_at is None else ''})"
    if not told:
        return f"**{head}: {made}.** {when_words(trade)}"
    rest = "" if "net_pnl" in names else f" It made a {made}."
    return f"**{head}: {'; '.join(told)}.**{rest} {when_words(trade) if not set(names) & {'when', 'opened_at', 'closed_at'} else ''}".rstrip()


def _field_words(trade: TradeRow, name: str, desk: Desk) -> str:
    if name in ("when", "opened_at", "closed_at"):
        if name == "when":
            return f"opened {_at(trade.opened_at)}" + (
                f", closed {_at(trade.closed_at)}" if trade.closed_at else ", still open at the end"
            )
        if name == "opened_at":
            return f"{'bought' if trade.side == 'long' else 'sold short'} on {_at(trade.opened_at)}"
        return (
            f"{'sold' if trade.side == 'long' else 'bought back'} on {_at(trade.closed_at)}"
            if trade.closed_at
            else "it is still open"
        )
    if name == "symbol":
        return code(trade.symbol)
    if name == "side":
        return trade.side
    if name in ("exit_tag", "entry_tag"):
        held = trade.exit_tag if name == "exit_tag" else trade.entry_tag
        return (
            f"{'exit' if name == 'exit_tag' else 'entry'} tag {code(held)}"
            if held
            else f"no {'exit' if name == 'exit_tag' else 'entry'} reason is recorded"
        )
    if name not in _FIELDS:
        return ""
    label, unit = _FIELDS[name]
    value = getattr(trade, _ATTRIBUTES.get(name, name))
    if value is None:
        return _MISSING.get(name, f"its {label} is not known")
    if name == "giveback":
        return f"{shown(value, 'money', desk.currency)} was given back: at best it was ahead {shown(trade.mfe, 'money', desk.currency)} (MFE), and it made {shown(trade.gross_pnl, 'money', desk.currency)} gross"
    if name == "mae":
        return f"it went {shown(value, 'money', desk.currency)} against you at its worst (MAE)"
    if name == "mfe":
        return f"at its best it was {shown(value, 'money', desk.currency)} ahead (MFE)"
    return f"{label} {shown(value, unit, desk.currency)}"  # type: ignore[arg-type]


def _at(when: object) -> str:
    return f"{moment(when)} UTC".replace(" 00:00 UTC", "") if when is not None else "–"  # type: ignore[arg-type]


def when_words(trade: TradeRow) -> str:
    """From when to when, and how long."""
    closed = f"closed {_at(trade.closed_at)}" if trade.closed_at else "still open at the end of the run"
    return f"Opened {_at(trade.opened_at)}, {closed}, held {duration(trade.holding_seconds)}."


def _returned(trade: TradeRow) -> str:
    return "" if trade.return_pct is None else f" ({percent(trade.return_pct)})"


def trade_sheet(trade: TradeRow, desk: Desk) -> str:
    """Everything known of one trade."""
    lines = [
        ("Opened", _at(trade.opened_at)),
        ("Closed", _at(trade.closed_at) if trade.closed_at else "open"),
        ("Quantity", number(trade.quantity)),
        ("Entry price", number(trade.entry_price)),
        ("Exit price" if trade.closed_at else "Last known price", number(trade.exit_price)),
        ("Leverage", f"{number(trade.leverage)}×" if trade.leverage is not None else "–"),
        (f"Gross P&L {desk.currency}", number(trade.gross_pnl)),
        (f"Fees {desk.currency}", number(trade.fees) if trade.fees else "–"),
        (f"Funding {desk.currency}", number(trade.funding) if trade.funding else "–"),
        (f"**Net P&L {desk.currency}**", f"**{number(trade.net_pnl)}**"),
        (f"MAE {desk.currency}", number(trade.mae)),
        (f"MFE {desk.currency}", number(trade.mfe)),
        ("Entry tag", code(trade.entry_tag)),
        ("Exit tag", code(trade.exit_tag)),
    ]
    return table([f"Trade #{trade.trade_id}", "Value"], [line for line in lines if line[1] != "–"])


def reasoning_quotes(trade: TradeRow) -> str:
    """What the source recorded when the trade was opened and closed, as quoted data."""
    lines = [
        f"> Recorded at {name} of trade #{trade.trade_id}: {code(text, 400)}"
        for name, text in (("entry", trade.entry_reasoning), ("exit", trade.exit_reasoning))
        if text
    ]
    return "\n>\n".join(lines)


def ranked_calls(part: Part, desk: Desk) -> list[PlannedCall]:
    """The trades in the order asked."""
    calls = [_ranked_call(part)]
    if not part.order and any(one.key in ("date", "month", "week") and not one.by for one in part.where):
        listed = desk.results.of(calls[0], TradesFound)
        if listed is not None and listed.total == 0:
            calls.append(trades_call(part.where, limit=calls[0].args["limit"], periods_by="closed"))
    return calls


def _ranked_call(part: Part) -> PlannedCall:
    if not part.order:
        return trades_call(part.where, limit=min(max(part.limit, 1), _SHOWN))
    field = _SORTS.get(part.topic, "net_pnl")
    falling = part.order in ("best", "most", "both")
    if part.topic == "mae":
        falling = part.order == "least"
    if part.topic == "pnl" and part.order == "least":
        falling = any(one.key == "result" and one.value == "loss" for one in part.where)
    count_ = max(part.limit, part.place, 1)
    if part.place < 0:
        count_ = _SHOWN
    return trades_call(
        part.where,
        sort=f"-{field}" if falling else field,
        limit=min(max(count_, 5 if part.limit > 1 else 1), 200),
        periods_by="closed",
    )


def ranked_words(part: Part, desk: Desk) -> str:
    """The trade at the top in the first sentence; a table where more than one is asked."""
    call = _ranked_call(part)
    found = desk.results.of(call, TradesFound)
    periods_by = "closed" if part.order else "opened"
    if found is None:
        return nothing_there(part.where, desk)
    if found.total == 0 and not part.order:
        second = desk.results.of(trades_call(part.where, limit=call.args["limit"], periods_by="closed"), TradesFound)
        if second is None or second.total == 0:
            return nothing_there(part.where, desk)
        found, periods_by = second, "closed"
    if not found.trades:
        return nothing_there(part.where, desk)
    if not part.order:
        return _list_words(part, found, desk, periods_by)
    trades = _fitting(part, found.trades)
    if not trades:
        return _none_such(part, found, desk)
    place = part.place or 1
    if place > len(trades):
        return f"**There is no such trade**: only {count(len(trades), 'trade')} fit."
    if part.place or part.limit <= 1:
        trade = trades[place - 1]
        return document([_top_sentence(trade, part, desk), trade_sheet(trade, desk), reasoning_quotes(trade)])
    shown_trades = trades[: part.limit]
    head = _several_sentence(shown_trades, part, desk)
    if len(shown_trades) == 1:
        return document([head, trade_sheet(shown_trades[0], desk)])
    return document([head, trades_table(shown_trades, desk, part.names, extra=_extra_column(part))])


def _fitting(part: Part, trades: Sequence[TradeRow]) -> list[TradeRow]:
    """Losses among the worst, wins among the best; whatever is asked of other orders."""
    if part.topic == "pnl" and part.order == "worst":
        return [trade for trade in trades if trade.net_pnl < 0]
    if part.topic == "pnl" and part.order == "best":
        return [trade for trade in trades if trade.net_pnl > 0]
    field = _SORTS.get(part.topic, "net_pnl")
    return [trade for trade in trades if getattr(trade, field) is not None]


def _none_such(part: Part, found: TradesFound, desk: Desk) -> str:
    if part.topic in ("mae", "mfe", "leverage"):
        return f"**That can't be known from this file**: {_MISSING[part.topic]}."
    first = found.trades[0]
    end = "lost money" if part.order == "worst" else "made money"
    return document(
        [
            f"**None of {trades_of(part.where)} {end}.** The nearest is trade #{first.trade_id} with {shown(first.net_pnl, 'money', desk.currency)}."
        ]
    )


def _rank_name(part: Part) -> str:
    ordinals = {2: "second ", 3: "third ", 4: "fourth ", 5: "fifth "}
    nth = ordinals.get(part.place, f"{part.place}th " if part.place > 1 else "")
    if part.topic in _RANKED:
        return nth + _RANKED[part.topic][0 if part.order in ("most", "worst", "best") else 1]
    if part.topic == "gross_pnl":
        return nth + ("best" if part.order == "best" else "worst")
    return nth + {"worst": "worst", "best": "best", "most": "largest", "least": "smallest"}.get(part.order, part.order)


def _top_sentence(trade: TradeRow, part: Part, desk: Desk) -> str:
    of = f" of {trades_of(part.where)}" if part.where else ""
    field = _SORTS.get(part.topic, "net_pnl")
    measured = ""
    if part.topic == "duration":
        measured = f", held {duration(trade.holding_seconds)}"
    elif part.topic == "gross_pnl":
        measured = f", gross P&L {shown(trade.gross_pnl, 'money', desk.currency)}"
    elif part.topic in ("fees", "leverage", "size", "quantity"):
        name = {"size": "stake"}.get(part.topic, part.topic)
        measured = f", {_FIELDS[name][0]} {shown(getattr(trade, field), _FIELDS[name][1], desk.currency)}"  # type: ignore[arg-type]
    told = [words for name in part.names if name not in ("when",) and (words := _field_words(trade, name, desk))]
    open_ = " (still open, at the last known price)" if trade.closed_at is None else ""
    if part.topic in ("mae", "mfe", "giveback"):
        made = {
            "mae": "went farthest against you",
            "mfe": "went farthest in your favour",
            "giveback": "gave back most",
        }[part.topic]
        nth = _rank_name(part).split()[0] + " " if part.place > 1 else ""
        words = _field_words(trade, part.topic, desk)
        return f"**The trade{of} that {nth}{made} is #{trade.trade_id}** ({code(trade.symbol)} {trade.side}): {words}. Its net P&L is {shown(trade.net_pnl, 'money', desk.currency)}{open_}. {when_words(trade)}"
    head = (
        f"**The {_rank_name(part)} trade{of} is #{trade.trade_id}**: {code(trade.symbol)} {trade.side}{measured}, net P&L "
        f"{shown(trade.net_pnl, 'money', desk.currency)}{_returned(trade)}{open_}."
    )
    more = f" {'; '.join(told)[:1].upper()}{'; '.join(told)[1:]}." if told else ""
    return f"{head}{more} {when_words(trade)}"


def _several_sentence(trades: Sequence[TradeRow], part: Part, desk: Desk) -> str:
    of = f" of {trades_of(part.where)}" if part.where else ""
    gross = part.topic == "gross_pnl"
    made = ", ".join(
        f"#{trade.trade_id} ({number(trade.gross_pnl if gross else trade.net_pnl)} {desk.currency}{', open' if trade.closed_at is None else ''})"
        for trade in trades[:5]
    )
    by = " by gross P&L, before fees" if gross else ""
    name = _rank_name(part)
    short = "" if len(trades) >= part.limit or part.limit > 50 else " There are no more such trades."
    return (
        f"**The {name} trades{of}{by}: {made}{' …' if len(trades) > 5 else ''}.**{short}"
        if len(trades) > 1
        else f"**The {name} trade{of} is {made}.**{short}"
    )


def _extra_column(part: Part) -> str:
    return {
        "duration": "holding_seconds",
        "size": "size",
        "fees": "fees",
        "mae": "mae",
        "mfe": "mfe",
        "leverage": "leverage",
        "gross_pnl": "gross_pnl",
    }.get(part.topic, "")


def _list_words(part: Part, found: TradesFound, desk: Desk, periods_by: str) -> str:
    name = trades_of(part.where, periods_by=periods_by) if part.where else "trades"
    name = name.removeprefix("all ")
    total = found.summary.total_pnl
    if found.total == 1:
        trade = found.trades[0]
        head = f"**One trade fits: #{trade.trade_id}**, {code(trade.symbol)} {trade.side}, net P&L {shown(trade.net_pnl, 'money', desk.currency)}{_returned(trade)}."
        return document([f"{head} {when_words(trade)}", trade_sheet(trade, desk), reasoning_quotes(trade)])
    symbols = list(dict.fromkeys(trade.symbol for trade in found.trades))
    which = (
        f" They are in {', '.join(code(symbol) for symbol in symbols[:12])}."
        if len(symbols) <= 12 and len(desk.run.symbols) > 1
        else ""
    )
    amount = found.total
    if set(part.names) & {"opened_at", "closed_at", "when", "entry_price"} and found.total <= 6:
        told = "; ".join(
            f"#{trade.trade_id} ({code(trade.symbol)} {trade.side}) {_dated(trade, part.names, desk)}"
            for trade in found.trades
        )
        head = f"**{told[:1].upper()}{told[1:]}.** {amount} trades in all; together they made {shown(total, 'money', desk.currency)}."
        return document([head, trades_table(found.trades, desk, part.names)])
    verb = "stand at" if any(one.key == "open" and one.value for one in part.where) else "made"
    head = f"**{amount:,} {name}; together they {verb} {shown(total, 'money', desk.currency)}.**{which}"
    shown_ = "The first of them:" if found.total > len(found.trades) else ""
    return document([head, shown_, trades_table(found.trades, desk, part.names)])


def _dated(trade: TradeRow, names: Sequence[str], desk: Desk) -> str:
    if "entry_price" in names:
        return f"was opened at a price of {number(trade.entry_price)}, quantity {number(trade.quantity)}, value at entry {shown(trade.size, 'money', desk.currency)}, on {_at(trade.opened_at)}"
    wanted = [name for name in ("opened_at", "closed_at") if name in names] or ["when"]
    return ", ".join(_field_words(trade, name, desk) for name in wanted)


def trades_table(trades: Sequence[TradeRow], desk: Desk, names: Sequence[str] = (), *, extra: str = "") -> str:
    """Trades with what is needed to find them again; the result stands early, where a phone still shows it."""
    columns: dict[str, list[str]] = {
        "Trade": [f"#{trade.trade_id}" for trade in trades],
        "Symbol": [code(trade.symbol) for trade in trades],
        f"Net P&L {desk.currency}": [number(trade.net_pnl) for trade in trades],
        "Return": [percent(trade.return_pct) for trade in trades],
        "Side": [trade.side for trade in trades],
        "Opened (UTC)": [moment(trade.opened_at) for trade in trades],
        "Closed": [moment(trade.closed_at) if trade.closed_at else "open" for trade in trades],
    }
    if len(desk.run.symbols) == 1:
        del columns["Symbol"]
    wanted = {
        "fees": "Fees",
        "mae": "MAE",
        "mfe": "MFE",
        "gross_pnl": "Gross P&L",
        "leverage": "Leverage",
        "giveback": "Given back",
        "size": "Value at entry",
    }
    for name in dict.fromkeys((*([extra] if extra else []), *names)):
        if name in ("holding", "holding_seconds"):
            columns["Held"] = [duration(trade.holding_seconds) for trade in trades]
        elif name in wanted:
            columns[wanted[name]] = [number(getattr(trade, _ATTRIBUTES.get(name, name))) for trade in trades]
    if any(trade.exit_tag for trade in trades):
        columns["Exit tag"] = [code(trade.exit_tag, 30) for trade in trades]
    kept = {name: cells for name, cells in columns.items() if any(cell != "–" for cell in cells)}
    return table(list(kept), list(zip(*kept.values(), strict=True)))


def reasoning_calls(part: Part, desk: Desk) -> list[PlannedCall]:
    """The trades whose recorded words are asked for."""
    sort = {"worst": "worst", "best": "best"}.get(part.order, "worst" if not part.where else "opened_at")
    return [trades_call(part.where, sort=sort, limit=min(max(part.limit, 3), 10))]


def reasoning_words(part: Part, desk: Desk) -> str:
    """What was written at entry and exit, quoted; or that nothing was."""
    found = desk.results.of(reasoning_calls(part, desk)[0], TradesFound)
    if found is None or not found.trades:
        return nothing_there(part.where, desk)
    told = [trade for trade in found.trades if trade.entry_reasoning or trade.exit_reasoning]
    about = trades_of(part.where) if part.where else "its trades"
    if not told:
        head = f"**The run's file records no reasoning or notes for {about}**, so what was thought or written can't be known from it. A log of the agent's own words beside the trades would tell."
        first = found.trades[0]
        named = f"What it does say: trade #{first.trade_id}, {code(first.symbol)} {first.side}, net P&L {shown(first.net_pnl, 'money', desk.currency)}. {when_words(first)}"
        return document([head, named])
    blocks = [
        f"**Trade #{trade.trade_id}**, {code(trade.symbol)} {trade.side}: net P&L {shown(trade.net_pnl, 'money', desk.currency)}\n\n{reasoning_quotes(trade)}"
        for trade in told[: max(part.limit, 1)]
    ]
    return document([f"**This is what was recorded with {about}:**", *blocks])


__all__ = [
    "Condition", "one_trade_calls", "one_trade_words", "ranked_calls", "ranked_words", "reasoning_calls", "reasoning_quotes",
    "reasoning_words", "trade_sheet", "trades_table", "when_words",
]  # fmt: skip
