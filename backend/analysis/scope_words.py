"""What sets of trades are called: sides, results, days, months, sessions, hours, symbols and tags, in six languages.

The words stand by the keys and values of a condition ("side" "short"). As in `measures`: lower case, `*` for any ending
of a word, Chinese found anywhere. Symbols and tags have no fixed words; `symbol_names` and `tag_names` say what a text
may call them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Literal

from backend.analysis.measures import Language

Words = Mapping[Language, tuple[str, ...]]

SCOPE_WORDS: dict[str, dict[str, Words]] = {
    "side": {
        "long": {"en": ("long", "longs", "long side", "long trade*", "long position*", "buys", "buy side"), "de": ("long", "longs", "long-trade*", "long-position*", "kaufseite"),
                 "es": ("largo*", "larga*", "compras", "long", "longs"), "fr": ("long", "longs", "longue*", "achat*", "positions acheteuses", "acheteu*"),
                 "pt": ("comprad*", "long", "longs", "compras"), "zh": ("多头", "做多", "多单", "多仓", "多方")},
        "short": {"en": ("short", "shorts", "short side", "short trade*", "short position*", "short sales"), "de": ("short", "shorts", "short-trade*", "short-position*", "leerverkäufe"),
                  "es": ("corto*", "corta*", "ventas en corto", "short", "shorts"), "fr": ("short", "shorts", "courte*", "ventes à découvert", "positions vendeuses", "vendeu*"),
                  "pt": ("vendid*", "short", "shorts", "vendas a descoberto"), "zh": ("空头", "做空", "空单", "空仓", "空方")},
    },
    "result": {
        "win": {"en": ("winner*", "winning trade*", "winning position*", "wins", "profitable trade*", "winning"), "de": ("gewinner*", "gewinntrade*", "gewinnende*"), "es": ("ganador*",), "fr": ("gagnant*",),
                "pt": ("vencedor*", "ganhador*"), "zh": ("盈利交易", "盈利单")},
        "loss": {"en": ("loser*", "losing trade*", "losing position*", "losses", "losing"), "de": ("verlierer*", "verlusttrade*"), "es": ("perdedor*",), "fr": ("perdant*",),
                 "pt": ("perdedor*",), "zh": ("亏损交易", "亏损单")},
        "breakeven": {"en": ("breakeven trade*", "break-even trade*", "scratch*"), "de": ("nulltrade*",), "es": ("neutras",), "fr": ("neutres",), "pt": ("neutras",), "zh": ("持平交易",)},
    },
    "weekday": {
        "monday": {"en": ("monday", "mondays", "mon"), "de": ("montag", "montags", "montage*"), "es": ("lunes",), "fr": ("lundi", "lundis"), "pt": ("segunda", "segundas", "segunda-feira", "segundas-feiras"), "zh": ("周一", "星期一", "礼拜一")},
        "tuesday": {"en": ("tuesday", "tuesdays", "tue", "tues"), "de": ("dienstag", "dienstags", "dienstage*"), "es": ("martes",), "fr": ("mardi", "mardis"), "pt": ("terça", "terças", "terça-feira", "terças-feiras"), "zh": ("周二", "星期二", "礼拜二")},
        "wednesday": {"en": ("wednesday", "wednesdays", "wed"), "de": ("mittwoch", "mittwochs", "mittwoche*"), "es": ("miércoles",), "fr": ("mercredi", "mercredis"), "pt": ("quarta", "quartas", "quarta-feira", "quartas-feiras"), "zh": ("周三", "星期三", "礼拜三")},
        "thursday": {"en": ("thursday", "thursdays", "thu", "thurs"), "de": ("donnerstag", "donnerstags", "donnerstage*"), "es": ("jueves",), "fr": ("jeudi", "jeudis"), "pt": ("quinta", "quintas", "quinta-feira", "quintas-feiras"), "zh": ("周四", "星期四", "礼拜四")},
        "friday": {"en": ("friday", "fridays", "fri"), "de": ("freitag", "freitags", "freitage*"), "es": ("viernes",), "fr": ("vendredi", "vendredis"), "pt": ("sexta", "sextas", "sexta-feira", "sextas-feiras"), "zh": ("周五", "星期五", "礼拜五")},
        "saturday": {"en": ("saturday", "saturdays", "sat"), "de": ("samstag", "samstags", "sonnabend*", "samstage*"), "es": ("sábado", "sábados"), "fr": ("samedi", "samedis"), "pt": ("sábado", "sábados"), "zh": ("周六", "星期六", "礼拜六")},
        "sunday": {"en": ("sunday", "sundays", "sun"), "de": ("sonntag", "sonntags", "sonntage*"), "es": ("domingo", "domingos"), "fr": ("dimanche", "dimanches"), "pt": ("domingo", "domingos"), "zh": ("周日", "星期日", "星期天", "礼拜天")},
    },
    "weekend": {
        "true": {"en": ("weekend", "weekends", "weekend trade*"), "de": ("wochenende*", "am wochenende"), "es": ("fin de semana", "fines de semana"), "fr": ("week-end", "week-ends", "weekend", "fin de semaine"),
                 "pt": ("fim de semana", "fins de semana"), "zh": ("周末",)},
        "false": {"en": ("weekdays", "weekday trade*", "working days", "workdays", "during the week", "monday to friday"), "de": ("wochentag*", "werktag*", "unter der woche"), "es": ("días laborables", "entre semana", "días hábiles"),
                  "fr": ("jours ouvrés", "en semaine", "jours de semaine"), "pt": ("dias úteis", "durante a semana"), "zh": ("工作日", "平日")},
    },
    "month": {
        "01": {"en": ("january", "jan"), "de": ("januar",), "es": ("enero",), "fr": ("janvier",), "pt": ("janeiro",), "zh": ("一月", "1月")},
        "02": {"en": ("february", "feb"), "de": ("februar",), "es": ("febrero",), "fr": ("février",), "pt": ("fevereiro",), "zh": ("二月", "2月")},
        "03": {"en": ("march",), "de": ("märz",), "es": ("marzo",), "fr": ("mars",), "pt": ("março",), "zh": ("三月", "3月")},
        "04": {"en": ("april", "apr"), "de": ("april",), "es": ("abril",), "fr": ("avril",), "pt": ("abril",), "zh": ("四月", "4月")},
        "05": {"en": (), "de": (), "es": ("mayo",), "fr": (), "pt": ("maio",), "zh": ("五月", "5月")},
        "06": {"en": ("june", "jun"), "de": ("juni",), "es": ("junio",), "fr": ("juin",), "pt": ("junho",), "zh": ("六月", "6月")},
        "07": {"en": ("july", "jul"), "de": ("juli",), "es": ("julio",), "fr": ("juillet",), "pt": ("julho",), "zh": ("七月", "7月")},
        "08": {"en": ("august", "aug"), "de": ("august",), "es": ("agosto",), "fr": ("août",), "pt": ("agosto",), "zh": ("八月", "8月")},
        "09": {"en": ("september", "sept", "sep"), "de": ("september",), "es": ("septiembre", "setiembre"), "fr": ("septembre",), "pt": ("setembro",), "zh": ("九月", "9月")},
        "10": {"en": ("october", "oct"), "de": ("oktober",), "es": ("octubre",), "fr": ("octobre",), "pt": ("outubro",), "zh": ("十月", "10月")},
        "11": {"en": ("november", "nov"), "de": ("november",), "es": ("noviembre",), "fr": ("novembre",), "pt": ("novembro",), "zh": ("十一月", "11月")},
        "12": {"en": ("december", "dec"), "de": ("dezember",), "es": ("diciembre",), "fr": ("décembre",), "pt": ("dezembro",), "zh": ("十二月", "12月")},
    },
    "session": {
        "asia": {"en": ("asia", "asian session", "asian", "asia session"), "de": ("asien", "asiatische*"), "es": ("asia", "sesión asiática", "asiática"), "fr": ("asie", "séance asiatique", "asiatique"), "pt": ("ásia", "sessão asiática", "asiática"), "zh": ("亚洲时段", "亚洲")},
        "europe": {"en": ("europe", "european session", "european", "london session", "london"), "de": ("europa", "europäische*"), "es": ("europa", "sesión europea", "europea"), "fr": ("europe", "séance européenne", "européenne"), "pt": ("europa", "sessão europeia", "europeia"), "zh": ("欧洲时段", "欧洲")},
        "us": {"en": ("us session", "american session", "new york session", "new york", "u.s. session"), "de": ("us-sitzung", "amerikanische*"), "es": ("sesión americana", "sesión estadounidense"), "fr": ("séance américaine", "séance us"), "pt": ("sessão americana",), "zh": ("美国时段", "美洲时段", "美盘")},
    },
    "open": {
        "true": {"en": ("open trade*", "open position*", "still open"), "de": ("offene trades", "offene positionen", "offenen positionen"), "es": ("operaciones abiertas", "posiciones abiertas"), "fr": ("positions ouvertes", "trades ouverts"), "pt": ("posições abertas", "operações abertas"), "zh": ("未平仓", "持仓中")},
    },
}  # fmt: skip

# What makes of a set the rest of it.
REST_WORDS: Words = {
    "en": ("other", "others", "the rest", "rest", "remaining", "remainder", "excluding", "excluded", "exclude", "except", "without", "outside", "apart from", "not in", "not on", "ex-", "aside from", "all other", "everything else", "elsewhere", "leaving out", "non-", "skipping", "but for", "otherwise", "away from"),
    "de": ("andere*", "übrige*", "rest", "restliche*", "ohne", "außer", "außerhalb", "abgesehen von", "sonst"),
    "es": ("otro*", "otra*", "el resto", "resto", "demás", "sin", "excepto", "excluyendo", "fuera de", "salvo"),
    "fr": ("autre*", "le reste", "reste", "hors", "sans", "sauf", "excepté", "en dehors", "à l'exception"),
    "pt": ("outro*", "outra*", "o resto", "resto", "demais", "sem", "exceto", "excluindo", "fora", "restante*"),
    "zh": ("其他", "其余", "除了", "除", "以外", "之外", "剔除", "排除"),
}  # fmt: skip
# The whole run, said so.
WHOLE_WORDS: Words = {
    "en": ("overall", "the run", "run's", "this run", "whole run", "in total", "the strategy", "the account", "all trades", "altogether", "combined", "all told", "the whole", "your strategy", "the system", "all hours", "every trade", "across all", "the entire", "the book", "in all"),
    "de": ("insgesamt", "der lauf", "dieser lauf", "des laufs", "gesamt", "die strategie", "alle trades", "das konto", "zusammen", "gesamten"),
    "es": ("en total", "en conjunto", "la estrategia", "todas las operaciones", "la cuenta", "global", "la prueba", "el sistema", "en general"),
    "fr": ("au total", "dans l'ensemble", "la stratégie", "toutes les opérations", "tous les trades", "le compte", "globalement", "le système", "global"),
    "pt": ("no total", "no geral", "a estratégia", "todas as operações", "a conta", "o sistema", "em geral", "global"),
    "zh": ("总体", "整体", "全部交易", "策略", "账户", "总共", "所有交易", "整个"),
}  # fmt: skip
HOUR_WORDS: Words = {
    "en": ("hour", "hours", "o'clock", "utc", "am", "pm", "gmt"), "de": ("uhr", "stunde", "stunden", "utc"), "es": ("hora", "horas", "h", "utc"),
    "fr": ("heure", "heures", "h", "utc"), "pt": ("hora", "horas", "h", "utc"), "zh": ("点", "时", "小时段"),
}  # fmt: skip
# Common names of what is traded, beside its symbol.
ASSET_NAMES: dict[str, tuple[str, ...]] = {
    "btc": ("bitcoin", "比特币"), "xbt": ("bitcoin", "比特币"), "eth": ("ethereum", "ether", "以太坊", "以太币"), "sol": ("solana",), "xrp": ("ripple",),
    "doge": ("dogecoin",), "ada": ("cardano",), "bnb": ("binance coin",), "ltc": ("litecoin",), "dot": ("polkadot",), "link": ("chainlink",),
    "avax": ("avalanche",), "xau": ("gold",), "xag": ("silver",), "aapl": ("apple",), "msft": ("microsoft",), "nvda": ("nvidia",), "tsla": ("tesla",),
    "amzn": ("amazon",), "googl": ("google", "alphabet"), "goog": ("google", "alphabet"), "meta": ("meta platforms",), "eurusd": ("euro-dollar", "eur/usd"),
    "gbpusd": ("cable", "gbp/usd"), "usdjpy": ("usd/jpy",), "es": ("e-mini",), "nq": ("e-mini nasdaq",), "spy": ("s&p etf",), "amd": ("advanced micro devices",),
    "nflx": ("netflix",), "intc": ("intel",), "trx": ("tron",), "matic": ("polygon",), "uni": ("uniswap",), "sui": ("sui",),
}  # fmt: skip
# Words of exits and entries that tags are made of, by what traders say for them.
TAG_SAYINGS: dict[str, tuple[str, ...]] = {
    "stop": ("stop", "stops", "stop-loss", "stop-losses", "stop loss", "stop losses", "stopped out", "stopped", "stop-outs", "stopout", "stop-out", "the stop", "stopp", "stops", "stop-loss-trades", "止损"),
    "stop_loss": ("stop-loss", "stop-losses", "stop loss", "stop losses", "stoploss", "stops", "stop", "stopped out", "stop-outs", "stop-out", "hard stop", "止损"),
    "stoploss": ("stop-loss", "stop-losses", "stop loss", "stop losses", "stops", "stop", "stopped out", "stop-outs", "止损"),
    "trailing_stop_loss": ("trailing stop", "trailing stops", "trailing stop-loss", "trailing stop loss", "trailing", "追踪止损", "移动止损"),
    "trailing_stop": ("trailing stop", "trailing stops", "trailing", "移动止损"),
    "take_profit": ("take-profit", "take profit", "take-profits", "take profits", "target", "targets", "tp", "profit target", "止盈"),
    "tp": ("take-profit", "take profit", "target", "targets", "tp", "止盈"),
    "sl": ("stop-loss", "stop loss", "stops", "stop", "sl", "stopped out", "止损"),
    "roi": ("roi", "roi exit", "roi exits", "roi target", "minimal roi"),
    "exit_signal": ("exit signal", "exit signals", "signal exit", "signal exits", "sell signal", "the signal", "signal"),
    "sell_signal": ("sell signal", "sell signals", "exit signal", "exit signals"),
    "force_exit": ("force exit", "forced exit", "forced exits", "force-exit", "force exits"),
    "force_sell": ("forced sell", "force sell"), "liquidation": ("liquidation", "liquidations", "liquidated", "爆仓"),
    "time_exit": ("time exit", "time exits", "timed exit"), "partial_exit": ("partial exit", "partial exits"),
}  # fmt: skip

RULE_SAYINGS: dict[str, tuple[str, ...]] = {
    "stop_loss": ("stop-loss", "stop loss", "stop", "stopp", "止损"), "take_profit": ("take-profit", "take profit", "target", "profit target", "止盈"),
    "max_position_size": ("position size", "position sizing", "cap on size", "size cap", "smaller positions", "maximum position"), "max_concurrent_positions": ("concurrent", "at one time", "at once", "open positions", "simultaneous"),
    "daily_loss_limit": ("daily loss limit", "loss limit", "daily limit", "daily stop"), "drawdown_breaker": ("circuit breaker", "drawdown breaker", "drawdown limit", "breaker"),
    "cooldown_after_losses": ("cooldown", "cool-down", "cooling off", "pause", "pausing", "break after", "after losses"), "max_trades_per_day": ("trades per day", "trades a day", "per day", "a day"),
    "no_trade_hours": ("hours", "hour", "no entries", "time filter", "no-trade hours", "avoid"), "no_trade_weekdays": ("weekday", "weekdays", "day filter", "no entries on"),
    "symbol_exclusion": ("symbol", "excluding", "without", "drop"), "side_filter": ("longs only", "shorts only", "long only", "short only", "only longs", "only shorts", "side filter", "one side"),
    "tag_exclusion": ("tag", "entry tag", "signal", "excluding"), "max_holding_time": ("holding time", "time limit", "time stop", "close after", "maximum holding", "held longer"),
    "volatility_scaled_size": ("volatility",), "equity_scaled_size": ("equity",),
}  # fmt: skip

_QUOTES = re.compile(r"(?:usdt|usdc|busd|usd|eur|gbp|btc|perp|fdusd|jpy)$")
_SPLIT = re.compile(r"[/:_\-. ]+")


def symbol_names(symbol: str) -> tuple[str, ...]:
    """What a text may call a symbol: as written, its parts, its base without the quote currency, a common name."""
    whole = symbol.lower()
    base = _SPLIT.split(whole)[0] or whole
    bare = _QUOTES.sub("", base) if len(base) > 5 else base
    names = [whole, whole.split(":")[0], base, bare or base]
    pair = whole.split(":")[0].replace("/", "")
    names += [pair, *ASSET_NAMES.get(base, ()), *ASSET_NAMES.get(bare, ()), *ASSET_NAMES.get(pair, ())]
    return tuple(dict.fromkeys(name for name in names if len(name) > 1 or name == whole))


def tag_names(tag: str) -> tuple[str, ...]:
    """What a text may call a tag: as written, with spaces or hyphens for its joints, and what traders say for it."""
    whole = tag.lower()
    spaced = re.sub(r"[_\-.]+", " ", whole).strip()
    names = [
        whole,
        spaced,
        spaced.replace(" ", "-"),
        f"{spaced}s",
        *TAG_SAYINGS.get(whole.replace("-", "_").replace(" ", "_"), ()),
    ]
    return tuple(dict.fromkeys(name for name in names if name))


def rule_names(kind: str, name: str) -> tuple[str, ...]:
    """What a text may call a rule: its name, its kind and what traders say for the kind."""
    return tuple(dict.fromkeys([name.lower(), kind.replace("_", " "), *RULE_SAYINGS.get(kind, ())]))


def weekend_days(value: Literal["true", "false"]) -> tuple[str, ...]:
    """The weekdays that make up the weekend, or the rest of the week."""
    days = tuple(SCOPE_WORDS["weekday"])
    return days[5:] if value == "true" else days[:5]
