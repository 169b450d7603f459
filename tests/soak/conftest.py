"""The processes of the fault tests, for longer."""

from tests.faults.conftest import plant, real, sink, soak

__all__ = ["plant", "real", "sink", "soak"]
