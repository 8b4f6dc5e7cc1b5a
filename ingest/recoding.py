"""Text in UTF-16, as some spreadsheets and shells write it, read as UTF-8."""

from __future__ import annotations

import codecs
import io
from typing import BinaryIO

MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
AT_ONCE = 1 << 16


def as_utf8(stream: io.BufferedReader) -> io.BufferedReader:
    """The stream itself, or one of its text in UTF-8 where it begins with a UTF-16 mark."""
    return io.BufferedReader(_Recoded(stream)) if stream.peek(2)[:2] in MARKS else stream


class _Recoded(io.RawIOBase):
    """Bytes of UTF-16 as bytes of UTF-8; what is no text becomes the replacement character."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._decoder = codecs.getincrementaldecoder("utf-16")("replace")
        self._ready = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        while not self._ready:
            read = self._stream.read(AT_ONCE)
            self._ready = self._decoder.decode(read, final=not read).encode("utf-8", "replace")
            if not read:
                break
        size = min(len(buffer), len(self._ready))
        buffer[:size], self._ready = self._ready[:size], self._ready[size:]
        return size
