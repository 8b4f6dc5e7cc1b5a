from ingest.store.rollups import rebuild as rebuild
