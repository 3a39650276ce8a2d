"""The API and what watches it, before a function that stands for the real one."""

from __future__ import annotations

from pathlib import Path

from aws_cdk import App, Environment, Validations
from aws_cdk import aws_lambda as functions
from cdk_nag import AwsSolutionsChecks

from infra.api import Api
from infra.app import WAYS
from infra.config import Config
from infra.foundation import Foundation
from infra.monitoring import Monitoring
from infra.security import Security


def synthesize_alone(config: Config, folder: Path, function: str) -> None:
    """Under review: raises with every finding that no reason answers."""
    app = App(outdir=str(folder), context=WAYS, analytics_reporting=False)
    env = Environment(region=config.region)
    security = Security(app, config, env)
    foundation = Foundation(app, config, env, security)
    handler = functions.Function.from_function_attributes(
        foundation, "Handler", function_arn=function, same_environment=True
    )
    api = Api(app, config, env, security, foundation, handler)
    Monitoring(app, config, env, security, foundation, api)
    Validations.of(app).add_plugins(AwsSolutionsChecks(app))
    app.synth()
