"""Local users keep to what all identities keep to."""

from __future__ import annotations

import pytest

from adapters.identity.local import LocalIdentity
from tests.contracts.identity_contract import ANNA, RIGHT, IdentityContract


@pytest.fixture
def anna(identity: LocalIdentity) -> str:
    return identity.admit(ANNA, lambda: "USER-ANNA", RIGHT).user_id


class TestContract(IdentityContract):
    """Passwords and sessions in a file."""
