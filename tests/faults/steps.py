"""Walks one step of a turn or of an import, makes the fault there, and looks at what is left."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import httpx

from tests.faults.faults import Fault
from tests.faults.scene import SAMPLE_ROWS, SHORT, Asker, Scene, asked, is_done, sample, speaks, until, waits
from tests.support.fakes.openrouter import Call, Refusal, Turn
from tests.support.fakes.openrouter import Fault as ProviderFault

WORDS = ["word "] * 150
_HALF_TURNS = """select count(*) from public.chat_sessions s
    where (select count(*) from public.chat_messages m where m.session_id = s.id) % 2 = 1
       or not exists (select 1 from public.chat_messages m where m.session_id = s.id)"""
_HALF_RUNS = """select count(*) from public.runs r
    where (select count(*) from public.positions p where p.run_id = r.id) <> %s"""


@dataclass(frozen=True)
class Outcome:
    """`saw`: what the client was told. `again`: what the same request was answered afterwards. `lost`: turns or runs
    that were promised and are not there; `doubled`: there twice; `half`: there in part. `orphans`: processes that no
    server looks after any more. `asked`: model calls in all."""

    saw: str
    again: str
    ready_s: float
    lost: int
    doubled: int
    half: int
    orphans: int
    asked: int = 0

    @property
    def is_good(self) -> bool:
        """Whether nothing is lost, doubled, half or left over, and whoever asked was told how it ended."""
        told = self.saw not in ("", "nothing") and self.again in ("done", "201", "409 already_imported")
        return told and not (self.lost or self.doubled or self.half or self.orphans)


@dataclass(frozen=True)
class TurnStep:
    """`reached` returns when a turn is at this step; `table` is held to keep it there."""

    name: str
    script: Sequence[Turn]
    reached: Callable[[Scene, Asker], None]
    table: str | None = None
    mode: str = "access exclusive"


def _after(seconds: float) -> Callable[[Scene, Asker], None]:
    return lambda *_: time.sleep(seconds)


READING = TurnStep("reading", (SHORT,), waits, "models")
FIRST_BYTE = TurnStep("first byte", (Turn(text=["late"], first_byte_delay=2),), asked)
TEXT = TurnStep("text", (Turn(text=WORDS, delay=0.02),), speaks)
TOOL = TurnStep("tool", (Turn(tool_calls=[Call("analyze_trades", {"filter_type": "all"})]), SHORT), waits, "positions")
SAVING = TurnStep("saving", (SHORT,), waits, "chat_messages", "exclusive")
DONE = TurnStep("done", (SHORT,), is_done)
TURN_STEPS = (READING, FIRST_BYTE, TEXT, TOOL, SAVING, DONE)
# What no lock can hold a turn at: whatever it is doing so many seconds after it was asked.
MOMENTS = tuple(
    TurnStep(
        f"after {seconds:g} s",
        (
            Turn(tool_calls=[Call("analyze_trades", {"filter_type": "all"})], delay=0.02),
            Turn(text=WORDS[:30], delay=0.01),
        ),
        _after(seconds),
    )
    for seconds in (0.02, 0.06, 0.12, 0.2, 0.3, 0.45, 0.7)
)


def walk_turn(scene: Scene, step: TurnStep, fault: Fault) -> Outcome:
    """One turn with the fault at `step`, then the same request once more until it is answered."""
    time.sleep(fault.pause_s)
    run, question, request_id = scene.new_run(), f"Why? {uuid.uuid4().hex}", uuid.uuid4().hex
    scene.openrouter.reset()
    scene.openrouter.script(*step.script)
    asker = Asker(scene.user, run, question, request_id)
    with scene.held(step.table, step.mode):
        asker.start()
        step.reached(scene, asker)
        fault.make(scene)
    asker.join()
    fault.mend(scene)
    ready_s = scene.wait_ready()
    scene.sign_in()
    again = ask_until_done(scene, run, question, request_id)
    return _look(scene, question, request_id, asker.ended, again, ready_s)


def walk_provider(scene: Scene, turn: Turn) -> Outcome:
    """One turn of a provider that misbehaves, then the same request of one that does not."""
    run, question, request_id = scene.new_run(), f"Why? {uuid.uuid4().hex}", uuid.uuid4().hex
    scene.openrouter.reset()
    scene.openrouter.script(turn)
    asker = Asker(scene.user, run, question, request_id)
    asker.start()
    asker.join()
    scene.openrouter.script()
    again = ask_until_done(scene, run, question, request_id)
    return _look(scene, question, request_id, asker.ended, again, 0.0)


PROVIDER_FAULTS: dict[str, Turn] = {
    "refuses with 500": Turn(refusal=Refusal(500, "Internal")),
    "error in the stream": Turn(text=WORDS[:20], fault=ProviderFault("error")),
    "cuts the line": Turn(text=WORDS[:20], fault=ProviderFault("cut")),
    "ends too early": Turn(text=WORDS[:20], fault=ProviderFault("end")),
    "sends garbage": Turn(text=WORDS[:20], fault=ProviderFault("garbage")),
    "falls silent": Turn(text=WORDS[:20], fault=ProviderFault("hang")),
    "never answers": Turn(text=["late"], first_byte_delay=300),
    "trickles for ever": Turn(text=["drop "] * 400, delay=1.0),
}


def ask_until_done(scene: Scene, run: str, question: str, request_id: str) -> str:
    """What the same request ends with when it is sent again, for as long as it is answered that it may be."""
    deadline = time.monotonic() + 60
    while True:
        asker = Asker(scene.user, run, question, request_id)
        asker.start()
        asker.join()
        if asker.ended == "done" or time.monotonic() > deadline:
            return asker.ended
        time.sleep(0.5)


def _look(scene: Scene, question: str, request_id: str, saw: str, again: str, ready_s: float) -> Outcome:
    answers = scene.value(
        "select count(*) from public.chat_messages where request_id = %s and role = 'assistant'", request_id
    )
    questions = scene.value("select count(*) from public.chat_messages where content = %s and role = 'user'", question)
    return Outcome(
        saw,
        again,
        ready_s,
        lost=int(min(answers, questions) == 0),
        doubled=int(max(answers, questions) > 1),
        half=scene.value(_HALF_TURNS),
        orphans=scene.count_orphans(),
        asked=len(scene.openrouter.chats),
    )


def walk_import(scene: Scene, step: str, fault: Fault) -> Outcome:
    """One import with the fault while it is `sending`, `storing` or `done`, or `after …` so many seconds; then the same
    file once more."""
    time.sleep(fault.pause_s)
    data, seen = sample(), []
    before = scene.value("select count(*) from public.runs")
    import_thread = _Importing(scene, data, slowly=step == "sending")
    with scene.held("positions" if step == "storing" else None):
        import_thread.start()
        if step == "storing":
            scene.wait_for_waiter()
        elif step == "sending":
            until(lambda: import_thread.sent > 0)
        elif step in IMPORT_MOMENTS:
            time.sleep(IMPORT_MOMENTS[step])
        else:
            until(lambda: bool(import_thread.ended))
        fault.make(scene)
    import_thread.join()
    fault.mend(scene)
    ready_s = scene.wait_ready()
    scene.sign_in()
    deadline = time.monotonic() + 60
    while not seen or (seen[-1] not in ("201", "409 already_imported") and time.monotonic() < deadline):
        seen.append(_said(lambda: scene.import_run(data)))
    made = scene.value("select count(*) from public.runs") - before
    return Outcome(
        import_thread.ended,
        seen[-1],
        ready_s,
        lost=int(made == 0),
        doubled=int(made > 1),
        half=scene.value(_HALF_RUNS, SAMPLE_ROWS),
        orphans=scene.count_orphans(),
    )


IMPORT_STEPS = ("sending", "storing", "done")
IMPORT_MOMENTS = {f"after {seconds:g} s": seconds for seconds in (0.01, 0.03, 0.06, 0.12)}


class _Importing(Asker):
    """An import in a thread of its own, if need be byte by byte."""

    def __init__(self, scene: Scene, data: bytes, *, slowly: bool) -> None:
        super().__init__(scene.user, "", "", "")
        self._scene, self._data, self._slowly = scene, data, slowly
        self.sent = 0

    def _ask(self) -> None:
        boundary = "a-boundary"
        head = f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="fills.csv"\r\n\r\n'.encode()
        whole = head + self._data + f"\r\n--{boundary}--\r\n".encode()

        def pieces() -> Any:
            size = 200 if self._slowly else len(whole)
            for start in range(0, len(whole), size):
                yield whole[start : start + size]
                self.sent += 1
                if self._slowly:
                    time.sleep(0.1)

        headers = {
            "Content-Type": f"multipart/form-data; boundary={boundary}",
            "Content-Length": str(len(whole)),
        }
        path = f"/api/models/{self._scene.model_id}/runs/import"
        user = self._user
        self.ended = _said(lambda: user.http.post(path, content=pieces(), headers=headers, timeout=120))


def _said(request: Callable[[], httpx.Response]) -> str:
    try:
        answer = request()
    except httpx.HTTPError as error:
        time.sleep(0.5)
        return f"line lost ({type(error).__name__})"
    if answer.status_code == 201:
        return "201"
    if answer.status_code != 409:
        time.sleep(0.5)
    return f"{answer.status_code} {answer.json().get('code', '')}"
