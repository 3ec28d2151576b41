"""Markdown from a model or a user, made harmless for whatever program opens the file.

Programs that show Markdown run its HTML, load its pictures and follow its links. Here no HTML is left to run, no
picture to load, and no link leads anywhere but to the web or a mailbox: neither CommonMark's links, nor those that some
programs make of a bare address, of double brackets or of attributes in braces. Code between fences stays as it is,
where it is plain what is code. The time grows with the text's length and no faster.
"""

from __future__ import annotations

import html
import re

_FENCE = re.compile(r"(`{3,}(?=[^`]*$)|~{3,})")
_CLOSING = re.compile(r"(`+|~+)[ \t]*")
# A fence within a list, a quote or a line: where it ends depends on more than is looked at here.
_UNCLEAR = re.compile(r"^(?!```|~~~).*(?:```|~~~)", re.MULTILINE)
_HTML = re.compile(r"<(?=[A-Za-z/!?])")
# Written as an entity: a backslash before it would be undone by one that stands there already.
_PICTURE = re.compile(r"!(?=\[)")
_TARGET = re.compile(r"\](\(|:)([ \t\n]*+<?+)")
_ADDRESS = re.compile(r"[^\s)>]*")
# Of an address its beginning says where it leads, also where each of its letters is written as an entity.
_LOOKED_AT = 200
# A bare address that a program may make a link of.
_BARE = re.compile(r"(?<![\w.+-])(?!(?:https?|HTTPS?):)([A-Za-z][A-Za-z0-9.+-]*+):(?=//|\\\\)")
_SCRIPT = re.compile(r"\b(javascript|vbscript|data|file):", re.IGNORECASE)
# Links of note-taking programs; attributes that some give to what stands before them.
_WIKI = re.compile(r"\[(?=\[)")
_ATTRIBUTES = re.compile(r"\{(?=:)|(?<=[)\]`*_])\{")
_ESCAPED = re.compile(r"\\([!-/:-@\[-`{-~])")
_SAFE = ("http://", "https://", "mailto:")


def harmless_markdown(text: str) -> str:
    """`text` with nothing in it that a reader's program would run, load or follow unasked; fences are closed."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    if _UNCLEAR.search("\n".join(lines)):
        return "\n".join(_harmless(lines))
    parts: list[str] = []
    prose: list[str] = []
    fence = ""
    for line in lines:
        mark = _FENCE.match(line)
        if not fence and mark:
            parts += [*_harmless(prose), line]
            prose, fence = [], mark[1]
        elif fence:
            parts.append(line)
            closing = _CLOSING.fullmatch(line)
            if closing and closing[1].startswith(fence):
                fence = ""
        else:
            prose.append(line)
    return "\n".join([*parts, *([fence] if fence else _harmless(prose))])


def _harmless(lines: list[str]) -> list[str]:
    if not lines:
        return []
    text = _PICTURE.sub("&#33;", _HTML.sub("&lt;", "\n".join(lines)))
    text = _TARGET.sub(_kept_or_broken, text)
    text = _ATTRIBUTES.sub("&#123;", _WIKI.sub("&#91;", text))
    return [_SCRIPT.sub(r"\1&#58;", _BARE.sub(r"\1&#58;", text))]


def _kept_or_broken(target: re.Match[str]) -> str:
    # A reader decodes entities and escapes before it follows; so must who checks.
    ahead = target.string[target.end() : target.end() + _LOOKED_AT]
    found = _ADDRESS.match(ahead)
    address = _ESCAPED.sub(r"\1", html.unescape(found[0] if found else "")).lower()
    return target[0] if address.startswith(_SAFE) else f"]\\{target[1]}{target[2]}"
