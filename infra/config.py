"""What may differ between stages, typed: one TOML file a stage, in infra/stages."""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from collections.abc import Sequence
from ipaddress import IPv4Network
from pathlib import Path
from typing import Annotated, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from infra.capacity import Capacity, Rehearsed
from infra.front import Front, OnCall, PagesFront

STAGES = Path(__file__).parent / "stages"
#: As many as find two subnets of 256 addresses each in the smallest network, and no more.
EGRESSES = 127


class BadConfiguration(ValueError):
    """A stage is not configured, or not so that it can be deployed; the message says what is."""


def _matching(pattern: str, meaning: str) -> AfterValidator:
    def check(text: str) -> str:
        if not re.fullmatch(pattern, text):
            raise ValueError(f"{text!r} is not {meaning}")
        return text

    return AfterValidator(check)


def _block(text: str) -> str:
    if IPv4Network(text).prefixlen > 16 or not IPv4Network(text).is_private:
        raise ValueError("must be a private block of at least 65,536 addresses, such as a /16")
    return text


StageName = Annotated[str, _matching(r"[a-z][a-z0-9]{1,11}", "2 to 12 small letters and digits")]
Label = Annotated[str, _matching(r"[a-z][a-z0-9-]{1,23}", "a name such as family-rao")]
Region = Annotated[str, _matching(r"[a-z]{2}(-[a-z]+)+-\d", "a region such as ap-south-1")]
KeyArn = Annotated[str, _matching(r"arn:aws:kms:[a-z0-9-]+:\d{12}:key/\S+", "the ARN of a KMS key")]
VaultArn = Annotated[
    str, _matching(r"arn:aws:backup:[a-z0-9-]+:\d{12}:backup-vault:\S+", "an ARN of a backup vault")
]
Allocation = Annotated[str, _matching(r"eipalloc-[0-9a-f]{8,17}", "an allocation of an address")]
Served = Annotated[str, _matching(r"(USER|ACC)-\S+", "a trader (USER-…) or an account (ACC-…)")]
Block = Annotated[str, AfterValidator(_block)]
Host = Annotated[str, _matching(r"([a-z0-9-]+\.)+[a-z]{2,}", "a domain name")]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Egress(_Part):
    """Addresses from which the orders of some traders leave: what they register at their broker.

    A second address, in another zone, takes over if the first one's zone fails.
    """

    name: Label
    serves: tuple[Served, ...] = ()
    """Traders and accounts; nobody named: everybody not named elsewhere."""
    standby: bool = False
    allocations: tuple[Allocation, ...] = ()
    """Elastic IPs the account owns already; none: new ones are taken, and kept for ever."""

    @property
    def addresses(self) -> int:
        return 2 if self.standby else 1

    @model_validator(mode="after")
    def _one_allocation_an_address(self) -> Self:
        if self.allocations and len(self.allocations) != self.addresses:
            raise ValueError(f"{self.name} needs {self.addresses} allocations, or none")
        return self


class Replica(_Part):
    """Another region that holds every table; `key_arn` encrypts them there."""

    region: Region
    key_arn: KeyArn


class Warm(_Part):
    """Units a second that the event table takes at once, without growing into it."""

    reads: int = Field(default=12_000, ge=12_000)
    writes: int = Field(default=4_000, ge=4_000)


class Config(_Part):
    """One stage of the platform in one region."""

    stage: StageName
    region: Region = "ap-south-1"
    cidr: Block = "10.20.0.0/16"
    domain: Host | None = None
    certificate_arn: str | None = None
    egress: tuple[Egress, ...] = (Egress(name="shared"),)
    replicas: tuple[Replica, ...] = ()
    writer_region: Region | None = None
    """The only region whose tables may be written; None: the stage's own."""
    warm: Warm = Warm()
    kept: bool = True
    """Whether tables, buckets and users outlive their stacks."""
    digests_kept_days: int = Field(default=1_827, ge=1)
    backups_kept_days: int = Field(default=35, ge=7)
    backup_copy_vault: VaultArn | None = None
    """A vault in another region or account to which every backup is copied."""
    requests_per_address: int = Field(default=2_000, ge=10)
    """What one address may ask of the API in five minutes."""
    front: Front = Front()
    """Limits of the API as a whole, and whose pages may call it."""
    pages: PagesFront = PagesFront()
    """The web client's own address, and its users' limits."""
    on_call: OnCall = OnCall()
    """Who is told when something is wrong."""
    capacity: Capacity = Capacity()
    """What functions run on, how many at once, and the watcher's size."""
    market_account: Annotated[str, _matching(r"ACC-\S+", "an account (ACC-…)")] | None = None
    """Whose session reads prices for everybody; None: each trader's own."""
    rehearsed: Rehearsed | None = None
    """A simulator in the broker's place; only in a stage that is not kept."""

    @property
    def prefix(self) -> str:
        """What the names of tables and other named things begin with."""
        return f"atp-{self.stage}-"

    @property
    def path(self) -> str:
        """What the names of parameters and secrets begin with."""
        return f"/atp/{self.stage}"

    @property
    def writer(self) -> str:
        return self.writer_region or self.region

    @property
    def writes(self) -> bool:
        """Whether this region trades: elsewhere nothing is scheduled, polled or watched."""
        return self.region == self.writer

    @property
    def regions(self) -> tuple[str, ...]:
        return (self.region, *(replica.region for replica in self.replicas))

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        _once("region", self.regions)
        _once("egress name", [one.name for one in self.egress])
        _once("trader or account of an egress", [who for one in self.egress for who in one.serves])
        if len(self.egress) > EGRESSES:
            raise ValueError(f"there is room for {EGRESSES} egresses")
        if len([one for one in self.egress if not one.serves]) != 1:
            raise ValueError("exactly one egress must serve nobody by name: it takes all others")
        if self.writer not in self.regions:
            raise ValueError(f"writer_region {self.writer} is neither the region nor a replica")
        if (self.domain is None) != (self.certificate_arn is None):
            raise ValueError("domain and certificate_arn belong together")
        if self.domain is not None and self.domain == self.pages.domain:
            raise ValueError("the pages have the API behind them: each needs a name of its own")
        if self.kept and self.rehearsed is not None:
            raise ValueError("a stage that is kept trades at the broker, not at a simulator")
        self.capacity.check(families=len(self.egress) - 1)
        return self


def _once(what: str, given: Sequence[str]) -> None:
    if twice := [one for one, times in Counter(given).items() if times > 1]:
        raise ValueError(f"{what} given twice: {', '.join(twice)}")


def load(stage: str, folder: Path = STAGES) -> Config:
    """The configuration of a stage; raises BadConfiguration, which names every fault."""
    path = folder / f"{stage}.toml"
    try:
        given = tomllib.loads(path.read_text())
    except FileNotFoundError:
        there = ", ".join(sorted(file.stem for file in folder.glob("*.toml"))) or "none"
        raise BadConfiguration(f"no stage {stage!r} in {folder.name}/; there is: {there}") from None
    except tomllib.TOMLDecodeError as error:
        raise BadConfiguration(f"{path.name} is no TOML: {error}") from error
    try:
        return Config.model_validate({"stage": stage, **given})
    except ValidationError as error:
        faults = [
            f"  {'.'.join(map(str, fault['loc'])) or stage}: {fault['msg']}"
            for fault in error.errors(include_url=False)
        ]
        raise BadConfiguration("\n".join([f"{path.name}:", *faults])) from error
