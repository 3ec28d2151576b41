"""The life of a turn as a table: every state, and every edge that leads out of it.

        begun          answered            saved
    new ────► answering ────────► saving ─────────► done
                ▲  │                 └────────────► unsaved       save_failed
    reader_came │  │ reader_left
                │  ▼
               unread ──► stopped                                 overdue

`answering` and `unread` also end as `stopped` (stop) and `failed` (answer_failed, out_of_time, too_slow, shutdown).
`unread` is for clients that said they may come back; for all others a closed connection is a stop. What is not in the
table does not happen: a stop, a shutdown or a reader that leaves while the answer is being saved changes nothing, so
what was paid for is kept.
"""

from __future__ import annotations

from enum import StrEnum


class State(StrEnum):
    """Where a turn is. The last four are its ends."""

    NEW = "new"
    ANSWERING = "answering"
    UNREAD = "unread"
    SAVING = "saving"
    DONE = "done"
    STOPPED = "stopped"
    FAILED = "failed"
    UNSAVED = "unsaved"


class Signal(StrEnum):
    """What happens to a turn."""

    BEGUN = "begun"
    READER_LEFT = "reader_left"
    READER_CAME = "reader_came"
    OVERDUE = "overdue"
    STOP = "stop"
    SHUTDOWN = "shutdown"
    TOO_SLOW = "too_slow"
    OUT_OF_TIME = "out_of_time"
    ANSWER_FAILED = "answer_failed"
    ANSWERED = "answered"
    SAVED = "saved"
    SAVE_FAILED = "save_failed"


_WHILE_ANSWERING = {
    Signal.READER_LEFT: State.UNREAD,
    Signal.READER_CAME: State.ANSWERING,
    Signal.STOP: State.STOPPED,
    Signal.SHUTDOWN: State.FAILED,
    Signal.OUT_OF_TIME: State.FAILED,
    Signal.ANSWER_FAILED: State.FAILED,
    Signal.ANSWERED: State.SAVING,
}
EDGES: dict[State, dict[Signal, State]] = {
    State.NEW: {Signal.BEGUN: State.ANSWERING},
    State.ANSWERING: _WHILE_ANSWERING | {Signal.TOO_SLOW: State.FAILED},
    State.UNREAD: _WHILE_ANSWERING | {Signal.OVERDUE: State.STOPPED},
    State.SAVING: {Signal.SAVED: State.DONE, Signal.SAVE_FAILED: State.UNSAVED},
    State.DONE: {},
    State.STOPPED: {},
    State.FAILED: {},
    State.UNSAVED: {},
}
ENDS = frozenset(state for state, edges in EDGES.items() if not edges)


def following(state: State, signal: Signal) -> State | None:
    """The state that `signal` leads to; None when it changes nothing there."""
    return EDGES[state].get(signal)
