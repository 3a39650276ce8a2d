"""The API stack: the gateway in front of the function that answers, its limits, wall and log."""

from __future__ import annotations

from collections.abc import Sequence
from json import dumps
from typing import Final, cast

from aws_cdk import Aws, CfnOutput, Duration, Environment, Fn, RemovalPolicy, Stack
from aws_cdk import aws_apigateway as gateway
from aws_cdk import aws_certificatemanager as certificates
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_lambda as functions
from aws_cdk import aws_logs as logs
from aws_cdk import aws_ssm as ssm
from aws_cdk import aws_wafv2 as waf
from constructs import Construct

from adapters.api.app import READ, SENT
from adapters.api.openapi import METHODS
from infra.config import Config
from infra.described import described_api
from infra.foundation import Foundation
from infra.gateway import Methods
from infra.pages import Pages
from infra.reasons import accept
from infra.security import Security

#: The first part of every path at the gateway's own address; at a domain of ours there is none.
STAGE: Final = "v1"
SIGN_INS: Final = ("/auth/login/POST", "/auth/refresh/POST")
#: By the oldest TLS that is spoken: what the construct library calls it, and what templates do.
TLS: Final = {
    "1.3": (gateway.SecurityPolicy.TLS13_1_3_2025_09, "SecurityPolicy_TLS13_1_3_2025_09"),
    "1.2": (gateway.SecurityPolicy.TLS13_1_2_PQ_2025_09, "SecurityPolicy_TLS13_1_2_PQ_2025_09"),
}
WRITES_LOGS: Final = "service-role/AmazonAPIGatewayPushToCloudWatchLogs"
#: What is known of a request when it is over; neither its query nor its headers, where tokens are.
LOGGED: Final = {
    "request_id": "$context.requestId",
    "time": "$context.requestTimeEpoch",
    "address": "$context.identity.sourceIp",
    "agent": "$context.identity.userAgent",
    "user": "$context.authorizer.claims.username",
    "method": "$context.httpMethod",
    "resource": "$context.resourcePath",
    "path": "$context.path",
    "status": "$context.status",
    "bytes": "$context.responseLength",
    "latency_ms": "$context.responseLatency",
    "function_ms": "$context.integration.latency",
    "function_status": "$context.integration.status",
    "error": "$context.error.responseType",
    "wall": "$context.waf.status",
    "tls": "$context.tlsVersion",
    "trace": "$context.xrayTraceId",
}


class Api(Stack):
    """`handler` answers every request; it checks tokens and rights again by itself."""

    def __init__(
        self,
        scope: Construct,
        config: Config,
        env: Environment,
        security: Security,
        foundation: Foundation,
        handler: functions.IFunction,
    ) -> None:
        super().__init__(
            scope,
            "Api",
            stack_name=f"{config.prefix}api",
            env=env,
            description="The REST API before the function that answers",
            termination_protection=config.kept,
        )
        iam.PermissionsBoundary.of(self).apply(foundation.boundary)
        self._config, key = config, security.keys.operations
        self.access_log = self._log("Access", f"/aws/apigateway/{config.prefix}api", key)
        self.rest = self._rest()
        self._errors_log(key)
        self.authorizer = gateway.CognitoUserPoolsAuthorizer(
            self,
            "Authorizer",
            authorizer_name=f"{config.prefix}users",
            cognito_user_pools=[security.people.pool],
            results_cache_ttl=Duration.minutes(1),
        )
        Methods(self.rest, handler, self.authorizer, config.front)
        self._describe()
        self._wall(security)
        self._plans()
        self.url = self._domain() or self.rest.url
        ssm.StringParameter(
            self, "Address", parameter_name=f"{config.path}/api", string_value=self.url
        )
        CfnOutput(self, "Url", value=self.url)
        buckets, mark = foundation.buckets, security.mark
        self.pages = Pages(self, config, self.rest, buckets, mark, self._key_of_pages())

    # ── the gateway ───────────────────────────────────────────────────────────────────────

    def _rest(self) -> gateway.RestApi:
        config, front = self._config, self._config.front
        rest = gateway.RestApi(
            self,
            "Rest",
            rest_api_name=f"{config.prefix}api",
            description=described_api()["info"]["title"],
            endpoint_types=[gateway.EndpointType.REGIONAL],
            cloud_watch_role=False,  # one for all APIs of an account and region: see below
            default_cors_preflight_options=self._preflight(front.origins),
            deploy_options=gateway.StageOptions(
                stage_name=STAGE,
                access_log_destination=gateway.LogGroupLogDestination(self.access_log),
                access_log_format=gateway.AccessLogFormat.custom(dumps(LOGGED)),
                logging_level=gateway.MethodLoggingLevel.ERROR,
                data_trace_enabled=False,  # it would write bodies, and passwords with them
                metrics_enabled=True,
                tracing_enabled=True,
                throttling_rate_limit=front.requests_per_second,
                throttling_burst_limit=front.burst,
                method_options={
                    path: gateway.MethodDeploymentOptions(
                        throttling_rate_limit=front.sign_ins_per_second,
                        throttling_burst_limit=2 * front.sign_ins_per_second,
                        logging_level=gateway.MethodLoggingLevel.ERROR,
                        metrics_enabled=True,
                        data_trace_enabled=False,
                    )
                    for path in SIGN_INS
                },
            ),
        )
        only = cast("gateway.CfnRestApi", rest.node.default_child)
        only.add_property_override("SecurityPolicy", TLS[front.oldest_tls][1])
        only.add_property_override("EndpointAccessMode", "STRICT")  # for who names the host
        rest.deployment_stage.node.add_dependency(self._may_log())
        return rest

    def _preflight(self, origins: Sequence[str]) -> gateway.CorsOptions | None:
        if not origins:
            return None
        return gateway.CorsOptions(
            allow_origins=list(origins),
            allow_methods=[method.upper() for method in METHODS],
            allow_headers=list(SENT),
            expose_headers=list(READ),
            max_age=Duration.hours(1),
        )

    # ── logs ──────────────────────────────────────────────────────────────────────────────

    def _log(self, name: str, named: str, key: kms.IKey) -> logs.LogGroup:
        return logs.LogGroup(
            self,
            name,
            log_group_name=named,
            encryption_key=key,
            retention=logs.RetentionDays.ONE_YEAR,
            removal_policy=RemovalPolicy.DESTROY,
        )

    def _errors_log(self, key: kms.IKey) -> None:
        """The gateway would make it itself, for ever and under no key of ours."""
        named = f"API-Gateway-Execution-Logs_{self.rest.rest_api_id}/{STAGE}"
        log = self._log("Errors", named, key)
        self.rest.deployment_stage.node.add_dependency(log)

    def _may_log(self) -> gateway.CfnAccount:
        """Lets every API of the account and region write logs, so it stays when a stage goes."""
        role = iam.Role(
            self,
            "Logging",
            description="API Gateway writes logs",
            assumed_by=iam.ServicePrincipal("apigateway.amazonaws.com"),
            managed_policies=[iam.ManagedPolicy.from_aws_managed_policy_name(WRITES_LOGS)],
        )
        role.apply_removal_policy(RemovalPolicy.RETAIN)
        accept(
            role,
            "AWS keeps this policy in step with what API Gateway calls; nobody else is let in",
            f"AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/{WRITES_LOGS}]",
        )
        account = gateway.CfnAccount(self, "Account", cloud_watch_role_arn=role.role_arn)
        account.apply_removal_policy(RemovalPolicy.RETAIN)
        return account

    # ── what stands around it ─────────────────────────────────────────────────────────────

    def _describe(self) -> None:
        """What its console shows; the whole description is served at /openapi.json."""
        info = described_api()["info"]
        part = gateway.CfnDocumentationPart(
            self,
            "About",
            rest_api_id=self.rest.rest_api_id,
            location=gateway.CfnDocumentationPart.LocationProperty(type="API"),
            properties=dumps({"info": info}, ensure_ascii=False),
        )
        version = gateway.CfnDocumentationVersion(
            self,
            "Described",
            rest_api_id=self.rest.rest_api_id,
            documentation_version=info["version"],
        )
        version.add_resource_dependency(part)

    def _wall(self, security: Security) -> None:
        here = f"arn:{Aws.PARTITION}:apigateway:{Aws.REGION}::/restapis/{self.rest.rest_api_id}"
        wall = waf.CfnWebACLAssociation(
            self,
            "Wall",
            resource_arn=f"{here}/stages/{STAGE}",
            web_acl_arn=security.wall.acl.attr_arn,
        )
        wall.node.add_dependency(self.rest.deployment_stage)

    def _plans(self) -> None:
        """A key names a program, a token a person: where there are programs, both are asked for."""
        for one in self._config.front.applications:
            plan = self.rest.add_usage_plan(
                f"Plan-{one.name}",
                name=f"{self._config.prefix}{one.name}",
                throttle=gateway.ThrottleSettings(
                    rate_limit=one.requests_per_second, burst_limit=2 * one.requests_per_second
                ),
                quota=gateway.QuotaSettings(limit=one.requests_per_day, period=gateway.Period.DAY),
            )
            plan.add_api_stage(stage=self.rest.deployment_stage)
            named = f"{self._config.prefix}{one.name}"
            plan.add_api_key(self.rest.add_api_key(f"Key-{one.name}", api_key_name=named))

    def _key_of_pages(self) -> str | None:
        """The desk is an application like any other where keys are asked for.

        Whoever opens it may use the key: it keeps programs apart, and lets nobody in.
        """
        front = self._config.front
        if not front.applications:
            return None
        value = Fn.select(2, Fn.split("/", Aws.STACK_ID))
        named = f"{self._config.prefix}desk"
        plan = self.rest.add_usage_plan(
            "Plan-of-pages",
            name=named,
            throttle=gateway.ThrottleSettings(
                rate_limit=front.requests_per_second, burst_limit=front.burst
            ),
        )
        plan.add_api_stage(stage=self.rest.deployment_stage)
        plan.add_api_key(self.rest.add_api_key("Key-of-pages", api_key_name=named, value=value))
        return value

    def _domain(self) -> str | None:
        """The gateway's own address stays open as well: the probe of health comes by it."""
        config = self._config
        if config.domain is None or config.certificate_arn is None:
            return None
        certificate = certificates.Certificate.from_certificate_arn(
            self, "Certificate", config.certificate_arn
        )
        domain = gateway.DomainName(
            self,
            "Domain",
            domain_name=config.domain,
            certificate=certificate,
            endpoint_type=gateway.EndpointType.REGIONAL,
            security_policy=TLS[config.front.oldest_tls][0],
            endpoint_access_mode=gateway.EndpointAccessMode.STRICT,
            mapping=self.rest,
        )
        CfnOutput(self, "DomainTarget", value=domain.domain_name_alias_domain_name)
        return f"https://{config.domain}/"
