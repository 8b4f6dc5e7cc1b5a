"""The only part of ingest that touches the database: generations, merging, derivation, rollups."""
