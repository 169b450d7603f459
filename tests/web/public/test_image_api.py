"""Pictures for other programs: a key, a template, slot values, and the answer to each kind of call."""

from dataclasses import replace

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from tcma.drawing import keys
from tcma.errors import Unavailable
from tcma.jobs import Job
from tcma.launches import stopping
from tcma.outbox import actions as outbox
from tests.fakes import AwayFiles
from tests.faults.posting import rung
from tests.odd_rows import REFUSED, odd
from workers.runtime import Run

SQUARE, TALL = "cloud-migration@1/banner_300x250", "cloud-migration@1/banner_1080x1920"
LABEL = "Get your Move Map"


@pytest.fixture
def key(sent):
    """Make a key of Corbelane's: `key(**scope)`."""
    with sent.db() as work:
        campaign = work.session.scalar(text("SELECT id FROM campaign WHERE slug='cloud-migration'"))

    def made(**scope):
        with sent.world.as_("Vera") as work:
            return keys.make_key(work, name="Shop", campaign_id=campaign, **scope)

    return made


@pytest.fixture
def call(sent, key):
    """Call an address with a key that draws everything: `call(path="", **body)`."""
    client, everything = sent.client(), key()

    def called(path="", *, by=everything, accept="application/json", head=None, **body):
        headers = {"Authorization": f"Bearer {by}", "Accept": accept} | (head or {})
        address = path if path.startswith("http") else f"/api/v1/images{path}"
        if body:
            return client.post(address, json=body, headers=headers)
        return client.get(address, headers=headers)

    return called


def test_the_same_call_gives_the_same_octets_and_a_picture_once_kept_is_not_sent_again(call):
    asked = {"template": SQUARE, "partner": "fenwright", "slots": {"accent": "#123B7A"}}
    facts = call(**asked).json
    assert (facts["state"], facts["width"], facts["template"]) == ("done", 300, SQUARE)
    first, again = (call(**asked, accept="image/jpeg") for _ in range(2))
    assert first.data == again.data
    assert first.mimetype == "image/jpeg"
    assert len(first.data) == facts["bytes"]
    kept = call(facts["url"], head={"If-None-Match": first.headers["ETag"]})
    assert (kept.status_code, kept.data) == (304, b"")
    assert call(facts["url"]).data == first.data
    plain = call(template=SQUARE, partner="fenwright", accept="image/*")
    assert plain.data != first.data


@pytest.mark.parametrize(
    ("slots", "slot", "words"),
    [
        ({"headline_short": "Mine"}, "headline_short", "cannot be changed. Ask the vendor"),
        ({"cta_label": "Whatever I like"}, "cta_label", "not one of the choices. Choose one"),
        ({"accent": "red"}, "accent", "must be a colour such as"),
        ({"opening": "Dear all"}, "opening", "does not stand on this picture. Leave it out"),
        ({"colour": "#FFFFFF"}, "colour", "This picture takes: "),
    ],
)
def test_a_refusal_names_the_slot_and_what_to_do(call, slots, slot, words):
    answer = call(template=SQUARE, partner="fenwright", slots=slots)
    assert (answer.status_code, answer.json["type"]) == (422, "images.slots")
    assert words in answer.json["fields"][slot]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"template": "cloud-migration"}, "template"),
        ({"template": "cloud-migration@9/banner_300x250"}, "template"),
        ({"template": "cloud-migration/banner"}, "template"),
        ({"template": SQUARE, "partner": "omarsson"}, "partner"),
        ({"template": SQUARE, "partner": ""}, "partner"),
        ({"template": SQUARE, "language": "xx"}, "language"),
        ({"template": SQUARE, "slots": []}, "slots"),
        ({"template": SQUARE, "metadata": {"much": "x" * 5000}}, "metadata"),
        ({"template": SQUARE, "webhook": "nobody"}, "webhook"),
    ],
)
def test_what_is_wrong_in_a_call_is_named_by_field(call, body, field):
    answer = call(**{"partner": "fenwright"} | body)
    assert answer.status_code == 422
    assert set(answer.json["fields"]) == {field}


def test_a_large_picture_comes_later_and_tells_its_webhook(sent, call):
    world = sent.world
    with world.as_("Mira") as work:
        url = "https://9.9.9.9/pictures"
        outbox.make_endpoint(work, world.services.web, name="shop", url=url, events=())
    asked = {"template": TALL, "partner": "fenwright", "id": "row-42", "webhook": "shop",
             "metadata": {"row": 42}}  # fmt: skip
    waits = call(**asked)
    assert (waits.status_code, waits.json["state"]) == (202, "waiting")
    ref = waits.json["id"]
    assert call(f"/{ref}/picture").status_code == 409
    assert call(**asked).json["id"] == ref
    assert call(**asked | {"metadata": {"row": 43}}).status_code == 409
    world.drain()
    done = call(f"/{ref}").json
    assert (done["state"], done["metadata"], done["height"]) == ("done", {"row": 42}, 1920)
    assert call(f"/{ref}/picture").data == call(done["url"]).data
    told = "SELECT payload FROM outbox_delivery WHERE event = 'image.done' AND key = :key"
    assert sent.count(told, key=f"image:{ref}") == done


def test_a_picture_waits_while_the_store_is_away_and_is_drawn_when_it_is_back(sent, call):
    services = sent.world.services
    ref = call(template=TALL, partner="fenwright", id="row-away").json["id"]
    away = Run(services=replace(services, files=AwayFiles()), stopping=lambda: False)
    with pytest.raises(Unavailable):
        rung(away, Job.IMAGE_DRAW)
    assert call(f"/{ref}").json["state"] == "waiting"
    with sent.db() as work:  # the lease of who could not draw it ends
        work.session.execute(text("UPDATE image_job SET due_at = now() WHERE due_at IS NOT NULL"))
    rung(Run(services=services, stopping=lambda: False), Job.IMAGE_DRAW)
    assert call(f"/{ref}").json["state"] == "done"


def test_a_picture_that_cannot_be_written_down_costs_those_behind_it_no_try(sent, call):
    refs = [
        call(template=TALL, partner="fenwright", id=f"row-odd-{n}").json["id"] for n in range(2)
    ]
    run = Run(services=sent.world.services, stopping=lambda: False)
    done = f"r.ref = '{refs[0]}' AND r.state = 'done'"
    with odd(sent.db, "image_job", done), pytest.raises(DBAPIError, match=REFUSED):
        rung(run, Job.IMAGE_DRAW)
    assert [call(f"/{ref}").json["state"] for ref in refs] == ["waiting", "done"]
    with sent.db() as work:
        work.session.execute(text("UPDATE image_job SET due_at = now() WHERE due_at IS NOT NULL"))
    rung(run, Job.IMAGE_DRAW)
    assert call(f"/{refs[0]}").json["state"] == "done"


def test_a_key_opens_what_it_names_and_a_reading_one_draws_nothing(call, key):
    narrow = key(picture="banner_300x250")
    [one] = call("/templates", by=narrow).json["templates"]
    assert (one["template"], "cta_label" in one["slots"]) == (SQUARE, True)
    assert call(by=narrow, template=TALL, partner="fenwright").json["type"] == "images.scope"
    reads = key(only_reads=True)
    assert call("/templates", by=reads).status_code == 200
    refused = call(by=reads, template=SQUARE, partner="fenwright")
    assert (refused.status_code, refused.json["type"]) == (403, "images.only_reads")
    assert call("/templates", by="tcma_img_guessed").json["type"] == "images.key"
    assert call("/PIC-2026-0001", by=narrow).status_code == 200
    assert call("/PIC-2026-9999", by=narrow).status_code == 404


def test_a_signed_address_ends_with_its_key_and_its_day(sent, call, key):
    own = key()
    asked = {"template": SQUARE, "partner": "fenwright", "by": own}
    made = call("/links", **asked, days=1)
    address = made.json["url"]
    assert (made.status_code, made.json["template"]) == (201, SQUARE)
    assert call(address).status_code == 200
    assert call(address.replace("jpg", "gif")).status_code == 404
    assert call("/links", **asked, days=0).json["fields"].keys() == {"days"}
    with sent.world.as_("Vera") as work:
        scope = keys.scope_of_secret(work.session, own)
        keys.end_key(work, scope.key_id)
    assert call(address).status_code == 404


def test_a_stopped_campaign_draws_nothing_and_its_addresses_are_recalled(sent, call):
    asked = {"template": SQUARE, "partner": "fenwright"}
    address = call(**asked).json["url"]
    world = sent.world
    with world.as_("Mira") as work:
        stopping.stop_campaign(work, "cloud-migration", reason="A claim was wrong.")
    refused = call(**asked)
    assert (refused.status_code, refused.json["detail"]) == (409, "A claim was wrong.")
    assert call(address).status_code == 404
    with world.as_("Mira") as work:
        stopping.lift_stop(work, "cloud-migration")
    assert call(address).status_code == 200
