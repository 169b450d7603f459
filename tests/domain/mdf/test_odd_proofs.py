"""What of a case file cannot be written, and what is written beside it all the same."""

from dataclasses import replace

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from tcma.jobs import Job
from tcma.mdf.case_files import proofs
from tcma.mdf.requests import views as request_views
from tcma.mdf.rules import ProofKind
from tcma.words import in_language
from tests.domain.mdf.test_proofs import (
    Pictures,
    collected,
    launched,  # noqa: F401 - a fixture
    signed,
)
from tests.domain.mdf.test_social_posts import mark
from tests.faults.posting import posting, rung
from tests.odd_rows import REFUSED, odd
from tests.pages import services_of
from workers.runtime import Run


def test_a_post_that_cannot_be_filed_keeps_no_launch_from_its_proof(
    house,
    launched,  # noqa: F811 - the fixture
    tmp_path,
    smtp_sink,
):
    with posting(house.db, tmp_path, smtp_sink.url) as ring:
        ring(Job.LAUNCH_START)
        ring()
    with house.db() as work:
        copy_id = work.session.scalar(text("SELECT id FROM partner_copy"))
    mark(house, copy_id)
    run = Run(services=services_of(house.db, tmp_path), stopping=bool)
    kept = text("SELECT kind FROM proof")
    refused = odd(house.db, "proof", f"r.kind = '{ProofKind.SOCIAL.value}'", on="INSERT")
    with refused, pytest.raises(DBAPIError, match=REFUSED):
        rung(run, Job.PROOF_COLLECT)
    assert signed(house)
    with house.db() as work:
        assert ProofKind.MAIL in work.session.scalars(kept).all()
        assert proofs.launches_to_prove(work.session) == []
    rung(run, Job.PROOF_COLLECT)
    with house.db() as work:
        assert ProofKind.SOCIAL in work.session.scalars(kept).all()


def test_a_kept_page_whose_file_is_gone_says_so_and_the_others_are_drawn(
    house,
    launched,  # noqa: F811 - the fixture
    tmp_path,
    smtp_sink,
):
    request, launch_id = launched
    with posting(house.db, tmp_path, smtp_sink.url) as ring:
        ring(Job.LAUNCH_START)
        ring()
    collected(house, launch_id)
    with house.db() as work:
        work.session.execute(
            text(
                "INSERT INTO document SELECT (d.d).* FROM (SELECT jsonb_populate_record(d,"
                " jsonb_build_object('id', gen_random_uuid(), 'sha256', 'gone')) AS d FROM document d"
                " JOIN proof p ON p.document_id = d.id WHERE p.kind = 'page') AS d"
            )
        )
        work.session.execute(
            text(
                "INSERT INTO proof SELECT (p.p).* FROM (SELECT jsonb_populate_record(p,"
                " jsonb_build_object('id', '00000000-0000-7000-8000-000000000000', 'source', 'old',"
                " 'title', 'Lost', 'document_id', (SELECT id FROM document WHERE sha256 = 'gone')))"
                " AS p FROM proof p WHERE kind = 'page') AS p"
            )
        )
    run = Run(services=replace(services_of(house.db, tmp_path), pictures=Pictures()), stopping=bool)
    rung(run, Job.PAGE_DRAW)
    with house.db(house.alice) as work:
        file = request_views.request_detail(work.session, house.alice, request, now=work.now)
    pages = {item.title: item for item in file.case_file if item.kind is ProofKind.PAGE}
    assert "no picture: The file was removed." in pages["Lost"].facts
    assert "kein Bild: Die Datei wurde entfernt." in in_language(pages["Lost"].facts, "de")
    assert "Landing page at the start, as a picture" in pages
