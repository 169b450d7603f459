"""The worker asks the service that the installation names, after the rules have read a proof."""

import pytest
from structlog.testing import capture_logs

from tcma.adapters.egress import Egress
from tcma.adapters.proof_reader_http import HttpProofReader
from tcma.clock import SystemClock
from tcma.config import read_settings
from tcma.jobs import Job
from tcma.mdf import queries
from tcma.mdf.case_files import proofs
from tcma.mdf.rules import ProofKind
from tcma.wiring import proof_reader_of
from tests.domain.mdf.conftest import house  # noqa: F401 - the fixture
from tests.domain.mdf.prechecks.readers import SECRET, reading
from tests.domain.mdf.prechecks.test_prechecks import readings
from tests.domain.mdf.test_twins import a_photo
from tests.faults.posting import rung
from workers.main import import_handlers
from workers.runtime import Run


class OneWorld:
    """Services as far as this job needs them."""

    def __init__(self, db, reader):
        self.transaction, self.proof_reader = db, reader


@pytest.fixture
def stand():
    with reading() as made:
        yield made


def test_it_is_asked_once_per_proof_and_its_words_stand_beside_the_rules(house, stand):  # noqa: F811
    import_handlers()
    web = Egress((f"reader.test:{stand.port}",), resolve=lambda _: ["127.0.0.1"], whole_s=2)
    reader = HttpProofReader(web, stand.url, SECRET, SystemClock())
    run = Run(services=OneWorld(house.db, reader), stopping=lambda: False)
    ref = house.approved(800)
    with house.db(house.alice) as work:
        request = queries.request_by_ref(work.session, house.alice, ref)
        proofs.upload(work, request, kind=ProofKind.OTHER, file_name="fair.jpg", content=a_photo())
    with capture_logs() as logs:
        rung(run, Job.PROOF_LOOK)
        rung(run, Job.PROOF_LOOK)
    assert [(entry["event"], entry["done"]) for entry in logs] == [
        ("proof looked at", "made"),
        ("proof reader asked", "read"),
    ]
    assert len(stand.heard) == 1
    assert [each.reader for each in readings(house, ref)] == ["", "reader.test"]


def test_an_installation_names_it_or_has_none(tmp_path):
    env = {"TCMA_DATA": str(tmp_path)}
    assert proof_reader_of(read_settings(env), SystemClock()) is None
    named = {
        "TCMA_PROOF_READER_URL": "https://reader.example.com/read",
        "TCMA_PROOF_READER_SECRET": SECRET,
    }
    reader = proof_reader_of(read_settings(env | named), SystemClock())
    assert reader.name == "reader.example.com"
