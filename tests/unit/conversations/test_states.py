"""The table of a turn's life: what it holds, and what it leaves out."""

import itertools

import pytest

from backend.conversations.states import EDGES, ENDS, Signal, State, following

ANSWERING, UNREAD, SAVING = State.ANSWERING, State.UNREAD, State.SAVING
DONE, STOPPED, FAILED, UNSAVED = State.DONE, State.STOPPED, State.FAILED, State.UNSAVED
TABLE = {
    (State.NEW, Signal.BEGUN): ANSWERING,
    (ANSWERING, Signal.READER_LEFT): UNREAD,
    (ANSWERING, Signal.READER_CAME): ANSWERING,
    (ANSWERING, Signal.STOP): STOPPED,
    (ANSWERING, Signal.SHUTDOWN): FAILED,
    (ANSWERING, Signal.TOO_SLOW): FAILED,
    (ANSWERING, Signal.OUT_OF_TIME): FAILED,
    (ANSWERING, Signal.ANSWER_FAILED): FAILED,
    (ANSWERING, Signal.ANSWERED): SAVING,
    (UNREAD, Signal.READER_LEFT): UNREAD,
    (UNREAD, Signal.READER_CAME): ANSWERING,
    (UNREAD, Signal.OVERDUE): STOPPED,
    (UNREAD, Signal.STOP): STOPPED,
    (UNREAD, Signal.SHUTDOWN): FAILED,
    (UNREAD, Signal.OUT_OF_TIME): FAILED,
    (UNREAD, Signal.ANSWER_FAILED): FAILED,
    (UNREAD, Signal.ANSWERED): SAVING,
    (SAVING, Signal.SAVED): DONE,
    (SAVING, Signal.SAVE_FAILED): UNSAVED,
}


@pytest.mark.parametrize(("state", "signal"), list(itertools.product(State, Signal)))
def test_edge_leads_where_the_table_says_or_nowhere(state: State, signal: Signal) -> None:
    assert following(state, signal) is TABLE.get((state, signal))


def test_every_state_is_reached_and_has_an_end_within_reach() -> None:
    def reached(start: State) -> set[State]:
        seen, open_ = {start}, [start]
        while open_:
            for state in EDGES[open_.pop()].values():
                if state not in seen:
                    seen.add(state)
                    open_.append(state)
        return seen

    assert reached(State.NEW) == set(State)
    assert all(reached(state) & ENDS for state in State)
    assert {DONE, STOPPED, FAILED, UNSAVED} == ENDS


def test_nothing_but_its_own_outcome_ends_saving() -> None:
    assert set(EDGES[SAVING]) == {Signal.SAVED, Signal.SAVE_FAILED}
