"""What numbers are called: each measure once, with its unit, its nature and the words that name it in six languages.

The figure check reads the label of a number from these words, and the offline understanding a question. A phrase is
lower case; `*` after a word stands for any ending of it ("trade*": trade, trades, traded). Accents may be left out by
a text. Chinese phrases are found anywhere, the others at whole words. `VALUE_WORDS` name what a measure may be made of
(an average, a maximum …) and are combined by the reader.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, get_args

Language = Literal["en", "de", "es", "fr", "pt", "zh"]
MeasureUnit = Literal["pct", "money", "count", "ratio", "seconds", "price", "quantity", "time"]
# cost: above zero is money paid; fall: below zero, and mostly said without the sign; signed: may be made or lost;
# sum: of groups without common trades it adds up; extreme, average: of single trades; share: a part of something.
Kind = Literal["cost", "fall", "signed", "sum", "extreme", "average", "share", "trade", "curve", "rule", "test"]
Result = Literal["win", "loss", "breakeven"]
LANGUAGES: tuple[Language, ...] = get_args(Language)


@dataclass(frozen=True, slots=True)
class Measure:
    """One measure. `result` is set where it is made of the wins, losses or zeros alone, `listed` where a list of trades
    is what it is made of (a curve's figures are not)."""

    unit: MeasureUnit
    words: Mapping[Language, tuple[str, ...]] = field(default_factory=dict)
    kinds: frozenset[Kind] = frozenset()
    result: Result | None = None
    listed: bool = False


def _m(
    unit: MeasureUnit,
    *kinds: Kind,
    result: Result | None = None,
    listed: bool = False,
    en: str = "",
    de: str = "",
    es: str = "",
    fr: str = "",
    pt: str = "",
    zh: str = "",
) -> Measure:
    """A measure whose words are given as one text a language, parted by "|"."""
    given: dict[Language, str] = {"en": en, "de": de, "es": es, "fr": fr, "pt": pt, "zh": zh}
    words = {language: tuple(text.split("|")) for language, text in given.items() if text}
    return Measure(unit, words, frozenset(kinds), result, listed)


MEASURES: dict[str, Measure] = {
    # The curve of equity.
    "final_equity": _m(
        "money", "curve",
        en="final equity|ending equity|final balance|ending balance|final account value|final value|ended with"
        "|ended at|finished with|finished at|final capital|closing balance|equity at the end|ended the run with"
        "|account value|portfolio value",
        de="endkapital|endbestand|endstand|schlusskapital|endvermögen|kontostand am ende|endete mit|endete bei",
        es="capital final|patrimonio final|saldo final|valor final|terminó con|acabó con",
        fr="capital final|solde final|valeur finale|capitaux finaux|termine avec|a terminé avec|terminé à",
        pt="capital final|saldo final|patrimônio final|valor final|terminou com|acabou com",
        zh="最终权益|期末权益|最终资金|期末资金|最终净值|期末净值|最终余额|期末余额",
    ),
    "initial_cash": _m(
        "money",
        en="initial cash|initial capital|starting capital|starting cash|initial balance|starting balance|start capital"
        "|starting equity|initial equity|started with|initial deposit|starting account|initial account|invested capital"
        "|account of|stake of",
        de="startkapital|anfangskapital|anfangsbestand|startguthaben|einsatz von|begann mit|startete mit",
        es="capital inicial|saldo inicial|efectivo inicial|empezó con|comenzó con",
        fr="capital initial|solde initial|capital de départ|mise de départ|commencé avec|a démarré avec",
        pt="capital inicial|saldo inicial|começou com|iniciou com",
        zh="初始资金|起始资金|初始资本|本金|初始权益",
    ),
    "total_return": _m(
        "pct", "signed", "curve",
        en="total return|overall return|return|returned|return of|cumulative return|total gain|net return|performance"
        "|roi|return on capital|return on investment",
        de="gesamtrendite|rendite|gesamtertrag|performance|wertentwicklung|kapitalrendite",
        es="rentabilidad total|rentabilidad|retorno total|retorno|rendimiento|rendimiento total",
        fr="rendement total|rendement|performance|performance totale|rentabilité",
        pt="retorno total|retorno|rentabilidade|rentabilidade total|rendimento",
        zh="总收益率|总回报率|总回报|收益率|回报率|总收益",
    ),
    "cagr": _m(
        "pct", "signed", "curve",
        en="cagr|compound annual growth rate|annualised return|annualized return|annual return|annual growth|a year"
        "|per year|compound growth|per annum|p.a.",
        de="cagr|jährliche rendite|jahresrendite|annualisierte rendite|pro jahr|p.a.",
        es="cagr|tasa de crecimiento anual|rentabilidad anual*|retorno anual*|anualizado|anualizada|al año",
        fr="cagr|rendement annuel|rendement annualisé|taux de croissance annuel|par an",
        pt="cagr|retorno anual*|rentabilidade anual*|crescimento anual|ao ano",
        zh="年化收益率|年化回报率|年化收益|年化回报|复合年增长率|年复合",
    ),
    "best_day": _m(
        "pct", "signed", "curve", "extreme",
        en="best day|best daily return|best single day|largest daily gain|biggest daily gain|highest daily return",
        de="bester tag|besten tag|beste tag|höchste tagesrendite|beste tagesrendite",
        es="mejor día|mejor rentabilidad diaria", fr="meilleure journée|meilleur jour", pt="melhor dia",
        zh="最佳单日|最好的一天|最佳日|单日最大涨幅|单日最高收益",
    ),
    "worst_day": _m(
        "pct", "signed", "fall", "curve", "extreme",
        en="worst day|worst daily return|worst single day|largest daily loss|biggest daily loss|lowest daily return"
        "|largest one day loss|biggest one day drop",
        de="schlechtester tag|schlechtesten tag|schlechteste tag|niedrigste tagesrendite|schlechteste tagesrendite",
        es="peor día|peor rentabilidad diaria", fr="pire journée|pire jour", pt="pior dia",
        zh="最差单日|最差的一天|最差日|单日最大跌幅|单日最大亏损",
    ),
    "best_month": _m(
        "pct", "signed", "curve", "extreme",
        en="best month|best monthly return|highest monthly return", de="bester monat|besten monat|beste monat",
        es="mejor mes", fr="meilleur mois", pt="melhor mês", zh="最佳月份|最好的月份|最佳月",
    ),
    "worst_month": _m(
        "pct", "signed", "fall", "curve", "extreme",
        en="worst month|worst monthly return|lowest monthly return",
        de="schlechtester monat|schlechtesten monat|schlechteste monat",
        es="peor mes", fr="pire mois", pt="pior mês", zh="最差月份|最差的月份|最差月",
    ),
    "duration_days": _m(
        "ratio", "curve",
        en="duration|length of the run|run lasted|lasted|spans|spanned|covers|calendar days|trading period|over the course"
        "|ran for|period of|days of trading|history of|span of",
        de="laufzeit|dauerte der lauf|kalendertage*|zeitraum", es="duración de la prueba|días naturales|periodo",
        fr="durée du test|jours calendaires|période", pt="duração do teste|dias corridos|período",
        zh="运行时长|运行天数|历时|日历天|回测期",
    ),
    "volatility": _m(
        "pct", "curve",
        en="volatility|annualised volatility|annualized volatility|vol|annual volatility",
        de="volatilität|schwankung|schwankungsbreite", es="volatilidad", fr="volatilité", pt="volatilidade",
        zh="波动率|年化波动率|波动",
    ),
    "var_95": _m(
        "pct", "fall", "curve",
        en="value at risk|var|5th percentile|fifth percentile|95 % var|var 95|5 % worst day|daily var",
        de="value at risk|var|5 %-quantil", es="valor en riesgo|var", fr="valeur à risque|value at risk|var",
        pt="valor em risco|var", zh="风险价值|在险价值|var",
    ),
    "cvar_95": _m(
        "pct", "fall", "curve",
        en="cvar|expected shortfall|conditional value at risk|conditional var|mean of the worst 5 %|worst 5 % of days",
        de="cvar|erwarteter verlust|expected shortfall|bedingter value at risk",
        es="cvar|pérdida esperada|valor en riesgo condicional|déficit esperado",
        fr="cvar|perte attendue|valeur à risque conditionnelle|perte espérée",
        pt="cvar|perda esperada|valor em risco condicional", zh="cvar|条件风险价值|预期亏损|期望损失",
    ),
    "skew": _m("ratio", "curve", en="skew|skewness", de="schiefe", es="asimetría", fr="asymétrie", pt="assimetria", zh="偏度"),
    "kurtosis": _m(
        "ratio", "curve", en="kurtosis|excess kurtosis", de="wölbung|kurtosis|exzess", es="curtosis",
        fr="kurtosis|aplatissement", pt="curtose", zh="峰度",
    ),
    "tail_ratio": _m("ratio", "curve", en="tail ratio", de="tail ratio", es="ratio de colas", fr="ratio de queue", pt="razão de cauda", zh="尾部比率"),
    "sharpe": _m(
        "ratio", "curve", en="sharpe|sharpe ratio|risk-adjusted return", de="sharpe|sharpe-ratio|sharpe ratio|sharpe-quotient",
        es="sharpe|ratio de sharpe|ratio sharpe", fr="sharpe|ratio de sharpe", pt="sharpe|índice de sharpe|índice sharpe",
        zh="夏普比率|夏普率|夏普指数|夏普|sharpe",
    ),
    "sortino": _m(
        "ratio", "curve", en="sortino|sortino ratio", de="sortino|sortino-ratio", es="sortino|ratio de sortino",
        fr="sortino|ratio de sortino", pt="sortino|índice de sortino", zh="索提诺比率|索提诺|索蒂诺|sortino",
    ),
    "calmar": _m(
        "ratio", "curve", en="calmar|calmar ratio", de="calmar|calmar-ratio", es="calmar|ratio de calmar",
        fr="calmar|ratio de calmar", pt="calmar|índice de calmar", zh="卡玛比率|卡尔玛比率|卡玛|卡尔玛|calmar",
    ),
    "max_drawdown": _m(
        "pct", "fall", "curve",
        en="max drawdown|maximum drawdown|drawdown|max dd|mdd|deepest drawdown|largest drawdown|worst drawdown"
        "|peak-to-trough|peak to trough|peak-to-valley|drew down",
        de="maximaler drawdown|max drawdown|drawdown|größter rückgang|maximaler rückgang|maximum drawdown|höchster rückgang",
        es="drawdown|caída máxima|máxima caída|máxima reducción|reducción máxima|drawdown máximo|máximo drawdown",
        fr="drawdown|drawdown maximal|perte maximale|drawdown maximum|repli maximal|baisse maximale|max drawdown",
        pt="drawdown|rebaixamento máximo|drawdown máximo|queda máxima|máximo drawdown|rebaixamento",
        zh="最大回撤|回撤",
    ),
    "max_drawdown_money": _m("money", "fall", "curve"),
    "drawdown_peak_at": _m("time", "curve", en="drawdown peak|peak before the drawdown"),
    "drawdown_trough_at": _m("time", "curve", en="drawdown trough|bottom of the drawdown"),
    "drawdown_recovery_at": _m("time", "curve", en="drawdown recovery|recovered"),
    "time_under_water": _m(
        "pct", "curve", "share", en="time under water|under water|underwater|time underwater|below its peak|below the peak",
        de="unter wasser|zeit unter wasser", es="bajo el agua|tiempo bajo el agua", fr="sous l'eau|temps sous l'eau",
        pt="submerso|abaixo do pico", zh="水下时间|低于峰值",
    ),
    "longest_under_water": _m(
        "seconds", "curve",
        en="longest under water|longest drawdown|longest underwater|longest time under water|longest recovery"
        "|longest time between highs", de="längste zeit unter wasser|längster drawdown", es="drawdown más largo",
        fr="plus long drawdown", pt="drawdown mais longo", zh="最长回撤期|最长水下时间",
    ),
    "ulcer_index": _m("pct", "curve", en="ulcer index|ulcer", de="ulcer-index|ulcer index", es="índice ulcer|índice de úlcera",
                      fr="indice d'ulcère|indice ulcer", pt="índice ulcer|índice de úlcera", zh="溃疡指数"),
    "exposure": _m(
        "pct", "curve", "share", en="exposure|time in the market|time in market|in the market|invested|had a position|was exposed",
        de="exposure|zeit im markt|im markt|investiert", es="exposición|tiempo en el mercado", fr="exposition|temps en position|temps sur le marché",
        pt="exposição|tempo no mercado", zh="持仓时间占比|敞口|在场时间|市场暴露",
    ),
    "traded_value": _m("money", "sum", en="traded value|traded volume|volume traded|notional traded|total notional|dollar volume|notional",
                       de="handelsvolumen|umgesetzter wert|gehandeltes volumen", es="volumen negociado|valor negociado",
                       fr="volume traité|valeur négociée", pt="volume negociado|valor negociado", zh="成交额|交易额|成交金额"),
    "turnover": _m("ratio", "curve", en="turnover|turned over", de="umschlag|turnover|umschlagshäufigkeit", es="rotación", fr="rotation", pt="giro", zh="换手率|周转率"),
    "max_open_trades": _m(
        "count", "curve",
        en="most trades open|max open trades|maximum open trades|open at one time|open at once|concurrent positions|concurrent trades|simultaneous*|at the same time"
        "|open positions at once|concurrently", de="gleichzeitig offen*|gleichzeitig", es="abiertas a la vez|simultáneas|simultáneamente",
        fr="ouvertes en même temps|simultanément|simultanées", pt="abertas ao mesmo tempo|simultâneas|simultaneamente", zh="最多同时持仓|同时持仓|同时",
    ),
    "benchmark_return": _m("pct", "signed", "curve", en="benchmark|buy and hold|buy-and-hold|benchmark return|holding instead|just holding", de="benchmark|kaufen und halten|buy and hold|vergleichsindex",
                           es="comprar y mantener|índice de referencia|benchmark|buy and hold", fr="achat et conservation|indice de référence|benchmark|buy and hold", pt="comprar e manter|benchmark|buy and hold", zh="买入并持有|基准|基准收益"),
    "excess_return": _m("pct", "signed", "curve", en="excess return|outperformed|underperformed|ahead of buy and hold|behind buy and hold|alpha|over the benchmark|versus the benchmark",
                        de="überrendite|mehrrendite|outperformance", es="exceso de rentabilidad|exceso de retorno", fr="surperformance|rendement excédentaire", pt="retorno excedente|excesso de retorno", zh="超额收益|超额回报"),
    # Counts of trades.
    "trade_count": _m(
        "count", "sum", listed=True,
        en="trade*|closed trade*|number of trades|trade count|position*|round trip*|round-trip*|entries|deals|total trades|executions|transactions",
        de="trade*|geschäfte*|abschlüsse*|transaktion*|anzahl der trades|handel|positionen|geschlossene trades",
        es="operacion*|operación|transaccion*|número de operaciones|trade*|posicion*", fr="opération*|transaction*|nombre de trades|trade*|position*|nombre d'opérations",
        pt="operaç*|transaç*|número de operações|trade*|negociaç*|posiç*|negócios", zh="笔交易|交易笔数|交易数|交易次数|笔|次交易|交易",
    ),
    "win_count": _m(
        "count", "sum", result="win", listed=True,
        en="win|wins|winner*|winning trade*|winning position*|profitable trade*|trades won|of them won|gainer*|were profitable|in profit|in the green|made money|closed green|were winners|ended in profit|winning",
        de="gewinner*|gewinntrade*|gewinnende*|gewinnern|gewonnen*|gewinntransaktionen|profitable trades|im gewinn|im plus",
        es="ganador*|operaciones ganadoras|ganadas|con ganancia|con beneficio", fr="gagnant*|trades gagnants|opérations gagnantes|positions gagnantes|en gain|bénéficiaires",
        pt="vencedor*|ganhador*|operações vencedoras|ganhas|com lucro|lucrativas", zh="盈利交易|盈利笔数|赢单|胜场|盈利的|获利交易|盈利单",
    ),
    "loss_count": _m(
        "count", "sum", result="loss", listed=True,
        en="loser*|losing trade*|losing position*|trades lost|of them lost|unprofitable trade*|losses|were unprofitable|losing|in the red|closed red|lost money|at a loss|ended in a loss",
        de="verlierer*|verlusttrade*|verlierern|verlorene*|verlusttransaktionen|im verlust|im minus|verlustreiche*",
        es="perdedor*|operaciones perdedoras|perdidas|con pérdida*", fr="perdant*|trades perdants|opérations perdantes|positions perdantes|en perte|à perte|déficitaires",
        pt="perdedor*|operações perdedoras|perdidas|com prejuízo|deficitárias", zh="亏损交易|亏损笔数|输单|败场|亏损的|亏损单",
    ),
    "breakeven_count": _m("count", "sum", result="breakeven", listed=True, en="breakeven trades|break-even trades|breakeven|break even|break-even|scratch*|flat trades|neither won nor lost|exactly zero",
                          de="break-even|nulltrades|ausgeglichene*", es="en tablas|neutras|punto muerto", fr="neutres|à l'équilibre|nulles", pt="neutras|no zero a zero", zh="持平|保本"),
    "open_count": _m("count", listed=True, en="open trade*|open position*|still open|remain open|left open|open at the end|unclosed", de="offene trades|offene positionen|offenen positionen|noch offen|offen",
                     es="operaciones abiertas|posiciones abiertas|siguen abiertas|abiertas", fr="positions ouvertes|trades ouverts|encore ouvertes|opérations ouvertes|ouvertes", pt="posições abertas|operações abertas|ainda abertas|em aberto", zh="未平仓|持仓中|仍持有"),
    # Results of trades.
    "win_rate": _m(
        "pct", listed=True,
        en="win rate|winrate|win-rate|hit rate|hit ratio|strike rate|success rate|winning percentage|win percentage|win %|share of winners|winning rate|batting average|accuracy|win ratio"
        "|of trades won|percent profitable|chance of winning|probability of winning|profitable %|wr",
        de="trefferquote|gewinnquote|erfolgsquote|gewinnrate|trefferrate|win rate|win-rate|erfolgsrate|gewinnwahrscheinlichkeit",
        es="tasa de acierto|tasa de aciertos|porcentaje de aciertos|porcentaje de acierto|acierto|aciertos|tasa de éxito|porcentaje de operaciones ganadoras|tasa de ganancias|win rate|tasa de ganadoras",
        fr="taux de réussite|taux de gain|taux de succès|pourcentage de gagnants|taux de trades gagnants|win rate|taux de gains",
        pt="taxa de acerto|taxa de acertos|taxa de sucesso|percentual de acerto|índice de acerto|win rate|taxa de vitória|taxa de ganho", zh="胜率|获胜率|盈利概率|成功率|赢率",
    ),
    "break_even_win_rate": _m(
        "pct", en="breakeven win rate|break-even win rate|break even win rate|win rate needed|win rate you need|needed win rate|required win rate|needed to break even|win rate to break even|breakeven rate|break-even rate|need to win|must win",
        de="break-even-trefferquote|nötige trefferquote|erforderliche trefferquote|break-even-quote|benötigte trefferquote", es="tasa de acierto de equilibrio|tasa de acierto necesaria|acierto necesario",
        fr="taux de réussite d'équilibre|taux de réussite nécessaire|taux d'équilibre", pt="taxa de acerto de equilíbrio|taxa de acerto necessária", zh="盈亏平衡胜率|保本胜率",
    ),
    "gross_pnl": _m(
        "money", "signed", "sum", listed=True,
        en="gross p&l|gross pnl|gross profit|gross result|gross|before costs|before fees|before commission*|gross gain|gross loss|pre-fee|pre-cost|gross of fees",
        de="bruttoergebnis|bruttogewinn|brutto|bruttoverlust|vor kosten|vor gebühren|brutto-p&l", es="resultado bruto|beneficio bruto|ganancia bruta|bruto|bruta|antes de comisiones|antes de costes|pérdida bruta",
        fr="résultat brut|bénéfice brut|gain brut|brut|brute|avant frais|perte brute", pt="resultado bruto|lucro bruto|bruto|bruta|antes das taxas|antes de custos|prejuízo bruto", zh="毛利润|毛利|毛盈亏|毛收益|税前|扣费前|毛",
    ),
    "net_pnl": _m(
        "money", "signed", "sum", listed=True,
        en="net p&l|net pnl|net profit|net result|net|p&l|pnl|profit|profits|result|results|earnings|net loss|net gain|made|earned|lost|gained|profit or loss|after fees|after costs|bottom line|contributed|contribution|income|returns in money|took home"
        "|net of fees|profit and loss|money lost|money made|cost you|bled|generated|produced|netted|brought in|was up|was down|swing|losses of|drain",
        de="nettoergebnis|nettogewinn|netto|nettoverlust|ergebnis|gewinn|verlust|p&l|guv|verdient*|verlor*|gewann|verloren|erzielt*|brachte*|erwirtschaft*|einbuße*|nach kosten|nach gebühren|kostete",
        es="resultado neto|beneficio neto|ganancia neta|neto|neta|netos|resultado|beneficio|ganancia|pérdida|pérdida neta|ganó|ganaron|perdió|perdieron|p&l|p/l|después de comisiones|generó|generaron|aportó|aportaron|costó|perdido|ganado",
        fr="résultat net|bénéfice net|gain net|net|nette|nets|résultat|bénéfice|profit|perte|perte nette|gagné|perdu|rapporté|p&l|après frais|a généré|ont généré|coûté|pertes de",
        pt="resultado líquido|lucro líquido|líquido|líquidos|resultado|lucro|prejuízo|prejuízo líquido|perda|ganhou|ganharam|perdeu|perderam|p&l|após taxas|gerou|geraram|rendeu|renderam|custou",
        zh="净利润|净盈亏|净收益|净亏损|净损益|盈亏|利润|盈利|亏损|净赚|赚了|亏了|净亏|净盈利|损失|赚|亏|净",
    ),
    "open_pnl": _m("money", "signed", listed=True, en="open p&l|open pnl|unrealised|unrealized|unrealised p&l|unrealized p&l|floating|paper loss|paper profit|open loss|open profit|mark-to-market|marked at", de="unrealisiert*|offener gewinn|offener verlust|buchverlust|buchgewinn",
                   es="no realizado|no realizada|latente|flotante", fr="latent*|non réalisé*|flottant*", pt="não realizado|não realizada|flutuante|latente", zh="浮动盈亏|未实现盈亏|浮亏|浮盈|未实现"),
    "total_pnl": _m("money", "signed", en="total p&l|total pnl|total result|overall p&l|including open|open trades included|total profit|overall result|total loss of the run|in total|all in", de="gesamtergebnis|gesamtgewinn|gesamtverlust|insgesamt|einschließlich offener",
                    es="resultado total|beneficio total|pérdida total|en total|incluidas las abiertas", fr="résultat total|gain total|perte totale|au total|y compris les positions ouvertes", pt="resultado total|lucro total|prejuízo total|no total|incluindo abertas", zh="总盈亏|总利润|总亏损|合计"),
    "total_win": _m("money", "sum", result="win", en="gross profits|sum of wins|sum of the wins|total wins|total gains|all wins|winnings|winners made|winners earned|combined gains|combined wins",
                    de="summe der gewinne|gewinne insgesamt", es="suma de ganancias|ganancias totales", fr="somme des gains|gains totaux", pt="soma dos ganhos|ganhos totais", zh="盈利总额|总盈利"),
    "total_loss": _m("money", "fall", "sum", result="loss", listed=True, en="total losses|total loss|sum of losses|sum of the losses|all losses|gross losses|losers lost|losers cost|combined losses|combined loss|money lost|losing trades cost|losing trades lost",
                     de="summe der verluste|verluste insgesamt|gesamtverluste", es="suma de pérdidas|pérdidas totales", fr="somme des pertes|pertes totales", pt="soma das perdas|perdas totais", zh="亏损总额|总亏损额|全部亏损"),
    "average_win": _m("money", "average", result="win", listed=True,
        en="average win|avg win|avg. win|mean win|average winner|average winning trade|average gain|avg winner|average profit per winner|typical win|typical winner|winners average|winners averaged|wins average|wins averaged|mean winner|winning trades average*|winners made an average|per win|per winner|average profitable trade|winning trades made on average",
        de="durchschnittlicher gewinn|durchschnittsgewinn|mittlerer gewinn|durchschnittliche gewinner|gewinn im schnitt|durchschnittlichen gewinn|durchschnittlicher gewinner", es="ganancia media|ganancia promedio|beneficio medio|ganador media|ganancia promedia|operación ganadora media|ganadora media|ganancia por ganadora",
        fr="gain moyen|bénéfice moyen|gagnant moyen|trade gagnant moyen|gains moyens", pt="ganho médio|lucro médio|ganho médio por operação vencedora|média dos ganhos|vencedor médio", zh="平均盈利|平均获利|平均赢利|平均每笔盈利"),
    "average_loss": _m("money", "fall", "average", result="loss", listed=True,
        en="average loss|avg loss|avg. loss|mean loss|average loser|average losing trade|avg loser|typical loss|typical loser|losers average|losers averaged|losses average|losses averaged|mean loser|losing trades average*|per loss|per loser|average unprofitable trade|losers lost an average|losing trades lost on average",
        de="durchschnittlicher verlust|durchschnittsverlust|mittlerer verlust|verlust im schnitt|durchschnittlichen verlust|durchschnittlicher verlierer", es="pérdida media|pérdida promedio|pérdida promedia|operación perdedora media|perdedora media|pérdida por perdedora",
        fr="perte moyenne|perdant moyen|trade perdant moyen|pertes moyennes", pt="perda média|prejuízo médio|média das perdas|perdedor médio", zh="平均亏损|平均损失|平均每笔亏损"),
    "largest_win": _m("money", "extreme", "trade", result="win", listed=True,
        en="largest win|biggest win|best trade|largest winner|biggest winner|largest gain|biggest gain|largest single win|max win|maximum win|top trade|best single trade|most profitable trade|largest winning trade|biggest winning trade|highest win|best win|largest profit|biggest profit",
        de="größter gewinn|größte gewinn|größten gewinn|bester trade|beste trade|besten trade|höchster gewinn|höchste gewinn|größter gewinner|bestes geschäft", es="mayor ganancia|mayor beneficio|mejor operación|operación más rentable|mayor ganadora",
        fr="plus gros gain|plus grand gain|meilleur trade|meilleure opération|gain maximal|meilleure position", pt="maior ganho|maior lucro|melhor operação|melhor trade|operação mais lucrativa", zh="最大盈利|最大单笔盈利|最佳交易|最好的一笔|最大获利"),
    "largest_loss": _m("money", "fall", "extreme", "trade", result="loss", listed=True,
        en="largest loss|biggest loss|worst trade|largest loser|biggest loser|worst loss|largest single loss|max loss|maximum loss|worst single trade|largest losing trade|biggest losing trade|worst loser|single worst|worst position|biggest single loss|most expensive trade|costliest trade|worst",
        de="größter verlust|größte verlust|größten verlust|schlechtester trade|schlechteste trade|schlechtesten trade|höchster verlust|höchste verlust|größter verlierer|schlechtestes geschäft", es="mayor pérdida|peor operación|peor pérdida|mayor perdedora|peor trade",
        fr="plus grosse perte|plus grande perte|pire trade|pire opération|perte maximale d'un trade|pire position|pire perte", pt="maior perda|maior prejuízo|pior operação|pior trade|pior perda", zh="最大亏损|最大单笔亏损|最差交易|最差的一笔|最大损失"),
    "payoff_ratio": _m("ratio", listed=True, en="payoff ratio|payoff|pay-off|win/loss ratio|win loss ratio|win-loss ratio|reward-to-risk|reward to risk|risk-reward|risk/reward|risk reward ratio|average win to average loss|win to loss size|average win/loss|payout ratio|reward/risk|rr",
        de="payoff|auszahlungsverhältnis|gewinn-verlust-verhältnis|chance-risiko-verhältnis|payoff-ratio|crv", es="ratio de pago|ratio ganancia/pérdida|payoff|ratio ganancia-pérdida|ratio beneficio/riesgo",
        fr="ratio gain/perte|ratio gains/pertes|payoff|ratio de paiement|ratio gain sur perte", pt="payoff|razão ganho/perda|relação ganho/perda|índice de payoff", zh="盈亏比|赔率|收益风险比"),
    "profit_factor": _m("ratio", listed=True, en="profit factor|pf|gross profit to gross loss|profit-factor", de="profitfaktor|profit-faktor|profit factor|gewinnfaktor", es="factor de beneficio|factor de ganancia|profit factor|factor de ganancias",
        fr="facteur de profit|profit factor|facteur de gain", pt="fator de lucro|profit factor", zh="盈利因子|利润因子|获利因子|盈亏系数"),
    "expectancy": _m("money", "signed", "average", listed=True,
        en="expectancy|per trade|average trade|avg trade|average p&l|average pnl|average result|average net|average profit per trade|average loss per trade|mean per trade|expected value|expectation|each|apiece|a trade|a piece|mean p&l|mean trade|average return per trade|net per trade|avg p&l|mean net|average net p&l|per position|each trade|average per trade|on average|averaged|averages|edge per trade|mean result|mean profit",
        de="erwartungswert|pro trade|je trade|durchschnittlicher trade|durchschnittliches ergebnis|im schnitt|im durchschnitt|durchschnittlich|im mittel|mittleres ergebnis|pro geschäft",
        es="esperanza|por operación|operación media|expectativa|resultado medio|media por operación|en promedio|de media|cada una|esperanza matemática|promedio",
        fr="espérance|par trade|par opération|trade moyen|résultat moyen|en moyenne|chacun|chacune|espérance de gain", pt="expectativa|por operação|por trade|operação média|resultado médio|em média|cada uma|esperança", zh="期望值|每笔平均|平均每笔|单笔平均|每笔|期望收益|期望|平均"),
    "expectancy_r": _m("ratio", "average", listed=True, en="expectancy in r|average r|r expectancy|r per trade|mean r|r-multiple*|r multiple*", de="erwartungswert in r|durchschnittliches r", es="expectativa en r|r medio", fr="espérance en r|r moyen", pt="expectativa em r|r médio", zh="平均r|r倍数"),
    "sqn": _m("ratio", en="sqn|system quality number", de="sqn", es="sqn", fr="sqn", pt="sqn", zh="sqn|系统质量数"),
    "kelly": _m("ratio", "share", en="kelly|kelly fraction|kelly criterion|kelly %", de="kelly|kelly-anteil|kelly-kriterium", es="kelly|fracción de kelly|criterio de kelly", fr="kelly|fraction de kelly|critère de kelly", pt="kelly|fração de kelly|critério de kelly", zh="凯利|凯利比例|凯利公式"),
    "longest_winning_streak": _m("count", result="win", en="winning streak|longest winning streak|win streak|wins in a row|consecutive wins|consecutive winners|longest run of wins|winners in a row|straight wins|straight winners|successive wins",
        de="gewinnserie|längste gewinnserie|gewinne in folge|gewinner in folge|siegesserie|gewinne hintereinander", es="racha ganadora|racha de ganancias|ganancias consecutivas|ganadoras seguidas|ganadoras consecutivas|racha de aciertos",
        fr="série gagnante|série de gains|gains consécutifs|gains d'affilée|trades gagnants consécutifs|gagnants d'affilée", pt="sequência vencedora|sequência de ganhos|ganhos consecutivos|ganhos seguidos|vitórias consecutivas|vitórias seguidas", zh="最长连胜|连胜|连续盈利"),
    "longest_losing_streak": _m("count", result="loss", en="losing streak|longest losing streak|loss streak|losses in a row|consecutive losses|consecutive losers|longest run of losses|losers in a row|straight losses|straight losers|successive losses|lost in a row",
        de="verlustserie|längste verlustserie|verluste in folge|verlierer in folge|verluste hintereinander|pechsträhne", es="racha perdedora|racha de pérdidas|pérdidas consecutivas|perdedoras seguidas|perdedoras consecutivas|pérdidas seguidas",
        fr="série perdante|série de pertes|pertes consécutives|pertes d'affilée|trades perdants consécutifs|perdants d'affilée", pt="sequência perdedora|sequência de perdas|perdas consecutivas|perdas seguidas|derrotas consecutivas", zh="最长连亏|连亏|连续亏损|连败"),
    "average_holding": _m("seconds", "average", listed=True,
        en="average holding|average holding time|holding time|holding period|average hold|avg hold|average duration|held|held for|mean holding time|trade duration|average time in trade|holding|average trade length|stayed open|time in trade|hold time|average holding period|lasted on average|trade lasted|trades lasted",
        de="haltedauer|durchschnittliche haltedauer|haltezeit|mittlere haltedauer|gehalten|im mittel gehalten|durchschnittliche haltezeit", es="tiempo medio de mantenimiento|duración media|mantenidas|tiempo de mantenimiento|duración promedio|tiempo en posición|se mantuvo|se mantuvieron",
        fr="durée moyenne|durée de détention|durée moyenne de détention|détenu|détenues|tenu|tenues|temps de détention", pt="tempo médio|duração média|tempo de permanência|mantidas|tempo médio de posição|duração das operações", zh="平均持仓时间|持仓时间|平均持有时间|持有时间|持仓时长|持有"),
    "average_holding_winners": _m("seconds", "average", result="win", listed=True, en="average holding of winners|winners held|held winners|winners were held|wins were held|winner duration|average winning trade lasted|winning trades lasted|winners lasted",
        de="haltedauer der gewinner|gewinner gehalten", es="duración media de las ganadoras", fr="durée moyenne des gagnants", pt="duração média das vencedoras", zh="盈利交易平均持仓时间"),
    "average_holding_losers": _m("seconds", "average", result="loss", listed=True, en="average holding of losers|losers held|held losers|losers were held|losses were held|loser duration|average losing trade lasted|losing trades lasted|losers lasted",
        de="haltedauer der verlierer|verlierer gehalten", es="duración media de las perdedoras", fr="durée moyenne des perdants", pt="duração média das perdedoras", zh="亏损交易平均持仓时间"),
    "average_mae": _m("money", "fall", "average", listed=True, en="average mae|mean mae|average adverse excursion|average maximum adverse excursion|mae", de="durchschnittlicher mae|mae", es="mae medio|mae", fr="mae moyen|mae", pt="mae médio|mae", zh="平均mae|最大不利偏移|mae"),
    "average_mfe": _m("money", "average", listed=True, en="average mfe|mean mfe|average favourable excursion|average favorable excursion|mfe", de="durchschnittlicher mfe|mfe", es="mfe medio|mfe", fr="mfe moyen|mfe", pt="mfe médio|mfe", zh="平均mfe|最大有利偏移|mfe"),
    # Costs.
    "fees": _m("money", "cost", "sum", listed=True,
        en="fee|fees|commission*|trading costs|transaction costs|total fees|costs|fees paid|brokerage|exchange fees|trading fees|cost of trading",
        de="gebühr|gebühren|kommission*|handelskosten|transaktionskosten|provision*|kosten", es="comisión|comisiones|costes|costos|tarifas|gastos", fr="frais|commission*|coûts|frais de transaction|coûts de transaction", pt="taxas|comissão|comissões|custos|corretagem", zh="手续费|费用|佣金|交易成本|交易费"),
    "funding": _m("money", "cost", "sum", listed=True, en="funding|funding fees|funding payments|funding cost|funding costs|swap|swaps|financing", de="funding|finanzierung|finanzierungskosten|swap", es="funding|financiación|financiamiento", fr="funding|financement", pt="funding|financiamento", zh="资金费|资金费率|资金费用"),
    "total_costs": _m("money", "cost", "sum", en="total costs|all costs|costs|fees and funding|costs took|costs ate", de="gesamtkosten|kosten", es="costes totales|costos totales", fr="coûts totaux", pt="custos totais", zh="总成本"),
    "fees_share_of_gross": _m("pct", "share", listed=True, en="fees as a share of gross|share of gross|of gross profit|of the gross|of gross|fee share|fee drag|of gross p&l|fees ate|fees consumed|fees took|went to fees|eaten by fees|fees to gross",
        de="gebührenanteil|anteil der gebühren|vom bruttogewinn|vom brutto|des bruttogewinns|des bruttoergebnisses", es="del beneficio bruto|de la ganancia bruta|del bruto|comisiones sobre bruto", fr="du résultat brut|du bénéfice brut|du gain brut|du brut|part des frais", pt="do lucro bruto|do resultado bruto|do bruto", zh="占毛利|费用占比|手续费占比|占毛利润"),
    "average_fees": _m("money", "cost", "average", listed=True, en="average fee|average fees|fees per trade|fee per trade|average commission|commission per trade|fees per round trip|fee per round trip|cost per trade|per trade in fees|costs per trade",
        de="durchschnittliche gebühr|gebühren pro trade|gebühr pro trade|gebühren je trade", es="comisión media|comisión por operación|comisiones por operación|comisión promedio", fr="frais moyens|frais par trade|frais par opération|commission moyenne", pt="taxa média|taxas por operação|comissão média|custo por operação", zh="平均手续费|每笔手续费"),
    # Concentration of losses.
    "worst_trade_share": _m("pct", "share", en="worst trade|largest loss|single worst trade|of all losses|of total losses", de="aller verluste", es="de todas las pérdidas", fr="de toutes les pertes", pt="de todas as perdas", zh="占全部亏损"),
    "worst_5_share": _m("pct", "share", en="worst 5|worst five|five worst|5 worst|five largest losses|top five losses|5 largest losses|of all losses|of total losses", de="schlechtesten fünf|fünf schlechtesten|fünf größten", es="cinco peores|peores cinco", fr="cinq pires|cinq plus grosses", pt="cinco piores|piores cinco", zh="最差五笔|最大的五笔|前五"),
    "worst_symbol_share": _m("pct", "share", en="worst symbol|of all losses|of total losses|of the losses", de="aller verluste", es="de todas las pérdidas", fr="de toutes les pertes", pt="de todas as perdas", zh="占全部亏损"),
    # One trade.
    "return_pct": _m("pct", "signed", "trade", en="return|returned", de="rendite", es="rentabilidad", fr="rendement", pt="retorno", zh="收益率"),
    "quantity": _m("quantity", "trade", en="quantity|size|units|shares|contracts|coins|lots|amount|position size", de="menge|stückzahl|größe|stück|kontrakte", es="cantidad|tamaño|unidades|contratos|acciones", fr="quantité|taille|unités|contrats|actions", pt="quantidade|tamanho|unidades|contratos|ações", zh="数量|手数|仓位大小|股|张"),
    "entry_price": _m("price", "trade", en="entry price|entered at|entry|bought at|opened at|entry of|in at|average entry|shorted at|sold short at", de="einstiegskurs|einstieg|eröffnet bei|einstiegspreis|gekauft bei|kaufkurs", es="precio de entrada|entrada|compró a|abierta a", fr="prix d'entrée|entrée|acheté à|ouvert à", pt="preço de entrada|entrada|comprou a|aberta a", zh="入场价|开仓价|进场价|买入价|建仓价"),
    "exit_price": _m("price", "trade", en="exit price|exited at|exit|sold at|closed at|exit of|out at|covered at|last price|last known price|average exit", de="ausstiegskurs|ausstieg|geschlossen bei|verkauft bei|ausstiegspreis|verkaufskurs", es="precio de salida|salida|vendió a|cerrada a", fr="prix de sortie|sortie|vendu à|clôturé à", pt="preço de saída|saída|vendeu a|fechada a", zh="出场价|平仓价|卖出价|离场价"),
    "stop_price": _m("price", "trade", en="stop price|stop at|stop-loss price|stop loss at|initial stop", de="stop-kurs|stoppkurs|stop bei", es="precio de stop|stop en", fr="prix du stop|stop à", pt="preço do stop|stop em", zh="止损价"),
    "holding_seconds": _m("seconds", "trade", en="held|held for|holding time|open for|stayed open|lasted|duration|after|for", de="gehalten|haltedauer|dauerte|nach", es="mantenida|duró|duración|tras", fr="détenu|durée|duré|après", pt="mantida|durou|duração|após", zh="持有|持仓时间|持续"),
    "mae": _m("money", "fall", "trade", en="mae|adverse excursion|maximum adverse excursion|went against|under water by", de="mae", es="mae", fr="mae", pt="mae", zh="最大不利偏移|mae"),
    "mfe": _m("money", "trade", en="mfe|favourable excursion|favorable excursion|maximum favourable excursion|maximum favorable excursion|best unrealised|peak profit|was up as much as", de="mfe", es="mfe", fr="mfe", pt="mfe", zh="最大有利偏移|mfe"),
    "r": _m("ratio", "signed", "trade", en="r|r-multiple|r multiple|risk multiple", de="r", es="r", fr="r", pt="r", zh="r倍数"),
    "final_cash": _m("money", en="final cash|cash left|cash at the end|remaining cash|cash remaining|ending cash|cash balance", de="restliches bargeld|bargeld am ende|kassenbestand|restliche liquidität", es="efectivo final|efectivo restante|caja final", fr="cash restant|liquidités restantes|trésorerie finale|cash à la fin", pt="caixa final|dinheiro restante|caixa restante", zh="剩余现金|期末现金|现金余额"),
    "median_trade": _m("money", "signed", "average", listed=True, en="median trade|median p&l|median result|median net", de="median-trade|median des ergebnisses|medianergebnis", es="operación mediana|resultado mediano", fr="trade médian|résultat médian", pt="operação mediana|resultado mediano", zh="交易中位数|盈亏中位数"),
    "median_win": _m("money", "average", result="win", listed=True, en="median win|median winner|median gain", de="median-gewinn|mediangewinn", es="ganancia mediana", fr="gain médian", pt="ganho mediano", zh="盈利中位数"),
    "median_loss": _m("money", "fall", "average", result="loss", listed=True, en="median loss|median loser", de="median-verlust|medianverlust", es="pérdida mediana", fr="perte médiane", pt="perda mediana", zh="亏损中位数"),
    "average_return": _m("pct", "signed", "average", listed=True, en="average return per trade|average trade return|mean return per trade|average return|return per trade", de="durchschnittliche rendite pro trade|rendite pro trade|durchschnittliche rendite", es="rentabilidad media por operación|rentabilidad media", fr="rendement moyen par trade|rendement moyen", pt="retorno médio por operação|retorno médio", zh="平均收益率|每笔收益率"),
    "expectancy_error": _m("money", "test", en="standard error|uncertainty of the average|error of the mean", de="standardfehler", es="error estándar", fr="erreur type|erreur standard", pt="erro padrão", zh="标准误"),
    "trade_deviation": _m("money", listed=True, en="standard deviation|deviation|spread of the trades", de="standardabweichung", es="desviación estándar|desviación típica", fr="écart-type|écart type", pt="desvio padrão", zh="标准差"),
    "median_holding": _m("seconds", "average", listed=True, en="median holding|median holding time|median duration|median hold", de="median der haltedauer|mittlere haltedauer (median)", es="duración mediana", fr="durée médiane", pt="duração mediana", zh="持仓时间中位数"),
    "largest_mae": _m("money", "fall", "extreme", "trade", en="worst mae|largest mae|deepest mae|maximum adverse excursion|worst excursion|largest adverse excursion|furthest against", de="größter mae|schlechtester mae|größter zwischenverlust", es="peor mae|mayor mae", fr="pire mae|plus grand mae", pt="pior mae|maior mae", zh="最大mae|最大不利变动"),
    "largest_mfe": _m("money", "extreme", "trade", en="best mfe|largest mfe|highest mfe|maximum favourable excursion|maximum favorable excursion|best excursion", de="größter mfe|bester mfe|größter zwischengewinn", es="mejor mfe|mayor mfe", fr="meilleur mfe|plus grand mfe", pt="melhor mfe|maior mfe", zh="最大mfe|最大有利变动"),
    "average_given_back": _m("money", "average", listed=True, en="average given back|given back on average|average profit given back|average left on the table", de="durchschnittlich zurückgegeben|im schnitt zurückgegeben", es="devuelto de media|ganancia devuelta media", fr="rendu en moyenne|gain rendu moyen", pt="devolvido em média|ganho devolvido médio", zh="平均回吐"),
    "trades_per_day": _m("ratio", "average", en="trades per day|trades a day|entries per day|trades each day", de="trades pro tag|trades am tag", es="operaciones por día|operaciones al día", fr="trades par jour|opérations par jour", pt="operações por dia|trades por dia", zh="每日交易数|每天交易"),
    "fees_bps": _m("ratio", "cost", en="basis points|bps|fee rate|fees in basis points", de="basispunkte|gebührensatz", es="puntos básicos|tasa de comisión", fr="points de base|taux de frais", pt="pontos-base|taxa de corretagem", zh="基点|费率"),
    "average_size": _m("money", "average", listed=True, en="average size|average position|average position size|average value at entry|mean position size|average notional|position size|were worth", de="durchschnittliche größe|durchschnittliche positionsgröße|positionsgröße", es="tamaño medio|tamaño de posición medio|tamaño promedio", fr="taille moyenne|taille de position moyenne", pt="tamanho médio|tamanho médio da posição", zh="平均仓位|平均头寸"),
    "average_leverage": _m("ratio", "average", en="average leverage|mean leverage|leverage on average|leverage", de="durchschnittlicher hebel|hebel im schnitt|hebel", es="apalancamiento medio|apalancamiento promedio|apalancamiento", fr="levier moyen|effet de levier moyen|levier", pt="alavancagem média|alavancagem", zh="平均杠杆|杠杆"),
    "max_leverage": _m("ratio", "extreme", en="maximum leverage|max leverage|highest leverage|leverage at most|most leverage|top leverage", de="höchster hebel|maximaler hebel|größter hebel", es="apalancamiento máximo|mayor apalancamiento", fr="levier maximal|levier maximum|plus fort levier", pt="alavancagem máxima|maior alavancagem", zh="最大杠杆|最高杠杆"),
    "given_back": _m("money", "trade", en="given back|gave back|left on the table|not kept|handed back", de="zurückgegeben|liegen gelassen", es="devuelto|dejado en la mesa", fr="rendu|laissé sur la table", pt="devolvido|deixado na mesa", zh="回吐|错失"),
    "size": _m("money", "trade", en="size|position value|value at entry|notional|worth|stake", de="positionswert|größe|einsatz", es="tamaño|valor de la posición|nocional", fr="taille|valeur de la position|notionnel", pt="tamanho|valor da posição|nocional", zh="仓位|头寸价值|名义价值"),
    "trades_covered": _m("count", listed=True, en="trades|positions", de="trades|positionen|geschäfte", es="operaciones|posiciones", fr="trades|opérations|positions", pt="operações|posições", zh="笔交易|笔"),
    "all_trades": _m("count", en="trades in all|of all trades|all trades|trades altogether", de="trades insgesamt|aller trades", es="operaciones en total", fr="trades au total", pt="operações no total", zh="全部交易"),
    "trades_pct": _m("pct", "share", en="of all trades|of the trades|share of trades|of trades", de="aller trades|der trades|anteil der trades", es="de las operaciones|de todas las operaciones", fr="des trades|de tous les trades", pt="das operações|de todas as operações", zh="的交易"),
    "pnl_pct": _m("pct", "share", en="of the total|of the result|of the p&l|of the profit|of the loss|of the run", de="des ergebnisses|des gewinns|des verlusts|vom gesamtergebnis", es="del resultado|del total|de la pérdida|del beneficio", fr="du résultat|du total|de la perte|du gain", pt="do resultado|do total|da perda|do lucro", zh="占总盈亏|占比"),
    "coverage_pct": _m("pct", "share", "rule", en="coverage|covers|covered|of the results", de="abdeckung|abgedeckt|deckt", es="cobertura|cubre", fr="couverture|couvre", pt="cobertura|cobre", zh="覆盖"),
    "group_difference": _m("money", "signed", "test", en="difference|more than|less than|gap|interval|apart", de="differenz|unterschied|mehr als|weniger als|intervall", es="diferencia|más que|menos que|intervalo", fr="différence|écart|plus que|moins que|intervalle", pt="diferença|mais que|menos que|intervalo", zh="差异|差额|相差|区间"),
    "unexplained": _m("money", "signed", en="unexplained|not explained|no nameable cause|no cause|spread over", de="unerklärt|nicht erklärt|keine ursache", es="sin explicar|no explicado", fr="inexpliqué|sans cause", pt="não explicado|sem causa", zh="无法解释|未解释"),
    "cause_money": _m("money", "signed", en="cause|explains|because of|due to|cost|lost|loss|from", de="ursache|erklärt|wegen|durch|verlust|kostete", es="causa|explica|por|debido a|pérdida|costó", fr="cause|explique|à cause de|perte|coûté", pt="causa|explica|devido a|perda|custou", zh="原因|由于|造成|亏损"),
    "cause_share": _m("pct", "share", en="of the loss|of it|of the total|share of the loss|explains", de="des verlusts|davon|anteil am verlust", es="de la pérdida|del total", fr="de la perte|du total", pt="da perda|do total", zh="占亏损|占总亏损"),
    "leverage": _m("ratio", "trade", en="leverage|levered|leveraged", de="hebel", es="apalancamiento", fr="levier|effet de levier", pt="alavancagem", zh="杠杆"),
    "margin": _m("money", "trade", en="margin|stake|collateral", de="margin|einsatz|sicherheit", es="margen|garantía", fr="marge|mise", pt="margem|garantia", zh="保证金"),
    "return_on_margin_pct": _m("pct", "signed", "trade", en="return on margin|return on stake", de="rendite auf die margin|rendite auf den einsatz", es="rentabilidad sobre el margen", fr="rendement sur marge", pt="retorno sobre a margem", zh="保证金收益率"),
    # Tests and rules.
    "p_value": _m("ratio", "test", en="p|p-value|p value|significance", de="p|p-wert", es="p|valor p", fr="p|valeur p|p-valeur", pt="p|valor p|valor-p", zh="p值|p"),
    "adjusted_p_value": _m("ratio", "test", en="adjusted p|adjusted p-value|corrected p|corrected p-value|p|p-value|after correction", de="korrigierter p-wert|p-wert|p", es="p ajustado|valor p|p", fr="p ajusté|valeur p|p", pt="p ajustado|valor p|p", zh="校正p值|p值|p"),
    "z": _m("ratio", "test", en="z|z-score|z score|test statistic|statistic", de="z|z-wert|teststatistik", es="z|estadístico", fr="z|statistique de test", pt="z|estatística de teste", zh="z值|统计量"),
    "z_first_half": _m("ratio", "test", en="z of the first half|z in the first half", de="z der ersten hälfte", es="z de la primera mitad", fr="z de la première moitié", pt="z da primeira metade", zh="前半z值"),
    "z_second_half": _m("ratio", "test", en="z of the second half|z in the second half", de="z der zweiten hälfte", es="z de la segunda mitad", fr="z de la seconde moitié", pt="z da segunda metade", zh="后半z值"),
    "deals": _m("count", "test", en="deals|permutations|times dealt|random deals", de="zufallsverteilungen|permutationen", es="repartos|permutaciones", fr="tirages|permutations", pt="sorteios|permutações", zh="置换|随机重排"),
    "critical_z": _m("ratio", "test", en="critical z|must be above", de="kritisches z", es="z crítico", fr="z critique", pt="z crítico", zh="临界z值"),
    "effect_sd": _m("ratio", "test", en="standard deviations|effect size", de="standardabweichungen|effektstärke", es="desviaciones típicas|tamaño del efecto", fr="écarts-types|taille de l'effet", pt="desvios-padrão|tamanho do efeito", zh="标准差|效应量"),
    "effect": _m("money", "test", en="effect|detectable effect|a trade worse", de="effekt|nachweisbarer effekt", es="efecto|efecto detectable", fr="effet|effet détectable", pt="efeito|efeito detectável", zh="效应|可检测效应"),
    "share_of_trades": _m("pct", "test", "share", en="share of the trades|of the trades", de="anteil der trades", es="parte de las operaciones", fr="part des trades", pt="parte das operações", zh="交易占比"),
    "day_ends_open": _m("ratio", "curve", en="day-ends|day ends|nights held", de="tagesenden|nächte", es="cierres de día|noches", fr="fins de jour|nuits", pt="fins de dia|noites", zh="日终|隔夜"),
    "patterns_tested": _m("count", "test", en="groups tested|patterns tested|tested|patterns tried|comparisons|hypotheses", de="getestet*|geprüfte muster", es="probados|grupos probados", fr="testés|groupes testés", pt="testados|grupos testados", zh="检验|测试的模式"),
    "patterns_found": _m("count", "test", en="patterns found|patterns|significant patterns|survived|pattern", de="muster", es="patrones", fr="motifs|tendances", pt="padrões", zh="模式"),
    "alpha": _m("ratio", "test", en="alpha|significance level|threshold", de="signifikanzniveau|alpha", es="nivel de significación|alfa", fr="seuil|alpha", pt="nível de significância|alfa", zh="显著性水平"),
    "trades_removed": _m("count", "rule", en="trades removed|removed|removes|would remove|filtered out|skipped|skips|avoided trades|cuts|drops|dropped|excluded|blocks|blocked|taken out|would have skipped|fewer trades", de="entfernte trades|entfernt|weniger trades|wegfallen|fallen weg|gestrichen", es="operaciones eliminadas|elimina|eliminadas|descartadas|evita", fr="trades supprimés|supprime|opérations supprimées|écartés|retirés", pt="operações removidas|remove|removidas|elimina", zh="剔除|移除|过滤掉|去掉"),
    "trades_changed": _m("count", "rule", en="trades changed|changed|changes|altered|affected|resized|touches|would change", de="geänderte trades|geändert|verändert|betroffen*", es="operaciones modificadas|cambiadas|modifica|afectadas", fr="trades modifiés|modifie|opérations modifiées|touchés", pt="operações alteradas|altera|alteradas|afetadas", zh="改变|影响"),
    "losers_avoided": _m("count", "rule", en="losers avoided|avoids|avoided|losses avoided|losing trades avoided|losers removed|losers cut|losers reduced|would have avoided|spared", de="vermiedene verlierer|vermieden*|verlierer vermieden|vermeidet", es="perdedoras evitadas|evita|evitadas", fr="perdants évités|évite|évités", pt="perdedoras evitadas|evita|evitadas", zh="避免的亏损|避免|规避"),
    "winners_lost": _m("count", "rule", en="winners lost|winners given up|gives up|giving up|winners removed|sacrific*|winners missed|missed winners|winners cut|at the cost of", de="verlorene gewinner|gewinner verloren|geopfert*|verzichtet", es="ganadoras perdidas|sacrifica", fr="gagnants perdus|sacrifie", pt="vencedoras perdidas|sacrifica", zh="损失的盈利|牺牲|放弃"),
    "net_pnl_before": _m("money", "signed", "rule", en="net p&l before|before|from|without the rule|without it|instead of|original|currently", de="vorher|von|ohne die regel|statt", es="antes|de|sin la regla|en lugar de", fr="avant|de|sans la règle|au lieu de", pt="antes|de|sem a regra|em vez de", zh="之前|原来|从"),
    "net_pnl_after": _m("money", "signed", "rule", en="net p&l after|after|to|with the rule|with it|would have been|would have made|would be|would have lost|would have earned|would end|would rise to|would fall to|under the rule", de="nachher|danach|auf|mit der regel|wäre|hätte", es="después|a|con la regla|habría sido|habría ganado|quedaría|sería", fr="après|à|avec la règle|aurait été|aurait gagné|serait|passerait à", pt="depois|para|com a regra|teria sido|teria ganho|seria|ficaria", zh="之后|变为|到|会变成|将"),
    "gain": _m("money", "signed", "rule", en="gain|gains|improvement|improves|improve|improved|saves|saved|saving|adds|added|would have added|would have saved|better|extra|benefit|worse|would have cost|increase of|boost*|rise by|more|raise*", de="zugewinn|verbesserung|verbessert|mehr|gewinn|spart|gespart|bringt|zusätzlich", es="mejora|ganancia|mejoraría|ahorra|ahorraría|más|añade|aporta", fr="gain|amélioration|améliore|économise|ajoute|de plus", pt="ganho|melhora|melhoria|economiza|acrescenta|a mais", zh="收益|改善|提升|增加|节省|多赚"),
    "gain_low": _m("money", "signed", "rule", en="interval|confidence interval|between|low end|at worst|lower bound|bootstrap interval|from|range", de="intervall|konfidenzintervall|zwischen|untergrenze|von", es="intervalo|entre|límite inferior", fr="intervalle|entre|borne inférieure", pt="intervalo|entre|limite inferior", zh="区间|置信区间|下限"),
    "gain_high": _m("money", "signed", "rule", en="interval|confidence interval|and|high end|at best|upper bound|bootstrap interval|to|range", de="intervall|konfidenzintervall|und|obergrenze|bis", es="intervalo|y|límite superior", fr="intervalle|et|borne supérieure", pt="intervalo|e|limite superior", zh="区间|置信区间|上限"),
    "first_half_gain": _m("money", "signed", "rule", en="first half|first-half|in the first half|early half", de="erste hälfte|ersten hälfte", es="primera mitad", fr="première moitié", pt="primeira metade", zh="前半段|前半|上半段"),
    "second_half_gain": _m("money", "signed", "rule", en="second half|second-half|in the second half|rest|later half", de="zweite hälfte|zweiten hälfte", es="segunda mitad", fr="seconde moitié|deuxième moitié", pt="segunda metade", zh="后半段|后半|下半段"),
    "gain_at_random": _m("money", "signed", "rule", en="at random|by chance|removing as many at random|by trading less|random removal", de="zufällig|durch zufall|durch weniger handeln", es="al azar|por azar|por operar menos", fr="au hasard|par hasard|en tradant moins", pt="ao acaso|por acaso|por operar menos", zh="随机|少交易"),
    "detectable_per_trade": _m("money", "rule", en="detectable|could have shown|must have done worse by", de="nachweisbar", es="detectable", fr="détectable", pt="detectável", zh="可检测"),
    "max_drawdown_before": _m("pct", "fall", "rule", "curve", en="drawdown before|before|from|without the rule", de="vorher|von|ohne die regel", es="antes|de", fr="avant|de", pt="antes|de", zh="之前|原来|从"),
    "max_drawdown_after": _m("pct", "fall", "rule", "curve", en="drawdown after|after|to|with the rule|would be|would have been", de="nachher|danach|auf|mit der regel", es="después|a", fr="après|à", pt="depois|para", zh="之后|变为|到"),
    "sharpe_before": _m("ratio", "rule", "curve", en="sharpe before|before|from|without the rule", de="vorher|von|ohne die regel", es="antes|de", fr="avant|de", pt="antes|de", zh="之前|原来|从"),
    "sharpe_after": _m("ratio", "rule", "curve", en="sharpe after|after|to|with the rule|would be|would have been", de="nachher|danach|auf|mit der regel", es="después|a", fr="après|à", pt="depois|para", zh="之后|变为|到"),
    "rules_tried": _m("count", "rule", "test", en="rules tried|rules tested|rules|kinds of rule|rules replayed|kinds of rules", de="geprüfte regeln|regeln|getestete regeln", es="reglas probadas|reglas", fr="règles testées|règles", pt="regras testadas|regras", zh="规则|测试的规则"),
    "values_tried": _m("count", "rule", "test", en="parameter values|values tried|values|parameters|combinations|settings|variants|parameter values tried", de="parameterwerte|werte|varianten|kombinationen", es="valores|parámetros|combinaciones", fr="valeurs|paramètres|combinaisons", pt="valores|parâmetros|combinações", zh="参数值|参数|组合"),
    "rule_parameter": _m("ratio", "rule"),
    # A number of a sentence that the product itself wrote: its words say what it is.
    "stated": _m("ratio"),
}  # fmt: skip

ValueWord = Literal["average", "largest", "smallest", "total", "median", "share", "count", "per"]
VALUE_WORDS: dict[ValueWord, Mapping[Language, tuple[str, ...]]] = {
    "average": {"en": ("average", "avg", "mean", "averaged", "averages", "averaging", "typical", "on average", "each", "apiece"),
                "de": ("durchschnittlich*", "im schnitt", "im mittel", "mittler*", "im durchschnitt", "durchschnitt"),
                "es": ("medio", "media", "promedio", "en promedio", "de media", "medios", "medias"),
                "fr": ("moyen", "moyenne", "moyens", "moyennes", "en moyenne"),
                "pt": ("médio", "média", "em média", "médios", "médias"), "zh": ("平均",)},
    "largest": {"en": ("largest", "biggest", "best", "worst", "max", "maximum", "single largest", "single biggest", "costliest", "deepest", "highest"),
                "de": ("größte*", "beste*", "schlechteste*", "höchste*", "maximal*"), "es": ("mayor", "mejor", "peor", "máximo", "máxima"),
                "fr": ("plus grand*", "plus gros*", "meilleur*", "pire", "maximal*"), "pt": ("maior", "melhor", "pior", "máximo", "máxima"), "zh": ("最大", "最佳", "最差", "最好")},
    "smallest": {"en": ("smallest", "lowest", "least", "minimum", "min"), "de": ("kleinste*", "niedrigste*"), "es": ("menor", "mínimo", "mínima"), "fr": ("plus petit*", "minimal*"), "pt": ("menor", "mínimo", "mínima"), "zh": ("最小", "最低")},
    "total": {"en": ("total", "sum", "combined", "in all", "altogether", "overall", "together"), "de": ("gesamt*", "insgesamt", "summe", "zusammen"), "es": ("total", "suma", "en total", "en conjunto", "juntos", "juntas"),
              "fr": ("total*", "somme", "au total", "ensemble"), "pt": ("total", "soma", "no total", "juntos", "juntas"), "zh": ("总", "合计", "共")},
    "median": {"en": ("median",), "de": ("median*",), "es": ("mediana", "mediano"), "fr": ("médian*",), "pt": ("mediana", "mediano"), "zh": ("中位数", "中位")},
    "share": {"en": ("share", "percent of", "% of", "proportion", "fraction", "portion", "of the", "part of"), "de": ("anteil", "prozent der", "der"), "es": ("parte", "proporción", "cuota"), "fr": ("part", "proportion"), "pt": ("parte", "proporção", "parcela"), "zh": ("占", "比例", "占比")},
    "count": {"en": ("number of", "how many", "count"), "de": ("anzahl",), "es": ("número de", "cantidad de"), "fr": ("nombre de",), "pt": ("número de", "quantidade de"), "zh": ("数量", "笔数", "次数")},
    "per": {"en": ("per trade", "a trade", "each", "per position", "apiece"), "de": ("pro trade", "je trade"), "es": ("por operación", "cada una"), "fr": ("par trade", "par opération", "chacun*"), "pt": ("por operação", "por trade", "cada uma"), "zh": ("每笔",)},
}  # fmt: skip
