"""What a function loads before its first call, which somebody or a second waits for."""

from __future__ import annotations

import json
import os
import subprocess
import sys

#: Functions that read and write what is kept here, and never speak to a broker.
AT_HOME = ("projector", "reactor", "sealer", "strategy_scheduler")
TELL = """
import importlib, json, sys
for name in sys.argv[1:]:
    importlib.import_module(f"adapters.aws_lambda.{name}")
print(json.dumps(sorted({name.partition(".")[0] for name in sys.modules})))
"""


def test_who_never_speaks_to_a_broker_starts_without_its_client() -> None:
    environment = {**os.environ, "POWERTOOLS_TRACE_DISABLED": "true"}

    done = subprocess.run(
        [sys.executable, "-c", TELL, *AT_HOME],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )

    loaded = set(json.loads(done.stdout.splitlines()[-1]))
    assert "adapters" in loaded
    assert not {"kiteconnect", "twisted", "QuantLib", "pyarrow"} & loaded
