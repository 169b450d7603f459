"""A way to send mail that another package brings, installed for real: found, used, held to the contract."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tcma.adapters.mail_failover import Relays
from tcma.config import read_settings
from tcma.errors import Invalid, Unavailable
from tcma.ports import Result
from tcma.transports import transport
from tcma.wiring import relay_of
from tests.adapters.test_mail_smtp import Book, mail
from tests.services import ROOT

HERE = Path(__file__).parent
METADATA = "Metadata-Version: 2.1\nName: carrier\nVersion: 1.0\n"
POINTS = """[tcma.transports]
carrier = carrier:Carrier
broken = carrier:Nobody
smtp = carrier:Carrier
[tcma.transport_stands]
carrier = carrier_stand:CarrierStand
"""


@pytest.fixture
def installed(tmp_path):
    """A folder as an installer would leave it: two modules and the metadata beside them."""
    facts = tmp_path / "carrier-1.0.dist-info"
    facts.mkdir()
    (facts / "METADATA").write_text(METADATA)
    (facts / "entry_points.txt").write_text(POINTS)
    for name in ("carrier.py", "carrier_stand.py"):
        shutil.copy(HERE / name, tmp_path / name)
    return tmp_path


@pytest.fixture
def here(installed, monkeypatch):
    """The same, found by this process."""
    transport.cache_clear()
    monkeypatch.syspath_prepend(installed)
    yield
    transport.cache_clear()
    sys.modules.pop("carrier", None)


@pytest.mark.usefixtures("here")
def test_its_addresses_are_taken_and_its_mail_arrives(smtp_sink):
    url = smtp_sink.url.replace("smtp://", "carrier://")
    assert read_settings({"TCMA_SMTP_URL": url}).smtp_url == url
    opened = relay_of(url).open()
    assert [each.result for each in opened.send([mail(1)], Book())] == [Result.SENT]
    opened.close()
    assert [each.recipient for each in smtp_sink.kept] == ["p1@example.org"]
    assert isinstance(relay_of(f"{url} {smtp_sink.url}"), Relays)


@pytest.mark.usefixtures("here")
def test_it_does_not_replace_a_way_of_the_house(smtp_sink):
    assert type(relay_of(smtp_sink.url)).__module__ == "tcma.adapters.mail_smtp"


@pytest.mark.usefixtures("here")
def test_what_cannot_be_loaded_says_which_package(smtp_sink):
    del smtp_sink
    with pytest.raises(Unavailable, match="The package carrier that sends by broken"):
        relay_of("broken://127.0.0.1:1")


def test_an_address_that_nothing_installed_knows_is_refused():
    with pytest.raises(Invalid):
        read_settings({"TCMA_SMTP_URL": "carrier://127.0.0.1:25"})


def test_it_holds_the_contract_of_all_transports(installed):
    """As its author would: the suite of a checkout finds the stand of what is installed."""
    path = os.pathsep.join((str(installed), str(ROOT)))
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-k", "carrier", "tests/adapters/test_relay_contract.py"],
        env={**os.environ, "PYTHONPATH": path}, cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-3_000:]
    assert "7 passed" in done.stdout
