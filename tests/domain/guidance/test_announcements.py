"""A vendor mails people of its partners only what they chose; everybody it is for reads it on a page."""

from dataclasses import replace

import pytest
from sqlalchemy import text

from tcma.contacts.models import Suppression
from tcma.delivery.rules import LETTERS, MailingKind, MessageState, Reason
from tcma.errors import Conflict, Invalid, NotFound
from tcma.guidance import announcements, choices
from tcma.guidance.announcements import NewAnnouncement
from tcma.guidance.news_rules import CONSENT_WORDS, Purpose, paragraphs
from tcma.jobs import Job
from tcma.partners.models import Vendor
from tcma.partners.rules import Tier
from tcma.permissions import Role
from tests import builders
from tests.domain.mdf.conftest import house  # noqa: F401 - a fixture
from tests.faults.posting import posting

NEWS = NewAnnouncement(
    purpose=Purpose.EVENTS, title="Autumn day", words="Come to Leeds.\n\nBring\na colleague.",
    link="", shown_days=14,
)  # fmt: skip


def slug_of(house):  # noqa: F811 - the value of the fixture
    with house.db() as work:
        return work.session.get_one(Vendor, house.vendor).slug


def chose(house, who, *purposes):  # noqa: F811 - the value of the fixture
    slug = slug_of(house)
    with house.db(who) as work:
        return choices.choose(work, [(slug, each) for each in purposes])


def draft(house, **more):  # noqa: F811 - the value of the fixture
    with house.db(house.mira) as work:
        return announcements.write(work, replace(NEWS, **more))


def sent(house, **more):  # noqa: F811 - the value of the fixture
    made = draft(house, **more)
    with house.db(house.mira) as work:
        announcements.send(work, made)
    return made


def outcome(house, made):  # noqa: F811 - the value of the fixture
    with house.db(house.mira) as work:
        return announcements.outcome(work.session, house.mira, made)


def reached(house, made):  # noqa: F811 - the value of the fixture
    with house.db(house.mira) as work:
        it = announcements.announcement_by_id(work.session, house.mira, made)
        people = announcements.addressees(work, it)
        return {each.name for each in people}, announcements.reach(work, it)


def queued(house):  # noqa: F811 - the value of the fixture
    with house.db() as work:
        return work.session.execute(
            text("select m.id, m.address, m.state, m.reason, b.html, b.plain, b.subject"
                 " from message m join mailing g on g.id = m.mailing_id"
                 " join message_body b on b.message_id = m.id where g.kind = 5 order by m.id")
        ).all()  # fmt: skip


@pytest.fixture
def sam(house):  # noqa: F811 - the fixture of that name
    with house.db() as work:
        return builders.sam(work, house.partner)


def test_nobody_is_mailed_before_they_say_so_and_everybody_reads_it_on_a_page(house, sam):  # noqa: F811
    made = sent(house)
    done = outcome(house, made)
    assert (done.people, done.partners, done.mailed, done.read) == (2, 1, 0, 0)
    assert queued(house) == []
    for who in (house.alice, sam):
        with house.db(who) as work:
            (news,) = announcements.news_for(work.session, who, now=work.now)
        assert (news.title, news.vendor, news.words) == (
            "Autumn day", "Quillon", "Come to Leeds.\n\nBring a colleague.",
        )  # fmt: skip


def test_who_chose_a_purpose_is_mailed_about_it_and_about_nothing_else(house, sam):  # noqa: F811
    assert chose(house, house.alice, Purpose.EVENTS) == 1
    chose(house, sam, Purpose.OFFERS)
    made = sent(house)
    (mail,) = queued(house)
    assert mail.address.startswith("alice")
    assert mail.subject == "Autumn day"
    assert "Bring a colleague." in mail.plain
    assert "because you chose “Trainings and events” of Quillon" in mail.plain
    assert "/a/" in mail.html
    assert outcome(house, made).mailed == 1


def test_each_word_is_kept_and_the_last_one_counts(house):  # noqa: F811 - a fixture
    for purposes in ((Purpose.EVENTS,), (), (Purpose.EVENTS, Purpose.OFFERS)):
        chose(house, house.alice, *purposes)
    assert chose(house, house.alice, Purpose.EVENTS, Purpose.OFFERS) == 0
    with house.db() as work:
        kept = work.session.execute(
            text("select purpose, wants, words, how from mail_choice order by id")
        ).all()
        events = [row.wants for row in kept if row.purpose == Purpose.EVENTS]
        assert events == [True, False, True]
        words = str(CONSENT_WORDS[Purpose.OFFERS].filled(vendor="Quillon"))
        assert [row.words for row in kept if row.purpose == Purpose.OFFERS] == [words]
        (mine,) = choices.choices_of(work.session, house.alice.user_id)
    assert mine.wanted == {Purpose.EVENTS, Purpose.OFFERS}
    with pytest.raises(Conflict), house.db() as work:
        work.session.execute(text("update mail_choice set wants = true"))


def test_it_is_for_the_tiers_levels_and_roles_that_were_chosen(house, sam):  # noqa: F811
    with house.db() as work:
        silver = builders.a_partner(work, house.vendor, name="Ridgeline", tier=Tier.SILVER)
        builders.a_user(work, Role.OWNER, name="Charlie", partner_id=silver)
        elsewhere = builders.a_partner(work, builders.a_vendor(work, name="Vantiv"))
        builders.a_user(work, Role.OWNER, name="Olga", partner_id=elsewhere)
    everybody, reach = reached(house, draft(house))
    assert everybody == {"Alice", "Sam", "Charlie"}
    assert (reach.people, reach.partners, reach.mailed) == (3, 2, 0)
    assert reached(house, draft(house, tiers=["silver"]))[0] == {"Charlie"}
    assert reached(house, draft(house, roles=["seller"]))[0] == {"Sam"}
    assert reached(house, draft(house, levels=["new"]))[0] == everybody
    assert reached(house, draft(house, levels=["proven"]))[0] == set()


def test_who_says_stop_before_it_leaves_gets_nothing(house):  # noqa: F811 - a fixture
    chose(house, house.alice, Purpose.EVENTS, Purpose.OFFERS)
    made = sent(house)
    chose(house, house.alice, Purpose.OFFERS)
    (mail,) = queued(house)
    assert (mail.state, mail.reason) == (MessageState.SKIPPED, Reason.UNSUBSCRIBED)
    assert outcome(house, made).equation.skipped == 1
    sent(house, purpose=Purpose.OFFERS)
    assert queued(house)[-1].state == MessageState.READY


def token_of(mail):
    return mail.plain.partition("/a/")[2].split()[0]


def test_the_link_in_the_mail_takes_the_choice_back_without_signing_in(house):  # noqa: F811
    chose(house, house.alice, Purpose.EVENTS, Purpose.OFFERS)
    sent(house)
    (mail,) = queued(house)
    with house.db() as work:
        assert choices.behind(work, token_of(mail)).wants
        for _ in range(2):
            assert not choices.stop(work, token_of(mail)).wants
        assert choices.wanted_by(work.session, house.alice.user_id) == {
            house.vendor: {Purpose.OFFERS}
        }
        choices.stop(work, token_of(mail), everything=True)
        assert choices.wanted_by(work.session, house.alice.user_id) == {}
        with pytest.raises(NotFound):
            choices.behind(work, token_of(mail)[:-2] + "xx")


def test_it_leaves_by_the_engine_with_one_click_and_its_sum_closes(house, tmp_path, smtp_sink):  # noqa: F811
    chose(house, house.alice, Purpose.EVENTS)
    made = sent(house)
    with posting(house.db, tmp_path, smtp_sink.url) as ring:
        ring(Job.MAILING_SEND)
        ring(Job.MESSAGE_SWEEP)
    kept = [each for each in smtp_sink.kept if b"Autumn day" in each.data]
    (mail,) = kept
    assert b"List-Unsubscribe-Post: List-Unsubscribe=One-Click" in mail.data
    assert b"/a/" in mail.data
    assert b"Auto-Submitted" not in mail.data
    done = outcome(house, made)
    assert (done.equation.expected, done.equation.sent) == (1, 1)
    with house.db() as work:
        assert work.session.scalar(text("select state from mailing where kind = 5")) == "finished"


@pytest.mark.parametrize(
    ("reason", "ours", "state"),
    [
        ("hard_bounce", False, MessageState.SKIPPED),
        ("complaint", True, MessageState.SKIPPED),
        ("unsubscribed", True, MessageState.SENT),
    ],
)
def test_dead_addresses_and_complaints_stop_it_and_what_customers_said_does_not(
    house,  # noqa: F811 - a fixture
    tmp_path,
    smtp_sink,
    reason,
    ours,
    state,
):
    chose(house, house.alice, Purpose.EVENTS)
    sent(house)
    with house.db() as work:
        hashed = work.session.scalar(
            text("select m.address_hash from message m join mailing g on g.id = m.mailing_id"
                 " where g.kind = 5")
        )  # fmt: skip
        work.session.add(
            Suppression(address_hash=hashed, vendor_id=house.vendor if ours else None,
                        reason=reason, at=work.now)
        )  # fmt: skip
    with posting(house.db, tmp_path, smtp_sink.url) as ring:
        ring(Job.MAILING_SEND)
    assert [mail.state for mail in queued(house)] == [state]


def test_what_was_read_leaves_the_first_page_and_stays_listed(house, sam):  # noqa: F811
    made = sent(house)
    for _ in range(2):
        with house.db(house.alice) as work:
            announcements.read(work, made)
    with house.db(house.alice) as work:
        assert announcements.news_for(work.session, house.alice, now=work.now) == []
        assert len(announcements.news_for(work.session, house.alice)) == 1
    assert outcome(house, made).read == 1
    with house.db(house.mira) as work, pytest.raises(NotFound):
        announcements.read(work, made)


def test_it_is_sent_once_and_not_changed_afterwards(house):  # noqa: F811 - a fixture
    chose(house, house.alice, Purpose.EVENTS)
    made = sent(house)
    with house.db(house.mira) as work:
        announcements.send(work, made)
        with pytest.raises(Conflict):
            announcements.write(work, NEWS, made)
        with pytest.raises(Conflict):
            announcements.drop(work, made)
    assert len(queued(house)) == 1


def test_what_would_reach_nobody_is_refused_with_the_reason(house):  # noqa: F811 - a fixture
    for facts in ({"shown_days": 0}, {"levels": ["proven"]}):
        made = draft(house, **facts)
        with house.db(house.mira) as work, pytest.raises(Invalid):
            announcements.send(work, made)
    with house.db(house.mira) as work, pytest.raises(Invalid) as wrong:
        announcements.write(
            work, replace(NEWS, title="", words=" ", link="http://x", shown_days=91)
        )
    assert set(wrong.value.fields) == {"title", "words", "link", "shown_days"}


def test_another_vendor_finds_nothing(house):  # noqa: F811 - a fixture
    made = sent(house)
    with house.db() as work:
        olga = builders.mira(work, builders.a_vendor(work, name="Vantiv"))
    with house.db(olga) as work:
        assert announcements.announcements(work.session, olga) == []
        for ask in (announcements.announcement_by_id, announcements.outcome):
            with pytest.raises(NotFound):
                ask(work.session, olga, made)
        with pytest.raises(NotFound):
            announcements.send(work, made)


def test_paragraphs_stand_between_empty_lines():
    assert paragraphs(" a\r\nb \r\n\r\n\r\n\r\n c ") == ["a b", "c"]
    assert MailingKind.ANNOUNCEMENT in LETTERS
