"""Whose turn it is: among equals whoever has sent nothing here begins, the others go round."""

from sqlalchemy import text

from tests.faults.posting import a_mailing
from workers.hand import Hand
from workers.lines import Lines

SMALL, LARGE = 3, 60


def test_who_begins_goes_before_those_that_have_begun_and_these_go_round(db, office):
    with db() as work:
        ids = [a_mailing(work, 1) for _ in range(4)]
    for each in ids[:3]:
        assert office.begins(each)
        assert not office.begins(each)
    firsts = [[active.id for active in office.order(None)] for _ in range(3)]
    assert {order[0] for order in firsts} == {ids[3]}
    office.begins(ids[3])
    assert {office.order(None)[0].id for _ in range(4)} == set(ids)


def test_a_mailing_that_begins_leaves_with_a_few_before_others_get_more(db, run, office, smtp_sink):
    with db() as work:
        for n in range(4):
            a_mailing(work, LARGE, domain=f"large{n}.example")
        a_mailing(work, SMALL, domain="small.example")
    office.paces[None] = 1_000.0
    hand = Hand(office, run, float("inf"), Lines(office, count=2))
    for _ in range(5):
        assert hand._next()
    came = [mail.recipient.partition("@")[2] for mail in smtp_sink.kept]
    assert {came.count(each) for each in set(came)} == {2}
    assert "small.example" in came
    hand.work()
    assert len(smtp_sink.kept) == 4 * LARGE + SMALL


def test_nobody_to_send_to_among_the_first_few_does_not_end_a_mailing(db, run, office, smtp_sink):
    with db() as work:
        a_mailing(work, LARGE)
        work.session.execute(text("UPDATE message SET attempt = 5 WHERE id <= 2"))
    hand = Hand(office, run, float("inf"), Lines(office, count=2))
    hand.work()
    assert len(smtp_sink.kept) == LARGE - 2
