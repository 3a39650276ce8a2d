"""The AWS application: which stacks there are, and in which order they stand.

`python -m infra.app --stage dev --out dist/cdk` writes the templates; neither an account nor a
network is needed, but the bundles are (`make bundle`).
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from aws_cdk import App, Environment, Tags

from infra.api import Api
from infra.bundles import BUNDLES, Bundles
from infra.compute import Compute
from infra.config import BadConfiguration, Config, load
from infra.data import Data
from infra.desk_monitoring import DeskMonitoring
from infra.desks import FamilyDesk
from infra.foundation import Foundation
from infra.ground import Ground
from infra.monitoring import Monitoring
from infra.security import Security

#: Ways of the construct library that are the right ones for new applications.
WAYS: Final = {
    "@aws-cdk/aws-s3:serverAccessLogsUseBucketPolicy": True,
    "@aws-cdk/aws-iam:minimizePolicies": True,
    "@aws-cdk/core:enablePartitionLiterals": True,
    # A version follows from all that a function is made of, the layers included.
    "@aws-cdk/aws-lambda:recognizeVersionProps": True,
    "@aws-cdk/aws-lambda:recognizeLayerVersion": True,
}


@dataclass(frozen=True)
class Stacks:
    """The stacks of one stage."""

    app: App
    security: Security
    foundation: Foundation
    data: Data
    compute: Compute
    desks: Sequence[FamilyDesk]
    """One for each egress that serves somebody by name."""
    api: Api
    monitoring: Monitoring


def build(config: Config, out: str | None = None, bundles: Path = BUNDLES) -> Stacks:
    """Everything a stage is made of, not yet synthesized; raises BadConfiguration."""
    made = Bundles.of(config.stage, config.capacity, bundles)
    app = App(outdir=out, context=WAYS, analytics_reporting=False)
    env = Environment(region=config.region)  # the account is whoever deploys: no look-ups
    security = Security(app, config, env)
    foundation = Foundation(app, config, env, security)
    data = Data(app, config, env, security, foundation)
    ground = Ground(config, security, foundation, data, made)
    compute = Compute(app, env, ground)
    desks = [FamilyDesk(app, env, ground, one) for one in config.egress if one.serves]
    api = Api(app, config, env, security, foundation, compute.api)
    monitoring = Monitoring(app, config, env, security, foundation, api)
    monitoring.add_stack_dependency(compute)  # it names its logs
    for desk in desks:
        watching = DeskMonitoring(app, config, env, desk.desk.egress)
        for beneath in (desk, monitoring):
            watching.add_stack_dependency(beneath)
    Tags.of(app).add("application", "atp")
    Tags.of(app).add("stage", config.stage)
    return Stacks(app, security, foundation, data, compute, desks, api, monitoring)


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="infra.app", description="Synthesize the AWS stacks.")
    parser.add_argument("--stage", default=os.environ.get("ATP_STAGE", "dev"))
    parser.add_argument("--out", help="the folder of the templates")
    parser.add_argument("--bundles", type=Path, default=BUNDLES, help="the folder of the bundles")
    chosen = parser.parse_args(arguments)
    try:
        stacks = build(load(chosen.stage), chosen.out, chosen.bundles)
    except BadConfiguration as error:
        print(error, file=sys.stderr)
        return 2
    stacks.app.synth()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
