"""What every CRM must hold: putting twice is putting once, and each refusal says who can mend it."""

from dataclasses import replace

import pytest

from tcma.adapters.crm_hubspot import HubspotCrm
from tcma.adapters.crm_salesforce import SalesforceCrm
from tcma.adapters.egress import Egress
from tcma.crm.defaults import DEFAULTS
from tcma.crm.rules import written
from tcma.ports import CrmError, CrmFault, CrmKind, CrmRecord
from tests.adapters.crm_stands import Hubspot, Salesforce, Served, access

MADE = {"salesforce": SalesforceCrm, "hubspot": HubspotCrm}


@pytest.fixture(scope="module", params=[Salesforce, Hubspot], ids=["salesforce", "hubspot"])
def served(request):
    with Served(request.param) as stand:
        yield stand


@pytest.fixture
def stand(served):
    served.__init__(port=served.port)
    return served


@pytest.fixture
def crm(stand):
    return opened(stand)


def opened(stand, **secrets):
    web = Egress((f"crm.test:{stand.port}",), resolve=lambda _: ["127.0.0.1"], whole_s=2)
    return MADE[stand.system](web, access(stand, **secrets), {})


def deal(stand, key="OPP-1", **values):
    ours = {"name": "Move", "stage": "qualified", "amount": "4800.50", "closes_on": "2026-12-01"}
    return CrmRecord(CrmKind.DEAL, key, written(DEFAULTS[stand.system].deal, ours | values))


def lead(stand):
    ours = {"email": "ida@brackwater.example", "last_name": "Brook", "company": "Brackwater"}
    return CrmRecord(CrmKind.LEAD, "L-1", written(DEFAULTS[stand.system].lead, ours))


def seen(crm, stand, *keys):
    return crm.seen(CrmKind.DEAL, keys, list(stand.places.values()))


def test_a_deal_is_put_and_read_back_with_its_owner(crm, stand):
    number = crm.put(deal(stand))
    [(key, row)] = seen(crm, stand, "OPP-1", "OPP-2").items()
    assert (key, row.id, row.owner) == ("OPP-1", number, "Ola Berg")
    assert float(row.fields[stand.places["amount"]]) == 4800.5
    assert row.fields[stand.places["closes_on"]] == "2026-12-01"


def test_putting_twice_is_putting_once(crm, stand):
    assert crm.put(deal(stand)) == crm.put(deal(stand, name="Bigger move"))
    assert len([each for each in stand.kept if each[0] == stand.objects[1]]) == 1


def test_a_person_is_put_and_a_deal_says_whose_it_is(crm, stand):
    person = crm.put(lead(stand))
    record = deal(stand)
    crm.put(CrmRecord(record.kind, record.key, record.fields, beside=person))
    tied = stand.kept[stand.objects[1], "OPP-1"].get("tied", person)
    assert tied == person


def test_an_answer_lost_after_the_commit_leaves_one_record_when_tried_again(crm, stand):
    crm.put(deal(stand, key="OPP-0"))
    stand.say.append("after")
    with pytest.raises(CrmError) as lost:
        crm.put(deal(stand))
    assert lost.value.fault is CrmFault.AWAY
    crm.put(deal(stand))
    assert [key for kind, key in stand.kept if kind == stand.objects[1]] == ["OPP-0", "OPP-1"]


@pytest.mark.parametrize(
    ("told", "fault", "wait"),
    [
        ((429, {"Retry-After": "17"}, {}), CrmFault.BUSY, 17),
        ((503, {"Retry-After": "soon"}, {}), CrmFault.BUSY, 60),
        ((500, {}, {}), CrmFault.AWAY, None),
        ("invalid", CrmFault.INVALID, None),
        ("duplicate", CrmFault.DUPLICATE, None),
        ("denied", CrmFault.DENIED, None),
    ],
    ids=["busy", "busy without a time", "broken", "invalid", "duplicate", "denied"],
)
def test_a_refusal_says_what_it_is_and_what_mends_it(crm, stand, told, fault, wait):
    crm.put(deal(stand, key="OPP-0"))
    stand.say.append(getattr(stand, told) if isinstance(told, str) else told)
    with pytest.raises(CrmError) as refused:
        crm.put(deal(stand))
    assert (refused.value.fault, refused.value.wait_s) == (fault, wait)
    if fault in {CrmFault.INVALID, CrmFault.DUPLICATE, CrmFault.DENIED}:
        assert refused.value.remedy
    if fault is CrmFault.INVALID:
        assert "LastName" in refused.value.words
    assert (stand.objects[1], "OPP-1") not in stand.kept


def test_who_never_answers_is_away(stand):
    web = Egress(("crm.test:9",), resolve=lambda _: ["127.0.0.1"])
    there = replace(access(stand), url="http://crm.test:9")
    with pytest.raises(CrmError) as away:
        MADE[stand.system](web, there, {}).check()
    assert away.value.fault is CrmFault.AWAY


def test_the_check_says_whose_account_it_is(crm, stand):
    assert crm.check() in {"Fenwright Ltd", "account 4711"}
    assert stand.writes() == []


def test_the_check_says_which_field_is_missing_and_how_it_is_made(crm, stand):
    stand.has_field = False
    with pytest.raises(CrmError) as missing:
        crm.check()
    assert "tcma_ref" in missing.value.words
    assert "unique" in missing.value.remedy.lower()


def test_a_key_that_is_refused_says_where_a_new_one_comes_from(stand):
    wrong = dict.fromkeys(stand.secrets, "wrong")
    with pytest.raises(CrmError) as refused:
        opened(stand, **wrong).check()
    assert refused.value.fault is CrmFault.DENIED
    assert refused.value.remedy


def test_salesforce_signs_in_once_and_again_when_the_session_has_expired():
    with Served(Salesforce) as stand:
        crm = opened(stand)
        crm.put(deal(stand))
        crm.put(deal(stand))
        assert stand.signed_in == 1
        stand.tokens = set()
        crm.put(deal(stand, name="After the night"))
        assert stand.signed_in == 2
        assert stand.kept["Opportunity", "OPP-1"]["Name"] == "After the night"


def test_salesforces_daily_limit_is_waited_for():
    with Served(Salesforce) as stand:
        crm = opened(stand)
        crm.put(deal(stand))
        stand.say.append((403, {}, [{"errorCode": "REQUEST_LIMIT_EXCEEDED", "message": "limit"}]))
        with pytest.raises(CrmError) as busy:
            crm.put(deal(stand))
    assert (busy.value.fault, busy.value.wait_s) == (CrmFault.BUSY, 900)


def test_a_lead_that_was_converted_at_salesforce_is_left_alone():
    with Served(Salesforce) as stand:
        crm = opened(stand)
        crm.put(deal(stand))
        code = "CANNOT_UPDATE_CONVERTED_LEAD"
        stand.say.append((400, {}, [{"errorCode": code, "message": "cannot reference converted"}]))
        assert crm.put(lead(stand)) == ""
