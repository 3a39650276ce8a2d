"""The requirements' own examples, as a client would send them."""

from __future__ import annotations

from typing import Final

BASKET: Final = {
    "basket_id": "BASK123",
    "user_id": "USER789",
    "name": "Weekly NIFTY Iron Condor",
    "description": "Conservative weekly income strategy",
    "strategies": ["STRAT456", "STRAT789"],
    "status": "ACTIVE",
    "created_at": "2025-01-15T10:30:00Z",
    "updated_at": "2025-01-15T10:30:00Z",
}
STRATEGY: Final = {
    "strategy_id": "STRAT456",
    "basket_id": "BASK123",
    "name": "NIFTY Iron Condor",
    "type": "IRON_CONDOR",
    "legs": [
        {
            "symbol": "NIFTY24AUG18000CE",
            "qty": 50,
            "action": "SELL",
            "option_type": "CE",
            "strike": 18000,
        },
        {
            "symbol": "NIFTY24AUG18200CE",
            "qty": 50,
            "action": "BUY",
            "option_type": "CE",
            "strike": 18200,
        },
    ],
    "schedule": {
        "entry_time": "09:20",
        "exit_time": "15:00",
        "weekdays": ["MON", "WED", "FRI"],
        "dte_min": 0,
        "dte_max": 7,
    },
    "risk_params": {"max_loss": 5000, "target_profit": 2000, "stop_loss_pct": 50},
}
