"""What failures of Secrets Manager mean; the message names the reference and the kind only."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, TypeVar

from botocore.exceptions import BotoCoreError, ClientError

from adapters.vault.vault import BadKey, NotAllowed, VaultAway, VaultError, WrongKey

T = TypeVar("T")


class Missing(VaultError):
    """There is no such name."""


class Deleted(VaultError):
    """The name is being deleted, or may still be restored."""


class Taken(VaultError):
    """Somebody was quicker to take the name."""


MEANS: Final[dict[str, type[VaultError]]] = {
    "ResourceNotFoundException": Missing,
    "InvalidRequestException": Deleted,
    "ResourceExistsException": Taken,
    "DecryptionFailure": WrongKey,
    "EncryptionFailure": BadKey,
    "AccessDeniedException": NotAllowed,
    "UnrecognizedClientException": NotAllowed,
    "ExpiredTokenException": NotAllowed,
    "InternalServiceError": VaultAway,
    "ThrottlingException": VaultAway,
    "RequestLimitExceeded": VaultAway,
}


def asked(ref: str, ask: Callable[..., T], **what: object) -> T:
    """What the service answers; raises VaultError, outside of what it came of.

    A cause would carry the request, and with it the secret, into a log.
    """
    try:
        return ask(**what)
    except ClientError as error:
        failure = _meant(error, ref)
    except BotoCoreError as error:
        failure = VaultAway(f"{ref}: the vault does not answer ({type(error).__name__})")
    raise failure


def _meant(error: ClientError, ref: str) -> VaultError:
    code = str(error.response.get("Error", {}).get("Code", ""))
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    kind = MEANS.get(code, VaultAway if status >= 500 else VaultError)
    return kind(f"{ref}: Secrets Manager says {code}")
