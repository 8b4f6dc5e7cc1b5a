"""Values printed as Python code, as pandas writes lists and objects into the cells of a CSV.

Only literals are read, beside the few calls that dates, numbers and arrays are printed as; nothing
is ever run.
"""

from __future__ import annotations

import ast
import math
from datetime import UTC, datetime
from typing import Any

import orjson

LONGEST = 8 << 20
NULLS = frozenset({"nan", "inf", "NaN", "NaT", "null"})
AS_ITS_ARGUMENT = frozenset(
    {"array", "list", "tuple", "Decimal", "Timestamp", "Float64", "float64"}
)


def structured(cell: str) -> Any:
    """The list or object a cell holds, as JSON or as Python prints it; else the text itself."""
    if cell[:1] not in ("{", "[") and not cell.startswith("array("):
        return cell
    if len(cell) > LONGEST:
        return cell
    try:
        return orjson.loads(cell)
    except orjson.JSONDecodeError:
        pass
    try:
        return _value(ast.parse(cell, mode="eval").body)
    except (SyntaxError, ValueError, OverflowError, RecursionError, MemoryError):
        return cell


def _value(node: ast.expr) -> Any:
    if isinstance(node, ast.Constant):
        return _constant(node.value)
    if isinstance(node, ast.Dict):
        pairs = zip(node.keys, node.values, strict=True)
        return {str(_value(key)): _value(value) for key, value in pairs if key is not None}
    if isinstance(node, ast.List | ast.Tuple | ast.Set):
        return [_value(member) for member in node.elts]
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        found = _value(node.operand)
        return -found if isinstance(found, int | float) else found
    if isinstance(node, ast.Name) and node.id in NULLS:
        return None
    if isinstance(node, ast.Call):
        return _called(node)
    raise ValueError("not a literal.")


def _constant(value: object) -> Any:
    if value is None or isinstance(value, str | bool | int):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    raise ValueError("not a literal.")


def _called(node: ast.Call) -> Any:
    """An array or a number by its first argument, a date by its parts; UTC, as it is printed."""
    function = node.func
    name = function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
    parts = [_value(part) for part in node.args]
    if name == "datetime" and len(parts) >= 3 and all(type(part) is int for part in parts):
        year, month, day, hour, minute, second, micro = (*parts, 0, 0, 0, 0)[:7]
        return datetime(year, month, day, hour, minute, second, micro, UTC).isoformat()
    if name in AS_ITS_ARGUMENT and parts:
        return parts[0]
    raise ValueError("not a literal.")
