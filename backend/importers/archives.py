"""ZIP archives read in memory, member by member; nothing is ever unpacked to disk."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import PurePosixPath

from backend.importers.base import ImportProblem
from backend.importers.parsing import MAX_BYTES

MAX_ENTRIES = 1_000
MAX_TOTAL_BYTES = 4 * MAX_BYTES
# Deflate reaches 1030:1 on a bomb; the most repetitive real export seen reaches 60:1.
MAX_RATIO = 300
_RATIO_APPLIES_ABOVE = 1024 * 1024
_ZIP_MAGIC = (b"PK\x03\x04", b"PK\x05\x06")
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)


@dataclass(frozen=True, slots=True)
class Member:
    """A file in the archive; `size` is what the archive claims it expands to, in bytes."""

    name: str
    size: int


def is_zip(data: bytes) -> bool:
    """Whether the bytes begin as a ZIP archive does."""
    return data.startswith(_ZIP_MAGIC)


def list_members(data: bytes) -> list[Member]:
    """The archive's files, after its whole directory has been checked.

    Raises:
        ImportProblem: `bad_archive` (broken, encrypted, unsafe path, bomb) or `too_large` (413).
    """
    with _opened(data) as archive:
        return [Member(info.filename, info.file_size) for info in _checked(archive)]


def read_member(data: bytes, name: str, limit: int = MAX_BYTES) -> bytes:
    """One file's bytes; at most `limit` are ever expanded, whatever the directory claims.

    Raises:
        ImportProblem: as `list_members`.
    """
    content = read_head(data, name, limit + 1)
    if len(content) > limit:
        raise ImportProblem(f"A file in the archive is larger than {limit // 2**20} MiB.", status=413, code="too_large")
    return content


def read_head(data: bytes, name: str, count: int) -> bytes:
    """The first `count` bytes of one file.

    Raises:
        ImportProblem: as `list_members`.
    """
    with _opened(data) as archive:
        _checked(archive)
        try:
            info = archive.getinfo(name)
        except KeyError as error:
            raise _broken("a file it lists is not there") from error
        with archive.open(info) as stream:
            return stream.read(count)


@contextmanager
def _opened(data: bytes) -> Iterator[zipfile.ZipFile]:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            yield archive
    except (
        zipfile.BadZipFile,
        zipfile.LargeZipFile,
        zlib.error,
        EOFError,
        OSError,
        ValueError,
        OverflowError,
        NotImplementedError,
        RuntimeError,
        LookupError,
        struct.error,
    ) as error:
        raise _broken("it is damaged or made in a way that is not supported") from error


def _checked(archive: zipfile.ZipFile) -> list[zipfile.ZipInfo]:
    entries = archive.infolist()
    if len(entries) > MAX_ENTRIES:
        raise _broken(f"it lists more than {MAX_ENTRIES:,} files")
    files = [info for info in entries if not info.is_dir()]
    for info in files:
        _check_entry(info)
    if sum(info.file_size for info in files) > MAX_TOTAL_BYTES:
        raise ImportProblem(
            f"The archive expands to more than {MAX_TOTAL_BYTES // 2**20} MiB. Upload the result file alone.",
            status=413,
            code="too_large",
        )
    return files


def _check_entry(info: zipfile.ZipInfo) -> None:
    path = PurePosixPath(info.filename.replace("\\", "/"))
    if path.is_absolute() or ".." in path.parts or any(":" in part for part in path.parts[:1]):
        raise _broken("a file in it has a path that leads outside the archive")
    if info.flag_bits & 0x1:
        raise _broken("it is protected by a password")
    if info.compress_type not in _METHODS:
        raise _broken("it uses a compression other than deflate")
    if info.file_size > _RATIO_APPLIES_ABOVE and info.file_size > MAX_RATIO * max(info.compress_size, 1):
        raise _broken("a file in it expands far beyond what a real export does")


def _broken(why: str) -> ImportProblem:
    return ImportProblem(
        f"The archive can't be read: {why}. Make a plain ZIP again, or upload the result file alone.",
        code="bad_archive",
    )
