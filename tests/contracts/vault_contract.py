"""What every vault keeps to; each vault's tests inherit this suite and bring a fixture `vault`."""

from __future__ import annotations

import pytest

from adapters.vault.vault import BadReference, SecretMissing, Vault

APP = "zerodha/ACC-1/app"
SESSION = "zerodha/ACC-1/session"


class VaultContract:
    """Inherit it, with a fixture `vault` that gives an empty one."""

    def test_what_was_kept_is_read_back(self, vault: Vault) -> None:
        vault.write(APP, {"api_key": "k", "api_secret": "ein Geheimnis: ₹"})

        assert vault.read(APP) == {"api_key": "k", "api_secret": "ein Geheimnis: ₹"}

    def test_nothing_kept_is_said_by_name(self, vault: Vault) -> None:
        with pytest.raises(SecretMissing, match=APP):
            vault.read(APP)

    def test_a_new_secret_takes_the_place_of_the_old_one(self, vault: Vault) -> None:
        vault.write(SESSION, {"access_token": "monday", "user_id": "AB1234"})
        vault.write(SESSION, {"access_token": "tuesday"})

        assert vault.read(SESSION) == {"access_token": "tuesday"}

    def test_a_secret_is_forgotten_and_its_neighbour_kept(self, vault: Vault) -> None:
        vault.write(APP, {"api_key": "k"})
        vault.write(SESSION, {"access_token": "t"})

        vault.forget(SESSION)

        assert vault.refs() == (APP,)
        assert vault.has(APP)
        assert vault.read(APP) == {"api_key": "k"}
        with pytest.raises(SecretMissing):
            vault.read(SESSION)

    def test_forgetting_what_is_not_there_changes_nothing(self, vault: Vault) -> None:
        vault.forget(APP)

        assert vault.refs() == ()
        assert not vault.has(APP)

    def test_a_forgotten_secret_may_be_kept_again(self, vault: Vault) -> None:
        vault.write(APP, {"api_key": "old"})
        vault.forget(APP)
        vault.write(APP, {"api_key": "new"})

        assert vault.read(APP) == {"api_key": "new"}

    def test_references_are_told_in_order(self, vault: Vault) -> None:
        for ref in (SESSION, APP, "zerodha/ACC-0/app"):
            vault.write(ref, {"x": "y"})

        assert vault.refs() == ("zerodha/ACC-0/app", APP, SESSION)

    def test_what_is_read_belongs_to_the_reader(self, vault: Vault) -> None:
        vault.write(APP, {"api_key": "k"})
        dict(vault.read(APP)).clear()

        assert vault.read(APP) == {"api_key": "k"}

    @pytest.mark.parametrize("ref", ["", "/etc", "a b", "a\nb", "x" * 501, "ä"])
    def test_a_reference_is_a_plain_path(self, vault: Vault, ref: str) -> None:
        with pytest.raises(BadReference):
            vault.write(ref, {"x": "y"})
