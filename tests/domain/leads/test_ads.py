"""Lead ads: a signed call, the answers asked for, one lead; recorded answers of both networks on a real server."""

import json
import threading
from dataclasses import replace
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from sqlalchemy import select, text

from tcma.adapters.egress import Egress
from tcma.adapters.lead_ads import LeadAds
from tcma.errors import Forbidden, Invalid, NotFound
from tcma.jobs import Job
from tcma.leads import ads
from tcma.leads.ad_words import (
    Network,
    challenge_of,
    fields_read,
    mapped,
    numbers_of,
    signature_of,
)
from tcma.leads.models import Lead, LeadCapture
from tests.builders import charlie, mira
from tests.faults.posting import rung
from tests.pages import app_over, services_of
from workers.runtime import Run

SECRET = "the app’s own secret"
META_CALL = {
    "object": "page",
    "entry": [{"id": "153125381133", "time": 1_900_000_000, "changes": [
        {"field": "leadgen", "value": {"leadgen_id": "444444444444", "page_id": "153125381133",
                                       "form_id": "555", "created_time": 1_900_000_000}},
        {"field": "feed", "value": {"item": "post"}},
    ]}],
}  # fmt: skip
META_LEAD = {
    "id": "444444444444", "created_time": "2026-03-02T09:00:00+0000",
    "field_data": [
        {"name": "email", "values": ["ida@brackwater.example"]},
        {"name": "full_name", "values": ["Ida van Brook"]},
        {"name": "phone_number", "values": ["+44 113 496 0199"]},
        {"name": "company_name", "values": ["Brackwater Joinery"]},
        {"name": "plz", "values": ["FW1 2AB"]},
        {"name": "how_many_desks?", "values": ["More than 200"]},
    ],
}  # fmt: skip
LINKEDIN_CALL = {
    "type": "LEAD_ACTION", "leadGenFormResponse": "urn:li:leadGenFormResponse:a9a29e52-c0a3-4",
    "leadGenForm": "urn:li:versionedLeadGenForm:(urn:li:leadGenForm:7234246,1)",
    "leadType": "SPONSORED", "leadAction": "CREATED", "occurredAt": 1_900_000_000_000,
}  # fmt: skip
LINKEDIN_LEAD = {
    "id": "a9a29e52-c0a3-4",
    "formResponse": {
        "answers": [
            {"questionId": 1, "answerDetails": {"textQuestionAnswer": {"answer": "Ida"}}},
            {"questionId": 2, "answerDetails": {"textQuestionAnswer": {"answer": "Brook"}}},
            {"questionId": 3, "answerDetails": {"textQuestionAnswer": {"answer": "ida@brackwater.example"}}},
            {"questionId": 4, "answerDetails": {"multipleChoiceAnswer": {"options": ["This month"]}}},
        ],
        "consentResponses": [{"consentId": 11, "accepted": True}],
    },
    "form": {"content": {"questions": [
        {"questionId": 1, "predefinedField": "FIRST_NAME"},
        {"questionId": 2, "predefinedField": "LAST_NAME"},
        {"questionId": 3, "predefinedField": "WORK_EMAIL"},
        {"questionId": 4, "name": "When do you need it?"},
    ]}},
}  # fmt: skip


class Stand(BaseHTTPRequestHandler):
    """Both networks: what they say next, and what they were asked."""

    say: list = []  # noqa: RUF012 - emptied by the fixture
    heard: list = []  # noqa: RUF012

    def do_GET(self):
        type(self).heard.append((self.path, self.headers["Authorization"]))
        status, said = self.say.pop(0) if self.say else (404, {"message": "Gone"})
        body = json.dumps(said).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        """Quiet."""


@pytest.fixture
def stand():
    Stand.say, Stand.heard = [], []
    server = ThreadingHTTPServer(("127.0.0.1", 0), Stand)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server.server_port
    server.shutdown()
    server.server_close()


@pytest.fixture
def house(db, ground, stand, tmp_path):
    base = f"http://ads.test:{stand}"
    web = Egress((f"ads.test:{stand}",), resolve=lambda _: ["127.0.0.1"], whole_s=3)
    services = replace(services_of(db, tmp_path), lead_ads=LeadAds(web, graph=base, linkedin=base))
    with db() as work:
        manager = mira(work, ground.vendor_id)
        campaign = work.session.scalar(text("SELECT id FROM campaign"))
    return House(db, services, manager, campaign, ground)


class House:
    """`made(network)` sets a source up; `call` sends what the network sends; `fetch` does the jobs."""

    def __init__(self, db, services, manager, campaign, ground):
        self.db, self.services, self.manager, self.campaign = db, services, manager, campaign
        self.ground, self.client = ground, app_over(services).test_client()

    def made(self, network, **more):
        facts = {
            "network": network, "name": "Spring ads", "campaign_id": self.campaign,
            "partner_id": self.ground.first, "secret": SECRET, "token": "good",
            "consent": "You may call me about the offer.", "fields": {"plz": "postcode"},
        }  # fmt: skip
        with self.db(self.manager) as work:
            return ads.make_source(work, ads.NewSource(**facts | more))

    def call(self, network, ref, told, secret=SECRET):
        body = json.dumps(told).encode()
        names = {Network.LINKEDIN: "X-LI-Signature"}
        header = names.get(network, "X-Hub-Signature-256")
        signed = {header: signature_of(network, secret, body)}
        return self.client.post(f"/hooks/lead-ads/{ref}", data=body, headers=signed).status_code

    def fetch(self):
        rung(Run(services=self.services, stopping=lambda: False), Job.ADS_FETCH)

    def leads(self):
        with self.db() as work:
            return list(work.session.scalars(select(Lead)))

    def source(self):
        with self.db(self.manager) as work:
            return ads.sources(work)[0]


def test_a_lead_of_meta_is_asked_for_once_mapped_and_kept_with_its_words(house):
    ref = house.made(Network.META)
    assert house.call(Network.META, ref, META_CALL, secret="guessed") == 403
    for _ in range(2):
        assert house.call(Network.META, ref, META_CALL) == 204
    Stand.say = [(200, META_LEAD)]
    house.fetch()
    assert house.call(Network.META, ref, META_CALL) == 204
    house.fetch()
    ((path, token),) = Stand.heard
    assert path.startswith("/444444444444?fields=")
    assert token == "Bearer good"
    (lead,) = house.leads()
    assert (lead.address, lead.first_name, lead.last_name, lead.company, lead.postcode) == (
        "ida@brackwater.example", "Ida van", "Brook", "Brackwater Joinery", "FW1 2AB",
    )  # fmt: skip
    assert lead.answers == {"how_many_desks?": "More than 200"}
    assert lead.source_partner_id == house.ground.first
    with house.db() as work:
        (kept,) = work.session.scalars(select(LeadCapture))
    assert (kept.external_id, kept.consent_text) == (
        "444444444444", "You may call me about the offer.",
    )  # fmt: skip
    assert house.source().counts == {"taken": 1}


def test_a_lead_of_linkedin_is_read_by_its_questions(house):
    ref = house.made(Network.LINKEDIN)
    assert house.call(Network.LINKEDIN, ref, LINKEDIN_CALL) == 204
    deleted = LINKEDIN_CALL | {"leadAction": "DELETED", "leadGenFormResponse": "urn:li:x:9"}
    assert house.call(Network.LINKEDIN, ref, deleted) == 204
    Stand.say = [(200, LINKEDIN_LEAD)]
    house.fetch()
    (lead,) = house.leads()
    assert (lead.first_name, lead.last_name, lead.answers) == (
        "Ida", "Brook", {"When do you need it?": "This month"},
    )  # fmt: skip
    assert Stand.heard[0][0].startswith("/rest/leadFormResponses/a9a29e52-c0a3-4?")


def test_who_did_not_agree_is_no_lead_and_the_desk_reads_why(house):
    ref = house.made(Network.LINKEDIN)
    house.call(Network.LINKEDIN, ref, LINKEDIN_CALL)
    refused = {**LINKEDIN_LEAD["formResponse"], "consentResponses": [{"accepted": False}]}
    Stand.say = [(200, LINKEDIN_LEAD | {"formResponse": refused})]
    house.fetch()
    assert house.leads() == []
    assert (house.source().counts, house.source().refused) == (
        {"refused": 1}, "Tick the box, so that we may answer.",
    )  # fmt: skip


def test_a_token_that_is_over_rests_the_source_and_nothing_is_lost(house):
    ref = house.made(Network.META)
    house.call(Network.META, ref, META_CALL)
    Stand.say = [(400, {"error": {"code": 190, "message": "Error validating access token"}})]
    house.fetch()
    house.fetch()
    assert len(Stand.heard) == 1
    assert house.source().said == "Error validating access token"
    Stand.say = [(200, META_LEAD)]
    with house.db(house.manager) as work:
        assert ads.ask_again(work, ref) == 1
    house.fetch()
    assert len(house.leads()) == 1
    assert house.source().said == ""


def test_a_network_that_is_away_is_asked_again_and_one_that_has_it_no_more_is_not(house):
    ref = house.made(Network.META)
    house.call(Network.META, ref, META_CALL)
    Stand.say = [(503, {}), (404, {"error": {"message": "It was deleted"}})]
    house.fetch()
    assert house.source().counts == {"waiting": 1}
    house.db.clock.move(timedelta(minutes=1))
    house.fetch()
    house.db.clock.move(timedelta(days=1))
    house.fetch()
    assert len(Stand.heard) == 2
    assert house.source().refused == "It was deleted"


def test_another_program_sends_the_answers_along(house):
    ref = house.made(Network.OTHER, token="")
    told = {"id": 7, "consent": True, "fields": {"E-Mail": "ida@brackwater.example", "PLZ": "FW1 2AB",
                                                 "Last name": "Brook"}}  # fmt: skip
    assert house.call(Network.OTHER, ref, told | {"consent": False}) == 422
    assert house.call(Network.OTHER, ref, {"fields": {}}) == 422
    told["fields"] = {"email": "ida@brackwater.example", **told["fields"]}
    for _ in range(2):
        assert house.call(Network.OTHER, ref, told) == 204
    (lead,) = house.leads()
    assert (lead.last_name, lead.postcode, lead.answers) == (
        "Brook", "FW1 2AB", {"E-Mail": "ida@brackwater.example"},
    )  # fmt: skip


def test_an_address_is_proved_to_the_network_that_asks(house):
    meta, linkedin = house.made(Network.META), house.made(Network.LINKEDIN)
    words = {"hub.mode": "subscribe", "hub.challenge": "1158201444"}
    with house.db() as work:
        right = ads.verify_word(work, meta)
    get = house.client.get
    assert get(f"/hooks/lead-ads/{meta}", query_string=words).status_code == 404
    said = get(f"/hooks/lead-ads/{meta}", query_string=words | {"hub.verify_token": right})
    assert (said.text, said.mimetype) == ("1158201444", "text/plain")
    proof = get(f"/hooks/lead-ads/{linkedin}", query_string={"challengeCode": "890e4665"}).json
    assert proof == {"challengeCode": "890e4665",
                     "challengeResponse": challenge_of(SECRET, "890e4665")}  # fmt: skip
    assert get("/hooks/lead-ads/ADS-2026-9999", query_string=words).status_code == 404


def test_an_ended_source_hears_nothing_and_asks_nothing(house):
    ref = house.made(Network.META)
    house.call(Network.META, ref, META_CALL)
    with house.db(house.manager) as work:
        ads.end_source(work, ref)
    assert house.call(Network.META, ref, META_CALL) == 404
    house.fetch()
    assert Stand.heard == []


def test_keys_are_sealed_and_only_the_vendors_manager_sets_up(house):
    with house.db() as work:
        stranger = charlie(work, house.ground.vendor_id)
    house.made(Network.META)
    with house.db() as work:
        assert SECRET.encode() not in work.session.scalar(text("SELECT secrets FROM ad_source"))
    with house.db(stranger) as work, pytest.raises(Forbidden):
        ads.end_source(work, "ADS-2026-0001")
    with house.db(house.manager) as work, pytest.raises(NotFound):
        ads.end_source(work, "ADS-2026-0009")
    with pytest.raises(Invalid) as told:
        house.made(Network.LINKEDIN, secret="short", token="", consent=" ", name="")
    assert set(told.value.fields) == {"secret", "token", "consent", "name"}


def test_their_names_of_fields_become_ours(house):
    own = fields_read("Firma = company\n\n Ihre PLZ=postcode")
    assert mapped(own, {"Firma": "Brackwater", "Ihre PLZ": "1", "E-mail": "x", "EMAIL": "a@b.example",
                        "work_email": "c@d.example", "full name": "Ida"}) == {
        "company": "Brackwater", "postcode": "1", "address": "a@b.example",
        "first_name": "Ida", "last_name": "", "answers": {"E-mail": "x"},
    }  # fmt: skip
    with pytest.raises(Invalid, match="write their name"):
        fields_read("Firma = firm")
    assert numbers_of(Network.META, {"entry": "none"}) == []


def told_of(number):
    (entry,) = META_CALL["entry"]
    change = {"field": "leadgen", "value": {"leadgen_id": number}}
    return META_CALL | {"entry": [entry | {"changes": [change]}]}


def test_an_odd_answer_of_meta_holds_up_no_other_and_is_given_up_in_the_end(house):
    odd = {"field_data": [{"name": "email", "values": 7}]}
    ref = house.made(Network.META)
    house.call(Network.META, ref, told_of("1"))
    house.db.clock.move(timedelta(seconds=1))
    house.call(Network.META, ref, META_CALL)
    Stand.say = [(200, odd), (200, META_LEAD)]
    house.fetch()
    assert house.source().counts == {"waiting": 1, "taken": 1}
    for _ in range(10):
        Stand.say = [(200, odd)]
        house.db.clock.move(timedelta(days=1))
        house.fetch()
    assert house.source().counts == {"refused": 1, "taken": 1}
    assert house.source().refused == ads.NOT_READ


@pytest.mark.parametrize(
    "told", [{"form": "f"}, {"formResponse": "r"}, {"form": {"content": ["q"]}}]
)
def test_an_odd_answer_of_linkedin_is_asked_for_again(house, told):
    ref = house.made(Network.LINKEDIN)
    house.call(Network.LINKEDIN, ref, LINKEDIN_CALL)
    Stand.say = [(200, LINKEDIN_LEAD | told)]
    house.fetch()
    assert house.source().counts == {"waiting": 1}
    Stand.say = [(200, LINKEDIN_LEAD)]
    house.db.clock.move(timedelta(days=1))
    house.fetch()
    assert house.source().counts == {"taken": 1}


def test_a_sign_that_no_text_holds_is_left_out_of_an_answer(house):
    house.call(Network.META, house.made(Network.META), META_CALL)
    rows = [*META_LEAD["field_data"], {"name": "no\0te", "values": ["a\0b\ud800"]}]
    Stand.say = [(200, META_LEAD | {"field_data": rows})]
    house.fetch()
    (lead,) = house.leads()
    assert lead.answers == {"how_many_desks?": "More than 200", "note": "ab"}
    assert numbers_of(Network.META, told_of("4\0")) == ["4"]


def test_who_comes_late_with_no_answer_takes_no_lead_back(house):
    house.call(Network.META, house.made(Network.META), META_CALL)
    with house.db() as work:
        (errand,) = ads.take_due(work)
        notice = errand.notice_id
    house.db.clock.move(timedelta(hours=1))
    Stand.say = [(200, META_LEAD)]
    house.fetch()
    with house.db() as work:
        ads.not_answered(work, notice, "It was deleted", denied=False, gone=True)
    with house.db() as work:
        ads.not_answered(work, notice, "The token is over", denied=True, gone=False)
    assert house.source().counts == {"taken": 1}
    assert house.source().said == ""
    house.fetch()
    assert len(Stand.heard) == 1
