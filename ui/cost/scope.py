"""Whose money is shown: the programme, or one part of it."""

from __future__ import annotations

from typing import NamedTuple

import queries
from ui import choices, links, store
from ui.filters import Filters

SPLIT, ITEM = "cost_by", "cost_item"
PARTS = {
    "Workflow": "workflow", "Team": "team", "Model": "model", "Provider": "provider",
    "Kind of charge": "category", "Stage": "stage", "Version": "version", "Channel": "channel",
    "Step": "step", "Tool": "tool", "Agent": "agent",
}  # fmt: skip


class Scope(NamedTuple):
    """What the money is split by, the part chosen of it, and the workflows filtered for."""

    split: str
    item: str | None
    workflow: tuple[str, ...] | None

    @property
    def one(self) -> str | None:
        """The only workflow looked at; null for several or all."""
        if self.split == "workflow" and self.item:
            return self.item
        return self.workflow[0] if self.workflow and len(self.workflow) == 1 else None

    def outlook(self) -> queries.Outlook | None:
        """How the scope stands against its budget; the part chosen is that of the workflows."""
        part = (self.split, self.item) if self.item else ("workflow", self.one) if self.one else ()
        workflow = None if part and part[0] == "workflow" else self.workflow
        found: queries.Outlook | None
        found = store.computed("outlook", *(part or (None, None)), workflow)
        return found


def scope(f: Filters) -> Scope:
    """What the address says the money is split by, and the part of it, if that exists."""
    split = PARTS.get(links.param(SPLIT) or "") or PARTS[usual(f)]
    named = links.param(ITEM)
    known = named is not None and named in split_of(f, split).frame["label"]
    return Scope(split, named if known else None, f.workflow)


def choose_split(f: Filters) -> None:
    """Draw the choice of what the money is split by."""
    choices.choose_one("Split by", list(PARTS), SPLIT, usual(f))


def usual(f: Filters) -> str:
    """Workflows, and within one its models."""
    return "Model" if f.workflow and len(f.workflow) == 1 else "Workflow"


def split_of(f: Filters, split: str) -> store.Answer:
    """What each part costs; the columns of spend_by.sql."""
    return store.fetch("spend_by", f, by=split)
