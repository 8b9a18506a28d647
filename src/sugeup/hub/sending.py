"""One call until it is answered or given up: token, circuit, gate, wire, verdict, wait, again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from sugeup.errors import Retryable, SugeupError
from sugeup.hub import faults
from sugeup.hub.audit import Audit
from sugeup.hub.auth import Tokens, signing
from sugeup.hub.calls import Call
from sugeup.hub.circuit import Circuit, Circuits, Open
from sugeup.hub.limits import Gate
from sugeup.hub.token_file import Held
from sugeup.hub.turns import Priority
from sugeup.hub.waits import PATIENCE, asked_for, backoff, least
from sugeup.hub.wire import Carrier, Exchange
from sugeup.market.clock import Clock
from sugeup.market.sessions import SEOUL
from sugeup.sources.vendor import Credentials, Outcome, Reply, Request, Token, Vendor, Verdict


@dataclass(frozen=True)
class _Attempt:
    """One send: the vendor's verdict; None where the network failed."""

    exchange: Exchange
    verdict: Verdict | None

    @property
    def outcome(self) -> Outcome:
        """A failure of the network passes like a fault of the vendor."""
        return Outcome.AGAIN if self.verdict is None else self.verdict.outcome

    @property
    def cause(self) -> str:
        """Why it was not the answer."""
        if self.verdict is None:
            return self.exchange.failure
        reply = self.exchange.reply
        return self.verdict.said or f"{self.verdict.outcome} (HTTP {reply.status if reply else '-'})"

    @property
    def asked(self) -> float | None:
        """Seconds that the vendor asks for."""
        reply = self.exchange.reply
        return None if self.verdict is None or reply is None else asked_for(self.verdict, reply)


class Sender:
    """Sends calls of one vendor; its parts are shared by all threads of a hub."""

    def __init__(
        self,
        vendor: Vendor,
        credentials: Credentials,
        clock: Clock,
        gate: Gate,
        wire: Carrier,
        tokens: Tokens,
        audit: Audit,
        attempts: int,
    ) -> None:
        self._vendor = vendor
        self._credentials = credentials
        self._clock = clock
        self._gate = gate
        self._wire = wire
        self._tokens = tokens
        self._audit = audit
        self._attempts = attempts
        self._circuits = Circuits()

    def answered(self, call: Call) -> Reply:
        """The reply that the vendor judges DONE. Retryable when it does not come within attempts and time."""
        circuit = self._circuits.of(call.endpoint)
        refused: str | None = None
        failed = 0
        while True:
            self._pass(call, circuit.opened())
            held = None
            if not self._is_open(call.request):
                held = self._tokens.current(self._token_reply, call.priority, call.until, refused)
            attempt = self._tried(call, self._signed(call.request, held), circuit, failed + 1)
            if attempt.outcome is Outcome.DONE:
                assert attempt.exchange.reply is not None
                return attempt.exchange.reply
            if attempt.outcome is Outcome.RENEW and refused is None and held is not None:
                refused = held.serial
                continue
            failed += 1
            self._wait(call, attempt, failed)

    def _tried(self, call: Call, signed: Request, circuit: Circuit, number: int) -> _Attempt:
        """One send; the circuit learns whether there was an answer."""
        self._pass(call, circuit.admit())
        try:
            exchange = self._wire.once(signed, call.priority, call.until, call.lane)
            attempt = _Attempt(exchange, self._judged(call, exchange, number))
        except Retryable:
            circuit.released()  # it did not leave the gate
            raise
        except SugeupError:
            circuit.succeeded()  # a refusal is an answer
            raise
        except BaseException:
            circuit.released()
            raise
        if attempt.outcome is Outcome.AGAIN:
            circuit.failed(attempt.cause)
        else:
            circuit.succeeded()
        return attempt

    def _is_open(self, request: Request) -> bool:
        """Whether no token is needed: the vendor has none, or signing leaves the request as it is (a public file)."""
        return self._vendor.token_request is None or self._signed(request, None) == request

    def _signed(self, request: Request, held: Held | None) -> Request:
        token = Token("", 0) if held is None else signing(held, self._clock)
        return self._vendor.sign(request, self._credentials, token)

    def _pass(self, call: Call, opened: Open | None) -> None:
        if opened is not None:
            raise self._down(call, f"left alone after repeated failures, the last one {opened.cause}", opened.seconds)

    def _judged(self, call: Call, exchange: Exchange, number: int) -> Verdict | None:
        """The vendor's verdict, entered in the audit log; None where the network failed."""
        if exchange.reply is None:
            self._enter(call, exchange, number, "failed", exchange.failure)
            return None
        reply = exchange.reply
        try:
            verdict = faults.read(self._vendor.name, call.endpoint, lambda: self._vendor.judge(call.request, reply))
        except SugeupError as error:
            self._enter(call, exchange, number, error.code.lower(), error.message)
            raise
        self._enter(call, exchange, number, verdict.outcome, verdict.said)
        return verdict

    def _wait(self, call: Call, attempt: _Attempt, failed: int) -> None:
        """Wait before the next attempt; Retryable when there is none, or no time for it."""
        asked = attempt.asked
        if attempt.outcome is Outcome.RENEW:
            raise self._down(call, f"a new token was refused too ({attempt.cause})", asked)
        if attempt.outcome is Outcome.LIMITED and asked:
            self._gate.hold(asked)
        pace = self._gate.pace if call.lane is None else call.lane.pace
        wait = backoff(failed, least(attempt.outcome, asked, pace))
        if failed >= self._attempts or wait > PATIENCE or not call.in_time(wait):
            times = f"{failed} attempt{'s' if failed > 1 else ''}"
            if attempt.outcome is Outcome.LIMITED:
                raise self._limited(call, f"{times}, at last {attempt.cause}", wait)
            raise self._down(call, f"{times}, at last {attempt.cause}", asked)
        self._gate.rest(wait)

    def _token_reply(
        self, request: Request, priority: Priority, until: float | None
    ) -> tuple[Exchange, Verdict | None]:
        """Ask for a token. A reply of success is the vendor's `token` to read; any other one is judged."""
        call = Call(request, "token", "", priority, until)
        exchange = self._wire.once(request, priority, until)
        if exchange.reply is not None and exchange.reply.status < 300:
            self._enter(call, exchange, 1, Outcome.DONE, "")
            return exchange, None
        return exchange, self._judged(call, exchange, 1)

    def _enter(self, call: Call, exchange: Exchange, number: int, outcome: str, said: str) -> None:
        reply = exchange.reply
        self._audit.call(
            vendor=self._vendor.name,
            endpoint=call.endpoint,
            tr=call.request.headers.get("tr_id") or call.request.headers.get("tr_cd"),
            scope=call.scope,
            priority=call.priority.name.lower(),
            status=None if reply is None else reply.status,
            outcome=str(outcome),
            attempt=number,
            ms=round(1000 * exchange.seconds, 1),
            waited_ms=round(1000 * exchange.waited, 1),
            bytes=0 if reply is None else len(reply.body),
            said=said,
        )

    def _down(self, call: Call, cause: str, seconds: float | None) -> Retryable:
        when = "" if seconds is None else f" Again at {self._at(seconds)}."
        return Retryable(
            f"{self._vendor.title} does not answer {call.endpoint}: {cause}.{when}",
            code="SOURCE_DOWN",
            hint="Try again later; what is stored already is not touched.",
            details=self._details(call, cause, seconds),
        )

    def _limited(self, call: Call, cause: str, seconds: float) -> Retryable:
        return Retryable(
            f"{self._vendor.title} is asked too often ({call.endpoint}: {cause}). Again at {self._at(seconds)}.",
            code="RATE_LIMITED",
            hint="Ask less at the same time, or set a slower pace; another program may be using the same key.",
            details=self._details(call, cause, seconds),
        )

    def _details(self, call: Call, cause: str, seconds: float | None) -> dict[str, object]:
        known = {"vendor": self._vendor.name, "endpoint": call.endpoint, "cause": cause}
        if seconds is None:
            return {**known}
        return {**known, "retry_after": round(seconds, 1), "again_at": self._at(seconds)}

    def _at(self, seconds: float) -> str:
        moment = self._clock.now() + timedelta(seconds=seconds)
        return moment.astimezone(SEOUL).isoformat(timespec="seconds")
