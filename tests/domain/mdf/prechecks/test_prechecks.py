"""Proofs are read in advance: by rule, by a service where one is named; kept, shown, and never deciding."""

import io
from datetime import timedelta
from pathlib import Path

import pytest
from PIL import ExifTags, Image
from sqlalchemy import select

from tcma.adapters.egress import Egress
from tcma.adapters.proof_reader_http import HttpProofReader
from tcma.clock import SystemClock
from tcma.db.documents import Document
from tcma.ids import new_id
from tcma.mdf import queries
from tcma.mdf.case_files import asking, prechecks, previews, proofs
from tcma.mdf.claims import views as claim_views
from tcma.mdf.models.funding import Proof
from tcma.mdf.models.prechecks import ProofReading
from tcma.mdf.prechecks.findings import VERSION
from tcma.mdf.rules import ProofKind
from tcma.partners.models import Vendor
from tests.domain.mdf.conftest import a_pdf
from tests.domain.mdf.conftest import house as house  # noqa: PLC0414 - the fixture
from tests.domain.mdf.test_twins import a_photo
from tests.invoices.papers import PAPERS, as_columns

from .readers import SECRET, reading

LOGO = Path("brand_assets/logos/corbelane.png").read_bytes()


def with_logo(house):
    with house.db() as work:
        vendor = work.session.get_one(Vendor, house.vendor)
        key = f"public/{new_id().hex}.png"
        work.files.put(key, LOGO, "image/png")
        vendor.kit = {**vendor.kit, "logo_key": key}


def a_banner():
    """A photo of a booth with the vendor's logo on a plate."""
    with Image.open(io.BytesIO(a_photo(size=1_200))) as scene:
        logo = Image.open(io.BytesIO(LOGO)).convert("RGBA").resize((430, 96))
        plate = Image.new("RGBA", (470, 136), "white")
        plate.alpha_composite(logo, (20, 20))
        scene.paste(plate.convert("RGB"), (330, 420))
        out = io.BytesIO()
        scene.save(out, "JPEG", quality=80)
    return out.getvalue()


def uploaded(house, content, name="fair.jpg", ref=None, service=""):
    ref = ref or house.approved(800)
    with house.db(house.alice) as work:
        request = queries.request_by_ref(work.session, house.alice, ref)
        proofs.upload(work, request, kind=ProofKind.OTHER, file_name=name, content=content)
    with house.db() as work:
        waiting = previews.due(work)
    for each in waiting:
        previews.make(house.db, each, service=service)
    return ref


def readings(house, ref, *, by=None, name="fair"):
    """What both sides read of the uploaded file on the page of a draft claim."""
    claim = house.claimed(ref, ("1", 300), submit=False)
    who = by or house.alice
    with house.db(who) as work:
        it = claim_views.claim_detail(work.session, who, claim, now=work.now)
    return next(item for item in it.case_file if item.file_name.startswith(name)).readings


def results(reading_line):
    return [line.result for line in reading_line.lines]


def test_a_partner_reads_before_it_files_what_is_found_and_what_is_not(house):
    with_logo(house)
    (rules,) = readings(house, uploaded(house, a_banner()))
    words = {line.words: line.result for line in rules.lines}
    assert words["A picture of 1200 × 1200 pixels"] == "passed"
    assert next(r for w, r in words.items() if "logo is recognised" in w) == "passed"
    assert rules.reader == ""
    assert rules.found + rules.to_look_at == len(rules.lines)


def test_a_photo_of_a_clock_that_was_never_set_is_read_without_its_day(house):
    out = io.BytesIO()
    notes = Image.Exif()
    notes.get_ifd(ExifTags.IFD.Exif)[ExifTags.Base.DateTimeOriginal] = "0000:00:00 00:00:00"
    with Image.open(io.BytesIO(a_photo(size=1_200))) as photo:
        photo.save(out, "JPEG", exif=notes)
    (rules,) = readings(house, uploaded(house, out.getvalue()))
    with house.db() as work:
        assert work.session.scalars(select(ProofReading)).one().facts["taken_on"] == ""
    assert "A picture of 1200 × 1200 pixels" in [line.words for line in rules.lines]


def test_a_photo_without_the_logo_is_doubtful_and_says_why(house):
    with_logo(house)
    (rules,) = readings(house, uploaded(house, a_photo(size=1_200)))
    (logo,) = [line for line in rules.lines if "logo" in line.words]
    assert (logo.result, logo.words) == (
        "doubtful",
        "The vendor’s logo is not recognised; it may stand in it all the same.",
    )


def test_a_pdf_is_read_for_days_and_names_and_the_desk_reads_the_same(house):
    ref = uploaded(house, as_columns(PAPERS["english pounds"]), "fair.pdf")
    own = readings(house, ref)
    assert own[0].lines[0].words == "A PDF, pages: 1"
    assert "missing" in results(own[0])
    with house.db() as work:
        (row,) = work.session.scalars(select(ProofReading)).all()
    assert (row.reader, row.rules, row.due_at) == ("", VERSION, None)
    assert row.facts["dates"]
    assert "text" not in row.facts


def test_a_finding_blocks_nothing_and_decides_nothing(house):
    ref = uploaded(house, a_photo(size=300), "fair.jpg")
    claim = house.claimed(ref, ("1", 300))
    with house.db(house.mira) as work:
        it = claim_views.claim_detail(work.session, house.mira, claim, now=work.now)
    (item,) = [item for item in it.case_file if item.file_name == "fair.jpg"]
    assert item.readings[0].to_look_at
    assert (item.state.value, it.missing) == ("uploaded", ())
    assert all(check.ok for check in it.checks if check.code == "case_file")


def test_a_file_that_does_not_open_says_so_and_is_not_asked_about(house):
    ref = uploaded(house, a_pdf("nothing"), "fair.pdf", service="reader.test")
    (only,) = readings(house, ref)
    assert [(line.result, line.words) for line in only.lines] == [
        ("missing", "It cannot be opened here.")
    ]


def test_the_same_file_for_two_of_ones_own_activities_is_doubtful(house):
    uploaded(house, a_photo())
    second = uploaded(house, a_photo())
    (rules,) = readings(house, second)
    assert "The same file shows another of your activities." in [
        line.words for line in rules.lines if line.result == "doubtful"
    ]


def test_kept_facts_bring_the_same_findings_and_changed_ones_show(house):
    uploaded(house, a_photo())
    with house.db() as work:
        proof = work.session.scalars(select(Proof.id)).one()
        assert prechecks.differs(work.session, proof) is False
        row = work.session.scalars(select(ProofReading)).one()
        row.facts = {**row.facts, "width": 10}
        work.session.flush()
        assert prechecks.differs(work.session, proof) is True


@pytest.fixture
def stand():
    with reading() as made:
        yield made


@pytest.fixture
def service(stand):
    web = Egress((f"reader.test:{stand.port}",), resolve=lambda _: ["127.0.0.1"], whole_s=2)
    return HttpProofReader(web, stand.url, SECRET, SystemClock())


def asked(house, service):
    with house.db() as work:
        waiting = asking.due(work, service.name)
    return [asking.ask(house.db, service, each) for each in waiting]


def test_without_a_service_nobody_is_asked(house, stand, service):
    uploaded(house, a_photo())
    assert asked(house, service) == []
    assert stand.heard == []


def test_a_services_findings_stand_beside_the_rules_marked_as_its_own(house, stand, service):
    ref = uploaded(house, a_photo(), service=service.name)
    assert asked(house, service) == ["read"]
    assert asked(house, service) == []
    rules, other = readings(house, ref)
    assert (rules.reader, other.reader) == ("", "reader.test")
    assert results(other) == ["passed", "doubtful"]
    assert other.lines[0].words == "A booth with people before it"
    assert len(stand.heard) == 1


def test_a_service_that_is_away_is_asked_again_and_given_up_after_a_day(house, stand, service):
    ref = uploaded(house, a_photo(), service=service.name)
    stand.say.extend([(503, b"")] * 9)
    said = []
    for _ in range(9):
        said += asked(house, service)
        house.db.clock.at += timedelta(hours=17)
    assert said == ["later"] * len(asking.WAITS) + ["given up"]
    (_, other) = readings(house, ref)
    assert (other.lines, other.why) == (
        (),
        "The reader of proofs gave no findings: it answers 503.",
    )


def test_a_proof_that_was_removed_goes_to_nobody(house, stand, service):
    uploaded(house, a_photo(), service=service.name)
    with house.db() as work:
        for row in work.session.scalars(select(Document)):
            row.removed_at = work.now
    assert asked(house, service) == [""]
    assert stand.heard == []


def test_two_workers_ask_once(house, stand, service):
    uploaded(house, a_photo(), service=service.name)
    with house.db() as work:
        (each,) = asking.due(work, service.name)
        assert asking._take(work, each)
    assert asking.ask(house.db, service, each) == ""
    assert stand.heard == []
