"""One place to be told at: its secret address, what may be shown of it, and telling there."""

from __future__ import annotations

import re
import socket
from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote

from adapters.notify.message import Message
from adapters.notify.quiet import secretly
from adapters.notify.services import (
    ANY_HOST,
    HOOKS,
    NOT_FOR_US,
    READ_FILES,
    TEMPLATE_FILES,
    channel_of,
)
from domain.gravity import Gravity
from domain.notifications import Channel

if TYPE_CHECKING:
    from apprise import NotifyBase

LONGEST: Final = 1000
#: Seconds for reaching a service, and for each of its answers.
CONNECT_S: Final = 4.0
READ_S: Final = 8.0
#: What a plugin of a service raises when the service, its answer or its address is not as expected.
PLUGIN_FAULTS: Final = (
    OSError, ValueError, TypeError, LookupError, AttributeError, ArithmeticError, RuntimeError,
    ImportError, AssertionError,
)  # fmt: skip


class BadTarget(ValueError):
    """This address cannot be used; the message says why, and never repeats it."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True, kw_only=True)
class Seen:
    """What may be shown of an address."""

    channel: Channel
    service: str
    shown: str


def checked(url: str) -> Seen:
    """What this address leads to; raises BadTarget."""
    schema = schema_of(url)
    if schema in NOT_FOR_US:
        raise BadTarget("service-not-allowed", f"{schema} acts on the platform's own machine")
    for name in _parameters(url):
        if name in READ_FILES or (name == "template" and schema in TEMPLATE_FILES):
            raise BadTarget("parameter-not-allowed", f"{name} would read a file of the platform")
    with secretly():
        plugin = _opened(url)
        if _machines_own(str(plugin.host or "")):
            raise BadTarget("address-not-allowed", "link-local addresses are the machine's own")
        service = str(plugin.service_name)
        return Seen(channel=channel_of(schema), service=service, shown=_masked(plugin, schema))


def schema_of(url: str) -> str:
    """`tgram` of tgram://…; raises BadTarget."""
    schema, found, _ = url.strip().partition("://")
    if not found or len(url) > LONGEST or not re.fullmatch(r"[A-Za-z0-9]{2,20}", schema):
        raise BadTarget("bad-target", "this is no address of a notification service")
    return schema.lower()


def tell(url: str, message: Message) -> bool:
    """Send the message there; False where it was not taken, for whatever reason."""
    from apprise import NotifyType
    from apprise.exception import AppriseException

    gravity = {
        Gravity.INFO: NotifyType.INFO,
        Gravity.WARNING: NotifyType.WARNING,
        Gravity.ALARM: NotifyType.FAILURE,
    }[message.gravity]
    with secretly():
        try:
            plugin = _opened(url)
            if schema_of(url) in ANY_HOST and any(map(_link_local, _resolved(str(plugin.host)))):
                return False  # where its name leads to may have changed since it was kept
            return bool(plugin.notify(title=message.title, body=message.body, notify_type=gravity))
        except (*PLUGIN_FAULTS, AppriseException):
            return False  # what was raised may hold the address: nobody is told more than this


def prepare() -> None:
    """Load the library and its services ahead: that takes a second of somebody's time."""
    with secretly():
        _opened("json://localhost")


def _opened(url: str) -> NotifyBase:
    """The plugin for this address, with our patience; raises BadTarget."""
    from apprise import Apprise, AppriseAsset, NotifyFormat

    asset = AppriseAsset(
        app_id="atp",
        app_desc="Algo Trading Platform",
        storage_mode="memory",
        http_redirects=False,
        pgp_autogen=False,
        pem_autogen=False,
        allow_templates=False,
        body_format=NotifyFormat.TEXT,
    )
    try:
        plugin = Apprise.instantiate(url.strip(), asset=asset)
    except PLUGIN_FAULTS:
        plugin = None
    if plugin is None:
        raise BadTarget("bad-target", "no notification service is reached by such an address")
    plugin.socket_connect_timeout = CONNECT_S
    plugin.socket_read_timeout = READ_S
    plugin.redirects = False
    return plugin


def _parameters(url: str) -> set[str]:
    """Names of all parameters, whichever way they are written."""
    text = unquote(unquote(url)).lower()
    return {name.strip(" +-:") for name in re.findall(r"[?&;]([^=&;?]*)=", text)}


def _masked(plugin: NotifyBase, schema: str) -> str:
    """The address without its secrets: no parameters, and no path where that is the secret."""
    url = str(plugin.url(privacy=True))  # type: ignore[no-untyped-call]  # as apprise has it
    url = url.partition("?")[0]
    scheme, _, rest = url.partition("://")
    if schema in HOOKS:
        rest = f"{rest.partition('/')[0]}/…" if not schema.startswith("ntfy") else "…"
    return f"{scheme}://{rest}"


def _machines_own(host: str) -> bool:
    """Whether this is where a machine asks for its own credentials, however it is spelt."""
    host = host.strip("[]")
    try:
        # As those who connect read it: 2852039166 and 0xA9FEA9FE are 169.254.169.254.
        return _link_local(socket.inet_ntoa(socket.inet_aton(host)))
    except (OSError, ValueError):
        return _link_local(host)


def _link_local(host: str) -> bool:
    try:
        address = ip_address(host.partition("%")[0])
    except ValueError:
        return host.lower().rstrip(".") == "metadata.google.internal"
    within = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return (within or address).is_link_local


def _resolved(host: str) -> Iterable[str]:
    """Where a name leads to now; nowhere if nobody knows it."""
    try:
        found = socket.getaddrinfo(host.strip("[]"), None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        return [host]
    return [host, *(str(place[0]) for *_, place in found)]
