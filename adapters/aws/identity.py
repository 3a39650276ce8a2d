"""Who signs in on AWS: the users of the stage's pool."""

from __future__ import annotations

import secrets
from typing import Any, Final

from adapters.aws.settings import AwsSettings
from adapters.identity.cognito import CognitoIdentity
from adapters.identity.cognito_pool import Pool
from adapters.identity.cognito_tokens import PoolKeys, PoolTokens, published_keys
from adapters.vault.vault import SecretMissing, Vault

#: Signs the tokens of those who still have to choose a password or enrol; made when first needed.
ACCESS_KEY: Final = "platform/access-key"
KEY_BYTES: Final = 32


def identity_of(
    settings: AwsSettings,
    people: Any,  # Any: the stubs of this service are not installed
    vault: Vault,
) -> CognitoIdentity:
    """The pool behind the endpoints; raises NotConfigured."""
    pool, client = settings.told("user_pool"), settings.told("user_pool_client")
    issuer = f"https://cognito-idp.{people.meta.region_name}.amazonaws.com/{pool}"
    # The same address, unless another endpoint stands for the service.
    published = f"{people.meta.endpoint_url.rstrip('/')}/{pool}"
    keys = PoolKeys(lambda: published_keys(published))
    return CognitoIdentity(
        Pool(people, pool, client), PoolTokens(issuer, client, keys), vault, access_key(vault)
    )


def access_key(vault: Vault) -> bytes:
    """The same for all workers: whoever misses it makes it, and takes what is there afterwards."""
    try:
        found = vault.read(ACCESS_KEY)
    except SecretMissing:
        vault.write(ACCESS_KEY, {"key": secrets.token_bytes(KEY_BYTES).hex()})
        found = vault.anew(ACCESS_KEY)
    return bytes.fromhex(found["key"])
