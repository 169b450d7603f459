"""A real launch writes its own case file; the claim then needs nothing but an invoice."""

import csv
import io
import json
import zipfile
from dataclasses import replace
from datetime import timedelta
from email import message_from_bytes, policy
from hashlib import sha256

import pytest
from sqlalchemy import text
from structlog.testing import capture_logs

from tcma.db.documents import Document
from tcma.delivery import actions as delivery
from tcma.errors import Conflict, Invalid, NotFound, Unavailable
from tcma.jobs import Job
from tcma.launches import actions as launches
from tcma.launches.models import Launch
from tcma.launches.queries import launch_id_of
from tcma.launches.rules import OVER
from tcma.mdf import queries
from tcma.mdf.case_files import proofs
from tcma.mdf.claims import views as claim_views
from tcma.mdf.requests import carrying_out
from tcma.mdf.requests import views as request_views
from tcma.mdf.rules import COLLECTED, PROOF_WORDS, ActivityKind, ProofKind, ProofState
from tcma.sealed import render_manifest
from tcma.sealed.seal import packed
from tcma.words import in_language
from tests import builders
from tests.faults.posting import people, posting, rung
from tests.pages import services_of
from workers.runtime import Run

from .conftest import a_pdf
from .followed import somebody_came_to_the_event, the_follow_ups_are_whole_and_name_nobody


@pytest.fixture
def launched(house):
    """(request, launch): an approved plan and a started launch that carries it out."""
    with house.db() as work:
        campaign = builders.a_campaign(work, house.vendor)
        copy_id = builders.a_copy(work, house.partner, campaign).id
        list_id = people(work, house.partner, 3, basis="consent")
        sender_id = delivery.ensure_sender(
            work,
            partner_id=house.partner,
            from_name="Alice",
            from_address="alice@partner.example",
        )
    house.campaign = campaign.campaign_id
    request = house.approved(800, kind=ActivityKind.MULTI_TOUCH)
    house.db.clock.move(timedelta(days=29))
    plan = launches.LaunchPlan(
        copy_id=copy_id,
        list_ids=(list_id,),
        sender_id=sender_id,
        send_at=house.db.clock.now(),
        mails="first",
    )
    with house.db(house.alice) as work:
        ref = launches.plan_launch(work, plan, idempotency_key="k").ref
        launch_id = launch_id_of(work.session, house.alice, ref)
        found = queries.request_by_ref(work.session, house.alice, request)
        carrying_out.tie(work, found, launch_id)
        launches.start_launch(work, ref)
    return request, launch_id


def collected(house, launch_id):
    with house.db() as work:
        return proofs.collect(work, launch_id)


def test_a_launch_without_a_send_log_is_collected_once_at_its_start_and_once_at_its_end(
    house, launched
):
    _, launch_id = launched

    def sets(what, **values):
        with house.db() as work:
            work.session.execute(text(what), {"id": launch_id, **values})

    def to_prove():
        with house.db() as work:
            return proofs.launches_to_prove(work.session)

    sets("UPDATE fund_activity SET kind = 'event' WHERE :id IS NOT NULL")
    sets("UPDATE launch SET started_at = :at WHERE id = :id", at=house.db.clock.now())
    assert to_prove() == [launch_id]
    assert ProofKind.SEND_LOG not in collected(house, launch_id)
    assert to_prove() == []
    sets("UPDATE launch SET state = :over WHERE id = :id", over=OVER[0])
    assert to_prove() == [launch_id]
    collected(house, launch_id)
    assert to_prove() == []


def case_file(house, request):
    with house.db(house.alice) as work:
        detail = request_views.request_detail(work.session, house.alice, request, now=work.now)
        return {item.kind: item for item in detail.case_file}


def content(house, item):
    with house.db(house.mira) as work:
        document = queries.document_by_id(work.session, house.mira, item.document_id)
        data = work.files.get(document.key)
    assert sha256(data).hexdigest() == item.sha256
    return data


def test_a_launch_proves_itself_and_the_claim_needs_only_an_invoice(
    house, launched, tmp_path, smtp_sink
):
    request, launch_id = launched
    before = case_file(house, request)
    assert before[ProofKind.MAIL].state is ProofState.TO_COME
    with posting(house.db, tmp_path, smtp_sink.url) as ring:
        ring(Job.LAUNCH_START)
        ring()
        with house.db() as work:
            assert proofs.launches_to_prove(work.session) == [launch_id]
        assert set(collected(house, launch_id)) == {
            ProofKind.MAIL, ProofKind.SEND_LOG, ProofKind.LOCKS,
            ProofKind.PAGE, ProofKind.IMAGES, ProofKind.LEADS,
        }  # fmt: skip
        assert collected(house, launch_id) == []
        somebody_came_to_the_event(house)
        ring(Job.LAUNCH_SETTLE)
    assert set(collected(house, launch_id)) == {
        ProofKind.SEND_LOG, ProofKind.LEADS, ProofKind.PAGE, ProofKind.NURTURE,
    }  # fmt: skip
    with house.db(house.alice) as work:
        file = request_views.request_detail(work.session, house.alice, request, now=work.now)
        pages = [item.title for item in file.case_file if item.kind is ProofKind.PAGE]
    assert pages == ["Landing page at the start", "Landing page at the end"]
    with house.db() as work:
        assert proofs.launches_to_prove(work.session) == []
    items = case_file(house, request)
    assert [item.state for item in items.values()] == [ProofState.COLLECTED] * 7 + [
        ProofState.MISSING
    ]
    with house.db() as work:
        written_by = {work.session.get_one(Launch, launch_id).ref}
    assert {item.launch for item in items.values() if item.kind in COLLECTED} == written_by
    assert items[ProofKind.INVOICE].launch == ""
    assert items[ProofKind.LEADS].facts == (
        "1 lead, 1 of them by card at an event; 1 followed up by 2 mails"
    )
    _what_they_show_is_told_in_every_language(items)
    assert b"Brackwater Joinery,GB,new,card,2" in content(house, items[ProofKind.LEADS])
    followed = items[ProofKind.NURTURE]
    the_follow_ups_are_whole_and_name_nobody(followed, content(house, followed))
    _the_mail_is_whole_and_names_nobody(content(house, items[ProofKind.MAIL]))
    _the_log_counts_and_names_nobody(content(house, items[ProofKind.SEND_LOG]))
    assert b"<form" in content(house, items[ProofKind.PAGE])
    with zipfile.ZipFile(io.BytesIO(content(house, items[ProofKind.IMAGES]))) as archive:
        assert len(archive.namelist()) == 6
        assert archive.testzip() is None
    _the_locks_are_signed_and_a_change_is_found(content(house, items[ProofKind.LOCKS]))
    _pages_are_drawn_once_or_say_why_not(house, tmp_path, request)
    _somebody_fills_in_the_form_a_day_later(house, launch_id)
    claim = house.claimed(request, ("1", 800))
    leads = case_file(house, request)[ProofKind.LEADS]
    assert leads.facts.startswith("2 leads, 1 of them by card at an event")
    assert b"Late Comers,GB,new,page,0" in content(house, leads)
    _pages_of_the_claim_are_drawn_too(house, tmp_path, request, pages)
    with house.db(house.mira) as work:
        detail = claim_views.claim_detail(work.session, house.mira, claim, now=work.now)
    assert [check.code for check in detail.checks if not check.ok] == []


def _somebody_fills_in_the_form_a_day_later(house, launch_id):
    house.db.clock.move(timedelta(days=1))
    facts = {"source_partner_id": house.partner, "launch_id": launch_id, "company": "Late Comers"}
    with house.db() as work:
        builders.waiting_leads(work, house.vendor, house.campaign, 1, **facts)


def _pages_of_the_claim_are_drawn_too(house, folder, request, pages):
    run = Run(services=replace(services_of(house.db, folder), pictures=Pictures()), stopping=bool)
    rung(run, Job.PAGE_DRAW)
    with house.db(house.alice) as work:
        file = request_views.request_detail(work.session, house.alice, request, now=work.now)
    drawn = [f"{page}, as a picture" for page in pages]
    found = [item.title for item in file.case_file if item.kind is ProofKind.PAGE]
    assert sorted(found) == sorted([*pages, *drawn])


class Pictures:
    """PagePictures of a machine whose browser is there for one page."""

    def __init__(self):
        self.taken = []

    def take(self, html, address):
        self.taken.append((html, address))
        if len(self.taken) > 1:
            raise Unavailable("no browser on this machine")
        return builders.a_logo()


def _what_they_show_is_told_in_every_language(items):
    assert in_language(items[ProofKind.LEADS].facts, "de") == (
        "1 Lead, davon 1 per Karte bei einer Veranstaltung; 1 nachgefasst mit 2 Mails"
    )
    assert in_language(items[ProofKind.IMAGES].facts, "es") == "5 tamaños"
    assert in_language(items[ProofKind.NURTURE].facts, "es") == "2 correos de 1 paso"


def _pages_are_drawn_once_or_say_why_not(house, folder, request):
    pictures = Pictures()
    run = Run(services=replace(services_of(house.db, folder), pictures=pictures), stopping=bool)
    for _ in range(2):
        rung(run, Job.PAGE_DRAW)
    assert len(pictures.taken) == 2
    assert all(b"<form" in html for html, _ in pictures.taken)
    assert pictures.taken[0][1].startswith("https://tcma.test/go/")
    with house.db(house.alice) as work:
        file = request_views.request_detail(work.session, house.alice, request, now=work.now)
    pages = {item.title: item for item in file.case_file if item.kind is ProofKind.PAGE}
    assert list(pages) == [
        "Landing page at the start",
        "Landing page at the end",
        "Landing page at the start, as a picture",
    ]
    assert content(house, pages["Landing page at the start, as a picture"])[:4] == b"\x89PNG"
    said = pages["Landing page at the end"].facts
    assert "no picture: no browser" in said
    assert "kein Bild: no browser on this machine" in in_language(said, "de")
    assert [in_language(title, "es") for title in pages] == [
        "Página de destino al inicio",
        "Página de destino al final",
        "Página de destino al inicio, como imagen",
    ]


def _the_locks_are_signed_and_a_change_is_found(data):
    assert render_manifest.check(data).valid
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    made_of = json.loads(parts["mails/invite.html.manifest.json"])["made_of"]
    assert made_of["template"]["version"] == 1
    assert all(made_of["checks"].values())
    assert len([name for name in parts if name.endswith(".jpg")]) == 5
    assert {"print/datasheet.pdf", "print/flyer.pdf"} <= set(parts)
    assert parts["print/flyer.pdf"].startswith(b"%PDF")
    kept, own = b"Two hours with our engineers", b"Most migration plans open"
    for words, whose in ((kept, "vendor"), (own, "opening")):
        changed = parts | {"mails/invite.html": parts["mails/invite.html"].replace(words, b"x", 1)}
        found = render_manifest.check(packed(list(changed.items())))
        assert (found.valid, found.asset, found.whose) == (False, "mails/invite.html", whose)


def _the_mail_is_whole_and_names_nobody(data):
    mail = message_from_bytes(data, policy=policy.default)
    assert mail["Date"]
    assert mail["X-Launch"].startswith("LCH-")
    assert "recipient@example.invalid" in mail["To"]
    html = mail.get_body(("html",)).get_content()
    assert "Brightwater IT" in html
    assert "[[" not in html
    assert b"example.org" not in data


def _the_log_counts_and_names_nobody(data):
    rows = list(csv.reader(io.StringIO(data.decode())))
    assert ["3 = 3 settled + 0 waiting", "True"] in rows
    people_rows = [row for row in rows if len(row) == 6 and row[2] == "example.org"]
    assert [row[3] for row in people_rows] == ["sent"] * 3
    assert len({row[1] for row in people_rows}) == 3
    assert b"@" not in data


def signed(house):
    with house.db() as work:
        return work.session.scalar(text("SELECT count(*) FROM render_manifest"))


def test_a_launch_whose_proof_cannot_be_written_is_an_error_and_stops_no_other(
    house, launched, tmp_path, smtp_sink
):
    with posting(house.db, tmp_path, smtp_sink.url) as ring:
        ring(Job.LAUNCH_START)
        ring()
    with house.db() as work:
        work.session.execute(text("UPDATE mailing SET artefact_key = 'gone' WHERE kind = 0"))
        assert proofs.launches_to_prove(work.session)
    run = Run(services=services_of(house.db, tmp_path), stopping=bool)
    with capture_logs() as logs:
        rung(run, Job.PROOF_COLLECT)
    said = {each["event"] for each in logs if each["log_level"] == "error"}
    assert said == {"proof cannot be written"}
    assert signed(house)
    with pytest.raises(Exception, match="gone"):
        rung(run, Job.PROOF_COLLECT, launch_id=str(launched[1]))


def test_a_launch_of_another_partner_or_campaign_is_not_tied(house, launched):
    _, launch_id = launched
    with house.db() as work:
        charlie = builders.charlie(work, house.vendor)
    other = house.campaign
    with house.db() as work:
        house.campaign = builders.a_campaign(work, house.vendor, slug="renewal-upsell").campaign_id
    second = house.approved(300, starts=house.db.clock.now().date() + timedelta(days=20))
    assert other != house.campaign
    with house.db(house.alice) as work:
        request = queries.request_by_ref(work.session, house.alice, second)
        with pytest.raises(Conflict, match="another campaign"):
            carrying_out.tie(work, request, launch_id)
    with house.db(charlie) as work, pytest.raises(NotFound):
        carrying_out.tie(work, request, launch_id)


def test_the_same_upload_twice_is_one_line_and_invoices_belong_to_claims(house):
    ref = house.approved()
    for _ in range(2):
        house.proven(ref)
    with house.db(house.alice) as work:
        request = queries.request_by_ref(work.session, house.alice, ref)
        detail = request_views.request_detail(work.session, house.alice, ref, now=work.now)
        assert [item.state for item in detail.case_file] == [
            ProofState.UPLOADED,
            ProofState.MISSING,
        ]
        with pytest.raises(Invalid, match="added to the claim"):
            proofs.upload(work, request, kind=ProofKind.INVOICE, file_name="x.pdf", content=a_pdf())


def test_each_named_proof_has_its_own_file_and_the_others_stay_missing(house):
    ref = house.approved(800, kind=ActivityKind.EVENT)
    asked = [item.title for item in _lines(house, ref)][:-1]
    mine = [title for title in asked if title not in PROOF_WORDS.values()]
    with house.db(house.alice) as work:
        request = queries.request_by_ref(work.session, house.alice, ref)
        how = {"kind": ProofKind.OTHER, "file_name": "a.pdf"}
        proofs.upload(work, request, content=a_pdf("one"), title=mine[-1], **how)
        with pytest.raises(NotFound):
            proofs.upload(work, request, content=a_pdf("two"), title="A letter", **how)
    there = {item.title for item in _lines(house, ref) if item.document_id}
    assert there == {mine[-1]}


def _lines(house, ref):
    with house.db(house.alice) as work:
        return request_views.request_detail(work.session, house.alice, ref, now=work.now).case_file


def test_a_proof_is_opened_by_both_sides_and_by_nobody_else(house):
    ref = house.proven(house.approved())
    item = case_file(house, ref)[ProofKind.OTHER]
    for who in (house.alice, house.mira):
        with house.db(who) as work:
            found = queries.document_by_id(work.session, who, item.document_id)
            assert isinstance(found, Document)
    with house.db() as work:
        charlie = builders.charlie(work, house.vendor)
    with house.db(charlie) as work, pytest.raises(NotFound):
        queries.document_by_id(work.session, charlie, item.document_id)
