"""What all importers share: limits, decoding, strict numbers, clean text, moments in UTC.

Everything here treats its input as hostile: a value that the database could not hold, or that would poison a figure
(NaN, infinity, a NUL, a lone surrogate, a year that no market saw), never gets past this module.
"""

from __future__ import annotations

import codecs
import io
import json
import math
import re
from datetime import UTC, datetime
from pathlib import PurePosixPath
from typing import TextIO
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from backend.importers.base import ImportProblem

MAX_BYTES = 64 * 1024 * 1024
MAX_ROWS = 2_000_000
# Of one table: a cell that a short row leaves out costs the file nothing, and memory four bytes.
MAX_CELLS = 40_000_000
# Of one JSON document: an empty object is three bytes in a file and seventy in memory.
MAX_JSON_VALUES = 8_000_000
MAX_TEXT_CHARS = 20_000
MAX_LABEL_CHARS = 200
EARLIEST_YEAR, LATEST_YEAR = 1970, 2199

_DECODED_BYTES = 2**20
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f]")
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def check_size(size_bytes: int) -> None:
    """Refuse an empty file or one above the limit.

    Raises:
        ImportProblem: `empty_file` (422) or `too_large` (413).
    """
    if size_bytes == 0:
        raise ImportProblem("The file is empty. Export the run again and upload that file.", code="empty_file")
    if size_bytes > MAX_BYTES:
        raise ImportProblem(
            f"The file is larger than {MAX_BYTES // 2**20} MiB. Split the run, or export fewer columns.",
            status=413,
            code="too_large",
        )


def check_rows(count: int) -> None:
    """Refuse more rows than a run may have.

    Raises:
        ImportProblem: `too_large` (413).
    """
    if count > MAX_ROWS:
        raise ImportProblem(
            f"The file holds more than {MAX_ROWS:,} rows. Split it into several runs.", status=413, code="too_large"
        )


def check_cells(rows: int, columns: int) -> None:
    """Refuse a table of more cells than a file of the largest size spells out.

    Raises:
        ImportProblem: `too_large` (413).
    """
    if rows * columns > MAX_CELLS:
        raise ImportProblem(
            f"The table has more than {MAX_CELLS:,} cells (rows × columns). Leave out the columns that are not trades, "
            "or split it into several runs.",
            status=413,
            code="too_large",
        )


def decode_text(data: bytes) -> tuple[str, str]:
    """Text of a file and the encoding it was read with: by byte order mark, else UTF-8, UTF-16, Windows-1252.

    Raises:
        ImportProblem: `bad_encoding` when no reading gives text.
    """
    for bom, name in _BOMS:
        if data.startswith(bom):
            return _decode(data, name), name
    guess = _utf16_without_bom(data)
    if guess is not None:
        return _decode(data, guess), guess
    try:
        text, encoding = data.decode("utf-8"), "utf-8"
    except UnicodeDecodeError:
        # Five bytes mean nothing in Windows-1252; in a trader's note they are no reason to refuse the run.
        text, encoding = data.decode("cp1252", errors="replace"), "cp1252"
    if _CONTROL.search(text[:65536]):
        raise _not_text()
    return text, encoding


def open_text(data: bytes) -> tuple[TextIO, str]:
    """As `decode_text`, for a file whose text is read line by line: it is never decoded at once.

    Raises:
        ImportProblem: as `decode_text`.
    """
    encoding = next((name for mark, name in _BOMS if data.startswith(mark)), None)
    stated = encoding or _utf16_without_bom(data)
    fault = _first_fault(data, stated or "utf-8")
    if stated is not None and fault is not None:
        raise _badly_encoded(stated, fault)
    name = stated or ("utf-8" if fault is None else "cp1252")
    errors = "strict" if fault is None else "replace"
    stream = io.TextIOWrapper(io.BytesIO(data), encoding=name, errors=errors, newline="")
    if stated is None and _CONTROL.search(stream.read(65536)):
        raise _not_text()
    stream.seek(0)
    return stream, name


def _first_fault(data: bytes, encoding: str) -> int | None:
    """Where the bytes are first not text of this encoding; None where all of them are."""
    decoder = codecs.getincrementaldecoder(encoding)()
    view = memoryview(data)
    for start in range(0, len(data), _DECODED_BYTES):
        try:
            decoder.decode(view[start : start + _DECODED_BYTES], final=start + _DECODED_BYTES >= len(data))
        except UnicodeDecodeError as error:
            return start + error.start
    return None


def _decode(data: bytes, encoding: str) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        raise _badly_encoded(encoding, error.start) from error


def _badly_encoded(encoding: str, at: int) -> ImportProblem:
    return ImportProblem(
        f"The file says it is {encoding.upper()} but byte {at} is not. Save it again as UTF-8.", code="bad_encoding"
    )


def _utf16_without_bom(data: bytes) -> str | None:
    """UTF-16 text in Latin letters has a NUL in every second byte; which half says the byte order."""
    sample = data[:2048]
    even, odd = sample[0::2].count(0), sample[1::2].count(0)
    if len(data) % 2 == 0 and max(even, odd) * 4 >= len(sample) and min(even, odd) * 20 <= max(even, odd):
        return "utf-16-le" if odd > even else "utf-16-be"
    return None


def _not_text() -> ImportProblem:
    return ImportProblem("The file is not text. Export the run as text and save it as UTF-8.", code="bad_encoding")


def parse_json(text: str, *, line: int | None = None) -> object:
    """One JSON value.

    `NaN` and `Infinity`, which some engines write, come back as floats: the reader of each field decides.

    Raises:
        ImportProblem: `bad_json` with the line, `too_deep`, or `too_large` (413) before any of it is read.
    """
    if sum(map(text.count, ",[{")) > MAX_JSON_VALUES:
        raise ImportProblem(
            f"The file holds more than {MAX_JSON_VALUES:,} values. Split the run, or leave out what is not trades.",
            status=413,
            code="too_large",
        )
    try:
        value: object = json.loads(text)
    except RecursionError as error:
        raise ImportProblem("The file is nested too deeply to be a run.", line=line, code="too_deep") from error
    except json.JSONDecodeError as error:
        where = line if line is not None else error.lineno
        raise ImportProblem(
            f"Line {where} is not valid JSON ({error.msg}, at character {error.colno}). "
            "The file may be cut off: export it again.",
            line=where,
            code="bad_json",
        ) from error
    except ValueError as error:
        raise ImportProblem("A number has too many digits to be read.", line=line, code="bad_value") from error
    return value


def finite(value: object) -> float | None:
    """The value as a finite float, or None when it is no number (booleans and texts are none)."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        number = float(value)
    except OverflowError:
        return None
    return number if math.isfinite(number) else None


def stop_level(price: float | None) -> float | None:
    """A stop's price; None where the source writes none, which some do as zero."""
    return price if price is not None and price > 0 else None


def clean_text(value: object, limit: int = MAX_TEXT_CHARS) -> str | None:
    """Text that the database can hold, at most `limit` characters; None when there is none.

    NULs and other control characters but tab and line ends go; lone surrogates become question marks.
    """
    if not isinstance(value, str):
        return None
    text = _CONTROL.sub("", value).encode("utf-8", "replace").decode("utf-8").strip()
    return text[:limit] or None


def zone_of(name: str) -> ZoneInfo:
    """The time zone by its IANA name.

    Raises:
        ImportProblem: `bad_timezone`.
    """
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ImportProblem(
            f"Unknown time zone {clean_text(name, 60)!r}. Use an IANA name such as UTC, America/New_York "
            "or Asia/Shanghai.",
            code="bad_timezone",
        ) from error


def to_utc(moment: datetime, zone: ZoneInfo) -> datetime | None:
    """The moment in UTC, a zoneless one read in `zone`; None when no market can have seen it."""
    try:
        stamped = moment if moment.tzinfo is not None else moment.replace(tzinfo=zone)
        result = stamped.astimezone(UTC)
    except (OverflowError, ValueError):
        return None
    return result if EARLIEST_YEAR <= result.year <= LATEST_YEAR else None


def from_epoch(value: float) -> datetime | None:
    """Epoch seconds, milli-, micro- or nanoseconds (told apart by size) as UTC; None when out of range."""
    seconds = value
    for _ in range(3):
        if abs(seconds) < 1e11:
            break
        seconds /= 1000
    try:
        result = datetime.fromtimestamp(seconds, UTC)
    except (OverflowError, ValueError, OSError):
        return None
    return result if EARLIEST_YEAR <= result.year <= LATEST_YEAR else None


def stem_of(filename: str) -> str:
    """The file's name without folders and endings, fit for a run's name; may be empty."""
    name = PurePosixPath((clean_text(filename, 1000) or "").replace("\\", "/")).name
    return name.split(".")[0].strip() if name.count(".") == 1 else re.sub(r"\.[A-Za-z]{2,6}$", "", name).strip()
