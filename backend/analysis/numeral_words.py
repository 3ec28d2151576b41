"""How texts say of a number what it is: its unit, its size, whether it was made or lost, and how exactly it is meant.

In English, German, French, Spanish, Italian, Portuguese, Dutch, the Nordic languages, Polish, Czech, Hungarian,
Romanian, Russian, Ukrainian, Greek, Turkish, Arabic, Chinese, Japanese and Korean, as far as each is listed here.
"""

from __future__ import annotations

import re
from typing import Literal

TextUnit = Literal["pct", "money", "count", "plain", "seconds", "bp", "times"]
CURRENCIES = "USDT|USDC|BUSD|USD|EUR|GBP|JPY|CHF|CNY|RMB|AUD|CAD|NZD|INR|KRW|HKD|SGD|BTC|ETH|BNB"
CURRENCY_NAMES = (
    r"euros?\b|dollars?\b|pounds?\b|dólares\b|евро\b|доллар\w*|欧元|歐元|美元|人民币|ユーロ|ドル|円|유로|달러"
)
# Scripts written without spaces: their letters may stand right beside a number.
UNSPACED = r"\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af"
SUFFIXES: tuple[tuple[str, TextUnit, float], ...] = (
    (
        r"percentage points?|percent|pct|pp|%|prozentpunkte?n?|prozent|points? de pourcentage|pour ?cent"
        r"|puntos porcentuales|por ciento",
        "pct",
        1.0,
    ),
    (r"basis points?|bps|bp|basispunkte?n?", "bp", 1.0),
    (r"seconds?|secs?|s|sekunden?|secondes?|segundos?|secondi|секунд\w*|秒", "seconds", 1.0),
    (r"minutes?|mins?|minuten?|minutos?|minuti|minut\w?|минут\w*|分钟|分間|분", "seconds", 60.0),
    (r"hours?|hrs?|h|stunden?|heures?|horas?|ore|uren|timmar|timer|godzin\w?|час\w*|小时|時間|시간", "seconds", 3600.0),
    (r"days?|d|tage?n?|jours?|días?|giorni|dias?|dagen|dagar|dage|dni|дн\w+|天|日間|일", "seconds", 86400.0),
    (
        r"weeks?|wochen?|semaines?|semanas?|settimane|weken|veckor|uger|tygodni\w*|недел\w*|周|週間|주",
        "seconds",
        604800.0,
    ),
    # Also "1.5R", multiples of what a trade risked.
    (r"x|×|times|-?fold|-?fache?|(?-i:R)|倍|배", "times", 1.0),
)
MAGNITUDES: tuple[tuple[str, float], ...] = (
    (r"mil millones", 1e9),
    (r"k|K|[Tt]housand|Tsd\.?|[Tt]ausend|mille|mil|mila|tys\.?|тыс\.?|duizend|tusen|tusind|千|천", 1e3),
    (r"万|萬|만", 1e4),
    (r"lakhs?", 1e5),
    (
        r"mn|m|M|[Mm]illion(?:s|en)?|[Mm]io\.?|mln\.?|millones|millón|milioni|milione|milhões|milhão|miljoen|miljoner"
        r"|millioner|mil\.|milion\w*|млн\.?|миллион\w*|мільйон\w*|εκατ\w*|milyon|مليون|百万|백만",
        1e6,
    ),
    (r"crores?", 1e7),
    (r"亿|億|억", 1e8),
    (
        r"bn|b|B|[Bb]illions?|Mrd\.?|[Mm]illiarden?|milliards?|miliardi|mld\.?|miljard|млрд\.?|миллиард\w*|milyar|十亿",
        1e9,
    ),
)
_LOST = (
    r"lost|loses?|losing|loss(?:es)? of|down(?: by)?|fell(?: by)?|fall of|falls? by|dropped(?: by)?|drop of"
    r"|declined?(?: by| of)?|drawdown of|negative|minus|gave back|deficit of|cost us"
    r"|verlor(?:en)?|verlust(?:e)? von|minus von|perdu|perte de|perdió|pérdida de"
)
_MADE = (
    r"made|earned|gained|gains? of|profits? of|up(?: by)?|rose(?: by)?|positive|returned|won|plus"
    r"|verdiente|gewann|gewinn von|plus von|gagné|gain de|bénéfice de|ganó|ganancia de"
)
_HEDGE = r"(?:\s+(?:about|around|roughly|nearly|almost|only|just|over|a|an|total|of|by|net|some|approximately|~|≈))*"
IMPLIED = re.compile(rf"\b(?:(?P<lost>{_LOST})|(?P<made>{_MADE})){_HEDGE}\s*[*_~≈(]*$", re.I)
LOSS_NEARBY = re.compile(
    r"\b(?:los[ts]|loss|losses|losing|lose|loses|drawdown|down|fell|drop|decline|worst|cost|negative|below"
    r"|schlecht|perte|perdu|baisse|pire|pérdida|perdi|caída|peor|perso|prejuízo|perda|queda"
    r"|förlust|förlor|tab|tap(?:pio|t)|strat[ayęą]|strac|ztrát|prodělal|veszteség|pierd|zarar|kay[ıb]"
    r"|убыт|потер|просад|збит|втрат|ζημ|απώλ)\w*"
    # Compounded, or in a script without spaces: the word may stand anywhere.
    r"|verl(?:or|ust|ie[sz])|rückgang|förlust|خسار|亏|虧|损|損|跌|回撤|下落|赤字|손실|하락",
    re.I,
)
# Right after the figure: "a 4 % loss", "500 USD profit". Not "a 4 % loss limit", which is no result.
SAID_AFTER = re.compile(
    r"\s*(?:net\s+)?(?:(?P<lost>loss|losses|deficit|decline|drop)|(?P<made>profit|gain|win))\b(?![\s-]+(?:limit|rate|stop))",
    re.I,
)
ROUGHLY = re.compile(
    r"(?:(?P<over>more than|over|above|at least|upwards of|über|mehr als|plus de|más de)"
    r"|(?P<under>nearly|almost|just under|under|less than|fewer than|below|up to|fast|knapp|presque|casi)"
    r"|(?P<about>about|around|roughly|approximately|approx\.?|some|circa|ca\.|etwa|rund|environ|unos|~|≈))\s*[*_]*$",
    re.I,
)
MOST_ROUGH = 0.1  # of the figure: "over 100" does not stand for 137
# Right after the figure: what is counted one by one. "41 trades" is not a win rate of 41.4 %.
COUNTED = re.compile(
    r"[*_]*\s?(?:(?!(?:per|a|each|for|on|from|in|net|of|pro|je|par|por)\s)[^\W\d]+\s){0,2}?"
    r"(?:trades?|winners?|losers?|wins|losses|positions?|longs?|shorts?|orders?|round trips?|days|times|runs?|rules?"
    r"|values"
    r"|gewinner|verlierer|positionen|opérations|gagnantes?|perdantes?|operaciones|operazioni|operações|handler|сдел\w+)\b"
    r"|\s?(?:笔|筆|回|건)",
    re.I,
)
