"""Nothing that a file, a server or a user says is an order to the terminal it is shown on."""

import logging
from pathlib import Path

import pytest

import backend
from backend.logs import configure_logs, redact
from backend.terminal import echo, harmless

ORDERS = "a\x1b]0;title\x07b\x1b[2Jc\x9b31md\x00e\rf\x7fg\u202eh\u2066i"


def test_orders_are_marked_and_lines_stay() -> None:
    assert harmless(ORDERS) == "a�]0;title�b�[2Jc�31md�e�f�g�h�i"
    assert harmless("a\tb\n ü 你好 −1 🙂") == "a\tb\n ü 你好 −1 🙂"


def test_what_commands_say_is_harmless(capsys: pytest.CaptureFixture[str]) -> None:
    echo(f"rundown: {ORDERS}", err=True)
    assert "\x1b" not in capsys.readouterr().err


def test_what_logs_say_is_harmless(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logs("info")
    logging.getLogger("uvicorn.error").warning("odd %s", ORDERS)
    assert "\x1b" not in capsys.readouterr().err
    assert "\x1b" not in redact(ORDERS)


def test_no_command_writes_past_it() -> None:
    for path in (Path(backend.__file__).parent / "commands").glob("*.py"):
        assert "typer.echo(" not in path.read_text(), path
