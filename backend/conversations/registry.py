"""The turns this process holds, and the way to those that other workers hold."""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable, Coroutine
from dataclasses import dataclass
from typing import Any

import structlog
from typing_extensions import override

from backend.conversations.states import State
from backend.conversations.turn import Save, Turn, TurnTimes
from backend.coordination.turns import Claim, ClaimOutcome, LocalBoard, StopOutcome, TurnBoard, TurnHost, TurnKey
from backend.errors import Conflict
from backend.store.conversations import NewAnswer, SavedTurn

log = structlog.get_logger(__name__)

UNSAVED_S = 600.0
_UNSAVED_KEPT = 200
# The board hears of a turn's end just after its reader: who asks again at once is not refused for that.
_ENDING_S = 0.1
_OUTCOMES: dict[State, StopOutcome] = {State.STOPPED: "stopped", State.DONE: "saved"}


@dataclass(slots=True)
class _Unsaved:
    answer: NewAnswer
    at: float


class TurnRegistry(TurnHost):
    """Turns by user and request. Answers whose saving failed are kept for ten minutes, here and on the board."""

    def __init__(
        self,
        board: TurnBoard | None = None,
        *,
        times: TurnTimes | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.times = times or TurnTimes()
        self._board = board or LocalBoard()
        self._clock = clock
        self._turns: dict[TurnKey, Turn] = {}
        self._unsaved: OrderedDict[TurnKey, _Unsaved] = OrderedDict()
        self._errands: set[asyncio.Task[None]] = set()

    async def open(self) -> None:
        """Begin to answer the other workers."""
        await self._board.open(self)

    async def close(self) -> None:
        """End every turn, then leave the board."""
        await self.stop_all()
        await asyncio.gather(*self._errands)
        await self._board.close()

    async def is_ready(self) -> bool:
        """Whether requests can be claimed."""
        return await self._board.is_ready()

    async def claim(self, claim: Claim) -> ClaimOutcome:
        """Take a request on before anything is read for it; then `begin` it, or `give_back` the claim.

        Raises:
            Conflict: it is under way, here or elsewhere.
        """
        here = self._turns.get(claim.key)
        outcome = await self._board.claim(claim)
        if outcome == "in_flight" and (here is None or here.is_over):
            await asyncio.sleep(_ENDING_S)
            outcome = await self._board.claim(claim)
        if outcome == "in_flight":
            raise Conflict("This request is being answered already.", code="request_in_flight")
        return outcome

    async def give_back(self, key: TurnKey) -> None:
        """The claimed request was refused after all."""
        await self._board.release(key)

    def begin(self, user_id: str, turn: Turn) -> None:
        """Start a turn that was claimed."""
        key = (user_id, turn.request_id)
        self._turns[key] = turn
        turn.begin(lambda ended: self._ended(key, ended))

    def find(self, user_id: str, request_id: str) -> Turn | None:
        """The turn of this process that is under way, or ended just now and may still be resumed."""
        return self._turns.get((user_id, request_id))

    async def stop(self, key: TurnKey) -> StopOutcome | None:
        """Stop a turn, wherever it is, and wait for its end; None when there is none."""
        return await self.stop_here(key) or await self._board.stop(key)

    @override
    async def stop_here(self, key: TurnKey) -> StopOutcome | None:
        turn = self._turns.get(key)
        if turn is None:
            return None
        if turn.is_over:
            return "over"
        turn.stop()
        await turn.wait()
        return _OUTCOMES.get(turn.state, "over")

    async def resume(self, key: TurnKey, subject: str, after: int) -> AsyncIterator[bytes] | None:
        """The chunks of a turn after event `after`, wherever it is; None when it can't be resumed any more."""
        return self.resume_here(key, subject, after) or await self._board.resume(key, subject, after)

    @override
    def resume_here(self, key: TurnKey, subject: str, after: int) -> AsyncIterator[bytes] | None:
        turn = self._turns.get(key)
        return turn.frames(after) if turn is not None and turn.resumable and str(turn.subject) == subject else None

    async def find_unsaved(self, key: TurnKey) -> NewAnswer | None:
        """An answer that was paid for and could not be saved in the last ten minutes."""
        held = self._unsaved.get(key)
        if held is not None and self._clock() - held.at < UNSAVED_S:
            return held.answer
        kept = await self._board.find_unsaved(key)
        return NewAnswer.model_validate_json(kept) if kept is not None else None

    def kept_while(self, key: TurnKey, save: Save) -> Save:
        """`save`, with the answer on the board meanwhile: should this process die, another can save it."""

        async def kept(answer: NewAnswer) -> SavedTurn:
            await self._board.keep_unsaved(key, answer.as_json(), UNSAVED_S)
            return await save(answer)

        return kept

    async def stop_all(self) -> None:
        """End every turn because the server ends; those that are saving finish first."""
        turns = list(self._turns.values())
        for turn in turns:
            turn.shut_down()
        await asyncio.gather(*(turn.wait() for turn in turns))

    def run(self, errand: Coroutine[Any, Any, None]) -> None:
        """Do something beside the requests; `close` waits for it."""
        task = asyncio.create_task(errand)
        self._errands.add(task)
        task.add_done_callback(self._errands.discard)

    def _ended(self, key: TurnKey, turn: Turn) -> None:
        linger_s = turn.times.resume if turn.resumable else 0.0
        if linger_s:
            asyncio.get_running_loop().call_later(linger_s, self._forget, key, turn)
        else:
            self._forget(key, turn)
        self._unsaved.pop(key, None)
        if turn.unsaved is not None:
            self._unsaved[key] = _Unsaved(turn.unsaved, self._clock())
        while len(self._unsaved) > _UNSAVED_KEPT:
            self._unsaved.popitem(last=False)
        self.run(self._leave_board(key, linger_s, saved=turn.state is State.DONE))

    async def _leave_board(self, key: TurnKey, linger_s: float, *, saved: bool) -> None:
        await self._board.release(key, linger_s=linger_s)
        if saved:
            await self._board.drop_unsaved(key)

    def _forget(self, key: TurnKey, turn: Turn) -> None:
        if self._turns.get(key) is turn:
            del self._turns[key]
