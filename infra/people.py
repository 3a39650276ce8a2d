"""Who signs in: the user pool with its groups, and the identity pool."""

from __future__ import annotations

from typing import Final

from aws_cdk import Duration, RemovalPolicy
from aws_cdk import aws_cognito as cognito
from constructs import Construct

from domain.user import Role
from infra.config import Config

#: As the platform's own sessions: an access token is short, a session ends within the month.
ACCESS: Final = Duration.minutes(15)
SESSION: Final = Duration.days(30)
AUDIT: Final = Duration.hours(1)
MEANINGS: Final = {
    Role.TRADER: "trades what is theirs",
    Role.VIEWER: "sees what is theirs, changes nothing",
    Role.AUDITOR: "reads the audit of all",
    Role.ADMIN: "users and roles; trades only what is theirs",
}


class People(Construct):
    """Users are made by an administrator, sign in by e-mail, and always show a second factor.

    The name of a user in the pool is the platform's own id, USER-….
    """

    def __init__(self, scope: Construct, config: Config) -> None:
        super().__init__(scope, "People")
        self.pool = self._pool(config)
        self.client = self._client(config)
        self.auditors_client = self._auditors_client(config)
        self.identities = cognito.CfnIdentityPool(
            self,
            "Identities",
            allow_unauthenticated_identities=False,
            cognito_identity_providers=[
                cognito.CfnIdentityPool.CognitoIdentityProviderProperty(
                    client_id=self.auditors_client.user_pool_client_id,
                    provider_name=self.pool.user_pool_provider_name,
                    server_side_token_check=True,  # who was signed out gets nothing any more
                )
            ],
        )
        self.groups = {role: self._group(role) for role in Role}

    def _pool(self, config: Config) -> cognito.UserPool:
        return cognito.UserPool(
            self,
            "Pool",
            user_pool_name=f"{config.prefix}users",
            self_sign_up_enabled=False,
            sign_in_aliases=cognito.SignInAliases(username=True, email=True),
            sign_in_case_sensitive=True,  # ids have capitals, addresses come in small letters
            standard_attributes=cognito.StandardAttributes(
                email=cognito.StandardAttribute(required=True, mutable=True)
            ),
            mfa=cognito.Mfa.REQUIRED,
            mfa_second_factor=cognito.MfaSecondFactor(sms=False, otp=True),
            account_recovery=cognito.AccountRecovery.EMAIL_ONLY,
            password_policy=cognito.PasswordPolicy(
                min_length=12,
                require_digits=True,
                require_lowercase=True,
                require_uppercase=True,
                require_symbols=True,
                password_history_size=5,
                temp_password_validity=Duration.days(1),
            ),
            feature_plan=cognito.FeaturePlan.PLUS,
            standard_threat_protection_mode=cognito.StandardThreatProtectionMode.FULL_FUNCTION,
            deletion_protection=config.kept,
            removal_policy=RemovalPolicy.RETAIN if config.kept else RemovalPolicy.DESTROY,
        )

    def _client(self, config: Config) -> cognito.UserPoolClient:
        """The API itself: it passes on what a user typed, so nobody else may use this client."""
        return self.pool.add_client(
            "Api",
            user_pool_client_name=f"{config.prefix}api",
            auth_flows=cognito.AuthFlow(admin_user_password=True),
            disable_o_auth=True,
            prevent_user_existence_errors=True,
            enable_token_revocation=True,
            access_token_validity=ACCESS,
            id_token_validity=ACCESS,
            refresh_token_validity=SESSION,
        )

    def _auditors_client(self, config: Config) -> cognito.UserPoolClient:
        """For an auditor's command line; the API refuses its tokens, as it knows one client."""
        return self.pool.add_client(
            "Auditors",
            user_pool_client_name=f"{config.prefix}auditors",
            auth_flows=cognito.AuthFlow(user_password=True),
            disable_o_auth=True,
            prevent_user_existence_errors=True,
            enable_token_revocation=True,
            access_token_validity=ACCESS,
            id_token_validity=ACCESS,
            refresh_token_validity=AUDIT,
        )

    def _group(self, role: Role) -> cognito.CfnUserPoolGroup:
        return cognito.CfnUserPoolGroup(
            self,
            role.name.capitalize(),
            user_pool_id=self.pool.user_pool_id,
            group_name=role.value,
            description=MEANINGS[role],
        )
