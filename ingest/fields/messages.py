"""What messages say: text, or blocks of it beside pictures, files and calls."""

from __future__ import annotations

from typing import Any

from ingest.fields.rejects import excerpt


def words(content: object) -> str | None:
    """The text of a content: text itself, or its blocks that hold text, one a line."""
    if isinstance(content, str):
        return content or None
    blocks = content if isinstance(content, list) else []
    return "\n".join(filter(None, map(_text_of, blocks))) or None


def said(content: Any) -> Any:
    """The text of a content of nothing but text, null where it is empty; else the content."""
    if not isinstance(content, list) or any(_text_of(block) is None for block in content):
        return content
    return words(content)


def _text_of(block: object) -> str | None:
    found = block.get("text", block.get("content")) if isinstance(block, dict) else block
    return found if isinstance(found, str) else None


def without_data(value: Any) -> Any:
    """Content with the bytes of pictures and files replaced by how many characters they take."""
    if isinstance(value, list):
        return [without_data(item) for item in value]
    if not isinstance(value, dict):
        return value
    is_source = value.get("type") == "base64"
    return {
        k: f"{len(v)} characters" if is_source and k == "data" and isinstance(v, str) else v
        for k, v in ((k, without_data(v)) for k, v in value.items())
    }


def brief(error: object) -> str | None:
    """The beginning of an error, as text; null where there is none."""
    return excerpt(words(error) or error) if error else None
