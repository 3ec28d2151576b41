"""Settings are read by their own names and no others, and wrong ones are named."""

from pathlib import Path

import pytest

from backend.errors import Misconfigured
from backend.settings import Settings, load_settings

NAMES = ("RUNDOWN_HOME", "RUNDOWN_PORT", "RUNDOWN_HOST", "SUPABASE_URL", "SUPABASE_ANON_KEY", "RUNDOWN_SECRET_KEY")


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in (*NAMES, "RUNDOWN_DEMO", "OPENROUTER_BASE_URL", "RUNDOWN_WORKERS", "REDIS_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)


def test_defaults_are_the_embedded_stack_on_loopback(tmp_path: Path) -> None:
    settings = Settings()
    assert (settings.host, settings.port, settings.embedded, settings.demo_enabled) == ("127.0.0.1", 8000, True, True)
    assert settings.home == tmp_path / ".rundown"


def test_a_shells_home_host_and_port_are_not_ours(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name, value in (("HOME", "/somewhere"), ("HOST", "example.com"), ("PORT", "1"), ("DEMO", "false")):
        monkeypatch.setenv(name, value)
    settings = Settings()
    assert (settings.home, settings.host, settings.port) == (tmp_path / ".rundown", "127.0.0.1", 8000)
    assert settings.demo_enabled


def test_dotenv_file_is_read_and_the_environment_goes_before_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / ".env").write_text("RUNDOWN_PORT=8100\nRUNDOWN_DEMO=false\nRUNDOWN_HOST=\n")
    monkeypatch.setenv("RUNDOWN_PORT", "8200")
    settings = Settings()
    assert (settings.port, settings.demo_enabled, settings.host) == (8200, False, "127.0.0.1")


@pytest.mark.parametrize(
    ("values", "named"),
    [
        ({"SUPABASE_URL": "https://x.supabase.test"}, "SUPABASE_ANON_KEY"),
        ({"SUPABASE_URL": "https://x.supabase.test", "SUPABASE_ANON_KEY": "k"}, "RUNDOWN_SECRET_KEY"),
        ({"SUPABASE_URL": "x.supabase.test", "SUPABASE_ANON_KEY": "k"}, "SUPABASE_URL"),
        ({"RUNDOWN_PORT": "eighty"}, "RUNDOWN_PORT"),
        ({"OPENROUTER_BASE_URL": "openrouter"}, "OPENROUTER_BASE_URL"),
    ],
)
def test_wrong_setting_is_named(monkeypatch: pytest.MonkeyPatch, values: dict[str, str], named: str) -> None:
    for name, value in values.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(Misconfigured) as wrong:
        load_settings()
    assert named in wrong.value.message


def test_supabase_mode_has_no_demo(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SUPABASE_URL", "https://x.supabase.test/")
    monkeypatch.setenv("SUPABASE_ANON_KEY", "k")
    monkeypatch.setenv("RUNDOWN_SECRET_KEY", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=")
    monkeypatch.setenv("RUNDOWN_DEMO", "true")
    settings = Settings()
    assert (settings.embedded, settings.demo_enabled) == (False, False)
    assert settings.supabase_url == "https://x.supabase.test"


def test_limits_fit_the_mode_and_are_set_one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    assert Settings().limits.tokens_per_day == 0
    monkeypatch.setenv("RUNDOWN_LIMIT_TOKENS", "5")
    monkeypatch.setenv("RUNDOWN_LIMIT_UPLOAD_MB", "2")
    own = Settings().limits
    assert (own.tokens_per_day, own.upload_bytes_per_day) == (5, 2 * 2**20)
    assert own.streams == 1000
    for name, value in {"SUPABASE_URL": "https://x.supabase.test", "SUPABASE_ANON_KEY": "k"}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("RUNDOWN_SECRET_KEY", "k")
    server = Settings().limits
    assert (server.tokens_per_day, server.streams) == (5, 10)


@pytest.mark.parametrize(
    ("values", "named"),
    [({"RUNDOWN_WORKERS": "2"}, "REDIS_URL"), ({"RUNDOWN_TRUSTED_PROXIES": "10.0.0.0/8, proxy"}, "proxy")],
)
def test_what_several_workers_and_proxies_need_is_said(
    monkeypatch: pytest.MonkeyPatch, values: dict[str, str], named: str
) -> None:
    for name, value in values.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(Misconfigured) as wrong:
        load_settings()
    assert named in wrong.value.message


def test_workers_of_the_command_line_go_before_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RUNDOWN_WORKERS", "2")
    assert load_settings(RUNDOWN_WORKERS=1).workers == 1
