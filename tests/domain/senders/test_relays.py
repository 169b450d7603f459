"""A sender's own relays: kept sealed, tried in order, and nobody else's mail waits for them."""

from datetime import timedelta

import pytest
from sqlalchemy import text

from tcma.adapters.egress import Egress
from tcma.adapters.smtp_wire import read_target
from tcma.delivery.rules import MailingKind
from tcma.delivery.sender_queries import carried_by
from tcma.delivery.trouble import go_on
from tcma.errors import Invalid, LimitReached, NotFound
from tcma.jobs import Job
from tcma.senders import actions, relays
from tcma.senders.relay_rules import (
    MOST_RELAYS,
    TROUBLES,
    RelayFacts,
    RelayKind,
    relay_facts,
    trouble_of,
)
from tests.builders import acting, alice
from tests.faults.posting import a_mailing, posting, sums
from tests.faults.stage import Stage
from tests.smtp import SmtpSink

NAME = "partner.example"
INSIDE = Egress(inside=("127.0.0.1",))
DOMAIN = "select id from sender_domain"
SECRET = "pa ss/w:@rd"


def plain(port, **more):
    return RelayFacts(RelayKind.PLAIN, "127.0.0.1", port, **more)


@pytest.fixture
def owned(db):
    """A running mailing of three from ann@partner.example, whose domain is set up and proved."""
    with db() as work:
        return a_proved_sender(work)


def a_proved_sender(work, **facts):
    number = a_mailing(work, 3, **facts)
    partner_id = work.session.scalar(
        text("select partner_id from mailing where id = :m"), {"m": number}
    )
    owner = alice(work, partner_id)
    set_up(work, owner)
    return number, owner


def set_up(work, owner):
    actions.add_domain(acting(work, owner), NAME)
    work.session.execute(
        text("update sender_domain set state = 'verified' where partner_id = :p"),
        {"p": owner.partner_id},
    )


def prove(db, owner):
    with db() as work:
        set_up(work, owner)


def add(db, owner, *facts):
    with db(owner) as work:
        return [relays.add_relay(work, INSIDE, NAME, each) for each in facts]


@pytest.mark.parametrize(
    ("kind", "typed", "field"),
    [
        (RelayKind.TLS, {"host": "no host"}, "host"),
        (RelayKind.TLS, {"host": "a\r\nb.example"}, "host"),
        (RelayKind.TLS, {"host": "smtp.example", "user": "u"}, "password"),
        (RelayKind.TLS, {"host": "smtp.example", "password": "p"}, "user"),
        (RelayKind.TLS, {"host": "smtp.example", "port": 70_000}, "port"),
        (RelayKind.TLS, {"host": "smtp.example", "user": "u\n", "password": "p\r"}, "user"),
        (RelayKind.SES, {"host": "smtp.example", "user": "u", "password": "p"}, "host"),
        (RelayKind.SES, {"host": "eu-central-1"}, "user"),
    ],
)
def test_what_is_no_relay_is_refused_at_its_field(kind, typed, field):
    given = {"host": "", "port": None, "user": "", "password": ""} | typed
    with pytest.raises(Invalid) as refused:
        relay_facts(kind, **given)
    assert set(refused.value.fields) == {field}


def test_the_address_of_a_relay_carries_what_was_typed_whatever_stands_in_it():
    facts = relay_facts(
        RelayKind.STARTTLS, host=" SMTP.Provider.example. ", port=None, user="me@x.example",
        password=SECRET,
    )  # fmt: skip
    target = read_target(facts.address)
    assert (target.host, target.port, target.user, target.password) == (
        "smtp.provider.example", 587, "me@x.example", SECRET,
    )  # fmt: skip
    assert (target.whole, SECRET in repr(facts)) == (20, False)


@pytest.mark.parametrize("code", [*TROUBLES, "relay.anything"])
def test_each_refusal_is_told_with_its_remedy(code):
    told = trouble_of(code, host="smtp.provider.example", port=587)
    assert told.words
    assert told.remedy
    assert "{" not in told.words + told.remedy


def test_a_password_is_sealed_never_shown_and_goes_nowhere_else(db, owned):
    _, owner = owned
    (relay,) = add(db, owner, plain(2525, user="me", password=SECRET))
    with db(owner) as work:
        kept = work.session.execute(text("select sealed, kind from sender_relay")).one()
        assert SECRET.encode() not in kept.sealed
        (view,) = relays.relays_of(work.session, work.session.scalar(text(DOMAIN)))
        assert SECRET not in repr(view)
        assert SECRET not in str(work.session.execute(text("select * from audit_entry")).all())
        same = relays.completed(work, NAME, relay, plain(2525, user="me"))
        assert same.password == SECRET
        for elsewhere in (plain(2526, user="me"), plain(2525, user="you")):
            with pytest.raises(Invalid) as refused:
                relays.completed(work, NAME, relay, elsewhere)
            assert set(refused.value.fields) == {"password"}


def test_a_password_of_another_secret_is_said_to_be_so_and_left_out(db, owned):
    _, owner = owned
    first, second = add(db, owner, plain(2525, user="me", password=SECRET), plain(2526))
    with db() as work:
        work.session.execute(
            text("update sender_relay set sealed = '\\x01' where id = :r"), {"r": first}
        )
        domain_id = work.session.scalar(text(DOMAIN))
        kept = relays.set_of(work, domain_id)
        assert [each.id for each in kept.relays] == [second]
        closed = relays.relays_of(work.session, domain_id)[0]
        assert "does not open" in closed.trouble.words


def test_relays_stand_in_an_order_and_there_are_not_too_many(db, owned):
    _, owner = owned
    kept = add(db, owner, *(plain(2525 + n) for n in range(MOST_RELAYS)))
    with db(owner) as work:
        with pytest.raises(LimitReached):
            relays.add_relay(work, INSIDE, NAME, plain(25))
        relays.raise_relay(work, NAME, kept[2])
        relays.raise_relay(work, NAME, kept[0])
        relays.remove_relay(work, NAME, kept[4])
        ports = [e.port for e in relays.relays_of(work.session, work.session.scalar(text(DOMAIN)))]
    assert ports == [2525, 2527, 2526, 2528]


@pytest.mark.parametrize(
    ("facts", "field"),
    [
        (RelayFacts(RelayKind.TLS, "smtp.provider.example", 22), "port"),
        (RelayFacts(RelayKind.PLAIN, "smtp.provider.example", 25), "kind"),
    ],
)
def test_a_relay_stands_only_where_one_may_be(db, owned, facts, field):
    _, owner = owned
    with db(owner) as work, pytest.raises(Invalid) as refused:
        relays.add_relay(work, INSIDE, NAME, facts)
    assert set(refused.value.fields) == {field}


def test_a_stranger_finds_no_relay(db, owned):
    _, owner = owned
    (relay,) = add(db, owner, plain(2525))
    with db() as work:
        _, stranger = a_proved_sender(work)  # a domain of the same name, another's
    with db(stranger) as work:
        for verb in (relays.relay_by_id, relays.key_of, relays.remove_relay, relays.raise_relay):
            with pytest.raises(NotFound):
                verb(work, NAME, relay)


def test_the_second_relay_steps_in_each_gets_one_and_other_mail_goes_by_the_house(
    db, tmp_path, smtp_sink, owned
):
    mine, owner = owned
    with db() as work:
        other = a_mailing(work, 3, domain="example.net")
    with SmtpSink() as second, posting(db, tmp_path, smtp_sink.url, web=INSIDE) as ring:
        down, up = add(db, owner, plain(1), plain(second.port))
        ring()
        assert sorted(each.recipient for each in second.kept) == [
            f"p{n}@example.org" for n in range(3)
        ]
        assert {each.recipient for each in smtp_sink.kept} == {
            f"p{n}@example.net" for n in range(3)
        }
    assert [sums(db, each).sent for each in (mine, other)] == [3, 3]
    with db() as work:
        views = {e.id: e for e in relays.relays_of(work.session, work.session.scalar(text(DOMAIN)))}
        assert views[down].trouble.words == "At 127.0.0.1 nobody listens on port 1."
        assert views[up].away_since is None
        assert relays.away_relays(work.session, work.session.scalar(text(DOMAIN))) == []


def test_a_dead_relay_holds_its_own_senders_mail_back_says_why_and_the_house_may_step_in(
    db, tmp_path, smtp_sink
):
    stage = Stage(db, count=3)
    with db() as work:
        other = a_mailing(work, 3, domain="example.net")
    prove(db, stage.alice)
    with posting(db, tmp_path, smtp_sink.url, web=INSIDE) as ring:
        add(db, stage.alice, plain(1))
        ref = stage.started()
        ring(Job.LAUNCH_START)
        ring()
        assert sums(db, other).sent == 3
        detail = stage.detail(ref)
        assert detail.equation.sent == 0
        assert "takes no mail: At 127.0.0.1 nobody listens on port 1. Check" in detail.why_waiting
        assert "Nobody is lost: 3 wait and go on at" in detail.why_waiting
        with db(stage.alice) as work:
            relays.set_last_resort(work, NAME, house=True)
        with db() as work:
            assert go_on(work, work.session.scalar(text(DOMAIN))) == 1
        ring()
    assert stage.detail(ref).equation.sent == 3
    assert len(smtp_sink.keys) == len(set(smtp_sink.keys)) == 6


def test_a_relay_that_opens_lines_and_takes_nothing_gives_way_to_the_next(
    db, tmp_path, smtp_sink, owned, clock
):
    mine, owner = owned
    with SmtpSink() as first, SmtpSink() as second:
        first.script.data += ["421 4.3.2 closing"] * 20
        with posting(db, tmp_path, smtp_sink.url, web=INSIDE) as ring:
            add(db, owner, plain(first.port), plain(second.port))
            ring()
            clock.move(timedelta(seconds=11))
            ring()
        assert len(second.kept) == 2
        assert smtp_sink.kept == first.kept == []
    assert (sums(db, mine).sent, sums(db, mine).uncertain) == (2, 1)


@pytest.mark.parametrize("kind", MailingKind, ids=lambda kind: kind.name.lower())
def test_what_a_sender_writes_goes_by_its_own_relays_and_letters_of_the_house_never(db, kind):
    with db() as work:
        number, owner = a_proved_sender(work, kind=kind)
    add(db, owner, plain(2525))
    with db() as work:
        assert carried_by(work.session, number)
        work.session.execute(
            text("update mailing set sender_id = null where id = :m"), {"m": number}
        )
        assert carried_by(work.session, number) is None
