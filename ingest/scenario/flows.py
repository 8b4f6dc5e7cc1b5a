"""The eight workflows of the demo."""

from __future__ import annotations

from ingest.scenario.desks import CLAIMS, INVOICES, REFUNDS, SUPPORT
from ingest.scenario.pilots import BRIEFS, CONTRACTS, KYC, ORDERS

FLOWS = (CLAIMS, INVOICES, SUPPORT, REFUNDS, ORDERS, KYC, CONTRACTS, BRIEFS)
