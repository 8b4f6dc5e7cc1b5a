"""Settings, read once from the environment: every name starts with OPSDASH_."""

from __future__ import annotations

import difflib
import os
from pathlib import Path
from typing import Any, Literal

from pydantic_settings import BaseSettings, SettingsConfigDict

PREFIX = "OPSDASH_"


class Settings(BaseSettings):
    """Where the store lies, which engine answers queries, whether browser tests must run."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True)

    store: Path = Path("data/store")
    engine: Literal["duckdb"] = "duckdb"
    browser: Literal["optional", "required"] = "optional"

    def model_post_init(self, context: Any, /) -> None:
        """Refuse OPSDASH_ names that mean nothing, naming the nearest that does."""
        known = {PREFIX + name.upper() for name in type(self).model_fields}
        for name in sorted(k for k in os.environ if k.startswith(PREFIX)):
            if name not in known:
                near = difflib.get_close_matches(name, known, 1)
                hint = f"Did you mean {near[0]}?" if near else f"Known: {', '.join(sorted(known))}."
                raise ValueError(f"{name}: no such setting. {hint}")
