"""What a function or service on AWS is told by its environment (ATP_…): places, never secrets."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Self

from pydantic import BaseModel, Field, ValidationInfo, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from adapters.rehearsal import Rehearsal
from adapters.settings import Root, Socket


class NotConfigured(LookupError):
    """This part of the platform needs something that its environment does not name."""


#: Where work goes, by the names of settings.
PLACES: Final = (
    "execute_queue",
    "dispatch_queue",
    "reconcile_queue",
    "connected_queue",
    "order_workflow",
)


class DeskPlaces(BaseModel, frozen=True, extra="ignore"):
    """Where the work of a family's desk goes, and whom it serves: traders and accounts."""

    serves: tuple[str, ...]
    execute_queue: str = Field(alias="EXECUTE_QUEUE")
    dispatch_queue: str = Field(alias="DISPATCH_QUEUE")
    reconcile_queue: str = Field(alias="RECONCILE_QUEUE")
    connected_queue: str = Field(alias="CONNECTED_QUEUE")
    order_workflow: str = Field(alias="ORDER_WORKFLOW")

    def at(self, name: str) -> str:
        found: str = getattr(self, name)
        return found


def of_family(place: str, family: str) -> str:
    """A family's queue or workflow, which is named after everybody's."""
    name, fifo, _ = place.partition(".fifo")
    return f"{name}-{family}{fifo}"


class AwsSettings(BaseSettings):
    """One stage of the platform; a part that needs none of a place is not told it."""

    model_config = SettingsConfigDict(
        env_prefix="ATP_", frozen=True, extra="ignore", hide_input_in_errors=True
    )

    stage: str
    prefix: str
    """What the names of tables begin with: `atp-dev-`."""
    install: str = Field(min_length=4)
    """What tells this installation's tags from any other's."""
    events_table: str
    lanes_table: str | None = None
    answered_table: str | None = None

    execute_queue: str | None = None
    dispatch_queue: str | None = None
    reconcile_queue: str | None = None
    connected_queue: str | None = None
    order_workflow: str | None = None
    desk: str | None = None
    """The family behind whose egress this worker is; None: everybody's."""
    desks: Mapping[str, DeskPlaces] = {}
    """Families with an egress of their own, by name."""
    bus: str | None = None
    notices_topic: str | None = None

    lake_bucket: str | None = None
    digests_bucket: str | None = None
    artifacts_bucket: str | None = None

    vault_path: str | None = None
    """What the names of the vault's secrets begin with."""
    seal_secret: str | None = None
    user_pool: str | None = None
    user_pool_client: str | None = None

    origins: tuple[str, ...] = ()
    """Whose pages may call the API from a browser."""
    edge_mark: str | None = None
    """What the edge shows with requests that it hands on."""
    writer_region: str | None = None
    """The only region that trades; None where there is but one."""
    market_account: str | None = Field(default=None, pattern=r"^ACC-")
    """Whose session reads prices for everybody; each trader's own where it is not given."""
    kite_root: Root = "https://api.kite.trade"
    kite_login: Root = "https://kite.zerodha.com"
    kite_ws: Socket = "wss://ws.kite.trade"
    kite_timeout_s: float = Field(default=7.0, gt=0, le=30)
    rehearsal: Rehearsal | None = None
    """Another time than the machine's, for a day against a simulator."""
    patience: int = Field(default=1, ge=1)

    @field_validator("desks", mode="before")
    @classmethod
    def _places_of_families(cls, told: object, info: ValidationInfo) -> object:
        """Told is only whom a family's desk serves: an environment has room for no more."""
        if not isinstance(told, dict):
            return told
        ours = {name.upper(): info.data.get(name) or "" for name in PLACES}

        def places(family: str) -> dict[str, str]:
            return {name: of_family(at, family) for name, at in ours.items()}

        return {
            family: {"serves": serves, **places(family)} if isinstance(serves, list) else serves
            for family, serves in told.items()
        }

    @model_validator(mode="after")
    def _no_rehearsal_at_the_real_exchange(self) -> Self:
        if (self.rehearsal is not None or self.patience > 1) and "kite.trade" in self.kite_root:
            raise ValueError("a rehearsal has a time of its own: it needs a simulator's addresses")
        return self

    @property
    def kite(self) -> dict[str, str]:
        """Where Kite is, as the broker's adapter is told."""
        return {
            "root": self.kite_root,
            "login": self.kite_login,
            "ws": self.kite_ws,
            "timeout_s": str(self.kite_timeout_s),
        }

    @property
    def simulated(self) -> bool:
        """Whether a simulator on this machine stands in for Kite."""
        return self.kite_root.startswith("http://")

    @property
    def secrets_key(self) -> str:
        """The key that secrets of the vault are encrypted with."""
        return f"alias/{self.prefix}secrets"

    def told(self, name: str) -> str:
        """A place that this part cannot do without; raises NotConfigured."""
        found: str | None = getattr(self, name)
        if not found:
            raise NotConfigured(f"ATP_{name.upper()} is not set")
        return found
