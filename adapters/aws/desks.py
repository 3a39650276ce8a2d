"""Whose work goes where: each egress has a desk with queues and a workflow of its own.

Orders must leave by the address that the trader registered, so that an account is served by one
desk only. The desk of everybody knows those of families; a family's knows itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Final

from adapters.aws.clients import Clients
from adapters.aws.open_runs import SharedTrading
from adapters.aws.queues import Body, Message, Queue
from adapters.aws.settings import AwsSettings, DeskPlaces
from adapters.aws.workflows import OrderWorkflow
from commands.errors import NotFound
from domain.account import BrokerAccount
from domain.run import Run
from domain.user import User

#: The desk of everybody who has no egress of their own.
EVERYBODYS: Final = ""


class Desks:
    """Which desk serves an account or a trader."""

    def __init__(self, settings: AwsSettings, trading: SharedTrading) -> None:
        self._trading = trading
        self._own = settings.desk
        self._serving = {who: name for name, at in settings.desks.items() for who in at.serves}
        self._families = settings.desks

    def places(self, desk: str) -> DeskPlaces | None:
        """Where a family's work goes; None: where this worker's own goes."""
        return None if desk == (self._own or EVERYBODYS) else self._families[desk]

    def serves(self, account_id: str) -> bool:
        """Whether this worker's orders leave by the account's address."""
        return not self._families or self._at(account_id) == (self._own or EVERYBODYS)

    def of_account(self, account_id: str) -> str:
        """The desk that its work is sent to."""
        if not self._serving or self._own is not None:
            return self._own or EVERYBODYS  # a family's worker has no work for others
        return self._at(account_id)

    def of_trader(self, user_id: str) -> Sequence[str]:
        """Every desk that serves the trader, or one of their accounts."""
        if not self._serving or self._own is not None:
            return (self._own or EVERYBODYS,)
        try:
            accounts = self._trading.load(user_id, User, verify=False).accounts
        except NotFound:
            accounts = ()
        usual = self._serving.get(user_id, EVERYBODYS)
        return sorted({usual, *(self._serving.get(each, usual) for each in accounts)})

    def _at(self, account_id: str) -> str:
        if account_id in self._serving:
            return self._serving[account_id]
        try:
            owner = self._trading.load(account_id, BrokerAccount, verify=False).user_id
        except NotFound:
            return EVERYBODYS
        return self._serving.get(owner, EVERYBODYS)


class Outbox:
    """One kind of work, sent to the desk of whoever it is about."""

    def __init__(self, clients: Clients, settings: AwsSettings, desks: Desks, name: str) -> None:
        self._clients = clients
        self._desks = desks
        self._name = name
        self._own = settings.told(name)

    def send(
        self,
        body: Body,
        delay_s: int = 0,
        group: str | None = None,
        dedup: str | None = None,
    ) -> None:
        """Returns once it is kept there; raises NotTaken."""
        self.send_all([Message(body=body, delay_s=delay_s, group=group, dedup=dedup)])

    def send_all(self, messages: Iterable[Message]) -> int:
        """In batches of ten, in order for each desk; answers how many; raises NotTaken."""
        by_desk: dict[str, list[Message]] = {}
        for message in messages:
            for desk in self._for(message.body):
                by_desk.setdefault(desk, []).append(message)
        return sum(self._queue(desk).send_all(some) for desk, some in by_desk.items())

    def _for(self, body: Body) -> Sequence[str]:
        if (account_id := body.get("account_id")) is not None:
            return (self._desks.of_account(str(account_id)),)
        return self._desks.of_trader(str(body.get("user_id")))

    def _queue(self, desk: str) -> Queue:
        places = self._desks.places(desk)
        return Queue(self._clients.sqs, self._own if places is None else places.at(self._name))


class Workflows:
    """The order workflow of each run's desk."""

    def __init__(
        self, clients: Clients, settings: AwsSettings, desks: Desks, trading: SharedTrading
    ) -> None:
        self._clients = clients
        self._desks = desks
        self._trading = trading
        self._own = settings.told("order_workflow")

    def start(self, run_id: str, day: date) -> bool:
        """Have the run followed until it or the day ends; False where that is over already."""
        account_id = self._trading.load(run_id, Run, verify=False).terms.account_id
        places = self._desks.places(self._desks.of_account(account_id))
        arn = self._own if places is None else places.at("order_workflow")
        return OrderWorkflow(self._clients.workflows, arn).start(run_id, day)
