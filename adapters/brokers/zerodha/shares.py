"""Which connection carries which tokens; a token stays where it is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Final

TOKENS_EACH: Final = 3_000
CONNECTIONS: Final = 3
#: Tokens of one message: well below any limit on its length.
CHUNK: Final = 500


class Shares:
    """Tokens dealt to as few connections as hold them; what fits nowhere is left out."""

    def __init__(self, each: int = TOKENS_EACH, most: int = CONNECTIONS) -> None:
        self.each = each
        self.most = most
        self._shares: list[dict[int, None]] = [{} for _ in range(most)]

    def deal(self, wanted: Sequence[int]) -> None:
        """Carry these from now on, and nothing else."""
        still = dict.fromkeys(wanted)
        for share in self._shares:
            for token in [token for token in share if token not in still]:
                del share[token]
            for token in share:
                del still[token]
        new = iter(still)
        for share in self._shares:
            share.update(dict.fromkeys(islice(new, self.each - len(share))))

    def of(self, connection: int) -> tuple[int, ...]:
        """What this connection carries, in the order in which it was wanted."""
        return tuple(self._shares[connection])

    @property
    def needed(self) -> int:
        """Connections to hold open; the first also brings order updates and is always needed."""
        return max([1, *(n for n, share in enumerate(self._shares, 1) if share)])


def chunks(tokens: Iterable[int], size: int = CHUNK) -> Iterator[list[int]]:
    """The tokens in lists of at most that size."""
    left = iter(tokens)
    while chunk := list(islice(left, size)):
        yield chunk
