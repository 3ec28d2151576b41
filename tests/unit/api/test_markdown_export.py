"""Exported Markdown as a reader's program sees it (markdown-it with HTML on): nothing runs, loads or leads astray."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from backend.api.markdown_export import harmless_markdown
from tests.support.growth import MOST, growth

READERS = [
    MarkdownIt("commonmark", {"html": True}),
    MarkdownIt("gfm-like", {"html": True, "linkify": False}),
]
for reader in READERS:
    reader.validateLink = lambda url: True  # the careless reader

ATTACKS = [
    "<script>alert(1)</script>",
    "a <img src=x onerror=alert(1)> b",
    "<iframe src=https://evil.example></iframe>",
    "![x](https://evil.example/leak.png)",
    "\\![x](https://evil.example/leak.png)",
    "![x][r]\n\n[r]: https://evil.example/p.png",
    "[x](javascript:alert(1))",
    "[x](java&#115;cript:alert(1))",
    "[x](java\\script:alert(1))",
    "[x](\tjavascript:alert(1))",
    "[x](<javascript:alert(1)>)",
    "[x](\n  javascript:alert(1))",
    "[r]\n\n[r]: javascript:alert(1)",
    "[r]\n\n[r]:\n  data:text/html,x",
    "[x](data:text/html;base64,AAAA)",
    "[x](file:///etc/passwd)",
    "[x](//evil.example)",
    "<javascript:alert(1)>",
    "- a\n  ```\n<script>x</script>",
    "> ```\n<script>x</script>",
    "```\ncode\n````\n<script>x</script>",
    "``` a`b\n<script>x</script>",
    "~~~\n```\n~~~\n<script>x</script>",
    "<!-- -->\n```\n<script>x</script>",
    "&lt;script&gt;x&lt;/script&gt;",
    "[![x](https://evil.example/a.png)](https://evil.example)",
    "| a |\n|---|\n| <b onclick=x> |",
]


def tokens_of(reader: MarkdownIt, text: str) -> list[Token]:
    found: list[Token] = []
    for token in reader.parse(text):
        found += [token, *(token.children or [])]
    return found


def dangers(text: str) -> list[str]:
    found = []
    for reader in READERS:
        for token in tokens_of(reader, text):
            if token.type in {"html_block", "html_inline", "image"}:
                found.append(f"{token.type}: {token.content}")
            if token.type == "link_open" and not re.match(r"(https?://|mailto:)", str(token.attrs["href"]), re.I):
                found.append(f"link: {token.attrs['href']}")
    return found


@pytest.mark.parametrize("text", ATTACKS)
def test_attack_is_left_as_text(text: str) -> None:
    assert dangers(harmless_markdown(text)) == []


@settings(max_examples=400, deadline=None)
@given(
    st.lists(
        st.sampled_from([*ATTACKS, "\n", "\n\n", "```", "~~~", "`", "- ", "> ", "    ", "x", "\\", "\r"]), max_size=8
    )
)
def test_no_mixture_of_attacks_gets_through(parts: list[str]) -> None:
    assert dangers(harmless_markdown("".join(parts))) == []


@pytest.mark.parametrize(
    "text",
    [
        "see file:///etc/passwd",
        "see vscode://file/etc and obsidian://open?vault=x",
        "see javascript:alert(1)",
        "see smb:\\\\evil\\share",
        "[[file:///etc/passwd]]",
        "[[javascript:alert(1)|click]]",
        "[x](https://ok.example){:onclick='alert(1)'}",
        "[x](https://ok.example){onclick=alert(1)}",
        "{: href='javascript:alert(1)'}",
    ],
)
def test_links_of_other_programs_are_left_as_text(text: str) -> None:
    made = harmless_markdown(text)
    assert not re.search(r"\[\[|\{|(?<!https)(?<!http):(?=//|\\)|(?:javascript|file|data):", made, re.IGNORECASE), made


@pytest.mark.parametrize(
    "piece",
    ["](", "](a", "]( ", "]:\n", "`", "```\n", "~~~", "<", "![", "[[", "&#104", "\\", "a:", "a.", "{:", "\n", "# "],
)
def test_the_time_grows_with_the_text_and_no_faster(piece: str) -> None:
    assert growth(lambda count: harmless_markdown(piece * count), 4_000) < MOST


def test_plain_answers_stay_as_they_are() -> None:
    text = (
        "# It lost\n\nNet **-10.50** on [docs](https://example.com/a_(b)), a < b and 3 <4.\n\n"
        "| a | b |\n|---|--:|\n| 1 | 2 |\n\n```python\nif a <b: print('<script>')\n```\n\nmore"
    )
    assert harmless_markdown(text) == text


def test_open_fence_is_closed_so_that_what_follows_is_no_code() -> None:
    assert harmless_markdown("```python\nx = 1") == "```python\nx = 1\n```"
