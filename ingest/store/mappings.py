"""The mappings a store knows, and what was read by them."""

from __future__ import annotations

from pathlib import Path

import duckdb

from ingest.mapping.known import Stored
from ingest.mapping.mapped import PREFIX

NOTHING = Stored({}, {}, {}, frozenset())


def stored(generation: Path | None) -> Stored:
    """What a generation knows; one written before there were mappings knows none."""
    if generation is None:
        return NOTHING
    with duckdb.connect(generation, read_only=True) as connection:
        tables = connection.sql("select table_name from duckdb_tables()").pl()["table_name"]
        if "mappings" not in tables:
            return NOTHING
        rows = connection.sql("""
            select mapping, declaration, source_id, epoch_us(record_at) from mappings
        """).fetchall()
        sources = connection.execute(
            """
            select s.source_id, m.mapping, s.loaded_at < d.loaded_at
            from sources s
            join mappings m on s.format = $prefix || m.mapping
            join sources d on d.source_id = m.source_id
            """,
            {"prefix": PREFIX},
        ).fetchall()
    outdated = frozenset(source for source, _, is_old in sources if is_old)
    return Stored(
        {name: text for name, text, _, _ in rows},
        {name: (source, at) for name, _, source, at in rows},
        {source: name for source, name, _ in sources},
        outdated,
    )
