"""What stands in DNS against what must: every slip is named, and what to paste instead."""

import pytest

from tcma.senders.records import Finding, Kind, Record, Seen, alignment, judge, proved
from tcma.senders.rules import Verdict

DOMAIN = "news.fenwright.example"
KEY = "v=DKIM1; k=rsa; p=" + "A" * 392
V = Verdict


def record(kind, value=KEY):
    names = {
        Kind.DKIM_RSA: f"t1._domainkey.{DOMAIN}", Kind.BOUNCE: f"bounce.{DOMAIN}",
        Kind.SPF: DOMAIN, Kind.DMARC: f"_dmarc.{DOMAIN}",
    }  # fmt: skip
    kinds = {Kind.BOUNCE: "CNAME"}
    return Record(kind, names[kind], kinds.get(kind, "TXT"), value)


SPF = "v=spf1 include:mail.tcma.example ~all"


@pytest.mark.parametrize(
    ("kind", "must", "stands", "verdict", "said"),
    [
        (Kind.DKIM_RSA, KEY, [KEY], V.FOUND, "ours"),
        (Kind.DKIM_RSA, KEY, ["v=DKIM1;k=rsa;p=" + "A" * 100 + " " + "A" * 292], V.FOUND, "ours"),
        (Kind.DKIM_RSA, KEY, ["p=" + "A" * 392], V.FOUND, "ours"),
        (Kind.DKIM_RSA, KEY, [], V.MISSING, "Nothing"),
        (Kind.DKIM_RSA, KEY, [KEY[:255]], V.WRONG, "cut off after 237 of 392"),
        (Kind.DKIM_RSA, KEY, [f'"{KEY}"'], V.WRONG, "Quotation marks"),
        (Kind.DKIM_RSA, KEY, [KEY, KEY], V.WRONG, "Several"),
        (Kind.DKIM_RSA, KEY, ["v=DKIM1; k=rsa; p="], V.WRONG, "withdrawn"),
        (Kind.DKIM_RSA, KEY, ["v=DKIM1; k=rsa; p=BBBB"], V.WRONG, "Another key"),
        (Kind.DKIM_RSA, KEY, ["v=spf1 -all"], V.WRONG, "no key"),
        (Kind.DKIM_RSA, KEY, [KEY + "; t=y"], V.WRONG, "t=y"),
        (Kind.BOUNCE, "mail.tcma.example", ["Mail.tcma.example."], V.FOUND, "reach us"),
        (Kind.BOUNCE, "mail.tcma.example", ["other.example"], V.WRONG, "somewhere else"),
        (Kind.SPF, SPF, [SPF, "google-site-verification=x"], V.FOUND, "may send"),
        (Kind.SPF, SPF, ["google-site-verification=x"], V.MISSING, "No permission"),
        (Kind.SPF, SPF, ["v=spf1 mx -all"], V.WRONG, "does not name us"),
        (Kind.SPF, SPF, ["v=spf1 mx -all", "v=spf1 a ~all"], V.WRONG, "Two SPF"),
        (Kind.SPF, SPF, ["v=spf1 +all"], V.WRONG, "everybody"),
        (Kind.SPF, SPF, [SPF.replace("~", " ".join(f"include:h{n}.example" for n in range(10)) + " ~")],
         V.WRONG, "11 look-ups"),
        (Kind.DMARC, "v=DMARC1; p=none", ["v=DMARC1; p=reject; rua=mailto:d@x.example"], V.FOUND, "p=reject"),
        (Kind.DMARC, "v=DMARC1; p=none", [], V.MISSING, "nor at a domain above"),
        (Kind.DMARC, "v=DMARC1; p=none", ["v=DMARC1; p=no"], V.WRONG, "p=no is not"),
        (Kind.DMARC, "v=DMARC1; p=none", ["v=DMARC1; p=none"] * 2, V.WRONG, "Two policies"),
    ],
)  # fmt: skip
def test_each_slip_has_its_verdict_and_its_words(kind, must, stands, verdict, said):
    found = judge(record(kind, must), Seen(stands), domain=DOMAIN)
    assert (found.verdict, said in found.words) == (verdict, True), found


@pytest.mark.parametrize(
    ("stands", "paste"),
    [
        ("v=spf1 mx -all", "v=spf1 mx include:mail.tcma.example -all"),
        ("v=spf1 redirect=_spf.x.example", "v=spf1 include:mail.tcma.example redirect=_spf.x.example"),
        ("v=spf1 a +all", "v=spf1 a include:mail.tcma.example ~all"),
    ],
)  # fmt: skip
def test_a_permission_that_stands_is_joined_with_ours(stands, paste):
    assert judge(record(Kind.SPF, SPF), Seen([stands]), domain=DOMAIN).paste == paste


def test_a_doubled_name_is_recognised():
    found = judge(record(Kind.DKIM_RSA), Seen(doubled=[KEY]), domain=DOMAIN)
    assert found.verdict is V.WRONG
    assert "Write only t1._domainkey as the name" in found.words


def test_a_long_key_is_split_where_dns_wants_it():
    pieces = record(Kind.DKIM_RSA).pieces
    assert [len(each) for each in pieces] == [255, len(KEY) - 255]
    assert "".join(pieces) == KEY


def found(**verdicts):
    return [Finding(Kind(name), verdict, "") for name, verdict in verdicts.items()]


@pytest.mark.parametrize(
    ("verdicts", "answer"),
    [
        ({"dkim_rsa": V.FOUND, "bounce": V.FOUND, "dmarc": V.FOUND}, True),
        ({"dkim_rsa": V.FOUND, "spf": V.FOUND, "dmarc": V.FOUND, "bounce": V.MISSING}, True),
        ({"dkim_rsa": V.FOUND, "bounce": V.FOUND, "dmarc": V.MISSING}, False),
        ({"dkim_rsa": V.WRONG, "bounce": V.FOUND, "dmarc": V.FOUND}, False),
        ({"dkim_rsa": V.FOUND, "bounce": V.MISSING, "dmarc": V.FOUND}, False),
        ({"dkim_rsa": V.SILENT, "bounce": V.FOUND, "dmarc": V.FOUND}, None),
        ({"dkim_rsa": V.SILENT, "bounce": V.FOUND, "dmarc": V.MISSING}, False),
        ({"dkim_ed25519": V.FOUND, "bounce": V.FOUND, "dmarc": V.FOUND}, False),
    ],
)
def test_a_domain_is_proved_by_signature_policy_and_a_way_back(verdicts, answer):
    assert proved(found(**verdicts)) is answer


def test_a_strict_policy_is_read_to_the_end():
    strict = Finding(Kind.DMARC, V.FOUND, "", ("v=DMARC1; p=reject; aspf=s",))
    said = alignment([*found(dkim_rsa=V.FOUND, bounce=V.FOUND), strict], domain=DOMAIN)
    assert [good for good, _ in said] == [True, False, True]
    assert "aspf=s" in said[1][1]
