"""Reads a CSV or Parquet file into a frame, or refuses it with the reason: missing, empty, truncated, not a table."""

from __future__ import annotations

import io
from pathlib import Path

import polars as pl

from sugeup.errors import Refused

_PARQUET = b"PAR1"
_OTHERS: tuple[tuple[bytes, str], ...] = (
    (b"\x89PNG", "a PNG image"),
    (b"\xff\xd8\xff", "a JPEG image"),
    (b"%PDF", "a PDF document"),
    (b"PK\x03\x04", "a ZIP archive or an Excel workbook (xlsx): save the sheet as CSV"),
    (b"\xd0\xcf\x11\xe0", "an old Excel workbook (xls): save the sheet as CSV"),
    (b"\x1f\x8b", "compressed (gzip): unpack it first"),
    (b"\x28\xb5\x2f\xfd", "compressed (zstd): unpack it first"),
    (b"SQLite format 3", "an SQLite database"),
    (b"\xff\xfe", "in UTF-16: save it as UTF-8"),
    (b"\xfe\xff", "in UTF-16: save it as UTF-8"),
)
_SEPARATORS = (",", "\t", ";")


def read_table(path: Path) -> pl.DataFrame:
    """The rows of a file: Parquet with its own types, CSV (UTF-8 or CP949) as text.

    Raises Refused naming the file and why it is not a table.
    """
    if not path.exists():
        raise Refused(f"{path}: there is no such file.", hint="Check the path.")
    if path.is_dir():
        raise Refused(f"{path}: is a directory.", hint="Name the files in it, for example with *.csv.")
    try:
        content = path.read_bytes()
    except OSError as error:
        raise Refused(f"{path}: cannot be read: {error.strerror}.", hint="Check the permissions.") from None
    if not content.strip():
        raise Refused(f"{path}: is empty.", hint="Give a CSV file with a header, or a Parquet file.")
    for start, said in _OTHERS:
        if content.startswith(start):
            raise Refused(f"{path}: is not a table but {said}.", hint="Give a CSV or Parquet file.")
    frame = _parquet(path, content) if content.startswith(_PARQUET) else _csv(path, content)
    if frame.is_empty():
        raise Refused(
            f"{path}: has a header ({', '.join(frame.columns[:8])}) but no rows.", hint="Give a file with rows."
        )
    return frame


def _parquet(path: Path, content: bytes) -> pl.DataFrame:
    if not content.endswith(_PARQUET) or len(content) < 12:
        raise Refused(f"{path}: is a Parquet file cut short.", hint="Copy or download it again.")
    try:
        frame = pl.read_parquet(io.BytesIO(content))
    except (pl.exceptions.PolarsError, OSError) as error:
        raise Refused(
            f"{path}: is a damaged Parquet file: {_first(error)}", hint="Copy or download it again."
        ) from None
    strange = [f"{name} ({kind})" for name, kind in frame.schema.items() if _strange(kind)]
    if strange:
        raise Refused(
            f"{path}: columns hold neither text nor numbers nor dates: {', '.join(strange)}.",
            hint="Leave them out or write them as text.",
        )
    return frame


def _strange(kind: pl.DataType) -> bool:
    return kind.is_nested() or kind in (pl.Binary, pl.Duration, pl.Object)


def _csv(path: Path, content: bytes) -> pl.DataFrame:
    if b"\0" in content[:65536]:
        raise Refused(f"{path}: is not a table but binary data.", hint="Give a CSV or Parquet file.")
    text = _decoded(path, content)
    header = text.lstrip().split("\n", 1)[0]
    if header.lstrip().lower().startswith(("<!doctype", "<html", "<?xml", "{", "[")):
        raise Refused(f"{path}: is a web page or JSON, not a table.", hint="Give a CSV or Parquet file.")
    separator = max(_SEPARATORS, key=header.count)
    if separator not in header:
        raise Refused(
            f"{path}: is not a table: its first line {header.strip()[:60]!r} names only one column.",
            hint="The first line names the columns, separated by commas.",
        )
    _even(path, text, separator)
    try:
        return pl.read_csv(io.StringIO(text), separator=separator, infer_schema=False)
    except (pl.exceptions.PolarsError, ValueError) as error:
        raise Refused(f"{path}: cannot be read as CSV: {_first(error)}", hint="Check quotes and separators.") from None


def _decoded(path: Path, content: bytes) -> str:
    for encoding in ("utf-8-sig", "cp949"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise Refused(f"{path}: is text in an unknown encoding.", hint="Save it as UTF-8.")


def _even(path: Path, text: str, separator: str) -> None:
    """Every line has as many fields as the header; a file cut short ends in half a line. Quoted text is not counted."""
    if text.count('"') % 2:
        raise Refused(f"{path}: a quote is opened and not closed.", hint="The file may be cut short: copy it again.")
    if '"' in text:
        return
    lines = text.splitlines()
    wanted = lines[0].count(separator)
    for number, line in enumerate(lines, 1):
        if line.count(separator) != wanted and line.strip():
            raise Refused(
                f"{path}: line {number} has {line.count(separator) + 1} fields, the header has {wanted + 1}.",
                hint="The file may be cut short: copy it again, or correct the line.",
            )


def _first(error: Exception) -> str:
    return str(error).splitlines()[0][:200] if str(error) else type(error).__name__
