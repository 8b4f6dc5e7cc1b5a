"""The eight workflows of the demo."""

from __future__ import annotations

from ingest.demo_desks import CLAIMS, INVOICES, REFUNDS, SUPPORT
from ingest.demo_pilots import BRIEFS, CONTRACTS, KYC, ORDERS

FLOWS = (CLAIMS, INVOICES, SUPPORT, REFUNDS, ORDERS, KYC, CONTRACTS, BRIEFS)
