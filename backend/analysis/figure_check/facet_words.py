"""Words of many measures, and words that join numbers: what they say in parts, to be combined by the reader."""

from __future__ import annotations

from backend.analysis.figure_check.facets import Facets

# Words that fit too much to be taken from the table of measures: they stand in GENERIC, or say nothing alone.
OVERRIDDEN_TEXT = (
    "weekday|"
    "win|wins|loss|losses|losing|winning|lost|made|won|gain|gains|worst|best|each|average|on average|averaged|averages|before|after|to|from|rest|range"
    "|between|and|y|et|e|und|bis|von|auf|a|à|de|changes|changed|change|more|extra|mehr|más|de plus|a mais|will|return|returned|in total|costs|cost|held|for"
    "|entry|exit|size|amount|r|p|swing|threshold|invested|covers|lasted|pattern|patterns|settings|values|rules|worse|better|combined|global|open trade*"
    "|open position*|still open|winner*|loser*|winning trade*|losing trade*|winning position*|losing position*|profitable trade*|losses of|drain|income"
    "|was up|was down|performance|of gross|of the gross|gross|r-multiple*|stop at|sun|mon|sat|alpha|together|at least|gains of|es|ende|verlust|gewinn"
    "|pérdida|ganancia|perte|profit|profits|beneficio|bénéfice|lucro|prejuízo|perda|亏损|盈利|净|毛|从|到|将|之|笔|交易|made money|lost money|breakeven|break even"
    "|break-even|trades won|of them won|trades lost|of them lost|in profit|avoids|avoided|sacrific*|vol|account of|stake of|period of|result|results"
    "|per trade|pro trade|je trade|por operación|par trade|par opération|por trade|por operação|每笔|each trade|a trade|apiece|a piece|per position|chacun"
    "|chacune|cada una|cada uma|im schnitt|im durchschnitt|durchschnittlich|im mittel|en promedio|de media|promedio|en moyenne|em média|平均|overall"
    "|worst trade|best trade|worst 5 %|5 % worst day|of all losses|of total losses|largest loss|single worst trade|opened at|closed at|at a loss|in the red"
    "|in the green|a year|per year|pro jahr|al año|par an|ao ano|ended in a loss|ended in profit|losers|winners|vencedor*|ganador*|gagnant*|perdedor*"
    "|perdant*|gewinner*|verlierer*|resto|underwater by|under water by|entry of|in at|out at|exit of|mean net|half|wochentag*|vor|nach|gewonnen*|verloren"
    "|perdidas|ganadas|ganhas|perdu|gagné|perdió|ganó|perdeu|ganhou|gewann|verlor*|ganaron|perdieron|ganharam|perderam|perdido|ganado|verdient*|rentabilidad"
    "|rendimiento|rendement|retorno|rendite|perdas|ganhos|亏了|赚了|亏|赚|净亏|净赚|盈利的|亏损的|r倍数|持有|之前|之后|原来|变为|会变成|影响|改变|收益|增加|改善|提升|放弃|牺牲|规则|参数|检验|模式|平均每笔|单笔平均|区间"
)
OVERRIDDEN = frozenset(OVERRIDDEN_TEXT.split("|"))


def _words(text: str, facets: Facets) -> list[tuple[str, Facets]]:
    return [(phrase.strip(), facets) for phrase in text.split("|") if phrase.strip()]


def _q(*names: str) -> frozenset[str]:
    return frozenset(names)


_PNL = _q("pnl")
_MADE = Facets(quantities=_PNL, sign=1, verb=True)
_LOST = Facets(quantities=_PNL, sign=-1, verb=True)
GENERIC: tuple[tuple[str, Facets], ...] = (
    *_words(
        "lost|lose|loses|losing|bled|gave back|was down|were down|cost|costs|costing|burned|dropped|verlor*|verloren|kostete*|perdió|perdieron|costó|perdido"
        "|perdu|ont perdu|a perdu|coûté|perdeu|perderam|custou|亏了|亏|净亏|亏掉",
        _LOST,
    ),
    *_words(
        "made|earned|earns|gained|brought in|brought|brings|netted|was up|were up|took home|verdient*|gewann*|brachte*|erzielt*|erwirtschaft*|ganó|ganaron|ganado|ganaba"
        "|generó|gagné|a gagné|ont gagné|rapporté|ganhou|ganharam|rendeu|renderam|gerou|赚了|赚|净赚|make|makes|making|yielded|delivered|add|contributed|contributes",
        _MADE,
    ),
    *_words("won|win|wins|gewonnen*|gewinnen|ganadas|ganhas|gagnés|胜|赢|获胜", Facets(quantities=_q("pnl", "count", "rate"), result="win", verb=True, sign=1)),
    *_words("made money|makes money|was profitable|were profitable|in profit|in the green|at a profit|in a profit|closed green|ended green", Facets(quantities=_q("pnl", "count", "rate"), sign=1, verb=True)),
    *_words("lost money|loses money|in the red|at a loss|in a loss|closed red|ended red|unprofitable", Facets(quantities=_q("pnl", "count"), sign=-1, verb=True)),
    *_words("break even|breakeven|break-even|to break even|breaking even|breakeven point", Facets(quantities=_q("break_even_win_rate", "count"), result="breakeven")),
    *_words("fell|fell by|falls|sank|equity fell|account fell|fiel|cayó|chuté|caiu", Facets(quantities=_q("drawdown", "ret"), sign=-1, verb=True)),
    *_words("of all losses|of total losses|of the losses|of all the losses|of your losses|of everything you lost|of everything lost|of the total loss|aller verluste|de todas las pérdidas|de toutes les pertes|de todas as perdas",
            Facets(quantities=_q("worst_trade_share", "worst_5_share", "worst_symbol_share"), relations=frozenset({"share"}))),
    *_words("each year|every year|jedes jahr|cada año|chaque année|cada ano", Facets(quantities=_q("cagr"))),
    *_words("at most|no more than|while|höchstens|como máximo|au plus|no máximo", Facets(quantities=_q("limit"))),
    *_words("touches|touch|touched", Facets(quantities=_q("trades_removed", "trades_changed", "limit"))),
    *_words("deepest fall|fall of equity|deepest fall of equity|fall in equity", Facets(quantities=_q("drawdown"))),
    *_words("a year|per year|pro jahr|al año|par an|ao ano", Facets(quantities=_q("cagr"), verb=True)),
    *_words("from its peak|from peak|off its peak|off the peak|from the peak|below its peak", Facets(quantities=_q("drawdown"))),
    *_words("mit gewinn", Facets(quantities=_q("pnl", "count", "rate"), sign=1, verb=True, result="win")),
    *_words("mit verlust", Facets(quantities=_q("pnl", "count"), sign=-1, verb=True)),
    *_words("sr", Facets(quantities=_q("sharpe"))),
    *_words("losses|verluste*|pérdidas|pertes|perdas", Facets(quantities=_q("pnl", "count"), result="loss", sign=-1)),
    *_words("gains|gewinne|ganancias|ganhos", Facets(quantities=_q("pnl", "count"), result="win", sign=1)),
    *_words("loss|verlust|pérdida|perte|perda|prejuízo|prejuizo|亏损|损失", Facets(quantities=_PNL, sign=-1)),
    *_words("profit|profits|gewinn|ganancia|beneficio|bénéfice|lucro|ganho|盈利|利润", Facets(quantities=_PNL, sign=1)),
    *_words("gain", Facets(quantities=_q("pnl", "gain"), sign=1)),
    *_words("result|results|resultado|résultat|ergebnis|resultat|swing|income|net|netto|neto|neta|nette|líquido|净", Facets(quantities=_PNL)),
    *_words("winner*|winning trade*|winning position*|profitable trade*|gewinner*|gewinntrade*|gewinnende*|ganador*|gagnant*|vencedor*|ganhador*|盈利交易|盈利单|赢单|盈利的",
            Facets(quantities=_q("count"), result="win")),
    *_words("loser*|losing trade*|losing position*|losing ones|unprofitable trade*|verlierer*|verlusttrade*|verlierende*|perdedor*|perdant*|亏损交易|亏损单|输单|亏损的",
            Facets(quantities=_q("count"), result="loss")),
    *_words("trade*|number|count|anzahl|交易|笔|笔交易", Facets(quantities=_q("count"))),
    *_words("gross|brut|bruts|brute|brutto*|bruto*|bruta*|毛", Facets(quantities=_q("gross"))),
    *_words("of gross|of the gross|of gross profit|of gross profits|of the gross profit", Facets(quantities=_q("gross", "fees_share_of_gross"), relations=frozenset({"share"}))),
    *_words("costs in total|total costs|in costs|cost|costs|kosten|costes|costos|coûts|custos", Facets(quantities=_q("costs", "fees"))),
    *_words("return|returned|returns", Facets(quantities=_q("ret", "pnl"), verb=True)),
    *_words("rendite|rentabilidad|rendimiento|rendement|retorno|收益|performance|on capital|on equity|of capital|of equity", Facets(quantities=_q("ret"))),
    *_words("average*|avg|mean|typical|typically|on average|averaging|durchschnittlich*|im schnitt|im durchschnitt|im mittel|mittler*|medio|media|promedio|en promedio|de media|moyen|moyenne"
            "|en moyenne|médio|média|em média|平均", Facets(taken="avg")),
    *_words("per trade|per position|each|apiece|a trade|a piece|each trade|per closed trade|every trade|per round trip|pro trade|je trade|pro geschäft|por operación|por trade|por operação|par trade|par opération"
            "|chacun|chacune|cada una|cada uno|cada uma|每笔|每笔交易|单笔", Facets(taken="avg", relations=frozenset({"per"}))),
    *_words("median*|médian*|mediana|mediano|中位数", Facets(taken="median")),
    *_words("más cara|plus chère|plus coûteuse|teuerste*|mais cara|largest|biggest|single largest|single biggest|maximum|costliest|größte*|höchste*|mayor|plus gros*|plus grand*|maior|最大|single", Facets(taken="max")),
    *_words("worst|schlechteste*|peor|pire|pior|最差", Facets(taken="max", result="loss")),
    *_words("best|beste*|mejor|meilleur*|melhor|最佳|最好", Facets(taken="max", result="win")),
    *_words("worst trade|largest loss|biggest loss|single worst trade|worst loss|largest loser|biggest loser|worst loser|max loss|maximum loss|largest single loss|biggest single loss"
            "|largest losing trade|worst position", Facets(quantities=_PNL, measures=_q("largest_loss", "worst_trade_share"), taken="max", result="loss")),
    *_words("best trade|largest win|biggest win|single best trade|largest winner|biggest winner|best win|largest gain|biggest gain|max win|largest winning trade|best position",
            Facets(quantities=_PNL, measures=_q("largest_win"), taken="max", result="win")),
    *_words("still open|open trade*|open position*|unrealised|unrealized|offene trades|offene positionen|noch offen|operaciones abiertas|posiciones abiertas|positions ouvertes|posições abertas|未平仓|未实现",
            Facets(quantities=_q("count", "pnl"), result="open", scope=(("open", "true"),))),
    *_words("held|holding|held for|open for|hold time|hold|gehalten|mantenida|détenu|持有|stayed open", Facets(quantities=_q("hold"))),
    *_words("before the rule|without the rule|without it|ohne die regel|sin la regla|sans la règle|sem a regra|originally|instead of|currently", Facets(phase="before")),
    *_words("before|vorher|antes|avant|之前|原来", Facets(phase="before", ends=True)),
    *_words("after|nachher|danach|después|après|depois|之后|变为", Facets(phase="after", ends=True)),
    *_words("after the rule|with the rule|with it|under the rule|would|wäre|hätte|mit der regel|nach der regel|con la regla|habría|aurait|avec la règle|teria|com a regra|将会", Facets(phase="after")),
    *_words("would have been|would have made|would have lost|would have earned|would be|would end at|would have ended|habría ganado|habría perdido|aurait gagné|aurait perdu|teria ganho|teria perdido",
            Facets(phase="after", quantities=_PNL, verb=True)),
    *_words("improve*|improvement|save*|saving|would have saved|would have added|adds|added|extra|better off|zugewinn|verbesser*|mejora*|amélior*|melhora*|改善|提升|增加", Facets(quantities=_q("gain"), verb=True)),
    *_words("avoid*|spare*|vermied*|vermeid*|evita*|évit*|避免|losers avoided|losing trades avoided|avoided losers", Facets(quantities=_q("avoided"))),
    *_words("give up|gives up|given up|giving up|sacrific*|winners lost|lost winners|winners given up|miss*|opfert|geopfert|sacrifica*|放弃|牺牲", Facets(quantities=_q("given_up"))),
    *_words("p|p value|p-value|p-wert|valor p|p值", Facets(quantities=_q("p_value"))),
    *_words("var|value at risk", Facets(quantities=_q("var_95"))),
    *_words("r|r-multiple*|r multiple*", Facets(quantities=_q("r"))),
    *_words("mae|adverse excursion", Facets(quantities=_q("mae"))),
    *_words("mfe|favourable excursion|favorable excursion", Facets(quantities=_q("mfe"))),
    *_words("size|quantity|position size|amount", Facets(quantities=_q("quantity"))),
    *_words("entry|entered at|entry price|bought at", Facets(quantities=_q("entry_price"))),
    *_words("exit|exited|exit price|sold at|exited at", Facets(quantities=_q("exit_price"))),
    *_words("stop price|stop at", Facets(quantities=_q("stop_price"))),
    *_words("rules|rule|regeln|reglas|règles|regras|规则", Facets(quantities=_q("rules_tried"))),
    *_words("values|parameter values|settings|parameters|werte|valores|valeurs|参数", Facets(quantities=_q("values_tried"))),
    *_words("patterns|pattern|muster|patrones|motifs|padrões|模式", Facets(quantities=_q("patterns_found"))),
    # Relations between numbers.
    *_words("more|less|fewer|difference|gap|apart|higher|lower|better|worse|lead|ahead|behind|spread|between them|than|mehr|weniger|unterschied|differenz|abstand|höher|niedriger|más|menos|diferencia|plus que|moins|écart|différence"
            "|mais|diferença|差|差距|差额|更多|相差|exceed*|outperform*|outearned|beat|delta|pp|versus", Facets(relations=frozenset({"difference", "change"}))),
    *_words("share|of all|of the|of total|of net|percent of|proportion|part of|portion|went to|ate|eats|eaten|consumed|consumes|took|takes|swallowed|devoured|accounted for|account for|make up|made up|makes up|represent*|anteil|der|des|vom|von allen"
            "|del|de todas|de los|du|des pertes|part|do|da|dos|das|占|of|drag|loss rate|losing rate|from|absorbed|claimed|out of|cost|equals|equal to|fraction|into|in|on", Facets(relations=frozenset({"share"}))),
    *_words("times|twice|double|triple|half|ratio|fold|to one|for every|per|as much|as many|as large|as big|multiple|mal so|mal|doppelt|veces|doble|fois|deux fois|vezes|dobro|倍|relative to|for each", Facets(relations=frozenset({"ratio"}))),
    *_words("together|combined|sum|total|in total|both|altogether|plus|add up|adds up|added up|added up to|adding up|zusammen|insgesamt|summe|juntos|juntas|en conjunto|suma|ensemble|somme|au total|juntos|soma|no total|合计|共|一共|加起来|in all|all told|taken together|jointly", Facets(relations=frozenset({"sum"}))),
    *_words("larger|smaller|bigger|increase*|decrease*|reduc*|rose|rise|fall|cut|improv*|growth|grew|shrank|größer|kleiner|mayor que|menor que|plus grand|plus petit|maior que|大|小|change|change of|swing|turnaround|drop|dropped", Facets(relations=frozenset({"change", "difference"}))),
)  # fmt: skip
