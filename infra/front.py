"""What may be asked of the API, by whom and how much, and who is told when something is wrong."""

from __future__ import annotations

import re
from typing import Annotated, Final, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator


def _origin(text: str) -> str:
    if not re.fullmatch(r"https://([a-z0-9-]+\.)+[a-z]{2,}(:\d{2,5})?", text):
        raise ValueError(f"{text!r} is no origin such as https://app.example.com")
    return text


Origin = Annotated[str, AfterValidator(_origin)]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Application(_Part):
    """A program with an API key and a plan of its own, besides the token of whoever uses it."""

    name: str = Field(pattern=r"^[a-z][a-z0-9-]{1,23}$")
    requests_per_second: int = Field(default=50, ge=1)
    requests_per_day: int = Field(default=1_000_000, ge=1)


class Front(_Part):
    """Limits of the whole API, and who may call it from a browser."""

    origins: tuple[Origin, ...] = ()
    """Whose pages may call the API; none: no page of another origin may."""
    requests_per_second: int = Field(default=1_000, ge=1)
    burst: int = Field(default=2_000, ge=1)
    sign_ins_per_second: int = Field(default=20, ge=1)
    oldest_tls: Literal["1.3", "1.2"] = "1.3"
    applications: tuple[Application, ...] = ()
    """None: no key is asked for. Some: whoever is signed in calls through one of these."""


#: How long a page that was replaced can be gone back to; its assets are there as long.
PAGES_KEPT_DAYS: Final = 30


class PagesFront(_Part):
    """Where the web client's pages are found, and how much each of its users may ask."""

    domain: str | None = Field(default=None, pattern=r"^([a-z0-9-]+\.)+[a-z]{2,}$")
    certificate_arn: str | None = Field(
        default=None, pattern=r"^arn:aws:acm:us-east-1:\d{12}:certificate/\S+$"
    )
    """Of that domain; the edge takes certificates of us-east-1 only."""
    oldest_tls: Literal["1.3", "1.2"] = "1.3"
    """At the domain; at the edge's own address the edge alone decides."""
    requests_per_viewer: int = Field(default=10_000, ge=10)
    """What one address may ask by the edge in five minutes; an open desk asks 1,900."""
    logged: bool = True
    """Whether the edge logs into a bucket; it does not in regions that are opted into."""

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if (self.domain is None) != (self.certificate_arn is None):
            raise ValueError("domain and certificate_arn belong together")
        return self


Mail = Annotated[str, Field(pattern=r"^[^@\s]+@[^@\s]+\.[a-z]{2,}$")]


class OnCall(_Part):
    """Addresses that each confirm once, by the link in the first mail."""

    urgent: tuple[Mail, ...] = ()
    """Woken: money or orders are in danger, or nothing works."""
    routine: tuple[Mail, ...] = ()
    """Told, to be looked at within the day."""
