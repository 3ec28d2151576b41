"""Questions in six languages and what each must be understood as."""

from __future__ import annotations

import pytest

from backend.agents.offline.understanding import understand
from tests.unit.agents.offline.plans import STOCKS, read, vocabulary

# One line a question: intent, measures, order, conditions (see `plans.part_line`).
ENGLISH = [
    ("What's my win rate?", "figures win_rate"),
    ("How many trades did I take?", "figures trade_count"),
    ("How many winners and losers did I have?", "figures win_count loss_count"),
    ("What's my net profit?", "figures net_pnl"),
    ("What did I pay in fees?", "figures fees"),
    ("How much funding did I pay?", "figures funding"),
    ("What's the profit factor?", "define profit_factor"),
    ("What's my average win and my average loss?", "figures average_win average_loss"),
    ("What is my expectancy per trade?", "figures expectancy"),
    ("What was my max drawdown and when did it happen?", "figures max_drawdown"),
    ("How big was the drawdown in dollars?", "figures max_drawdown_money"),
    ("What leverage did I use, on average and at most?", "figures leverage:mean leverage:max"),
    ("How long do I hold trades on average?", "figures holding:mean"),
    ("How long do I hold winners compared to losers?", "compare holding:mean | result=win vs result=loss"),
    ("What's the median trade?", "figures net_pnl:median"),
    ("What is my average MAE and MFE?", "figures mae:mean mfe:mean"),
    ("What's my longest losing streak?", "figures longest_losing_streak"),
    ("What was my return in percent?", "figures total_return"),
    ("How much cash is left?", "figures cash"),
    ("How many positions are still open?", "figures open_count"),
    ("How much is unrealised?", "figures open_pnl"),
    ("How much did I make on BTC?", "figures net_pnl | symbol=BTC/USDT:USDT"),
    ("Net result of shorts on Mondays?", "figures net_pnl | side=short, weekday=monday"),
    ("August 2024 only: net result and win rate?", "figures net_pnl win_rate | month=2024-08"),
    (
        "Longs in May held more than 4 hours: net result and number of trades",
        "figures net_pnl trade_count | side=long, month=2024-05, duration=gt14400",
    ),
    (
        "Only longs opened from 22:00 UTC on and held for more than an hour: how many, and what did they make?",
        "figures trade_count net_pnl | side=long, hour=gte22@opened, duration=gt3600",
    ),
    (
        "BTC longs on Monday at 9: how many and what result?",
        "figures trade_count net_pnl | symbol=BTC/USDT:USDT, side=long, weekday=monday, hour=9",
    ),
    ("How did the last week of the run go?", "overview | date=last 1 weeks"),
    ("How much did I make between 5 and 20 August?", "figures net_pnl | date=2024-08-05..2024-08-20"),
    ("What happened to trades opened between 8 and 12 UTC?", "why | hour=gte8 lt12@opened"),
    (
        "trades after two losses in a row: how many and what did they make?",
        "figures trade_count net_pnl | streak=afterlosses at_least2",
    ),
    ("How did I do right after a win?", "overview | streak=afterwins at_least1"),
    ("How many trades lasted less than 10 minutes?", "figures trade_count | duration=lt600"),
    ("How many trades lost more than 300 USDT?", "figures trade_count | pnl=lt-300"),
    ("What is the win rate of trades with leverage above 10?", "figures win_rate | leverage=gt10"),
    ("How often did I get stopped out?", "figures trade_count | exit_reason=stop_loss,trailing_stop"),
    ("Result of the first trade of each day?", "figures net_pnl | nth_of_day=1"),
    ("Best month and worst month?", "groups by month both"),
    ("Which weekday has the highest win rate?", "groups win_rate by weekday most"),
    ("Second worst day?", "groups by day worst #2"),
    ("P&L by weekday", "groups net_pnl by weekday"),
    ("Which coin lost the most?", "groups net_pnl by symbol worst"),
    ("Which hour is the worst for shorts?", "groups by hour worst | side=short"),
    ("How many months were profitable?", "groups group_count by month (win)"),
    ("Which symbol did I trade most?", "groups trade_count by symbol most"),
    ("worst 3 hours", "groups by hour worst top3"),
    ("How do longs compare with shorts?", "compare | side=long vs side=short"),
    ("Is BTC better than ETH?", "compare | symbol=BTC/USDT:USDT vs symbol=ETH/USDT:USDT"),
    ("Compare Mondays with the rest", "compare | weekday=monday vs not weekday=monday"),
    ("Did I do better on weekends?", "compare | weekend=True vs weekend=False"),
    ("March or April, which was better?", "compare | month=2024-03 vs month=2024-04"),
    ("difference in win rate between longs and shorts", "compare win_rate | side=long vs side=short"),
    ("What was my worst trade?", "trades worst top1"),
    ("Show me my 3 biggest winners", "trades best top3"),
    ("my 3 biggest winners without fees", "trades best top3 order:gross_pnl | result=win"),
    ("longest trade?", "trades most top1 order:duration"),
    ("second worst trade", "trades worst #2"),
    ("Which trade went furthest against me?", "trades worst top1 order:mae"),
    ("Trade 32: how much did I leave on the table?", "trade ?giveback | trade=32"),
    ("trade #41", "trade | trade=41"),
    ("What was my worst trade and how far did it go against me?", "trades worst top1 ?mae"),
    ("MAE of the worst trade?", "trades worst top1 ?mae"),
    ("the last trade", "trade #-1"),
    ("show me the last 5 trades", "trades | trade=116..120"),
    ("Which trades are still open?", "trades | open=True"),
    ("Which coins did I sell on 13 August?", "trades ?symbol | date=2024-08-13@closed"),
    ("When did I buy ETH?", "trades ?when,opened_at | symbol=ETH/USDT:USDT"),
    ("trades that made more than 500", "trades | pnl=gt500"),
    ("What did the agent write when buying ETH?", "reasoning | symbol=ETH/USDT:USDT"),
    ("What if I had used a 2 % stop loss?", "what_if stop_loss pct=2"),
    ("What would a 5% take profit have done?", "what_if take_profit pct=5"),
    ("What if I had traded half the size?", "what_if position_size factor=0.5"),
    ("Would this be profitable without the fees?", "what_if fees no_fees"),
    ("What if I had only traded longs?", "what_if side_filter side=long"),
    ("What would I have made if I had skipped hours 22 and 23?", "what_if net_pnl no_trade_hours hours=[22, 23]"),
    ("what if I skipped Mondays", "what_if no_trade_weekdays weekdays=['monday']"),
    ("without BTC, what would I have made?", "what_if net_pnl symbol_exclusion symbols=['BTC/USDT:USDT']"),
    ("What if I stop trading for the day after 2 losses?", "what_if stop_after_losses count=2"),
    ("What if I took only 1 trade per day?", "what_if max_trades_per_day count=1"),
    ("result without the 5 worst trades?", "what_if net_pnl without_trades worst=5"),
    ("What if I closed everything after 4 hours?", "what_if max_holding_time hours=4"),
    ("should I stop shorting?", "what_if side_filter side=long"),
    ("What is the Sharpe ratio and how high is it here?", "define sharpe"),
    ("What does MAE mean?", "define mae"),
    ("explain profit factor", "define profit_factor"),
    ("what is a trailing stop?", "define <trailing stop>"),
    ("Why did I lose money?", "why"),
    ("why red", "why"),
    ("Why did BTC lose?", "why | symbol=BTC/USDT:USDT"),
    ("Is this strategy any good?", "judge (good)"),
    ("Should I keep running this?", "judge (good)"),
    ("Was it just luck?", "judge (luck)"),
    ("Is my result on Fridays significant?", "judge net_pnl (luck) | weekday=friday"),
    ("What rules would have helped?", "rules"),
    ("Any patterns in my losses?", "patterns"),
    ("What share of my losses came from shorts?", "share total_loss | side=short"),
    ("What percentage of my trades were shorts?", "share trade_count | side=short"),
    ("How much of the losses do the 5 worst trades make?", "share net_pnl worst top5"),
    ("How much of my gross profit did fees eat?", "figures fees_share_of_gross"),
    ("What will BTC do next week?", "unknowable (future) | symbol=BTC/USDT:USDT"),
    ("Should I buy ETH now?", "unknowable (buynow) | symbol=ETH/USDT:USDT"),
    ("What was the RSI at entry?", "unknowable (indicator)"),
    ("How much tax do I owe?", "unknowable (tax)"),
    ("What's the weather?", "unknowable (else)"),
    ("Thanks, that helped!", "courtesy (thanks)"),
    ("Hello", "courtesy (hello)"),
    ("Who are you?", "help"),
    ("From when to when does the run go?", "span"),
    (
        "Give me my 3 worst trades, the max drawdown with dates, and what I paid in fees.",
        "trades worst top3; figures max_drawdown fees",
    ),
    ("How many trades did I take and how many were shorts?", "figures trade_count; figures trade_count | side=short"),
    (
        "Give me net P&L, win rate and number of trades for longs and for shorts",
        "compare net_pnl win_rate trade_count | side=long vs side=short",
    ),
    ("wats my winrate on longz", "figures win_rate | side=long"),
    ("biggest L", "trades worst top1"),
    ("pnl aug?", "figures net_pnl | month=2024-08"),
    ("avrage holdng time of loosers", "figures holding:mean | result=loss"),
    ("how mutch did i loose on etherum", "figures net_pnl | symbol=ETH/USDT:USDT"),
    ("drawdwn?", "figures max_drawdown"),
]
OTHER_LANGUAGES = [
    ("Wie viele Trades habe ich gemacht?", "figures trade_count"),
    ("Wie hoch ist die Trefferquote bei Longs im August?", "figures win_rate | side=long, month=2024-08"),
    ("Was war mein größter Verlust?", "trades worst top1"),
    ("Zeig mir die 5 schlechtesten Trades", "trades worst top5"),
    ("Welcher Wochentag war am schlechtesten?", "groups by weekday worst"),
    ("Wie viel habe ich an Gebühren gezahlt?", "figures fees"),
    ("Was bedeutet Profitfaktor?", "define profit_factor"),
    ("Warum habe ich Geld verloren?", "why"),
    ("Was wäre gewesen, wenn ich nur Longs gehandelt hätte?", "what_if side_filter side=long"),
    ("Was wäre mit halber Positionsgröße?", "what_if stake position_size factor=0.5"),
    ("Wie lange habe ich Gewinner im Durchschnitt gehalten?", "figures holding:mean | result=win"),
    ("Vergleiche BTC mit ETH", "compare | symbol=BTC/USDT:USDT vs symbol=ETH/USDT:USDT"),
    ("Ist die Strategie gut oder war es nur Glück?", "judge (luck)"),
    ("Wie viele Trades dauerten länger als 2 Stunden?", "figures trade_count | duration=gt7200"),
    ("Wie war das Ergebnis im März?", "figures net_pnl | month=2024-03"),
    ("Welche Stunde war die beste?", "groups by hour best"),
    ("Was kann ich verbessern?", "rules"),
    ("Wie hoch ist der Sharpe?", "figures sharpe"),
    ("Danke!", "courtesy (thanks)"),
    ("Was wird BTC morgen machen?", "unknowable (future) | symbol=BTC/USDT:USDT"),
    ("Wie viele Gewinner und Verlierer?", "figures win_count loss_count"),
    ("Wie oft wurde ich ausgestoppt?", "figures trade_count | exit_reason=stop_loss,trailing_stop"),
    ("Ergebnis ohne Gebühren?", "what_if net_pnl fees no_fees"),
    ("Und am Freitag?", "overview | weekday=friday"),
    ("Was war der zweitschlechteste Tag?", "groups by day worst #2"),
    ("Median der Trades?", "figures net_pnl:median"),
    ("¿Cuántas operaciones hice?", "figures trade_count"),
    ("¿Cuál es mi tasa de acierto en cortos?", "figures win_rate | side=short"),
    ("¿Cuál fue mi mayor pérdida?", "trades worst top1"),
    ("Muéstrame las 3 mejores operaciones", "trades best top3"),
    ("¿Qué día de la semana fue el peor?", "groups by weekday worst"),
    ("¿Cuánto pagué en comisiones?", "figures fees"),
    ("¿Qué significa profit factor?", "define profit_factor"),
    ("¿Por qué perdí dinero?", "why"),
    ("¿Qué habría pasado si solo hubiera operado en largo?", "what_if side_filter side=long"),
    ("¿Y con la mitad del tamaño?", "what_if position_size factor=0.5"),
    ("¿Cuánto tiempo mantuve las ganadoras de media?", "figures holding:mean | result=win"),
    ("Compara BTC con ETH", "compare | symbol=BTC/USDT:USDT vs symbol=ETH/USDT:USDT"),
    ("¿Es buena la estrategia o fue suerte?", "judge (luck)"),
    ("¿Cuántas operaciones duraron más de 2 horas?", "figures trade_count | duration=gt7200"),
    ("¿Cuál fue el resultado en marzo?", "figures net_pnl | month=2024-03"),
    ("¿Cuál fue la mejor hora?", "groups by hour best"),
    ("¿Qué debería cambiar?", "rules"),
    ("¿Cuál es la caída máxima?", "figures max_drawdown"),
    ("Gracias", "courtesy (thanks)"),
    ("¿Qué hará BTC mañana?", "unknowable (future) | symbol=BTC/USDT:USDT"),
    ("¿Cuánto gané los lunes con largos?", "figures net_pnl | weekday=monday, side=long"),
    ("Sin las tres peores operaciones, ¿cuánto habría ganado?", "what_if net_pnl without_trades worst=3"),
    ("¿Cuántas ganadoras y perdedoras?", "figures win_count loss_count"),
    ("Combien de trades ai-je faits ?", "figures trade_count"),
    ("Quel est mon taux de réussite sur les shorts ?", "figures win_rate | side=short"),
    ("Quelle a été ma plus grosse perte ?", "trades worst top1"),
    ("Montre-moi les 5 pires trades", "trades worst top5"),
    ("Quel jour de la semaine est le pire ?", "groups by weekday worst"),
    ("Combien ai-je payé de frais ?", "figures fees"),
    ("Que veut dire profit factor ?", "define profit_factor"),
    ("Pourquoi ai-je perdu de l'argent ?", "why"),
    ("Que se serait-il passé si je n'avais fait que des longs ?", "what_if side_filter side=long"),
    ("Et avec la moitié de la taille ?", "what_if position_size factor=0.5"),
    ("Combien de temps ai-je gardé les gagnants en moyenne ?", "figures holding:mean | result=win"),
    ("Compare BTC et ETH", "compare | symbol=BTC/USDT:USDT vs symbol=ETH/USDT:USDT"),
    ("Est-ce une bonne stratégie ou de la chance ?", "judge (luck)"),
    ("Combien de trades ont duré plus de 2 heures ?", "figures trade_count | duration=gt7200"),
    ("Quel résultat en mars ?", "figures net_pnl | month=2024-03"),
    ("Quelle heure est la meilleure ?", "groups by hour best"),
    ("Que devrais-je changer ?", "rules"),
    ("Quel est le drawdown maximal ?", "figures max_drawdown"),
    ("Merci beaucoup", "courtesy (thanks)"),
    ("Que fera BTC demain ?", "unknowable (future) | symbol=BTC/USDT:USDT"),
    ("Combien ai-je gagné le lundi sur les longs ?", "figures net_pnl | weekday=monday, side=long"),
    ("Résultat sans les frais ?", "what_if net_pnl fees no_fees"),
    ("Quantas operações fiz?", "figures trade_count"),
    ("Qual é a minha taxa de acerto nos shorts?", "figures win_rate | side=short"),
    ("Qual foi a maior perda?", "trades worst top1"),
    ("Mostre as 5 piores operações", "trades worst top5"),
    ("Qual dia da semana foi o pior?", "groups by weekday worst"),
    ("Quanto paguei de taxas?", "figures fees"),
    ("O que significa fator de lucro?", "define profit_factor"),
    ("Por que perdi dinheiro?", "why"),
    ("E se eu só tivesse operado long?", "what_if side_filter side=long"),
    ("Com metade do tamanho, quanto seria?", "what_if position_size factor=0.5"),
    ("Quanto tempo mantive as vencedoras em média?", "figures holding:mean | result=win"),
    ("Compare BTC com ETH", "compare | symbol=BTC/USDT:USDT vs symbol=ETH/USDT:USDT"),
    ("A estratégia é boa ou foi sorte?", "judge (luck)"),
    ("Quantas operações duraram mais de 2 horas?", "figures trade_count | duration=gt7200"),
    ("Qual foi o resultado em março?", "figures net_pnl | month=2024-03"),
    ("Qual foi a melhor hora?", "groups by hour best"),
    ("O que devo mudar?", "rules"),
    ("Obrigado!", "courtesy (thanks)"),
    ("Quanto ganhei às segundas-feiras?", "figures net_pnl | weekday=monday"),
    ("Resultado sem taxas?", "what_if net_pnl fees no_fees"),
    ("我做了多少笔交易？", "figures trade_count"),
    ("做空的胜率是多少？", "figures win_rate | side=short"),
    ("最大的一笔亏损是多少？", "trades worst top1"),
    ("最差的五笔交易", "trades worst top5"),
    ("星期几最差？", "groups by weekday worst"),
    ("手续费付了多少？", "figures fees"),
    ("什么是盈利因子？", "define profit_factor"),
    ("为什么亏钱？", "why"),
    ("如果只做多会怎样？", "what_if side_filter side=long"),
    ("如果仓位减半呢？", "what_if position_size factor=0.5"),
    ("盈利交易平均持有多久？", "figures holding:mean | result=win"),
    ("比特币和以太坊哪个更好？", "compare | symbol=BTC/USDT:USDT vs symbol=ETH/USDT:USDT"),
    ("这个策略好吗，还是运气？", "judge (good); judge (luck)"),
    ("持有超过2小时的交易有多少笔？", "figures trade_count | duration=gt7200"),
    ("三月的结果如何？", "figures net_pnl | month=2024-03"),
    ("哪个小时最好？", "groups by hour best"),
    ("最大回撤是多少？", "figures max_drawdown"),
    ("谢谢", "courtesy (thanks)"),
    ("比特币明天会涨吗？", "unknowable (future) | symbol=BTC/USDT:USDT"),
    ("周一做多赚了多少？", "figures net_pnl | weekday=monday, side=long"),
    ("没有手续费的话结果是多少？", "what_if fees net_pnl no_fees"),
    ("8月5日的交易", "trades | date=2024-08-05"),
]
# Turns parted by bars; the plan is of the last.
CONVERSATIONS = [
    ("How much did I lose on BTC? | and ETH?", "figures net_pnl | symbol=ETH/USDT:USDT"),
    ("How much did I lose on BTC? | why?", "why | symbol=BTC/USDT:USDT"),
    (
        "How many trades in March? | and in April? | what about shorts only?",
        "figures trade_count | month=2024-04, side=short",
    ),
    ("win rate on shorts? | no, I meant longs", "figures win_rate | side=long"),
    ("how many losers? | list them | how long were they held?", "figures holding:mean | result=loss"),
    ("What was my worst trade? | And without that one?", "what_if without_trades trades=[17]"),
    ("What was my worst trade? | when was it opened?", "trade ?when,opened_at | trade=17"),
    ("What was my worst trade? | and the second worst?", "trades worst #2"),
    ("What was my worst trade? | and the best?", "trades best top1"),
    ("Show me the 3 worst trades | tell me more about the second one", "trade | trade=5"),
    ("Show me the 3 worst trades | the last one", "trade | trade=5"),
    ("Best month? | and the worst?", "groups by month worst"),
    ("Which hour is worst? | the second one?", "groups by hour worst #2"),
    ("What if I used a 2% stop? | and 5%?", "what_if stop_loss pct=5"),
    ("What if I had only traded longs? | and shorts?", "what_if side_filter side=short"),
    ("How do longs compare with shorts? | on Mondays?", "compare | weekday=monday | side=long vs side=short"),
    ("what's the profit factor? | what does that mean?", "define profit_factor"),
    ("Which stock did I sell on 13 August? | when was it bought?", "trade ?when,opened_at | trade=17"),
    (
        "Why did shorts do worse? | and on Fridays? | how many were there?",
        "figures trade_count | side=short, weekday=friday",
    ),
    ("What are my 5 best trades? | how much of the profit do they make?", "share net_pnl best top5"),
    ("Wie hoch war die Trefferquote bei Longs? | Und bei Shorts? | Warum?", "why | side=short"),
    ("¿Cuánto gané en marzo? | ¿Y en abril?", "figures net_pnl | month=2024-04"),
    ("Combien ai-je gagné en mars ? | Et en avril ?", "figures net_pnl | month=2024-04"),
    ("Quanto ganhei em março? | E em abril?", "figures net_pnl | month=2024-04"),
    ("三月赚了多少？ | 四月呢？", "figures net_pnl | month=2024-04"),
    ("What's my win rate? | thanks", "courtesy (thanks)"),
    ("thanks | what's my sharpe?", "figures sharpe"),
]


@pytest.mark.parametrize(("question", "plan"), ENGLISH, ids=lambda value: value)
def test_english_question_comes_to_its_plan(question: str, plan: str) -> None:
    assert read(question) == plan


@pytest.mark.parametrize(("question", "plan"), OTHER_LANGUAGES, ids=lambda value: value)
def test_question_in_another_language_comes_to_its_plan(question: str, plan: str) -> None:
    assert read(question) == plan


@pytest.mark.parametrize(("turns", "plan"), CONVERSATIONS, ids=lambda value: value)
def test_question_that_goes_on_takes_what_was_asked_before(turns: str, plan: str) -> None:
    assert read(*turns.split(" | ")) == plan


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Was war mein bester Trade?", "de"),
        ("¿Cuál fue la mejor?", "es"),
        ("Quel est le pire trade ?", "fr"),
        ("Qual foi o pior mês?", "pt"),
        ("胜率是多少", "zh"),
        ("pnl?", "en"),
        ("win rate shorts", "en"),
        ("Danke!", "de"),
    ],
)
def test_language_is_told(text: str, language: str) -> None:
    assert understand(text, vocabulary()).language == language


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("How much did I make on DOGE?", ("DOGE",)),
        ("what about tesla", ("tesla",)),
        ("How much did I make on BTC?", ()),
        ("Is GPT-5 any good?", ()),
        ("WHY DID IT LOSE MONEY", ()),
    ],
)
def test_symbol_that_the_run_does_not_trade_is_told_apart(question: str, expected: tuple[str, ...]) -> None:
    assert understand(question, vocabulary()).strangers == expected


def test_word_that_is_also_a_ticker_is_one_in_capitals_only() -> None:
    run = vocabulary(("ALL", "IT", *STOCKS))
    assert read("net result of ALL", run=run) == "figures net_pnl | symbol=ALL"
    assert read("is it all lost", run=run).startswith("figures net_pnl")
    assert "symbol" not in read("why did it lose", run=run)


def test_nothing_understood_offers_two_questions_that_are() -> None:
    plan = understand("frobnicate the wobble", vocabulary())
    assert not plan.understood
    assert plan.unread == ("frobnicate", "wobble")
    assert len(plan.nearest) == 2
    assert all(understand(text, vocabulary()).understood for text in plan.nearest)


def test_hostile_text_is_read_in_linear_time_and_bounded() -> None:
    for text in ("a" * 100_000, "between 1 and " * 5_000, "1,1" * 20_000, "为什么" * 20_000, "`|<script>" * 3_000):
        understand(text, vocabulary())


@pytest.mark.parametrize("text", ["", "?", "   ", "1", "#", "%", "。", "\u0000", "🙂", "and", "the"])
def test_question_of_nothing_is_unclear(text: str) -> None:
    assert understand(text, vocabulary()).parts[0].intent == "unclear"
