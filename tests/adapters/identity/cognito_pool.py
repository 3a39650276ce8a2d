"""A user pool as moto plays it, with AWS's word where moto has another."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import pyotp
import pytest
from botocore.exceptions import ClientError
from moto.cognitoidp.utils import verify_totp

from adapters.cloud import service
from adapters.identity.cognito import CognitoIdentity
from adapters.identity.cognito_pool import Pool
from adapters.identity.cognito_tokens import PoolKeys, PoolTokens
from adapters.vault.vault import Vault
from domain.user import Role

REGION = "ap-south-1"
KEY = bytes(range(32))
Client = Any  # the stubs of this service are not installed
Told = Callable[..., None]


def with_codes(patch: pytest.MonkeyPatch) -> None:
    """Moto asks for codes: of a secret of one's own, and the one before is good, too, as at AWS.

    Its own secret is the same for everybody, and shorter than authenticators take; and a code
    that is asked for at the end of its half minute is checked in the next.
    """
    patch.setenv("MOTO_COGNITO_IDP_USER_POOL_ENABLE_TOTP", "true")
    patch.setattr("moto.cognitoidp.models.COGNITO_TOTP_MFA_SECRET", pyotp.random_base32())
    patch.setattr("moto.cognitoidp.models.verify_totp", partial(verify_totp, valid_window=1))


@dataclass
class PlayedPool:
    """The pool, its client's id, and what is registered at the boto3 client."""

    client: Client = field(default_factory=lambda: service("cognito-idp", region=REGION))
    refresh_tokens: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        made = self.client.create_user_pool(PoolName="people", AliasAttributes=["email"])
        self.id: str = made["UserPool"]["Id"]
        self.client_id = self.add_client()
        for role in Role:
            self.client.create_group(UserPoolId=self.id, GroupName=role.value)
        events = self.client.meta.events
        for operation in ("AdminInitiateAuth", "AdminGetUser"):
            events.register(f"provide-client-params.cognito-idp.{operation}", self._as_aws_reads)
        events.register("after-call.cognito-idp", self._note)

    def add_client(self) -> str:
        made = self.client.create_user_pool_client(UserPoolId=self.id, ClientName="api")
        return str(made["UserPoolClient"]["ClientId"])

    @property
    def issuer(self) -> str:
        return f"https://cognito-idp.{REGION}.amazonaws.com/{self.id}"

    def published(self) -> Mapping[str, Any]:
        """The pool's keys; moto answers for the pool's own address to requests only."""
        import requests

        found: Mapping[str, Any] = requests.get(
            f"{self.issuer}/.well-known/jwks.json", timeout=30
        ).json()
        return found

    def identity(self, vault: Vault, *, required: bool = False) -> CognitoIdentity:
        tokens = PoolTokens(self.issuer, self.client_id, PoolKeys(self.published))
        pool = Pool(self.client, self.id, self.client_id)
        return CognitoIdentity(pool, tokens, vault, KEY, required=required)

    def _as_aws_reads(self, params: dict[str, Any], **_: Any) -> None:
        """moto signs nobody in by e-mail alias, and breaks on a refresh token it never gave."""
        asked = params.get("AuthParameters", {})
        token = asked.get("REFRESH_TOKEN")
        if token is not None and token not in self.refresh_tokens:
            told: Any = {"Code": "NotAuthorizedException", "Message": "Invalid Refresh Token"}
            raise ClientError({"Error": told}, "AdminInitiateAuth")
        for place, key in ((asked, "USERNAME"), (params, "Username")):
            if "@" in place.get(key, ""):
                place[key] = self._name_of(place[key])

    def _name_of(self, email: str) -> str:
        found = self.client.list_users(UserPoolId=self.id, Filter=f'email = "{email}"')["Users"]
        return str(found[0]["Username"]) if found else email

    def _note(self, parsed: Mapping[str, Any], **_: Any) -> None:
        token = parsed.get("AuthenticationResult", {}).get("RefreshToken")
        if token:
            self.refresh_tokens.add(token)
