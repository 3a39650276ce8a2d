"""`python -m tests.chaos --days 200 --jobs 2` plays the fault campaign and prints its tally."""

from __future__ import annotations

import sys

from tests.chaos.campaign import main

if __name__ == "__main__":
    sys.exit(main())
