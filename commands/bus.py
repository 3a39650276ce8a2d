"""The one way in: authorise, deduplicate, hand over, retry, and remember what was refused."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Final, TypeVar

from eventsourcing.persistence import IntegrityError

from commands import account, basket, drift, run, strategy, user
from commands.application import Trading, as_answered, of_kind
from commands.desk import Command, Desk, Request, World, authorise
from commands.errors import Busy, KeyReused, Refused, StaleEdition
from commands.identity import derived_id
from domain.model import Origin, acting
from domain.resource import Resource
from domain.user import User

A = TypeVar("A", bound=Resource)

ATTEMPTS = 10

# Any: each handler takes the command it is listed with.
Handler = Callable[[Any, Desk], None]

HANDLERS: Final[Mapping[type[Command[Any]], Handler]] = MappingProxyType(
    {
        user.RegisterUser: user.register_user,
        user.UpdateProfile: user.update_profile,
        user.ChangeRoles: user.change_roles,
        user.DisableUser: user.disable_user,
        user.EnableUser: user.enable_user,
        user.AcknowledgeNotices: user.acknowledge_notices,
        user.ChooseChannels: user.choose_channels,
        user.RecordSignIn: user.record_sign_in,
        user.RecordSignInFailure: user.record_sign_in_failure,
        user.RecordSignOut: user.record_sign_out,
        user.RecordCredentialChange: user.record_credential_change,
        user.RecordSecretRead: user.record_secret_read,
        user.RecordExport: user.record_export,
        account.LinkAccount: account.link_account,
        account.EditAccount: account.edit_account,
        account.KeepSecrets: account.keep_account_secrets,
        account.UnlinkAccount: account.unlink_account,
        account.SetLimits: account.set_limits,
        account.StopTrading: account.stop_trading,
        account.ResumeTrading: account.resume_trading,
        account.RecordConnection: account.record_connection,
        account.RecordSessionEnd: account.record_session_end,
        account.RecordSync: account.record_sync,
        account.RemindOfLogin: account.remind_of_login,
        account.RecordAddress: account.record_address,
        drift.RecordReconciliation: drift.record_reconciliation,
        drift.AdoptPosition: drift.adopt_position,
        drift.IgnorePosition: drift.ignore_position,
        drift.ResolveDrift: drift.resolve_drift,
        basket.ComposeBasket: basket.compose_basket,
        basket.EditBasket: basket.edit_basket,
        basket.ActivateBasket: basket.activate_basket,
        basket.DeactivateBasket: basket.deactivate_basket,
        basket.DeleteBasket: basket.delete_basket,
        strategy.DraftStrategy: strategy.draft_strategy,
        strategy.EditStrategy: strategy.edit_strategy,
        strategy.RestoreVersion: strategy.restore_version,
        strategy.DuplicateStrategy: strategy.duplicate_strategy,
        strategy.ActivateStrategy: strategy.activate_strategy,
        strategy.DeactivateStrategy: strategy.deactivate_strategy,
        strategy.DeleteStrategy: strategy.delete_strategy,
        strategy.RevalidateStrategy: strategy.revalidate_strategy,
        run.ExitRun: run.exit_run,
        run.CancelOrder: run.cancel_order,
        run.MoveOrder: run.move_order,
        run.DeclareAbsent: run.declare_absent,
        run.DeclareFilled: run.declare_filled,
        run.HaltRun: run.halt_run,
        run.LiftHalt: run.lift_halt,
    }
)


class Bus:
    """Executes commands; an answer is the thing as it was right after its own request."""

    def __init__(self, trading: Trading, world: World) -> None:
        self.trading = trading
        self.world = world

    def execute(self, command: Command[A], request: Request) -> A:
        """Do what is asked, once, however often it is sent.

        Raises what `commands.errors` names; a refusal is remembered in the asker's stream.
        """
        try:
            authorise(command, request.principal)
            stream_id = self._stream_of(command, request)
            with self.trading.turn(stream_id), acting(request.origin(command.digest)):
                return self._settle(command, request, stream_id)
        except Refused as refusal:
            target = None if command.PREFIX else command.stream
            self.remember(refusal, type(command).__name__, target, request)
            raise

    def _stream_of(self, command: Command[A], request: Request) -> str:
        if command.PREFIX is None:
            return command.stream
        if request.idempotency_key is None:
            return self.trading.new_id(command.PREFIX, request.at)
        return derived_id(command.PREFIX, request.principal.user_id, request.idempotency_key)

    def _settle(self, command: Command[A], request: Request, stream_id: str) -> A:
        # The first attempt may rest on what is remembered, as its append verifies that; where
        # nothing was appended, the answer is given again on the strength of a read.
        verify = False
        for _ in range(ATTEMPTS):
            desk = Desk(self.trading, self.world, request, command, stream_id, verify=verify)
            try:
                answer = self._attempt(command, request, desk)
                if desk.saved or not desk.unsure:
                    return answer
            except IntegrityError:
                pass  # somebody else was first: decide again on what is there now
            except Refused:
                if not desk.unsure:
                    raise
            verify = True
        raise Busy(stream_id)

    def _attempt(self, command: Command[A], request: Request, desk: Desk) -> A:
        there = desk.look(command) if command.PREFIX is None or desk.verify else None
        key = request.idempotency_key
        if there is not None and key is not None and key in there.answered:
            if there.answered[key] != command.digest:
                raise KeyReused
            desk.unsure = False  # what was recorded once is certain
            return of_kind(as_answered(self.trading.history(there.id), key), type(there))
        if there is not None and request.edition not in (None, there.edition):
            raise StaleEdition(request.edition or 0, there.edition)
        HANDLERS[type(command)](command, desk)
        return desk.answer(command)

    def remember(self, refusal: Refused, what: str, target: str | None, request: Request) -> None:
        """Record in the asker's stream that this was refused; the platform's own asking is not."""
        if request.principal.platform:
            return
        # Without the key: it is the request's that failed, and may be sent again, mended.
        origin = Origin(
            at=request.at,
            actor=request.principal.user_id,
            correlation_id=request.correlation_id,
            causation_id=request.causation_id,
        )
        user_id = request.principal.user_id
        for attempt in range(ATTEMPTS):
            asker = self.trading.load(user_id, User, verify=attempt > 0)
            with acting(origin):
                asker.refused(what, target, refusal.code, refusal.message, refusal.field)
            try:
                self.trading.save(asker)
                return
            except IntegrityError:
                continue
        raise Busy(user_id)
