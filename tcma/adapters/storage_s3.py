"""Files in an S3-compatible store, one bucket."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, unquote, urlsplit

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from tcma.adapters.keys import checked
from tcma.errors import NotFound, Unavailable

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client

MISSING = ("404", "NoSuchKey", "NotFound")


class S3Files:
    """FileStore on `s3://key:secret@host:port/bucket?region=…&tls=0`."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        options = {name: values[0] for name, values in parse_qs(parts.query).items()}
        scheme = "http" if options.get("tls") == "0" else "https"
        host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
        port = f":{parts.port}" if parts.port else ""
        self.bucket = parts.path.strip("/")
        self.client: S3Client = boto3.client(
            "s3",
            endpoint_url=f"{scheme}://{host}{port}" if host else None,
            aws_access_key_id=unquote(parts.username) if parts.username else None,
            aws_secret_access_key=unquote(parts.password) if parts.password else None,
            region_name=options.get("region", "us-east-1"),
            config=Config(
                s3={"addressing_style": "path"},
                connect_timeout=5,
                read_timeout=30,
                retries={"max_attempts": 3, "mode": "standard"},
                max_pool_connections=32,
                request_checksum_calculation="when_required",  # other stores refuse AWS's trailer
                response_checksum_validation="when_required",
            ),
        )

    def ensure_bucket(self) -> None:
        """Make the bucket when it is missing; the one-shot migration of `compose.yaml` calls it."""
        with _answers(self.bucket):
            try:
                self.client.head_bucket(Bucket=self.bucket)
            except ClientError as error:
                if _code(error) not in {*MISSING, "NoSuchBucket"}:
                    raise
                self.client.create_bucket(Bucket=self.bucket)

    def put(self, key: str, data: bytes, media_type: str) -> None:
        """Store, replacing what stood there."""
        with _answers(key):
            self.client.put_object(
                Bucket=self.bucket, Key=checked(key), Body=data, ContentType=media_type
            )

    def get(self, key: str) -> bytes:
        """Return the bytes; NotFound when there are none, Unavailable when the store is."""
        with _answers(key):
            return self.client.get_object(Bucket=self.bucket, Key=checked(key))["Body"].read()

    def exists(self, key: str) -> bool:
        """Say whether the key holds anything."""
        try:
            with _answers(key):
                self.client.head_object(Bucket=self.bucket, Key=checked(key))
        except NotFound:
            return False
        return True

    def delete(self, key: str) -> None:
        """Remove; quiet when nothing stands there."""
        try:
            with _answers(key):
                self.client.delete_object(Bucket=self.bucket, Key=checked(key))
        except NotFound:
            return


def _code(error: ClientError) -> str:
    return error.response.get("Error", {}).get("Code", "")


@contextmanager
def _answers(what: str) -> Iterator[None]:
    """The store's refusals in the product's words."""
    try:
        yield
    except ClientError as error:
        if _code(error) in MISSING:
            raise NotFound(f"no file under {what}", code="files.not_found") from error
        raise Unavailable(f"the file store refused {what}: {error}") from error
    except BotoCoreError as error:
        raise Unavailable(f"the file store does not answer: {error}") from error
