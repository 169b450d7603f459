"""The command, run in the process of the tests: its modules are imported there already."""

import os

import pytest

from tcma.cli.main import main


@pytest.fixture
def here(monkeypatch, capsys, tmp_path):
    """`here("ledger", "verify", TCMA_DATABASE_URL=…)`: exit code, standard output, standard error.

    A process of its own takes one to two seconds to import; `test_commands` shows what only such a
    one can.
    """

    def run(*words, **environ):
        for name in [name for name in os.environ if name.startswith("TCMA_") or name == "PORT"]:
            monkeypatch.delenv(name)
        for name, value in ({"TCMA_DATA": tmp_path / "data"} | environ).items():
            monkeypatch.setenv(name, str(value))
        capsys.readouterr()
        code = main([str(word) for word in words])
        said = capsys.readouterr()
        return code, said.out, said.err

    return run
