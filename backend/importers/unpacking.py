"""Gzip read in memory, to a limit."""

from __future__ import annotations

import gzip
import io
import zlib

from backend.importers.base import ImportProblem
from backend.importers.parsing import MAX_BYTES

_MAGIC = b"\x1f\x8b\x08"


def is_gzip(data: bytes) -> bool:
    """Whether the bytes begin as gzip does."""
    return data.startswith(_MAGIC)


def gzip_head(data: bytes, count: int) -> bytes:
    """The first `count` bytes of the content; what there is of them where the file is damaged."""
    expander = zlib.decompressobj(wbits=31)
    try:
        return expander.decompress(data, count)
    except zlib.error:
        return b""


def unpack_gzip(data: bytes, limit: int | None = None) -> bytes:
    """The content; never more than `limit` bytes (the largest file by default) are expanded.

    Raises:
        ImportProblem: `bad_archive`, or `too_large` (413).
    """
    most = MAX_BYTES if limit is None else limit
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(data)) as stream:
            content = stream.read(most + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise ImportProblem(
            "The gzip file is damaged. Compress it again, or upload it as it is.", code="bad_archive"
        ) from error
    if len(content) > most:
        raise ImportProblem(
            f"The file expands to more than {most // 2**20} MiB. Split the run.", status=413, code="too_large"
        )
    return content
