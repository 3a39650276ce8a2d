"""How kind the paper market is; by default it is never entirely kind."""

from __future__ import annotations

from decimal import Decimal

from pydantic import BaseModel, Field


class PaperSettings(BaseModel, frozen=True, extra="forbid"):
    """Seeded chances and the rules of a fill; money in ₹, latency in milliseconds."""

    seed: int = 1
    cash: Decimal = Decimal(1_000_000)
    """What a new account starts with."""
    latency_min_ms: int = Field(default=20, ge=0)
    latency_max_ms: int = Field(default=200, ge=0)
    partial_rate: float = Field(default=0.02, ge=0, le=1)
    rejection_rate: float = Field(default=0.005, ge=0, le=1)
    volume_share: Decimal = Decimal("0.20")
    """How much of a minute's volume may be ours where no depth is known."""
    slip: Decimal = Decimal("0.0025")
    slip_ticks: int = 1
    band_share: Decimal = Decimal("0.40")
    """Exchange's limit price protection: 40 % of a premium above ₹50, else ₹20 (NSE, 2022)."""
    band_rupees: Decimal = Decimal(20)
    band_from: Decimal = Decimal(50)
    max_modifications: int = 25
