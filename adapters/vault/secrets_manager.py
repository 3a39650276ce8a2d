"""The vault in AWS Secrets Manager: encrypted by the platform's KMS key, remembered for a while."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any, Final

from pydantic import TypeAdapter, ValidationError

from adapters.vault.remembered import Remembered
from adapters.vault.secrets_manager_answers import Deleted, Missing, Taken, asked
from adapters.vault.vault import BadReference, SecretMissing, Tampered, VaultBusy, checked

#: What a name may hold besides the reference's own signs; "=" begins what stands for another.
STRANGE: Final = re.compile(r"[:=]")
STANDS_FOR: Final = re.compile(r"=([0-9A-F]{2})")
LONGEST_NAME: Final = 512
#: A broker's daily session is worth nothing the next morning: it leaves no copy behind.
SESSION: Final = "/session"
RECOVERY_DAYS: Final = 7
#: How long what was read counts; a login elsewhere is known at once to whoever was refused.
REMEMBERED_S: Final = 300.0
#: Deleting goes on after it was answered, and a name is free only then.
PAUSES_S: Final = (0.0, 0.1, 0.4, 1.0, 2.0)
SECRET: Final = TypeAdapter(dict[str, str])


class SecretsManagerVault:
    """Secrets by name under a prefix; raises the errors of `vault`, without what it was told.

    The list of references may lack what was kept in the last minutes: the service says so.
    """

    def __init__(
        self,
        client: Any,  # Any: the stubs of this service are not installed
        *,
        prefix: str,
        kms_key: str | None = None,
        remembered_s: float = REMEMBERED_S,
        monotonic: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.prefix = prefix
        self._client = client
        self._kms_key = kms_key
        self._remembered = Remembered(remembered_s, monotonic)
        self._sleep = sleep

    def read(self, ref: str) -> Mapping[str, str]:
        """The secret, as it was within the last minutes; raises what `anew` raises."""
        return self._remembered.get(ref) or self.anew(ref)

    def anew(self, ref: str) -> Mapping[str, str]:
        """The secret as it is kept now; raises SecretMissing, VaultAway, NotAllowed, WrongKey."""
        name = self._name(ref)
        with self._remembered.reading(ref) as remember:
            try:
                found = asked(ref, self._client.get_secret_value, SecretId=name)
            except (Missing, Deleted):
                raise SecretMissing(f"the vault has nothing under {ref}") from None
            secret = _secret(ref, found.get("SecretString", ""))
            remember(secret)
            return dict(secret)

    def write(self, ref: str, secret: Mapping[str, str]) -> None:
        """Keep the secret there; raises VaultBusy, VaultAway, NotAllowed, BadKey."""
        name, text = self._name(ref), SECRET.dump_json(SECRET.validate_python(dict(secret)))
        with self._remembered.changing(ref):
            for pause in PAUSES_S:
                self._sleep(pause)
                if self._kept(ref, name, text.decode()):
                    return
        raise VaultBusy(f"{ref} is still being deleted")

    def forget(self, ref: str) -> None:
        """A session is gone for good, anything else can be restored for a week."""
        name = self._name(ref)
        how: dict[str, object] = {"RecoveryWindowInDays": RECOVERY_DAYS}
        if ref.endswith(SESSION):
            how = {"ForceDeleteWithoutRecovery": True}
        with self._remembered.changing(ref), suppress(Missing, Deleted):
            asked(ref, self._client.delete_secret, SecretId=name, **how)

    def has(self, ref: str) -> bool:
        """Whether anything is kept there now: unlike the list, this is never out of date."""
        try:
            found = asked(ref, self._client.describe_secret, SecretId=self._name(ref))
        except (Missing, Deleted):
            return False
        return found.get("DeletedDate") is None

    def refs(self) -> tuple[str, ...]:
        names = asked(self.prefix, self._names)
        return tuple(sorted(_ref(name.removeprefix(self.prefix)) for name in names))

    def _names(self) -> list[str]:
        pages = self._client.get_paginator("list_secrets").paginate(
            Filters=[{"Key": "name", "Values": [self.prefix]}]
        )
        names = [each["Name"] for page in pages for each in page["SecretList"]]
        return [name for name in names if name.startswith(self.prefix)]

    def _kept(self, ref: str, name: str, text: str) -> bool:
        """Whether it was kept; else the name was between being and not being, and soon is not."""
        try:
            asked(ref, self._client.put_secret_value, SecretId=name, SecretString=text)
            return True
        except Missing:
            return self._created(ref, name, text)
        except Deleted:
            with suppress(Missing, Deleted):
                asked(ref, self._client.restore_secret, SecretId=name)
            return False

    def _created(self, ref: str, name: str, text: str) -> bool:
        key = {"KmsKeyId": self._kms_key} if self._kms_key else {}
        with suppress(Taken, Deleted):
            asked(ref, self._client.create_secret, Name=name, SecretString=text, **key)
            return True
        return False

    def _name(self, ref: str) -> str:
        sign = STRANGE.sub(lambda found: f"={ord(found[0]):02X}", checked(ref))
        if len(self.prefix + sign) > LONGEST_NAME:
            raise BadReference(f"{ref[:60]!r} is too long for a name")
        return self.prefix + sign


def _ref(name: str) -> str:
    return STANDS_FOR.sub(lambda found: chr(int(found[1], 16)), name)


def _secret(ref: str, text: str) -> dict[str, str]:
    try:
        return SECRET.validate_json(text)
    except ValidationError:
        raise Tampered(f"{ref} is not what was written") from None
