"""A sending domain from its first record to its end, looked at through a real name server."""

from datetime import timedelta

import pytest
from sqlalchemy import text

from tcma.errors import Conflict, Forbidden, Invalid, Unavailable
from tcma.senders import actions, keys, queries
from tcma.senders.dkim import Algorithm
from tcma.senders.records import Kind
from tcma.senders.rules import DomainState, Verdict, domain_name
from tests.builders import a_partner, a_vendor, alice, sam
from tests.domain.senders.conftest import Zone

NAME = "news.fenwright.example"
S = DomainState
assert Zone


@pytest.fixture
def owner(db):
    with db() as work:
        partner_id = a_partner(work, a_vendor(work))
        who = alice(work, partner_id)
    with db(who) as work:
        actions.add_domain(work, NAME)
    return who


def domain(db, who):
    with db(who) as work:
        return queries.domain_by_name(work.session, who, NAME)


def verdicts(db, who):
    return {each.kind: each.verdict for each in domain(db, who).findings}


def test_nothing_published_is_pending_and_everything_is_verified(db, owner, zone):
    assert zone.look(db, NAME).after is S.PENDING
    assert set(verdicts(db, owner).values()) == {Verdict.MISSING}
    zone.publish(db, NAME)
    change = zone.look(db, NAME)
    assert (change.before, change.after) == (S.PENDING, S.VERIFIED)
    assert set(verdicts(db, owner).values()) == {Verdict.FOUND}
    with db() as work:
        signers = queries.signers_of(work.session, work.site.secret, change.domain_id, NAME)
        letters = work.session.scalars(text("select subject from message_body")).all()
    assert [each.algorithm for each in signers] == [Algorithm.RSA, Algorithm.ED25519]
    assert letters == [f"{NAME} is verified"]


def test_a_policy_of_a_domain_above_counts_and_a_key_may_be_an_alias(db, owner, zone):
    zone.publish(db, NAME, leave_out=(Kind.DMARC, Kind.DKIM_RSA, Kind.SPF))
    zone.add("_dmarc.fenwright.example", "TXT", "v=DMARC1; p=quarantine")
    signing = next(r for r in zone.records(db, NAME)[1] if r.kind is Kind.DKIM_RSA)
    zone.add(signing.name, "CNAME", "k1.keys.example")
    zone.add("k1.keys.example", "TXT", signing.value)
    assert zone.look(db, NAME).after is S.VERIFIED


def test_a_silent_name_server_changes_nothing(db, owner, zone):
    zone.publish(db, NAME)
    zone.look(db, NAME)
    zone.clear()
    for record in zone.records(db, NAME)[1]:
        zone.add(record.name, "SILENCE", "x")
    zone.names = type(zone.names)((zone.server.address,), patience=0.1)
    assert zone.look(db, NAME).after is S.VERIFIED
    assert set(verdicts(db, owner).values()) == {Verdict.SILENT}


def test_one_failed_look_warns_and_a_second_an_hour_later_breaks(db, owner, zone, clock):
    zone.publish(db, NAME)
    zone.look(db, NAME)
    zone.clear()
    assert zone.look(db, NAME).after is S.FAILING
    clock.move(timedelta(minutes=5))
    assert zone.look(db, NAME).after is S.FAILING
    clock.move(timedelta(minutes=55))
    assert zone.look(db, NAME).after is S.BROKEN
    zone.publish(db, NAME)
    assert zone.look(db, NAME).after is S.VERIFIED
    with db() as work:
        letters = work.session.scalars(text("select subject from message_body order by 1")).all()
    assert letters == sorted(
        [
            f"{NAME} is verified",
            f"A record of {NAME} is gone",
            f"Mail no longer leaves from {NAME}",
            f"{NAME} is verified",
        ]
    )


def test_new_keys_take_over_when_dns_shows_them_and_not_before(db, owner, zone, clock):
    zone.publish(db, NAME)
    domain_id = zone.look(db, NAME).domain_id

    def selectors():
        with db() as work:
            found = queries.signers_of(work.session, work.site.secret, domain_id, NAME)
            return [each.selector[-2:] for each in found]

    assert selectors() == ["r1", "e1"]
    with db(owner) as work:
        actions.rotate(work, NAME)
    with db(owner) as work, pytest.raises(Conflict, match="not in DNS yet"):
        actions.rotate(work, NAME)
    assert zone.look(db, NAME).after is S.VERIFIED
    assert selectors() == ["r1", "e1"]
    zone.clear()
    zone.publish(db, NAME)
    clock.move(timedelta(hours=1))
    zone.look(db, NAME)
    assert selectors() == ["r2", "e2"]
    with db(owner) as work:
        old = queries.old_keys(work.session, domain(db, owner), now=work.now)
        assert {each.selector[-2:] for each in old} == {"r1", "e1"}
        sealed = "select count(*) from domain_key where sealed is null"
        assert work.session.scalar(text(sealed)) == 0
    clock.move(timedelta(days=8))
    zone.look(db, NAME)
    with db() as work:
        assert work.session.scalar(text(sealed)) == 2


def test_private_keys_lie_sealed_and_open_with_no_other_secret_or_name(db, owner):
    with db() as work:
        name, selector, sealed = queries.sealed_keys(work.session)[0]
        secret = work.site.secret
    assert keys.unseal(secret, sealed, domain=name, selector=selector)
    for other in (
        {"secret": b"another secret, as long as the first one"},
        {"domain": "news.rival.example"},
        {"sealed": sealed[:-1] + bytes([sealed[-1] ^ 1])},
    ):
        given = {"secret": secret, "sealed": sealed, "domain": name} | other
        with pytest.raises(Unavailable, match="does not open"):
            keys.unseal(given.pop("secret"), given.pop("sealed"), selector=selector, **given)


def test_two_partners_may_claim_a_name_but_only_a_key_in_dns_proves_it(db, owner, zone):
    with db() as work:
        rival = alice(work, a_partner(work, a_vendor(work, name="Quillon")))
    zone.publish(db, NAME)
    zone.look(db, NAME)
    with db(rival) as work:
        actions.add_domain(work, NAME)
        theirs = queries.domain_by_name(work.session, rival, NAME)
        mine = {r.name for r in zone_records(work, theirs)}
    assert theirs.state is S.PENDING
    assert domain(db, owner).state is S.VERIFIED
    with db(owner) as work:
        assert not mine & {r.name for r in zone_records(work, domain(db, owner)) if r.key}


def zone_records(work, of):
    return queries.records_of(work.session, of, mail_host=work.site.mail_host)


def test_a_seller_sets_up_nothing(db, owner):
    with db() as work:
        seller = sam(work, owner.partner_id)
    with db(seller) as work, pytest.raises(Forbidden):
        actions.add_domain(work, "other.fenwright.example")


@pytest.mark.parametrize(
    ("text_", "name"),
    [
        ("news.fenwright.example", "news.fenwright.example"),
        (" https://News.Fenwright.example/contact ", "news.fenwright.example"),
        ("hello@news.fenwright.example", "news.fenwright.example"),
        ("büro.example", "xn--bro-hoa.example"),
        ("gmail.com", None),
        ("me@Outlook.com", None),
        ("fenwright", None),
        ("192.0.2.1", None),
        ("a..b.example", None),
        ("-a.example", None),
        ("news fenwright.example", None),
    ],
)
def test_a_domain_is_read_as_people_write_it(text_, name):
    if name is None:
        with pytest.raises(Invalid):
            domain_name(text_)
    else:
        assert domain_name(text_) == name
