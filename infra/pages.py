"""The web client at the edge: its files from a bucket, and the API behind the same address."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from aws_cdk import Aws, CfnOutput, Duration
from aws_cdk import aws_apigateway as gateway
from aws_cdk import aws_certificatemanager as certificates
from aws_cdk import aws_cloudfront as edge
from aws_cdk import aws_cloudfront_origins as origins
from aws_cdk import aws_iam as iam
from aws_cdk import aws_ssm as ssm
from constructs import Construct

from adapters.api.desk import POLICY
from adapters.api.middleware import PRIVATE
from adapters.aws.edge import MARK
from infra.buckets import PAGES, Buckets
from infra.config import Config
from infra.page_files import PageFiles
from infra.reasons import accept, legible

#: Runs at the edge, before a request goes on to the API.
VIEWER: Final = Path(__file__).with_name("viewer.js")
INDEX: Final = "index.html"
CSP, APART = "Content-Security-Policy", "Cross-Origin-Resource-Policy"
#: How long an edge shows the page without asking for another; a deployment tells it of one.
PAGE_KEPT: Final = Duration.days(1)
HSTS: Final = Duration.days(365)
#: What an edge would go on saying for ten seconds, to whoever asks next.
ERRORS: Final = (400, 403, 404, 405, 414, 500, 501, 502, 503, 504)
TLS: Final = {
    "1.3": edge.SecurityPolicyProtocol.TLS_V1_3_2025,
    "1.2": edge.SecurityPolicyProtocol.TLS_V1_2_2021,
}


class Pages(Construct):
    """One distribution: `/` and `/assets/*` are files, everything else is asked of the API.

    `mark` shows the API that a request came this way; `key` is an application's, where the
    gateway asks for one.
    """

    def __init__(
        self,
        scope: Construct,
        config: Config,
        rest: gateway.RestApi,
        buckets: Buckets,
        mark: str,
        key: str | None,
    ) -> None:
        super().__init__(scope, "Pages")
        self._config, self._buckets = config, buckets
        self._files = PageFiles(self, config, buckets)
        shown = {MARK: mark, **({"x-api-key": key} if key else {})}
        api = origins.RestApiOrigin(
            rest,
            custom_headers=shown,
            read_timeout=Duration.seconds(30),  # the gateway's 29
        )
        self.distribution = self._distribution(self._asked(api))
        self._accept()
        self._let_publish()
        self.url = f"https://{config.pages.domain or self.distribution.domain_name}/"
        self._tell()

    def _distribution(self, asked: edge.BehaviorOptions) -> edge.Distribution:
        pages = self._config.pages
        headers = self._headers("page", POLICY, override=True)
        files = origins.S3BucketOrigin.with_origin_access_control(self._files.files)
        page = _shown(files, self._page_cache(), headers)
        return edge.Distribution(
            self,
            "Distribution",
            comment=f"{self._config.prefix}desk",
            default_root_object=INDEX,
            default_behavior=asked,
            additional_behaviors={
                "/": page,
                f"/{INDEX}": page,
                "/assets/*": _shown(files, edge.CachePolicy.CACHING_OPTIMIZED, headers),
            },
            error_responses=[
                edge.ErrorResponse(http_status=status, ttl=Duration.seconds(0)) for status in ERRORS
            ],
            http_version=edge.HttpVersion.HTTP2_AND_3,
            price_class=edge.PriceClass.PRICE_CLASS_200,  # the smallest with edges in India
            minimum_protocol_version=TLS[pages.oldest_tls],
            certificate=self._certificate(),
            domain_names=[pages.domain] if pages.domain else None,
            log_bucket=self._files.log() if pages.logged else None,
            log_includes_cookies=False if pages.logged else None,
        )

    def _asked(self, api: edge.IOrigin) -> edge.BehaviorOptions:
        """Nothing is kept, and all is handed on but the host's name, which is the gateway's own."""
        return edge.BehaviorOptions(
            origin=api,
            viewer_protocol_policy=edge.ViewerProtocolPolicy.HTTPS_ONLY,
            allowed_methods=edge.AllowedMethods.ALLOW_ALL,
            cache_policy=edge.CachePolicy.CACHING_DISABLED,
            origin_request_policy=edge.OriginRequestPolicy.ALL_VIEWER_EXCEPT_HOST_HEADER,
            # Answers have headers of their own: these are for what the edge itself has to say.
            response_headers_policy=self._headers("answers", PRIVATE[CSP], override=False),
            function_associations=[
                edge.FunctionAssociation(
                    event_type=edge.FunctionEventType.VIEWER_REQUEST, function=self._viewer()
                )
            ],
            compress=False,  # nothing that is not kept is compressed at an edge
        )

    def _viewer(self) -> edge.Function:
        return edge.Function(
            self,
            "Viewer",
            function_name=f"{self._config.prefix}viewer",
            comment="Tells the API who asks",
            code=edge.FunctionCode.from_file(file_path=str(VIEWER)),
            runtime=edge.FunctionRuntime.JS_2_0,
        )

    def _page_cache(self) -> edge.CachePolicy:
        """Browsers ask each time (`no-cache`), and the edge answers them."""
        return edge.CachePolicy(
            self,
            "Kept",
            cache_policy_name=f"{self._config.prefix}page",
            comment="The page, until a deployment replaces it",
            min_ttl=PAGE_KEPT,
            default_ttl=PAGE_KEPT,
            max_ttl=PAGE_KEPT,
            enable_accept_encoding_gzip=True,
            enable_accept_encoding_brotli=True,
        )

    def _headers(self, name: str, policy: str, *, override: bool) -> edge.ResponseHeadersPolicy:
        """As the application itself sets them (adapters/api/middleware.py, desk.py)."""
        return edge.ResponseHeadersPolicy(
            self,
            name.title(),
            response_headers_policy_name=f"{self._config.prefix}{name}",
            security_headers_behavior=edge.ResponseSecurityHeadersBehavior(
                content_security_policy=edge.ResponseHeadersContentSecurityPolicy(
                    content_security_policy=policy, override=override
                ),
                content_type_options=edge.ResponseHeadersContentTypeOptions(override=override),
                frame_options=edge.ResponseHeadersFrameOptions(
                    frame_option=edge.HeadersFrameOption.DENY, override=override
                ),
                referrer_policy=edge.ResponseHeadersReferrerPolicy(
                    referrer_policy=edge.HeadersReferrerPolicy.NO_REFERRER, override=override
                ),
                strict_transport_security=edge.ResponseHeadersStrictTransportSecurity(
                    access_control_max_age=HSTS, override=override
                ),
            ),
            custom_headers_behavior=edge.ResponseCustomHeadersBehavior(
                custom_headers=[
                    edge.ResponseCustomHeader(header=APART, value=PRIVATE[APART], override=override)
                ]
            ),
        )

    def _certificate(self) -> certificates.ICertificate | None:
        arn = self._config.pages.certificate_arn
        if arn is None:
            return None
        return certificates.Certificate.from_certificate_arn(self, "Certificate", arn)

    def _let_publish(self) -> None:
        """To be attached to whoever deploys: these files, and word of them to this edge."""
        files, distribution = self._files.files, self.distribution
        assets, page = (self._buckets.within(PAGES, name) for name in ("assets/*", INDEX))
        noted = f"arn:{Aws.PARTITION}:ssm:{Aws.REGION}:{Aws.ACCOUNT_ID}:parameter"
        edges = ["cloudfront:CreateInvalidation", "cloudfront:GetInvalidation"]
        policy = iam.ManagedPolicy(
            self,
            "Publisher",
            managed_policy_name=f"{self._config.prefix}publish-desk",
            description="Shows a new build of the web client",
            statements=[
                iam.PolicyStatement(actions=actions, resources=resources)
                for actions, resources in (
                    (["s3:PutObject"], [page, assets]),
                    (["s3:GetObject", "s3:GetObjectVersion"], [page]),
                    (["s3:DeleteObject"], [assets]),
                    (["s3:ListBucket", "s3:ListBucketVersions"], [files.bucket_arn]),
                    (edges, [distribution.distribution_arn]),
                    (["ssm:GetParameter"], [f"{noted}{self._config.path}/desk/*"]),
                )
            ],
        )
        accept(
            policy,
            "Files are named by their content, and parameters of the desk lie under one path",
            f"AwsSolutions-IAM5[Resource::{legible(assets)}]",
            f"AwsSolutions-IAM5[Resource::{legible(noted)}{self._config.path}/desk/*]",
        )

    # ── for the record ────────────────────────────────────────────────────────────────────

    def _accept(self) -> None:
        pages = self._config.pages
        accept(
            self.distribution,
            "Traders travel; who may trade is decided by their sign-in and not by where they are",
            "AwsSolutions-CFR1",
        )
        accept(
            self.distribution,
            "The wall stands before the API, whichever way a request comes; files are read only",
            "AwsSolutions-CFR2",
        )
        if pages.domain is None:
            accept(
                self.distribution,
                "At its own address CloudFront alone chooses the TLS; a domain of ours has 1.3",
                "AwsSolutions-CFR4",
            )
        if not pages.logged:
            accept(
                self.distribution,
                "CloudFront logs to no bucket in this region; the gateway logs what is asked",
                "AwsSolutions-CFR3",
            )

    def _tell(self) -> None:
        """What a deployment of the files asks for, and where people find the desk."""
        told = {
            "Address": ("address", self.url),
            "Bucket": ("bucket", self._files.files.bucket_name),
            "Edge": ("distribution", self.distribution.distribution_id),
        }
        for name, (path, value) in told.items():
            ssm.StringParameter(
                self,
                name,
                parameter_name=f"{self._config.path}/desk/{path}",
                string_value=value,
            )
        CfnOutput(self, "Desk", value=self.url)
        CfnOutput(self, "DeskTarget", value=self.distribution.domain_name)


def _shown(
    files: edge.IOrigin, kept: edge.ICachePolicy, headers: edge.IResponseHeadersPolicy
) -> edge.BehaviorOptions:
    return edge.BehaviorOptions(
        origin=files,
        viewer_protocol_policy=edge.ViewerProtocolPolicy.REDIRECT_TO_HTTPS,
        allowed_methods=edge.AllowedMethods.ALLOW_GET_HEAD,
        cache_policy=kept,
        response_headers_policy=headers,
        compress=True,
    )
