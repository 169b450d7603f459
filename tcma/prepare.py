"""Makes an installation ready to run: newest schema, file store; safe to repeat."""

import os
import sys

from tcma.adapters.storage_s3 import S3Files
from tcma.config import read_settings
from tcma.db import migrate
from tcma.errors import TcmaError
from tcma.wiring import Services, installation


def prepare(services: Services) -> None:
    """Migrate the database and make the bucket; Unavailable when one does not answer."""
    migrate.upgrade(services.engine.url.render_as_string(hide_password=False))
    if isinstance(services.files, S3Files):
        services.files.ensure_bucket()


def main() -> int:
    """Prepare from the environment; exit code 1 when it could not be done."""
    try:
        with installation(read_settings(os.environ)) as services:
            prepare(services)
    except TcmaError as error:
        sys.stderr.write(f"{error.message}\n{error.remedy or ''}\n")
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
