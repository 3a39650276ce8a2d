"""The web client at the edge: its files closed but to it, and the API behind the same address."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from typing import Any

import pytest
from pydantic import ValidationError

from adapters.api.desk import POLICY
from adapters.api.middleware import PRIVATE, SECURE
from adapters.aws.edge import MARK, VIEWER
from infra.config import Config
from infra.front import PagesFront
from infra.pages import VIEWER as FUNCTION
from tests.infra.templates import Stage, listed, synthesize_reviewed

ACM = "arn:aws:acm:us-east-1:123456789012:certificate/desk"
#: CloudFront's own policies, by the ids that AWS publishes.
NOTHING_KEPT = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"
OPTIMIZED = "658327ea-f89d-4fab-a63d-7e88639e58f6"
ALL_BUT_THE_HOST = "b689b0a8-53d0-40ab-baf2-68738e2966ac"


@pytest.fixture(scope="module")
def front(prod: Stage) -> Stage:
    """The API stack of the stage that trades: there the web client stands."""
    return prod.part("Api")


# Any: properties as CloudFormation has them, in this and in what follows.
def distribution(stage: Stage) -> Any:
    return stage.only("AWS::CloudFront::Distribution")["DistributionConfig"]


def behaviors(stage: Stage) -> dict[str, Any]:
    """What is done with a path; `*` with all that are not named."""
    config = distribution(stage)
    named = {one["PathPattern"]: one for one in config["CacheBehaviors"]}
    return {**named, "*": config["DefaultCacheBehavior"]}


def origin(stage: Stage, of: Any) -> Any:
    (found,) = [one for one in distribution(stage)["Origins"] if one["Id"] == of["TargetOriginId"]]
    return found


def headers(stage: Stage, of: Any) -> dict[str, Any]:
    """What the edge puts on answers, by the names of headers, and whether it insists."""
    policies = stage.properties("AWS::CloudFront::ResponseHeadersPolicy")
    policy = policies[f"Api/{of['ResponseHeadersPolicyId']['Ref']}"]["ResponseHeadersPolicyConfig"]
    set_by = policy["SecurityHeadersConfig"]
    (custom,) = policy["CustomHeadersConfig"]["Items"]
    hsts = set_by["StrictTransportSecurity"]
    assert set_by["ContentTypeOptions"]["Override"] is hsts["Override"] is custom["Override"]
    return {
        "Content-Security-Policy": set_by["ContentSecurityPolicy"]["ContentSecurityPolicy"],
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": set_by["FrameOptions"]["FrameOption"],
        "Referrer-Policy": set_by["ReferrerPolicy"]["ReferrerPolicy"],
        "Strict-Transport-Security": f"max-age={hsts['AccessControlMaxAgeSec']}",
        custom["Header"]: custom["Value"],
        "insists": hsts["Override"],
    }


# ── one address ───────────────────────────────────────────────────────────────────────────────


def test_page_and_assets_are_files_and_everything_else_is_asked_of_the_api(front: Stage) -> None:
    found = behaviors(front)
    from_files = {path for path, one in found.items() if "S3OriginConfig" in origin(front, one)}

    assert list(found) == ["/", "/index.html", "/assets/*", "*"]
    assert from_files == {"/", "/index.html", "/assets/*"}
    assert distribution(front)["DefaultRootObject"] == "index.html"


def test_the_api_is_asked_at_the_gateways_own_address_by_tls_only(
    front: Stage, spread: Stage
) -> None:
    for stage in (front, spread.part("Api")):
        api = origin(stage, behaviors(stage)["*"])

        assert ".execute-api.ap-south-1." in json.dumps(api["DomainName"])
        assert "RestDeploymentStagev1" in json.dumps(api["OriginPath"])
        custom = api["CustomOriginConfig"]
        assert (custom["OriginProtocolPolicy"], custom["OriginSSLProtocols"]) == (
            "https-only",
            ["TLSv1.2"],  # the oldest; no newer one can be named
        )
        assert custom["OriginReadTimeout"] > 29  # as long as the gateway waits


def test_every_method_header_cookie_and_query_reaches_the_api_and_no_answer_is_kept(
    front: Stage,
) -> None:
    asked = behaviors(front)["*"]

    assert set(asked["AllowedMethods"]) >= {"GET", "POST", "PUT", "DELETE", "OPTIONS"}
    assert asked["CachePolicyId"] == NOTHING_KEPT
    assert asked["OriginRequestPolicyId"] == ALL_BUT_THE_HOST


def test_a_refusal_is_nobody_elses_answer(front: Stage) -> None:
    errors = distribution(front)["CustomErrorResponses"]

    assert {one["ErrorCode"] for one in errors} >= {403, 404, 500, 502, 503, 504}
    assert {one["ErrorCachingMinTTL"] for one in errors} == {0}
    assert not any("ResponsePagePath" in one for one in errors)  # they would replace the API's


def test_everything_is_encrypted_on_its_way(front: Stage) -> None:
    policies = {path: one["ViewerProtocolPolicy"] for path, one in behaviors(front).items()}

    assert policies.pop("*") == "https-only"
    assert set(policies.values()) == {"redirect-to-https"}


# ── what browsers are told ────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("path", ["/", "/index.html", "/assets/*"])
def test_files_are_shown_under_the_policy_of_the_embedded_platform(front: Stage, path: str) -> None:
    shown = headers(front, behaviors(front)[path])

    expected = {**PRIVATE, **SECURE, "Content-Security-Policy": POLICY, "insists": True}
    del expected["Cache-Control"]  # a file has its own
    assert shown == expected


def test_what_the_edge_itself_answers_is_closed_and_answers_of_the_api_are_their_own(
    front: Stage,
) -> None:
    shown = headers(front, behaviors(front)["*"])

    expected = {**PRIVATE, **SECURE, "insists": False}
    del expected["Cache-Control"]
    assert shown == expected


def test_the_page_is_kept_until_it_is_replaced_and_assets_for_ever(front: Stage) -> None:
    found = behaviors(front)
    kept = front.only("AWS::CloudFront::CachePolicy")["CachePolicyConfig"]
    keyed = kept["ParametersInCacheKeyAndForwardedToOrigin"]

    assert found["/"]["CachePolicyId"] == found["/index.html"]["CachePolicyId"]
    assert kept["MinTTL"] == kept["MaxTTL"] == 86_400
    assert keyed["QueryStringsConfig"]["QueryStringBehavior"] == "none"
    assert found["/assets/*"]["CachePolicyId"] == OPTIMIZED
    assert all(found[path]["Compress"] for path in ("/", "/index.html", "/assets/*"))
    assert keyed["EnableAcceptEncodingBrotli"] is keyed["EnableAcceptEncodingGzip"] is True


# ── who asks ──────────────────────────────────────────────────────────────────────────────────


def test_the_api_knows_what_came_by_the_edge(prod: Stage, front: Stage) -> None:
    (mark,) = origin(front, behaviors(front)["*"])["OriginCustomHeaders"]
    (told,) = [
        one["Environment"]["Variables"]["ATP_EDGE_MARK"]
        for name, one in prod.properties("AWS::Lambda::Function").items()
        if "ApiFunction" in name
    ]

    assert mark == {"HeaderName": MARK, "HeaderValue": told}


def test_the_edge_says_who_asks_whatever_they_say_of_themselves() -> None:
    node = shutil.which("node")
    assert node is not None
    forged = {VIEWER: {"value": "198.51.100.1"}, "accept": {"value": "*/*"}}
    event = {"viewer": {"ip": "2001:db8::7"}, "request": {"headers": forged}}
    script = f"{FUNCTION.read_text()}; console.log(JSON.stringify(handler({json.dumps(event)})))"

    done = subprocess.run([node, "-e", script], capture_output=True, text=True, check=True)

    assert json.loads(done.stdout)["headers"] == {
        VIEWER: {"value": "2001:db8::7"},
        "accept": {"value": "*/*"},
    }


def test_it_says_so_for_every_request_to_the_api(front: Stage) -> None:
    (run,) = behaviors(front)["*"]["FunctionAssociations"]
    function = front.only("AWS::CloudFront::Function")

    assert run["EventType"] == "viewer-request"
    assert (function["AutoPublish"], function["FunctionCode"]) == (True, FUNCTION.read_text())


def test_a_flood_is_one_persons_and_not_the_edges(prod: Stage) -> None:
    rules = sorted(prod.only("AWS::WAFv2::WebACL")["Rules"], key=lambda rule: int(rule["Priority"]))
    by_address, by_viewer = [rule["Statement"]["RateBasedStatement"] for rule in rules[:2]]

    marked = by_viewer["ScopeDownStatement"]

    assert by_address["ScopeDownStatement"] == {"NotStatement": {"Statement": marked}}
    assert marked["ByteMatchStatement"]["FieldToMatch"] == {"SingleHeader": {"Name": MARK}}
    assert marked["ByteMatchStatement"]["PositionalConstraint"] == "EXACTLY"
    assert (by_viewer["AggregateKeyType"], by_viewer["Limit"]) == ("FORWARDED_IP", 10_000)
    # Whoever shows the mark and no address is counted, not let through.
    assert by_viewer["ForwardedIPConfig"] == {"HeaderName": VIEWER, "FallbackBehavior": "MATCH"}
    assert "Block" in rules[1]["Action"]


def test_where_programs_bring_keys_the_desk_has_one_of_its_own(front: Stage, spread: Stage) -> None:
    stage = spread.part("Api")
    api = origin(stage, behaviors(stage)["*"])
    keys = {one["Name"]: one for one in stage.properties("AWS::ApiGateway::ApiKey").values()}
    plans = stage.properties("AWS::ApiGateway::UsagePlan").values()

    shown = {one["HeaderName"]: one["HeaderValue"] for one in api["OriginCustomHeaders"]}

    assert shown["x-api-key"] == keys["atp-spread-desk"]["Value"]
    (plan,) = [one for one in plans if one["UsagePlanName"] == "atp-spread-desk"]
    assert "Quota" not in plan  # a day ends for nobody before the market does
    assert len(origin(front, behaviors(front)["*"])["OriginCustomHeaders"]) == 1


# ── files ─────────────────────────────────────────────────────────────────────────────────────


def buckets(stage: Stage) -> dict[str, tuple[Any, Any]]:
    """Buckets and their policies by what they are for."""
    policies = {
        one["Bucket"]["Ref"]: one["PolicyDocument"]["Statement"]
        for one in stage.properties("AWS::S3::BucketPolicy").values()
    }
    return {
        json.dumps(one["BucketName"]).split("atp-prod-")[1].split('-"')[0]: (
            one,
            policies[name.split("/")[1]],
        )
        for name, one in stage.properties("AWS::S3::Bucket").items()
    }


def test_both_buckets_are_private_versioned_encrypted_and_reached_by_tls(front: Stage) -> None:
    found = buckets(front)

    assert set(found) == {"desk", "desk-log"}
    for bucket, policy in found.values():
        assert set(bucket["PublicAccessBlockConfiguration"].values()) == {True}
        assert len(bucket["PublicAccessBlockConfiguration"]) == 4
        assert bucket["VersioningConfiguration"] == {"Status": "Enabled"}
        (rule,) = bucket["BucketEncryption"]["ServerSideEncryptionConfiguration"]
        assert rule["ServerSideEncryptionByDefault"] == {"SSEAlgorithm": "AES256"}
        denied = [one["Condition"] for one in policy if one["Effect"] == "Deny"]
        assert {"Bool": {"aws:SecureTransport": "false"}} in denied
        assert {"NumericLessThan": {"s3:TlsVersion": 1.2}} in denied


def test_files_are_read_by_this_distribution_and_by_nobody_else(front: Stage) -> None:
    (allowed,) = [one for one in buckets(front)["desk"][1] if one["Effect"] == "Allow"]

    assert allowed["Action"] == "s3:GetObject"
    assert allowed["Principal"] == {"Service": "cloudfront.amazonaws.com"}
    assert "PagesDistribution" in json.dumps(allowed["Condition"]["StringEquals"]["AWS:SourceArn"])
    control = front.only("AWS::CloudFront::OriginAccessControl")["OriginAccessControlConfig"]
    assert (control["SigningBehavior"], control["SigningProtocol"]) == ("always", "sigv4")


def test_a_page_can_be_gone_back_to_for_a_month(front: Stage) -> None:
    rules = buckets(front)["desk"][0]["LifecycleConfiguration"]["Rules"]

    # Nothing that is shown ends by its age: a file may be shown for years.
    assert not any("ExpirationInDays" in rule for rule in rules)
    assert {"NoncurrentDays": 30} in [rule.get("NoncurrentVersionExpiration") for rule in rules]


def test_accesses_are_logged_at_the_edge_and_at_the_bucket_without_cookies(
    prod: Stage, front: Stage
) -> None:
    logging = distribution(front)["Logging"]
    writers = [
        one
        for name, one in prod.statements()
        if "AccessLogs" in name and "desk/*" in json.dumps(one["Resource"])
    ]

    assert "DeskLog" in json.dumps(logging["Bucket"])
    assert logging["IncludeCookies"] is False
    assert buckets(front)["desk"][0]["LoggingConfiguration"]["LogFilePrefix"] == "desk/"
    (writer,) = writers
    assert writer["Principal"] == {"Service": "logging.s3.amazonaws.com"}
    assert "atp-prod-desk-" in json.dumps(writer["Condition"]["ArnLike"])


# ── addresses ─────────────────────────────────────────────────────────────────────────────────


def told(stage: Stage) -> dict[str, Any]:
    parameters = stage.properties("AWS::SSM::Parameter").values()
    return {one["Name"].partition("/desk/")[2]: one["Value"] for one in parameters}


def test_whoever_deploys_the_files_finds_where_to(front: Stage) -> None:
    found = told(front)

    assert found["bucket"] == {"Ref": next(iter(front.resources("AWS::S3::Bucket"))).split("/")[1]}
    assert "PagesDistribution" in found["distribution"]["Ref"]
    assert "DomainName" in json.dumps(found["address"])


def test_whoever_deploys_the_files_may_do_that_and_no_more(front: Stage) -> None:
    policy = front.only("AWS::IAM::ManagedPolicy")
    statements = policy["PolicyDocument"]["Statement"]

    assert policy["ManagedPolicyName"] == "atp-prod-publish-desk"
    assert {action for one in statements for action in listed(one["Action"])} == {
        "s3:PutObject",
        "s3:GetObject",
        "s3:GetObjectVersion",
        "s3:DeleteObject",
        "s3:ListBucket",
        "s3:ListBucketVersions",
        "cloudfront:CreateInvalidation",
        "cloudfront:GetInvalidation",
        "ssm:GetParameter",
    }
    for one in statements:
        for resource in listed(one["Resource"]):
            assert re.search(
                "atp-prod-desk-|FilesDesk|PagesDistribution|/desk/", json.dumps(resource)
            )
    (taken,) = [one for one in statements if one["Action"] == "s3:DeleteObject"]
    assert json.dumps(taken["Resource"]).count("assets/*") == 1  # never the page


def test_at_the_edges_own_address_the_edge_chooses_the_tls(front: Stage) -> None:
    assert "ViewerCertificate" not in distribution(front)
    assert "Aliases" not in distribution(front)


def test_a_domain_of_ours_speaks_tls_1_3_and_a_stage_may_have_no_log(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    pages = PagesFront(domain="desk.example.com", certificate_arn=ACM, logged=False)
    folder = tmp_path_factory.mktemp("domain")
    synthesize_reviewed(Config(stage="dom", kept=False, pages=pages), folder)

    stage = Stage.at(folder / "out").part("Api")

    certificate = distribution(stage)["ViewerCertificate"]
    assert certificate["AcmCertificateArn"] == ACM
    assert certificate["MinimumProtocolVersion"] == "TLSv1.3_2025"
    assert certificate["SslSupportMethod"] == "sni-only"
    assert distribution(stage)["Aliases"] == ["desk.example.com"]
    assert told(stage)["address"] == "https://desk.example.com/"
    assert "Logging" not in distribution(stage)
    assert len(stage.resources("AWS::S3::Bucket")) == 1


@pytest.mark.parametrize(
    "given",
    [
        {"domain": "desk.example.com"},
        {"certificate_arn": ACM},
        {"domain": "https://desk.example.com", "certificate_arn": ACM},
        {"domain": "desk.example.com", "certificate_arn": ACM.replace("us-east-1", "ap-south-1")},
        {"oldest_tls": "1.1"},
    ],
)
def test_pages_that_cannot_be_are_refused(given: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        PagesFront.model_validate(given)


def test_pages_and_api_cannot_share_a_name() -> None:
    with pytest.raises(ValidationError, match="a name of its own"):
        Config(
            stage="one",
            domain="desk.example.com",
            certificate_arn="arn:aws:acm:ap-south-1:123456789012:certificate/0",
            pages=PagesFront(domain="desk.example.com", certificate_arn=ACM),
        )
