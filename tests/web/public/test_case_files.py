"""The signed case file by page: for those who may read the money; its key for everybody."""

from tcma.sealed.keys import read_public
from tcma.sealed.verify import check
from tests.domain.mdf.conftest import house  # noqa: F401 - the fixture
from tests.pages import Visitor
from tests.web.desk.conftest import counter  # noqa: F401 - the fixture


def test_both_sides_save_the_same_file_and_a_stranger_finds_none(counter):  # noqa: F811
    ref = counter.house.proven(counter.house.approved(500))
    stranger = Visitor(counter.app)
    pem = stranger.client.get("/.well-known/tcma-case-key.pem").data
    saved = [each.client.get(f"/case-files/{ref}.zip") for each in (counter.mira, counter.alice)]
    assert saved[0].data == saved[1].data
    assert saved[0].headers["Content-Disposition"] == f'attachment; filename="{ref}-case-file.zip"'
    assert check(saved[0].data, key=read_public(pem)).valid
    assert stranger.client.get(f"/case-files/{ref}.zip").status_code in {302, 404}
    assert counter.mira.client.get("/case-files/MDF-2026-9999.zip").status_code == 404
