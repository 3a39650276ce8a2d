from __future__ import annotations

from copy import deepcopy

from domain.risk import RiskParams


def test_a_changed_copy_of_a_value_leaves_the_original_as_it_was() -> None:
    tight = RiskParams.model_validate({"max_loss": 5000})

    wide = tight.model_copy(update={"max_loss": None})

    assert tight.max_loss == 5000
    assert wide.max_loss is None


def test_what_holds_a_value_shares_it_with_its_own_deep_copies() -> None:
    params = RiskParams()

    assert deepcopy([params])[0] is params
