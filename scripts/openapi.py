"""Write the API's description to a file: the web client's types are generated from it."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from adapters.api.app import described


def main(path: str) -> None:
    text = json.dumps(described().openapi(), indent=1, sort_keys=True)
    Path(path).write_text(text + "\n")


if __name__ == "__main__":
    main(sys.argv[1])
