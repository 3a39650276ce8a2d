"""The trader deals past us, and the platform compares itself with the broker."""

from __future__ import annotations

from decimal import Decimal

from commands.drift import AdoptPosition, IgnorePosition, RecordReconciliation, ResolveDrift
from commands.flatten import Flattening
from commands.reconciling import Found, Reconciling
from domain.account import BrokerAccount
from domain.account_terms import DriftKind, Held
from domain.book import Ticket
from domain.contract import Contract, Product, Side
from domain.run import Run
from domain.user import User
from tests.commands.pit import Pit


class Comparer:
    """Reconciliation over a pit, with a note of the runs that were woken."""

    def __init__(self, pit: Pit, run: Run) -> None:
        self.pit = pit
        self.account_id = run.terms.account_id
        self.user = pit.trading.load(run.owner, User)
        self.woken: list[str] = []
        self.reconciling = Reconciling(bus=pit.bus, broker=pit.broker, notice=self.woken.append)
        self.flattening = Flattening(
            pit.trading, pit.market, pit.broker, pit.runs, self.woken.append, "TEST"
        )

    @property
    def account(self) -> BrokerAccount:
        return self.pit.trading.load(self.account_id, BrokerAccount)

    def look(self) -> Found:
        """One comparison, as the minute's chore makes it."""
        return self.reconciling.reconcile(self.account_id, self.pit.clock.now())

    def record(self, external: tuple[Held, ...]) -> None:
        """As a process would whose runs are behind the store."""
        command = RecordReconciliation(account_id=self.account_id, external=external)
        self.reconciling.ask(command, self.pit.clock.now())

    def settled(self) -> Found:
        return self.reconciling.settle(self.account_id, self.pit.clock.now())

    # ── what the trader does ──────────────────────────────────────────────────────────────

    def trade(
        self, contract: Contract, side: Side, quantity: int = 65, product: Product = Product.MIS
    ) -> None:
        """Deal by hand, at the touch, and let it fill."""
        self.order(contract, side, quantity, product=product)
        self.pit.clock.sleep(1)
        self.pit.broker(self.account_id).orders()

    def order(
        self,
        contract: Contract,
        side: Side,
        quantity: int = 65,
        *,
        tag: str = "MANUAL",
        price: Decimal | None = None,
        product: Product = Product.MIS,
    ) -> str:
        quote = self.pit.market.quotes([contract.key])[contract.key]
        ticket = Ticket(
            tag=tag,
            contract=contract,
            side=side,
            quantity=quantity,
            product=product,
            price=price or (quote.ask if side is Side.BUY else quote.bid),
        )
        return self.pit.broker(self.account_id).place(ticket)

    def contract(self, name: str) -> Contract:
        """Such as 24500CE, which no run of these tests trades."""
        chain = self.pit.market.chain(self.pit.clock.now().date())
        found = chain.get(f"NFO:NIFTY26804{name}")
        assert found is not None
        return found

    # ── what the trader says ──────────────────────────────────────────────────────────────

    def adopt(self, key: str, product: str = "MIS", **more: object) -> BrokerAccount:
        now = self.pit.clock.now()
        seen = self.reconciling.seen(self.account_id, (key, product), now)
        said = {"account_id": self.account_id, "key": key, "product": product, **more}
        command = AdoptPosition.model_validate({**said, "seen": seen})
        return self.pit.bus.execute(command, self.pit.asked(self.user))

    def ignore(self, key: str, product: str = "MIS", **more: object) -> BrokerAccount:
        now = self.pit.clock.now()
        seen = self.reconciling.seen(self.account_id, (key, product), now)
        said = {"account_id": self.account_id, "key": key, "product": product, **more}
        command = IgnorePosition.model_validate({**said, "seen": seen})
        return self.pit.bus.execute(command, self.pit.asked(self.user))

    def explain(
        self, key: str, kind: DriftKind = DriftKind.NET, order: str | None = None
    ) -> BrokerAccount:
        command = ResolveDrift(
            account_id=self.account_id, key=key, product="MIS", how="mine", kind=kind, order=order
        )
        return self.pit.bus.execute(command, self.pit.asked(self.user))

    def flatten(self, key: str, name: str = "K1") -> str:
        return self.flattening.leave_drift(
            self.account_id, key, Product.MIS, name, self.pit.clock.now()
        )

    def facts(self) -> list[str]:
        """What was recorded of the account since it was linked."""
        return [type(e).__name__ for e in self.pit.trading.history(self.account_id)[1:]]
