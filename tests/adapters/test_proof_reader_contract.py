"""What every reader of proofs must hold: it is asked in signed words, and what it says is said, not decided."""

import base64
import json

import pytest

from tcma.adapters.egress import Egress
from tcma.adapters.proof_reader_http import HttpProofReader
from tcma.clock import SystemClock
from tcma.errors import Invalid, Unavailable
from tcma.proof_reader import LONGEST_WORDS, MOST_FINDINGS, RESULTS, ProofToRead
from tests.domain.mdf.prechecks.readers import GOOD, SECRET, reading

PROOF = ProofToRead(
    id="0198-reading",
    title="Booth photo",
    file_name="fair.jpg",
    media_type="image/jpeg",
    content=b"\xff\xd8\xff picture",
    sought={"partner": ["Brightwater IT"]},
    facts={"words": 0},
    findings=[{"code": "kind", "result": "passed"}],
)


def at(stand, **how):
    web = Egress((f"reader.test:{stand.port}",), resolve=lambda _: ["127.0.0.1"], whole_s=2, **how)
    return HttpProofReader(web, stand.url, SECRET, SystemClock())


@pytest.fixture
def stand():
    with reading() as made:
        yield made


def finding(**other):
    return {"code": "scene", "result": "passed", "words": "A booth", "remedy": ""} | other


def test_it_is_told_the_file_and_what_the_rules_saw_and_says_what_it_finds(stand):
    reader = at(stand)
    said = reader.read(PROOF)
    assert [(one.code, one.result) for one in said] == [("scene", "passed"), ("brand", "doubtful")]
    assert said[1].remedy == "Compare it with the style guide."
    assert reader.name == "reader.test"
    ((heads, body),) = stand.heard
    told = json.loads(body)
    assert base64.b64decode(told["proof"]["content"]) == PROOF.content
    assert told["sought"] == {"partner": ["Brightwater IT"]}
    assert told["findings"] == [{"code": "kind", "result": "passed"}]
    assert heads["webhook-id"] == told["id"] == PROOF.id


def test_a_decision_in_its_answer_is_not_read(stand):
    stand.say.append((200, GOOD | {"decision": "approve", "claim": {"state": "paid"}}))
    assert len(at(stand).read(PROOF)) == 2
    stand.say.append((200, {"findings": [finding(result="accepted")]}))
    with pytest.raises(Unavailable, match="none of passed, doubtful, missing"):
        at(stand).read(PROOF)


@pytest.mark.parametrize(
    "told",
    [
        "cut",
        (500, GOOD),
        (204, b""),
        (301, GOOD),
        (200, b"<html>"),
        (200, b"[" * 60_000),
        (200, []),
        (200, {"findings": {}}),
        (200, {"findings": ["passed"]}),
        (200, {"findings": [finding(words=3)]}),
        (200, {"findings": [finding(words="")]}),
        (200, {"findings": [finding(words="x" * (LONGEST_WORDS + 1))]}),
        (200, {"findings": [finding(code="Not A Code")]}),
        (200, {"findings": [finding()] * (MOST_FINDINGS + 1)}),
        (200, b" " * 1_100_000),
    ],
)
def test_no_answer_or_a_bad_one_is_none(stand, told):
    stand.say.append(told)
    with pytest.raises(Unavailable):
        at(stand).read(PROOF)


def test_signs_that_turn_a_text_around_are_taken_out(stand):
    stand.say.append((200, {"findings": [finding(words="A booth\u202e\r\n<b>kaput</b>")]}))
    (one,) = at(stand).read(PROOF)
    assert one.words == "A booth <b>kaput</b>"
    assert one.result in RESULTS


@pytest.mark.parametrize("odd", ["\0", "\ud800", "\udc00\ud800", "\x85", "\u2028"])
def test_what_no_database_holds_is_taken_out(stand, odd):
    stand.say.append((200, {"findings": [finding(words=f"A{odd}booth", remedy=f"{odd}Look{odd}")]}))
    (one,) = at(stand).read(PROOF)
    assert (one.words, one.remedy) == ("A booth", "Look")


def test_it_is_reached_through_the_one_way_out(stand):
    web = Egress(resolve=lambda _: ["127.0.0.1"])
    with pytest.raises(Invalid, match="cannot be reached from here"):
        HttpProofReader(web, stand.url, SECRET, SystemClock()).read(PROOF)
    assert stand.heard == []
