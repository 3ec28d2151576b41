"""The faults: how each is made, and how it ends. Nothing here restarts what is meant to recover by itself."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

import psutil

from tests.faults.scene import Scene

STALL_S = 33.0
# Longer than a worker waits for Redis.
REDIS_STALL_S = 7.0
DISK_S = 3.0
_BLOCK = 256 * 1024


@dataclass(frozen=True)
class Fault:
    """`make` does it; `mend` ends it (a dead backend is started by whoever watches over services, a full disk is
    cleared); what is not mended has to come back by itself. `pause_s` goes by before it is made the next time."""

    name: str
    make: Callable[[Scene], None]
    mend: Callable[[Scene], None] = lambda _: None
    mended_by: str = "itself"
    pause_s: float = 0.0


def _kill(name: str) -> Callable[[Scene], None]:
    return lambda scene: scene.kill(name)


def _kill_backend(scene: Scene) -> None:
    scene.product.stop(signal.SIGKILL)


def _stall_database(scene: Scene) -> None:
    """As long as the longest that a request waits for the database, and a little more; then it answers after all."""
    stopped = scene.processes("postgres")
    for process in stopped:
        with suppress(psutil.NoSuchProcess):
            process.suspend()
    time.sleep(STALL_S)
    for process in stopped:
        with suppress(psutil.NoSuchProcess):
            process.resume()


def _freeze_database(scene: Scene) -> None:
    """It takes connections and answers nothing, and nobody wakes it."""
    for process in scene.processes("postgres"):
        with suppress(psutil.NoSuchProcess):
            process.suspend()


def _kill_redis(scene: Scene) -> None:
    assert scene.redis is not None
    scene.redis.kill()


def _start_redis(scene: Scene) -> None:
    assert scene.redis is not None
    scene.redis.start()


def _stall_redis(scene: Scene) -> None:
    assert scene.redis is not None
    scene.redis.pause()
    time.sleep(REDIS_STALL_S)
    scene.redis.resume()


def _fill_disk(scene: Scene) -> None:
    with (scene.folder / "ballast").open("wb", buffering=0) as ballast, suppress(OSError):
        while True:
            ballast.write(b"\0" * _BLOCK)
    time.sleep(DISK_S)


def _clear_disk(scene: Scene) -> None:
    (scene.folder / "ballast").unlink(missing_ok=True)


def _step_clock(seconds: int) -> Callable[[Scene], None]:
    return lambda scene: scene.set_clock(seconds)


def _clock_back(scene: Scene) -> None:
    scene.set_clock(0)


POSTGRES = Fault("kill -9 PostgreSQL", _kill("postgres"))
POSTGREST = Fault("kill -9 PostgREST", _kill("postgrest"))
BACKEND = Fault("kill -9 backend", _kill_backend, Scene.restart, "itself, once started")
# Ten workers that die within a minute are more than a server starts again.
WORKERS = Fault("kill -9 all workers", Scene.kill_workers, pause_s=13)
STALL = Fault(f"database stalls {STALL_S:.0f} s", _stall_database)
FREEZE = Fault("database freezes for good", _freeze_database)
REDIS = Fault("kill -9 Redis", _kill_redis, _start_redis, "itself, once Redis is")
REDIS_STALL = Fault(f"Redis stalls {REDIS_STALL_S:.0f} s", _stall_redis)
DISK = Fault("disk full", _fill_disk, _clear_disk, "itself, once there is room")
CLOCK_ON = Fault("backend's clock +2 h", _step_clock(7200), _clock_back)
CLOCK_BACK = Fault("backend's clock −2 h", _step_clock(-7200), _clock_back)
