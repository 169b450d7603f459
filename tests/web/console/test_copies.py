"""The co-brand editor: what fits is kept, what does not is measured and said."""

import pytest

from tcma.library import copies
from tcma.library.compiling import publish_page
from tcma.library.copy_queries import copy_by_address
from tests.builders import a_campaign

RENEWAL = "/console/campaigns/corbelane/renewal-upsell/copy"
EDITOR = "/console/campaigns/corbelane/cloud-migration/copy"
OPENING = "Hello [[first_name|there]], we look after 140 firms around Nether Fenwick."


def slots(desk):
    with desk.world("Alice") as work:
        return copy_by_address(
            work.session, work.principal, vendor_slug="corbelane", slug="cloud-migration"
        ).slots


@pytest.mark.parametrize(
    "part", ["", "/mail-2", "/page", "/images", "/social", "/print", "/follow-up-1"]
)
def test_every_part_has_its_page(stocked, part):
    page = stocked.as_("Alice").get(EDITOR + part)
    assert page.status == 200
    assert "Kept by Corbelane" in page.words
    assert set(page.all("main .btn-primary")) == {"Continue to launch"}


def test_an_unknown_part_is_not_found(stocked):
    assert stocked.as_("Alice").get(f"{EDITOR}/mail-9").status == 404


def test_a_text_that_fits_is_kept_and_shown_in_the_mail(stocked):
    alice = stocked.as_("Alice")
    assert alice.post(f"{EDITOR}/mail-1", opening=OPENING).status == 303
    assert slots(stocked)["opening"] == OPENING
    shown = alice.get("/console/campaigns/corbelane/cloud-migration/preview/mail-1?seen=none")
    assert "Hello there, we look after 140 firms" in shown.text


def test_a_text_too_long_is_measured_and_stays_in_its_field(stocked):
    page = stocked.as_("Alice").post(f"{EDITOR}/mail-1", opening="many words " * 120)
    assert page.status == 422
    assert "This does not fit on a phone" in page.words
    assert "many words many words" in page.tree.css_first("#opening").text()
    assert "opening" not in slots(stocked)


def test_what_is_right_is_kept_beside_what_is_wrong(stocked):
    fields = {"opening": OPENING, "meeting_url": "http://no.example"}
    page = stocked.as_("Alice").post(f"{EDITOR}/mail-1", **fields)
    assert page.status == 422
    assert slots(stocked) == {"opening": OPENING}


def test_autosave_answers_with_preview_meter_and_time(stocked):
    alice = stocked.as_("Alice")
    alice.csrf = alice._token()
    answer = alice.client.post(
        f"{EDITOR}/mail-1",
        data={"csrf_token": alice.csrf, "opening": OPENING},
        headers={"HX-Request": "true"},
    ).get_data(as_text=True)
    assert 'id="preview"' in answer
    assert 'id="opening-said"' in answer
    assert "Saved 09:00" in answer
    assert "<html" not in answer


def test_the_checks_below_are_measured(stocked):
    words = stocked.as_("Alice").get(EDITOR).all(".checks li")
    assert any(one.endswith("kB of 102 kB") for one in words)
    assert any(one.startswith("Button text") for one in words)
    assert "Unsubscribe and postal address" in words


def test_names_in_what_the_vendor_keeps_are_filled(stocked):
    page = stocked.as_("Alice").get(f"{EDITOR}/page")
    assert "{partner}" not in page.words
    assert "one order · Fenwright" in page.words


def test_another_language_keeps_texts_apart(stocked):
    alice = stocked.as_("Alice")
    alice.post(f"{EDITOR}/mail-1", opening=OPENING)
    alice.post(f"{EDITOR}/language", language="de")
    assert "opening" not in slots(stocked)
    alice.post(f"{EDITOR}/language", language="en")
    assert slots(stocked)["opening"] == OPENING


def test_all_pictures_are_shown_with_how_their_words_fit(stocked):
    page = stocked.as_("Alice").get(f"{EDITOR}/images")
    assert len(page.tree.css(".pictures img")) == 5
    assert sum("Text fits" in one for one in page.all(".pictures li")) == 5


@pytest.mark.parametrize(("who", "status"), [("Sam", 403), ("Mira", 404), ("", 302)])
def test_others_do_not_edit(stocked, who, status):
    assert stocked.as_(who).get(EDITOR).status == status


def test_going_on_keeps_what_fits_and_stays_with_what_does_not(stocked):
    alice = stocked.as_("Alice")
    wrong = alice.post(f"{EDITOR}/mail-1", opening="many words " * 120, then="launch")
    assert wrong.status == 422
    right = alice.post(f"{EDITOR}/mail-1", opening=OPENING, then="launch")
    assert right.location == "/console/launches/new?campaign=corbelane/cloud-migration"
    assert slots(stocked)["opening"] == OPENING


def test_what_the_vendor_keeps_is_refused_with_the_reason(stocked):
    with stocked.db() as work:
        a_campaign(work, stocked.ids["vendor"], slug="renewal-upsell")
    alice = stocked.as_("Alice")
    page = alice.post(f"{RENEWAL}/mail-1", opening=OPENING, hold_months="99")
    assert page.status == 422
    assert "is the same for every partner and cannot be changed" in page.words
    with stocked.world("Alice") as work:
        kept = copy_by_address(
            work.session, work.principal, vendor_slug="corbelane", slug="renewal-upsell"
        )
    assert "hold_months" not in kept.slots


def test_what_is_no_field_is_refused(stocked):
    page = stocked.as_("Alice").post(f"{EDITOR}/mail-1", headline="My own headline")
    assert page.status == 422
    assert "There is no field “headline”" in page.words


def test_autosave_is_refused_what_the_vendor_keeps(stocked):
    alice = stocked.as_("Alice")
    alice.csrf = alice._token()
    answer = alice.client.post(
        f"{EDITOR}/mail-1",
        data={"csrf_token": alice.csrf, "subject": "Mine"},
        headers={"HX-Request": "true"},
    )
    assert answer.status_code == 422
    assert "Not all of it is saved" in answer.get_data(as_text=True)


def test_printed_pieces_are_looked_at_and_downloaded(stocked):
    alice = stocked.as_("Alice")
    page = alice.get(f"{EDITOR}/print")
    assert "Datasheet" in page.words
    assert "Flyer" in page.words
    files = [link for link in page.links() if ".pdf" in link]
    assert len(files) == 4
    for link, name in zip(files, ("datasheet", "datasheet-print"), strict=False):
        answer = alice.client.get(link)
        assert answer.data.startswith(b"%PDF-1.7")
        assert answer.headers["Content-Disposition"].endswith(f'cloud-migration-{name}.pdf"')
    sheet = EDITOR.replace("/copy", "/print/datasheet-2.jpg")
    assert alice.client.get(sheet).data.startswith(b"\xff\xd8")
    assert alice.client.get(sheet.replace("-2", "-3")).status_code == 404
    assert stocked.as_("Charlie").client.get(sheet.replace("corbelane", "else")).status_code == 404


def test_a_text_too_long_for_paper_is_said_where_the_piece_would_stand(stocked):
    alice = stocked.as_("Alice")
    questions = "\n".join(f"Question {n} | {'An answer that goes on. ' * 140}" for n in (1, 2))
    assert alice.post(f"{EDITOR}/page", faq_extra=questions).status == 303
    page = alice.get(f"{EDITOR}/print")
    assert page.status == 200
    assert "does not fit its 2 pages" in page.words


def test_a_post_is_marked_only_with_an_address_of_its_network(stocked):
    with stocked.world("Alice") as work:
        copy = copies.copy_of(work, stocked.ids["campaign"])
        publish_page(work, copy)
    alice = stocked.as_("Alice")
    place = "/console/campaigns/corbelane/cloud-migration/posts"
    assert "cloud-migration?via=facebook" in alice.get(f"{EDITOR}/social").words
    wrong = alice.post(f"{place}/facebook", facebook_address="https://x.com/fenwright/1")
    assert wrong.status == 422
    assert "not the address of a post on Facebook" in wrong.words
    address = "https://www.facebook.com/fenwright/posts/1"
    assert alice.post(f"{place}/facebook", facebook_address=address).status == 303
    assert alice.get(f"{EDITOR}/social").all(".posted a") == [address]
    assert alice.post(f"{place}/myspace", myspace_address=address).status == 404


def test_the_short_text_is_measured_for_x(stocked):
    alice = stocked.as_("Alice")
    assert alice.post(f"{EDITOR}/social", social_short="many words " * 30).status == 303
    page = alice.get(f"{EDITOR}/social")
    assert "Too long for X by" in page.tree.css_first("#post-x").text()
    assert "Too long" not in page.tree.css_first("#post-linkedin").text()
