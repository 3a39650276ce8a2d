"""Makes the pictures of the README: what the terminal shows of a replayed day, as SVG.

`python -m scripts.screens` plays a simulated day with the demo basket and writes docs/screens/.
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

from rich.console import Console
from rich.text import Text

ROOT = Path(__file__).parent.parent
SCREENS = ROOT / "docs" / "screens"
COMMAND = (
    "day", "--basket", "baskets/nifty-iron-condor.json", "--simulated", "--date", "2026-11-18",
    "--seed", "7",
)  # fmt: skip
#: Fonts are the reader's own: nothing is fetched from other hosts.
FONTS = re.compile(r"@font-face \{.*?\}\s*", re.DOTALL)


def main() -> None:
    """Play, and keep what was printed."""
    done = subprocess.run(
        [sys.executable, "-m", "adapters.cli.main", *COMMAND],
        cwd=ROOT,
        env={"COLUMNS": "170", "FORCE_COLOR": "1", "PATH": ""},
        capture_output=True,
        text=True,
        check=True,
    )
    console = Console(record=True, width=170, file=sys.stderr)
    console.print(f"$ atp {' '.join(COMMAND)}")
    console.print(Text.from_ansi(done.stdout))
    SCREENS.mkdir(parents=True, exist_ok=True)
    svg = FONTS.sub("", console.export_svg(title="atp day"))
    (SCREENS / "day.svg").write_text(svg)


if __name__ == "__main__":
    main()
