"""The pieces in which an answer is read: whole, in order, each short."""

from hypothesis import given
from hypothesis import strategies as st

from backend.analysis.not_figures import hide, pieces
from backend.analysis.numerals import read_numerals
from backend.analysis.steps import made_by

_LINES = st.lists(
    st.sampled_from(["", "It lost 5 USDT. ", "| a | 3 |", "```py", "```", "~~~", "x = 7", "word " * 500, "y" * 4000]),
    max_size=12,
)


@given(_LINES)
def test_pieces_make_up_the_text(lines: list[str]) -> None:
    text = "\n".join(lines)
    found = list(pieces(text))
    assert "".join(text[start:end] for start, end, _ in found) == text
    assert all(start < end for start, end, _ in found)


@given(_LINES)
def test_no_piece_of_prose_is_long(lines: list[str]) -> None:
    assert all(code or end - start <= 2_000 for start, end, code in pieces("\n".join(lines)))


def test_code_is_hidden_wherever_it_ends() -> None:
    text = "Lost 12 USDT.\n\n```py\nx = 34\n\n~~~\ny = 56\n```\nWon 78 USDT.\n\n~~~\nz = 90"
    assert [numeral.value for numeral in made_by(read_numerals(text))] == [12, 78]


def test_hidden_text_keeps_its_places() -> None:
    text = "On 2024-05-06 it lost " + "1,234.50 USDT and then more. " * 200
    hidden = made_by(hide(text, ["USDT"]))
    assert len(hidden) == len(text)
    assert len(made_by(read_numerals(text))) == 200
