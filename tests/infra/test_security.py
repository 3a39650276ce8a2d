"""Keys turn, people show two factors, secrets stay secret, and floods stop at the wall."""

from __future__ import annotations

from typing import Any

from domain.user import Role
from tests.infra.templates import Stage, listed


def test_every_key_is_rotated_and_none_vanishes_at_once(prod: Stage) -> None:
    keys = prod.properties("AWS::KMS::Key").values()

    assert len(keys) == 3
    assert all(key["EnableKeyRotation"] is True for key in keys)
    assert {key["PendingWindowInDays"] for key in keys} == {30}


def test_a_key_lets_in_the_account_and_services_bound_to_what_is_ours(prod: Stage) -> None:
    keys = prod.properties("AWS::KMS::Key").values()
    statements = [one for key in keys for one in key["KeyPolicy"]["Statement"]]

    services = [one for one in statements if "Service" in one["Principal"]]

    assert all("Service" in one["Principal"] or "AWS" in one["Principal"] for one in statements)
    assert "*" not in [one["Principal"].get("AWS") for one in statements]
    assert {one["Principal"]["Service"] for one in services} == {
        "logs.ap-south-1.amazonaws.com",
        "events.amazonaws.com",
        "cloudwatch.amazonaws.com",
    }
    unbound = [one["Action"] for one in services if "ArnLike" not in one.get("Condition", {})]
    assert unbound == ["kms:DescribeKey"]


def test_nobody_signs_up_alone_and_everybody_shows_a_second_factor(prod: Stage) -> None:
    pool = prod.only("AWS::Cognito::UserPool")

    assert pool["AdminCreateUserConfig"]["AllowAdminCreateUserOnly"] is True
    assert (pool["MfaConfiguration"], pool["EnabledMfas"]) == ("ON", ["SOFTWARE_TOKEN_MFA"])
    assert pool["DeletionProtection"] == "ACTIVE"
    assert pool["UserPoolAddOns"] == {"AdvancedSecurityMode": "ENFORCED"}


def test_a_password_is_long_mixed_and_new(prod: Stage) -> None:
    policy = prod.only("AWS::Cognito::UserPool")["Policies"]["PasswordPolicy"]

    assert policy["MinimumLength"] >= 12
    assert policy["PasswordHistorySize"] == 5
    kinds = ("Lowercase", "Uppercase", "Numbers", "Symbols")
    assert all(policy[f"Require{kind}"] is True for kind in kinds)


def test_the_groups_are_the_platforms_roles(prod: Stage) -> None:
    groups = prod.properties("AWS::Cognito::UserPoolGroup").values()

    assert {group["GroupName"] for group in groups} == {role.value for role in Role}


def clients(prod: Stage) -> dict[str, Any]:
    """Clients of the user pool by name."""
    found = prod.properties("AWS::Cognito::UserPoolClient").values()
    return {client["ClientName"]: client for client in found}


def test_tokens_are_short_revocable_and_say_nothing_of_who_exists(prod: Stage) -> None:
    for client in clients(prod).values():
        assert client["AccessTokenValidity"] == client["IdTokenValidity"] == 15
        assert client["TokenValidityUnits"]["AccessToken"] == "minutes"
        assert client["EnableTokenRevocation"] is True
        assert client["PreventUserExistenceErrors"] == "ENABLED"


def test_the_api_signs_people_in_as_the_pools_administrator_only(prod: Stage) -> None:
    flows = {name: set(one["ExplicitAuthFlows"]) for name, one in clients(prod).items()}

    refresh = "ALLOW_REFRESH_TOKEN_AUTH"
    assert flows == {
        "atp-prod-api": {"ALLOW_ADMIN_USER_PASSWORD_AUTH", refresh},
        "atp-prod-auditors": {"ALLOW_USER_PASSWORD_AUTH", refresh},
    }


def test_a_users_name_in_the_pool_is_the_platforms_own_id(prod: Stage) -> None:
    pool = prod.only("AWS::Cognito::UserPool")

    assert pool["UsernameConfiguration"] == {"CaseSensitive": True}
    assert pool["AliasAttributes"] == ["email"]


def test_the_identity_pool_gives_credentials_to_auditors_only(prod: Stage) -> None:
    pool = prod.only("AWS::Cognito::IdentityPool")
    attached = prod.only("AWS::Cognito::IdentityPoolRoleAttachment")

    mapping = attached["RoleMappings"]["users"]

    (provider,) = pool["CognitoIdentityProviders"]
    assert pool["AllowUnauthenticatedIdentities"] is False
    assert "Auditors" in provider["ClientId"]["Ref"]
    assert "Roles" not in attached
    assert mapping["AmbiguousRoleResolution"] == "Deny"
    (rule,) = mapping["RulesConfiguration"]["Rules"]
    assert (rule["Claim"], rule["Value"]) == ("cognito:groups", "auditor")


def vault_statements(prod: Stage, name: str) -> list[Any]:
    policies = prod.properties("AWS::IAM::ManagedPolicy")
    (policy,) = [one for path, one in policies.items() if name in path]
    statements: list[Any] = policy["PolicyDocument"]["Statement"]
    return statements


def test_who_reads_the_vault_changes_nothing_in_it(prod: Stage) -> None:
    statements = vault_statements(prod, "VaultReader")

    actions = {action for one in statements for action in listed(one["Action"])}

    assert actions == {
        "secretsmanager:GetSecretValue",
        "secretsmanager:DescribeSecret",
        "kms:Decrypt",
    }


def test_the_vault_reaches_no_secret_outside_its_path(prod: Stage) -> None:
    statements = vault_statements(prod, "VaultWriter")

    for one in statements:
        if listed(one["Action"]) != ["secretsmanager:ListSecrets"]:
            (resource,) = listed(one["Resource"])
            last = resource.get("Fn::Join", [None, [resource]])[1][-1]
            assert last == ":secret:atp/prod/vault/*" or "Fn::GetAtt" in last


def test_secrets_are_encrypted_by_our_own_key(prod: Stage) -> None:
    secrets = prod.properties("AWS::SecretsManager::Secret").values()

    assert all("Fn::GetAtt" in secret["KmsKeyId"] for secret in secrets)
    assert all("SecretString" not in secret for secret in secrets)


def test_a_flood_is_stopped_before_anything_else_is_looked_at(prod: Stage) -> None:
    wall = prod.only("AWS::WAFv2::WebACL")
    rules = sorted(wall["Rules"], key=lambda rule: int(rule["Priority"]))

    limit = rules[0]["Statement"]["RateBasedStatement"]

    assert wall["Scope"] == "REGIONAL"
    assert (limit["AggregateKeyType"], limit["Limit"]) == ("IP", 2000)
    assert "Block" in rules[0]["Action"]
    assert [rule["Name"] for rule in rules[1:]] == [
        "flood-at-the-edge",
        "AWSManagedRulesAmazonIpReputationList",
        "AWSManagedRulesCommonRuleSet",
        "AWSManagedRulesKnownBadInputsRuleSet",
    ]


def test_the_walls_log_holds_no_token(prod: Stage) -> None:
    logging = prod.only("AWS::WAFv2::LoggingConfiguration")

    redacted = {field["SingleHeader"]["Name"] for field in logging["RedactedFields"]}

    assert redacted == {"authorization", "cookie", "x-atp-edge"}
