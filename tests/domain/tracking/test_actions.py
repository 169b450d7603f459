"""Opens and clicks by signed link: written once, judged, and proof that a doubtful mail arrived."""

from datetime import timedelta
from itertools import permutations

import pytest
from sqlalchemy import event, text

from tcma.delivery.links import Links, Purpose
from tcma.delivery.queries import reaction_counts
from tcma.errors import NotFound
from tcma.ports import Hit, HitKind
from tcma.tracking.actions import record_click, record_hits, record_open, record_unseen
from tcma.tracking.forgetting import let_go
from tcma.tracking.judging import judge_again
from tcma.tracking.networks import network_of
from tcma.tracking.queries import EventKind, events_of
from tcma.tracking.rules import Kind
from tests.faults.posting import a_mailing, posting, rows, sums

BROWSER = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/126.0.0.0 Safari/537.36"
)


@pytest.fixture
def sent(db, tmp_path, smtp_sink, clock):
    """A sent message's number, ten minutes ago."""
    with db() as work:
        mailing_id = a_mailing(work, 2)
        work.session.execute(
            text("insert into mailing_link values (:m, 2, 'https://two.example'),"
                 " (:m, 3, 'https://three.example')"), {"m": mailing_id},
        )  # fmt: skip
    with posting(db, tmp_path, smtp_sink.url) as ring:
        ring()
    clock.move(timedelta(minutes=10))
    return rows(db, mailing_id)[0]


def token(db, purpose, message, slot=0):
    return db.site.signer.message_token(purpose, message["id"], slot)


def counts(db, message):
    with db() as work:
        return reaction_counts(work.session, [message["mailing_id"]])


def test_a_click_leads_where_the_row_says_and_counts_once(db, sent):
    for _ in range(2):
        with db() as work:
            url = record_click(work, token(db, Purpose.CLICK, sent, 1), user_agent=BROWSER)
            assert url == "https://partner.example/offer"
    found = counts(db, sent)
    assert (found["clicked"], found["human_clicked"], found["opened"]) == (1, 1, 1)
    with db() as work:
        assert len(events_of(work.session, sent["id"])) == 2


def test_a_changed_link_row_changes_where_sent_mails_lead(db, sent):
    with db() as work:
        work.session.execute(
            text("update mailing_link set url = 'https://new.example' where slot = 1")
        )
    with db() as work:
        url = record_click(work, token(db, Purpose.CLICK, sent, 1), user_agent=BROWSER)
    assert url == "https://new.example"


@pytest.mark.parametrize(
    "forge",
    [
        lambda db, m: token(db, Purpose.OPEN, m, 1),
        lambda db, m: token(db, Purpose.CLICK, m, 1)[:-2],
        lambda db, m: token(db, Purpose.CLICK, m, 1)[:-1] + "A",
        lambda db, m: token(db, Purpose.CLICK, m, 9),
        lambda db, m: token(db, Purpose.CLICK, {"id": 10**9}, 1),
        lambda db, m: "//evil.example",
        lambda db, m: "https://evil.example",
        lambda db, m: "javascript:alert(1)",
        lambda db, m: "%0d%0aLocation:",
        lambda db, m: "",
    ],
)
def test_t3_a_forged_or_foreign_token_leads_nowhere_and_writes_nothing(db, sent, forge):
    good = token(db, Purpose.CLICK, sent, 1)
    forged = forge(db, sent)
    if forged == good:
        forged = good[:-1] + "B"
    with db() as work, pytest.raises(NotFound):
        record_click(work, forged, user_agent=BROWSER)
    with db() as work:
        assert not work.session.scalar(text("select count(*) from event"))


def test_a_head_request_is_a_machine_and_no_human_click(db, sent):
    with db() as work:
        record_click(work, token(db, Purpose.CLICK, sent, 1), user_agent=BROWSER, method="HEAD")
    found = counts(db, sent)
    assert (found["clicked"], found["human_clicked"]) == (1, 0)


def test_three_links_at_once_unmask_the_first_two_as_well(db, sent):
    for slot in (1, 2, 3):
        with db() as work:
            record_click(work, token(db, Purpose.CLICK, sent, slot), user_agent=BROWSER)
    assert counts(db, sent)["human_clicked"] == 0
    with db() as work:
        verdicts = {seen.verdict for seen in events_of(work.session, sent["id"])}
    assert verdicts == {Kind.SCANNER}


def test_both_links_of_a_mail_in_their_order_are_a_machines_and_the_first_as_well(db, sent, clock):
    for slot in (1, 2, 3):
        with db() as work:
            record_click(work, token(db, Purpose.CLICK, sent, slot), user_agent=BROWSER)
        clock.move(timedelta(seconds=3))
    assert counts(db, sent)["human_clicked"] == 0


def test_links_out_of_order_and_slowly_are_a_persons(db, sent, clock):
    for slot in (2, 1, 3):
        with db() as work:
            record_click(work, token(db, Purpose.CLICK, sent, slot), user_agent=BROWSER)
        clock.move(timedelta(seconds=3))
    assert counts(db, sent)["human_clicked"] == 1


def test_a_filter_that_clicks_for_five_people_from_one_network_is_unmasked_for_all(
    db, tmp_path, smtp_sink, clock
):
    with db() as work:
        mailing_id = a_mailing(work, 6)
    with posting(db, tmp_path, smtp_sink.url) as ring:
        ring()
    clock.move(timedelta(minutes=10))
    messages = rows(db, mailing_id)
    for number, message in enumerate(messages[:5]):
        place = network_of(db.site.signer, f"198.51.100.{number + 7}")
        with db() as work:
            record_click(
                work, token(db, Purpose.CLICK, message, 1), user_agent=BROWSER, network=place
            )
        clock.move(timedelta(seconds=1))
        found = counts(db, message)["human_clicked"]
        assert found == (number + 1 if number < 4 else 0)
    with db() as work:
        elsewhere = network_of(db.site.signer, "203.0.113.9")
        record_click(
            work, token(db, Purpose.CLICK, messages[5], 1), user_agent=BROWSER, network=elsewhere
        )
    assert counts(db, messages[0])["human_clicked"] == 1


def test_what_a_burst_unmasked_stays_unmasked_whatever_comes_after_it(
    db, tmp_path, smtp_sink, clock
):
    with db() as work:
        mailing_id = a_mailing(work, 5)
    with posting(db, tmp_path, smtp_sink.url) as ring:
        ring()
    clock.move(timedelta(minutes=10))
    messages = rows(db, mailing_id)
    for number, message in enumerate(messages):
        click(db, message, place=network_of(db.site.signer, f"198.51.100.{number + 7}"))
        clock.move(timedelta(seconds=1))
    assert counts(db, messages[0])["human_clicked"] == 0
    with db() as work:
        record_open(work, token(db, Purpose.OPEN, messages[3]), user_agent=BROWSER)
    click(db, messages[4], place=network_of(db.site.signer, "203.0.113.9"))
    found = counts(db, messages[0])
    assert (found["human_opened"], found["human_clicked"]) == (2, 1), "of the last click alone"
    with db() as work:
        first = work.session.scalar(text("select min(human_clicked_at) from message_reaction"))
        assert first == work.now
        assert judge_again(work, mailing_id, since=work.now - timedelta(days=1)) == 0


def test_who_is_judged_beside_a_burst_is_judged_with_all_that_is_known_of_the_mail(
    db, tmp_path, smtp_sink, clock
):
    with db() as work:
        mailing_id = a_mailing(work, 5)
    with posting(db, tmp_path, smtp_sink.url) as ring:
        ring()
    messages = rows(db, mailing_id)
    clock.move(timedelta(seconds=1))
    click(db, messages[0], place=network_of(db.site.signer, "203.0.113.9"))  # too fast for a person
    for number, message in enumerate(messages):
        click(db, message, place=network_of(db.site.signer, f"198.51.100.{number + 7}"))
    assert counts(db, messages[0])["human_clicked"] == 0


@pytest.mark.parametrize("order", list(permutations(range(4))))
def test_the_order_of_arrival_decides_no_verdict(db, sent, clock, order):
    begun, places = clock.now(), [network_of(db.site.signer, f"203.0.{n}.9") for n in (113, 114)]
    came = [
        Hit(HitKind.OPEN, sent["id"], 0, begun, "GET", BROWSER, places[1]),
        Hit(HitKind.CLICK, sent["id"], 1, begun + timedelta(seconds=2), "GET", BROWSER, places[0]),
        Hit(HitKind.UNSEEN, sent["id"], 0, begun + timedelta(seconds=9), "GET", BROWSER, places[0]),
        Hit(HitKind.CLICK, sent["id"], 2, begun + timedelta(seconds=14), "GET", BROWSER, places[0]),
    ]
    for each in order:
        clock.move(timedelta(minutes=1))
        with db() as work:
            record_hits(work, [came[each]])
    with db() as work:
        told = {
            (each.kind, each.slot): each.verdict for each in events_of(work.session, sent["id"])
        }
    assert told == {
        (EventKind.OPEN, 0): Kind.HUMAN,
        (EventKind.CLICK, 1): Kind.SCANNER,
        (EventKind.UNSEEN, 0): Kind.SCANNER,
        (EventKind.CLICK, 2): Kind.SCANNER,
    }
    assert counts(db, sent)["human_clicked"] == 0


def test_a_verdict_outlives_what_it_rested_on(db, sent, clock):
    click(db, sent, 1, place=network_of(db.site.signer, "203.0.113.9"))
    with db() as work:
        record_open(work, token(db, Purpose.OPEN, sent), user_agent="curl/8.0")
        before = events_of(work.session, sent["id"])
        let_go(work, work.now + timedelta(minutes=1), 100)
    with db() as work:
        assert judge_again(work, sent["mailing_id"], since=work.now - timedelta(days=1)) == 0
        told = events_of(work.session, sent["id"])
    assert [(e.verdict, e.reasons) for e in told] == [(e.verdict, e.reasons) for e in before]


def test_a_registered_filter_is_known_by_its_network(db, sent):
    with db() as work:
        place = network_of(db.site.signer, "67.231.144.9")
        record_click(work, token(db, Purpose.CLICK, sent, 1), user_agent=BROWSER, network=place)
        (seen,) = events_of(work.session, sent["id"])
    assert (seen.verdict, seen.reasons) == (Kind.SCANNER, ("published scanner network",))


def click(db, message, slot=1, *, place="", **said):
    with db() as work:
        record_click(
            work, token(db, Purpose.CLICK, message, slot), user_agent=BROWSER, network=place, **said
        )


def unseen(db, message, *, place="", **said):
    with db() as work:
        return record_unseen(
            work, token(db, Purpose.UNSEEN, message), user_agent=BROWSER, network=place, **said
        )


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_whoever_follows_the_link_that_no_person_sees_is_a_scanner_and_has_not_clicked(
    db, sent, method
):
    assert unseen(db, sent, method=method) == "https://partner.example/offer"
    with db() as work:
        (seen,) = events_of(work.session, sent["id"])
    assert seen.verdict is Kind.SCANNER
    assert "opened a link that no person sees" in seen.reasons
    found = counts(db, sent)
    assert not any(found[name] for name in ("opened", "clicked", "human_opened", "human_clicked"))


def test_all_that_came_from_there_then_is_the_scanners_and_a_persons_click_later_counts(
    db, sent, clock
):
    filters, home = (network_of(db.site.signer, each) for each in ("203.0.113.9", "198.51.100.4"))
    click(db, sent, 2, place=filters)
    assert counts(db, sent)["human_clicked"] == 1
    clock.move(timedelta(seconds=6))
    click(db, sent, 1, place=home)
    unseen(db, sent, place=filters)
    clock.move(timedelta(seconds=3))
    click(db, sent, 3, place=filters)
    with db() as work:
        told = [(each.slot, each.verdict) for each in events_of(work.session, sent["id"])]
        assert told == [
            (2, Kind.SCANNER), (1, Kind.HUMAN), (0, Kind.SCANNER), (3, Kind.SCANNER),
        ]  # fmt: skip
        first = work.session.scalar(text("select human_clicked_at from message_reaction"))
        assert first == work.now - timedelta(seconds=3)


def test_a_person_behind_the_same_network_counts_later(db, sent, clock):
    place = network_of(db.site.signer, "203.0.113.9")
    unseen(db, sent, place=place)
    click(db, sent, 1, place=place)
    assert counts(db, sent)["human_clicked"] == 0
    clock.move(timedelta(minutes=5))
    click(db, sent, 1, place=place)
    assert counts(db, sent)["human_clicked"] == 1


def test_verdicts_by_the_link_that_no_person_sees_are_reached_again(db, sent):
    click(db, sent, 1)
    unseen(db, sent)
    with db() as work:
        before = events_of(work.session, sent["id"])
        work.session.execute(text("update event set verdict = 1, reasons = '[]', version = 0"))
    with db() as work:
        assert judge_again(work, sent["mailing_id"], since=work.now - timedelta(days=1)) == 2
        assert events_of(work.session, sent["id"]) == before
    assert counts(db, sent)["human_clicked"] == 0


def test_the_link_that_no_person_sees_is_signed_for_itself(db, sent):
    for purpose in (Purpose.CLICK, Purpose.OPEN):
        with db() as work, pytest.raises(NotFound):
            record_unseen(work, token(db, purpose, sent, 1), user_agent=BROWSER)
        with db() as work, pytest.raises(NotFound):
            record_click(work, token(db, Purpose.UNSEEN, sent, 1), user_agent=BROWSER)


def test_a_click_before_anybody_could_read_steers_nothing(db, tmp_path, smtp_sink, clock):
    with db() as work:
        mailing_id = a_mailing(work, 1)
    with posting(db, tmp_path, smtp_sink.url) as ring:
        ring()
    message = rows(db, mailing_id)[0]
    clock.move(timedelta(seconds=1))
    with db() as work:
        record_click(work, token(db, Purpose.CLICK, message, 1), user_agent=BROWSER)
    assert (counts(db, message)["clicked"], counts(db, message)["human_clicked"]) == (1, 0)


def test_verdicts_are_reached_again_from_what_is_stored(db, sent, clock):
    with db() as work:
        record_click(work, token(db, Purpose.CLICK, sent, 1), user_agent=BROWSER, method="HEAD")
        record_click(work, token(db, Purpose.CLICK, sent, 2), user_agent="curl/8.0")
    clock.move(timedelta(minutes=1))
    with db() as work:
        record_click(work, token(db, Purpose.CLICK, sent, 3), user_agent=BROWSER)
        before = events_of(work.session, sent["id"])
        assert judge_again(work, sent["mailing_id"], since=work.now - timedelta(days=1)) == 0
        work.session.execute(text("update event set verdict = 1, reasons = '[]', version = 0"))
    with db() as work:  # as if older rules had taken all for people
        assert judge_again(work, sent["mailing_id"], since=work.now - timedelta(days=1)) == 2
        assert events_of(work.session, sent["id"]) == before
    assert counts(db, sent)["human_clicked"] == 1
    with db() as work:
        first = work.session.scalar(text("select human_clicked_at from message_reaction"))
        assert first == work.now


def test_a_batch_of_verdicts_is_written_in_one_statement(db, sent):
    with db() as work:
        for slot in (1, 2, 3):
            record_click(work, token(db, Purpose.CLICK, sent, slot), user_agent="curl/8.0")
        work.session.execute(text("update event set verdict = 1, reasons = '[]', version = 0"))
    said = []

    def note(conn, cursor, statement, parameters, context, executemany):
        if "UPDATE event " in statement:
            said.append(executemany)

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        with db() as work:
            assert judge_again(work, sent["mailing_id"], since=work.now - timedelta(days=1)) == 3
    finally:
        event.remove(db.engine, "before_cursor_execute", note)
    assert said == [False]


def test_a_person_who_clicks_before_a_scanner_stays_a_person(db, sent, clock):
    with db() as work:
        record_click(work, token(db, Purpose.CLICK, sent, 1), user_agent=BROWSER)
    clock.move(timedelta(minutes=1))
    for slot in (1, 2, 3):
        with db() as work:
            record_click(work, token(db, Purpose.CLICK, sent, slot), user_agent=BROWSER)
    assert counts(db, sent)["human_clicked"] == 1


def test_an_open_proves_that_a_doubtful_mail_arrived(db, tmp_path, smtp_sink):
    smtp_sink.script.after = ["hang up"]
    with db() as work:
        mailing_id = a_mailing(work, 1)
    with posting(db, tmp_path, smtp_sink.url) as ring:
        ring()
    assert sums(db, mailing_id).uncertain == 1
    message = rows(db, mailing_id)[0]
    with db() as work:
        record_open(work, token(db, Purpose.OPEN, message), user_agent=BROWSER)
    assert (sums(db, mailing_id).uncertain, sums(db, mailing_id).sent) == (0, 1)


def test_the_mailed_links_are_those_that_are_read(db, sent, smtp_sink):
    links = Links(db.site.signer, db.site.public_url)
    of_mailing = sent["mailing_id"]
    link = links.values(frozenset({"link:1"}), sent["id"], mailing_id=of_mailing)["link:1"]
    token = link.rpartition("/")[2]
    assert db.site.signer.read_message_token(Purpose.CLICK, token) == (sent["id"], 1, of_mailing)
    assert link in smtp_sink.kept[0].message.get_body(("html",)).get_content()
