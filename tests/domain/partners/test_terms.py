"""Terms for partners: versions that never change, a yes to exactly one text, and what waits for it."""

import csv
import io
from datetime import timedelta
from hashlib import sha256

import pytest
from sqlalchemy import text

from tcma.errors import Conflict, Forbidden, Invalid, NotFound
from tcma.guidance import terms_told
from tcma.launches.law import of_terms
from tcma.launches.models import Launch
from tcma.launches.preflight import preflight
from tcma.launches.rules import Fix, blocking
from tcma.partners import terms
from tcma.partners.models import Vendor
from tcma.partners.terms_rules import Standing, standing_of
from tests import builders
from tests.domain.mdf.conftest import house  # noqa: F401 - a fixture

TEXT = "1. Be kind.\n\n2. Ask before you write to anybody."


@pytest.mark.parametrize(
    ("versions", "accepted", "standing"),
    [
        ([], [], Standing.NONE),
        ([(1, True)], [], Standing.WAITS),
        ([(1, True)], [1], Standing.ACCEPTED),
        ([(1, True), (2, False)], [1], Standing.ACCEPTED),
        ([(1, True), (2, False)], [], Standing.WAITS),
        ([(1, True), (2, True)], [1], Standing.WAITS),
        ([(1, True), (2, True), (3, False)], [2], Standing.ACCEPTED),
        ([(1, True), (2, True), (3, False)], [1], Standing.WAITS),
        ([(1, True), (2, False), (3, True)], [1, 3], Standing.ACCEPTED),
    ],
)
def test_a_yes_holds_until_a_version_asks_again(versions, accepted, standing):
    assert standing_of(versions, accepted) is standing


def written(house, words=TEXT, *, title="Partner terms", again=True):  # noqa: F811 - its value
    with house.db(house.mira) as work:
        version, _ = terms_told.publish(
            work, terms.NewTerms(title=title, words=words, asks_again=again)
        )
    return version


def slug_of(house):  # noqa: F811 - the value of the fixture
    with house.db() as work:
        return work.session.get_one(Vendor, house.vendor).slug


def accepted(house, version, who=None):  # noqa: F811 - the value of the fixture
    with house.db(who or house.alice) as work:
        terms.accept(work, slug_of(house), no=version.no, digest=version.sha256)


def standing(house):  # noqa: F811 - the value of the fixture
    with house.db(house.mira) as work:
        (pair,) = terms.pairs(work.session, house.mira)
    return pair


def test_an_owner_accepts_the_text_it_was_shown_and_both_sides_read_who_and_when(house):  # noqa: F811
    version = written(house)
    assert version.sha256 == sha256(TEXT.encode()).hexdigest()
    assert standing(house).standing is Standing.WAITS
    for _ in range(2):
        accepted(house, version)
    pair = standing(house)
    assert (pair.standing, pair.no, pair.accepted_by) == (Standing.ACCEPTED, 1, "Alice")
    for who in (house.mira, house.alice):
        with house.db(who) as work:
            (one,) = terms.log(work.session, who)
            rows = list(csv.reader(io.StringIO(
                b"".join(terms.log_file(work.session, who)).decode("utf-8-sig"))))  # fmt: skip
        assert (one.accepted_by, one.no, one.sha256) == ("Alice", 1, version.sha256)
        assert rows[0] == list(terms.HEAD)
        assert rows[1][2:6] == ["1", "Partner terms", version.sha256, "Alice"]
        assert rows[1][7] == f"{house.db.clock.now():%Y-%m-%d %H:%M:%S}"


def test_a_correction_asks_nobody_again_and_a_new_version_everybody(house):  # noqa: F811 - a fixture
    accepted(house, written(house))
    written(house, TEXT + "!", again=False)
    assert standing(house).standing is Standing.ACCEPTED
    third = written(house, TEXT + "\n\n3. Pay.", again=True)
    pair = standing(house)
    assert (pair.standing, pair.no, pair.newest_no) == (Standing.WAITS, 1, 3)
    accepted(house, third)
    assert standing(house).standing is Standing.ACCEPTED


def test_a_text_that_was_replaced_while_it_was_read_is_not_accepted(house):  # noqa: F811 - a fixture
    first = written(house)
    written(house, TEXT + "\n\n3. Pay.")
    with pytest.raises(Conflict):
        accepted(house, first)
    with house.db(house.alice) as work, pytest.raises(Conflict):
        terms.accept(work, slug_of(house), no=2, digest=first.sha256)
    assert standing(house).no is None


def test_only_an_owner_says_yes_and_only_to_its_own_vendors(house):  # noqa: F811 - a fixture
    version = written(house)
    with house.db() as work:
        sam = builders.sam(work, house.partner)
        other = builders.a_vendor(work, name="Vantiv")
        charlie = builders.alice(work, builders.a_partner(work, other))
    with pytest.raises(Forbidden):
        accepted(house, version, sam)
    with pytest.raises(Forbidden):
        accepted(house, version, house.mira)
    with pytest.raises(NotFound):
        accepted(house, version, charlie)
    with house.db(charlie) as work:
        assert terms.log(work.session, charlie) == []
        assert {p.standing for p in terms.pairs(work.session, charlie)} == {Standing.NONE}
        with pytest.raises(NotFound):
            terms.text_of(work.session, charlie, slug_of(house))


def test_what_was_written_and_accepted_cannot_be_changed(house):  # noqa: F811 - a fixture
    accepted(house, written(house))
    for change in (
        "update terms_version set words = 'x'", "delete from terms_version",
        "update terms_acceptance set accepted_by = 'x'", "delete from terms_acceptance",
    ):  # fmt: skip
        with pytest.raises(Conflict), house.db() as work:
            work.session.execute(text(change))


def test_a_version_says_what_it_misses_and_is_not_written_twice(house):  # noqa: F811 - a fixture
    with house.db(house.mira) as work, pytest.raises(Invalid) as wrong:
        terms.publish(work, terms.NewTerms(title=" ", words="", asks_again=True))
    assert set(wrong.value.fields) == {"title", "words"}
    written(house)
    with pytest.raises(Invalid, match="word for word"):
        written(house, TEXT.replace("\n", "\r\n"))


def test_owners_who_have_to_say_yes_have_a_mail(house):  # noqa: F811 - a fixture
    accepted(house, written(house))
    written(house, TEXT + "!", again=False)
    with house.db() as work:
        mails = work.session.execute(
            text("select m.address, b.subject, b.plain from message m"
                 " join message_body b on b.message_id = m.id order by m.id")
        ).all()  # fmt: skip
    (only,) = [mail for mail in mails if "terms" in mail.subject]
    assert only.address.startswith("alice")
    assert only.subject == "Accept the terms of Quillon: Partner terms"
    assert f"/console/terms/{slug_of(house)}" in only.plain


def test_a_fund_plan_is_not_sent_in_before_the_yes(house):  # noqa: F811 - a fixture
    version = written(house)
    with pytest.raises(Forbidden, match="Quillon asks that its terms are accepted") as refused:
        house.sent(800)
    assert refused.value.remedy == "The owner of your account accepts them under Terms."
    accepted(house, version)
    assert house.sent(800).startswith("MDF-")


def test_a_launch_does_not_start_before_the_yes(house):  # noqa: F811 - a fixture
    from tcma.delivery import actions as delivery
    from tcma.launches import actions as launching
    from tests.faults.posting import people

    version = written(house)
    with house.db() as work:
        campaign = builders.a_campaign(work, house.vendor)
        plan = launching.LaunchPlan(
            copy_id=builders.a_copy(work, house.partner, campaign).id,
            list_ids=(people(work, house.partner, 1, basis="consent"),),
            sender_id=delivery.ensure_sender(
                work, partner_id=house.partner, from_name="A", from_address="a@partner.example"
            ),
            send_at=house.db.clock.now() + timedelta(days=1),
            mails="first",
        )
    with house.db(house.alice) as work:
        ref = launching.plan_launch(work, plan, idempotency_key="k").ref
        (stop,) = blocking(preflight(work, ref).findings)
        assert (stop.fix, stop.message) == (
            Fix.TERMS, "Quillon asks that its terms are accepted before you launch.",
        )  # fmt: skip
        with pytest.raises(Invalid, match="terms are accepted"):
            launching.start_launch(work, ref)
    accepted(house, version)
    with house.db(house.alice) as work:
        assert of_terms(work.session, work.session.query(Launch).one()) == []
        launching.start_launch(work, ref)
