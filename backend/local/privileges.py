"""As whom PostgreSQL runs: it refuses root, so root needs a way to be someone else."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from backend.local.errors import LocalStackError
from backend.settings import inherited

LAUNCHER = Path(__file__).with_name("launcher.py")
_SYSTEM_USER = "rundown"


@dataclass(frozen=True, slots=True)
class RunAs:
    """Who a child process is.

    `itself`: who we are; `namespace`: root on disk, `uid` in its own eyes; `user`: really `uid`, to whom what it
    writes to has to be given.
    """

    kind: Literal["itself", "namespace", "user"] = "itself"
    uid: int = 0
    gid: int = 0

    def launcher_options(self) -> list[str]:
        """The launcher's options that make a child so."""
        return [] if self.kind == "itself" else [f"--{self.kind}", f"{self.uid}:{self.gid}"]

    def own(self, path: Path) -> None:
        """Give `path` to the child, where the child is another user on disk."""
        if self.kind == "user":
            os.chown(path, self.uid, self.gid)


def launch_command(
    run_as: RunAs, command: list[str], *, death_signal: int, writable: tuple[Path, ...] = ()
) -> list[str]:
    """The argument list that starts `command` through the launcher, as a child of this very process."""
    checks = [option for folder in writable for option in ("--writable", str(folder))]
    return [
        *(sys.executable, "-I", "-S", "-B", str(LAUNCHER)),
        *("--parent", str(os.getpid()), "--death-signal", str(death_signal)),
        *run_as.launcher_options(),
        *checks,
        *("--", *command),
    ]


def choose_run_as(home: Path, data_dir: Path, postgres: Path) -> RunAs:
    """Pick how PostgreSQL runs on `data_dir` (which may not exist yet) in `home`.

    As an ordinary user it runs as that user. As root: as the owner of data that another user made; else in a user
    namespace, where the machine allows one and it can reach the folders; else as the system user `rundown`.

    Raises LocalStackError when nothing works, or an ordinary user finds data that is somebody else's.
    """
    owner = data_dir.stat().st_uid if data_dir.is_dir() else None
    if os.geteuid() != 0:
        if owner is not None and owner != os.geteuid():
            raise LocalStackError(
                f"{data_dir} belongs to another user (uid {owner}). Run as that user, give the folder to yours with "
                f"`sudo chown -R $(id -u) {home}`, or choose another folder with RUNDOWN_HOME.",
                code="home_not_writable",
            )
        return RunAs()
    if owner:
        return _checked(RunAs("user", owner, data_dir.stat().st_gid), home, postgres)
    nobody = _ordinary_account()
    namespace = RunAs("namespace", nobody.pw_uid, nobody.pw_gid)
    if _works(namespace, home, postgres) is None:
        return namespace
    if owner is None:
        account = _system_account() or nobody
        return _checked(RunAs("user", account.pw_uid, account.pw_gid), home, postgres)
    raise LocalStackError(
        f"{data_dir} was made by root in a user namespace, which this machine does not allow now. Allow user "
        "namespaces (sysctl user.max_user_namespaces), or run as an ordinary user that owns the folder.",
        code="start_failed",
    )


def _works(run_as: RunAs, home: Path, postgres: Path) -> str | None:
    """None when a child started so can run PostgreSQL's program and write into `home`, else why not."""
    # A child that is another user is given its folders later; what matters for it is that it can get there.
    writable = (home,) if run_as.kind == "namespace" else ()
    command = launch_command(run_as, [str(postgres), "--version"], death_signal=9, writable=writable)
    done = subprocess.run(  # noqa: S603 - our own argument list, no shell
        command, check=False, capture_output=True, text=True, errors="replace", timeout=30
    )
    return None if done.returncode == 0 else (done.stderr.strip() or f"exit status {done.returncode}")


def _checked(run_as: RunAs, home: Path, postgres: Path) -> RunAs:
    why = _works(run_as, home, postgres)
    if why is not None:
        raise LocalStackError(
            "PostgreSQL does not run as root, and it can't be run as another user here either "
            f"({why}). Start Rundown as an ordinary user.",
            code="start_failed",
        )
    return run_as


def _ordinary_account() -> pwd.struct_passwd:
    accounts = [account for account in pwd.getpwall() if account.pw_uid != 0]
    if not accounts:
        raise LocalStackError(
            "PostgreSQL does not run as root and this machine has no other account. Start Rundown as another user.",
            code="start_failed",
        )
    return next((account for account in accounts if account.pw_name == "nobody"), accounts[0])


def _system_account() -> pwd.struct_passwd | None:
    """A system user that nobody signs in as, made if need be; None where accounts can't be made."""
    try:
        return pwd.getpwnam(_SYSTEM_USER)
    except KeyError:
        pass
    useradd = shutil.which("useradd", path=inherited("PATH").get("PATH", "") + ":/usr/sbin:/sbin")
    if useradd is None:
        return None
    options = ("--system", "--no-create-home", "--home-dir", "/nonexistent", "--shell", "/bin/false")
    try:
        subprocess.run(  # noqa: S603 - our own argument list, no shell
            [useradd, *options, _SYSTEM_USER], check=True, capture_output=True, timeout=30
        )
        return pwd.getpwnam(_SYSTEM_USER)
    except (OSError, subprocess.SubprocessError, KeyError):
        return None
