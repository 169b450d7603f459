"""Reports over a real launch, its leads and its money, for both sides and for strangers."""

import random
from datetime import timedelta
from decimal import ROUND_HALF_UP, Decimal
from uuid import uuid4

import pytest
from sqlalchemy import text

from tcma.delivery import actions as delivery
from tcma.errors import NotFound
from tcma.ids import new_id
from tcma.jobs import Job
from tcma.launches import actions as launches
from tcma.launches.queries import launch_id_of
from tcma.leads.models import Lead, Opportunity
from tcma.mdf import queries
from tcma.mdf.case_files import proofs
from tcma.mdf.claims import decisions
from tcma.mdf.reasons import Reason
from tcma.mdf.requests import carrying_out
from tcma.mdf.rules import ActivityKind
from tcma.money import Money
from tcma.reporting.exports import csv_rows
from tcma.reporting.launch_report import campaigns_report, launch_report, launches_report
from tcma.reporting.lead_report import leads_report
from tcma.reporting.mdf_report import funds_report, journal, spend_report
from tcma.reporting.partner_report import partners_report
from tcma.reporting.rows import rows_behind
from tests import builders
from tests.domain.mdf.conftest import gbp, house  # noqa: F401 - a fixture
from tests.faults.posting import people, posting


@pytest.fixture
def run(house, tmp_path, smtp_sink):  # noqa: F811 - the fixture of that name
    """The reference of a finished launch with 6 mails, 2 leads, 1 opportunity, £800 claimed."""
    db = house.db
    with db() as work:
        campaign = builders.a_campaign(work, house.vendor)
        copy_id = builders.a_copy(work, house.partner, campaign).id
        list_id = people(work, house.partner, 6, basis="consent")
        sender_id = delivery.ensure_sender(
            work, partner_id=house.partner, from_name="Alice", from_address="alice@partner.example"
        )
    house.campaign = campaign.campaign_id
    request = house.approved(1_000, kind=ActivityKind.MULTI_TOUCH)
    db.clock.move(timedelta(days=29))
    plan = launches.LaunchPlan(
        copy_id=copy_id,
        list_ids=(list_id,),
        sender_id=sender_id,
        send_at=db.clock.now(),
        mails="first",
    )
    with db(house.alice) as work:
        ref = launches.plan_launch(work, plan, idempotency_key="k").ref
        launch_id = launch_id_of(work.session, house.alice, ref)
        found = queries.request_by_ref(work.session, house.alice, request)
        carrying_out.tie(work, found, launch_id)
        launches.start_launch(work, ref)
    with posting(db, tmp_path, smtp_sink.url) as ring:
        ring(Job.LAUNCH_START)
        ring()
        ring(Job.LAUNCH_SETTLE)
    with db() as work:
        proofs.collect(work, launch_id)
        _reactions(work, launch_id)
        _leads(work, house, launch_id)
    house.decided(house.claimed(request, ("1", 800)))
    return ref


def _reactions(work, launch_id):
    """Two opens, one of them a machine's; one click; one bounce."""
    ids = work.session.scalars(
        text(
            "select m.id from message m join launch_mail l on l.mailing_id = m.mailing_id"
            " where l.launch_id = :id order by m.id"
        ),
        {"id": launch_id},
    ).all()
    for number, columns in enumerate(
        ("opened_at, human_opened_at, clicked_at, human_clicked_at", "opened_at, clicked_at",
         "bounced_at")
    ):  # fmt: skip
        values = ", ".join(":at" for _ in columns.split(", "))
        work.session.execute(
            text(
                f"insert into message_reaction (message_id, mailing_id, {columns})"
                f" select id, mailing_id, {values} from message where id = :id"
            ),
            {"at": work.now, "id": ids[number]},
        )


def _leads(work, house, launch_id):  # noqa: F811 - the value of the fixture
    accepted = a_lead(work, house, 1, launch_id, accepted=work.now + timedelta(minutes=30))
    a_lead(work, house, 2, launch_id)
    an_opportunity(work, house, accepted, 1_840_000)


def a_lead(work, house, number, launch_id, *, accepted=None):  # noqa: F811 - the value
    """A lead of the campaign, brought by a launch or by nobody's."""
    lead = Lead(
        id=new_id(),
        ref=f"LEAD-2026-{number:04d}",
        vendor_id=house.vendor,
        partner_id=house.partner,
        source_partner_id=house.partner,
        campaign_id=house.campaign,
        launch_id=launch_id,
        state="accepted" if accepted else "new",
        address=f"p{number}@example.org",
        address_hash=uuid4().bytes,
        first_name="=1+1",
        last_name="Pell",
        company="Pellmoor",
        phone="",
        country="GB",
        postcode="",
        answers={},
        created_at=work.now,
        accepted_at=accepted,
    )
    work.session.add(lead)
    work.session.flush()  # the opportunity names its lead
    return lead


def an_opportunity(work, house, lead, minor, *, state="open"):  # noqa: F811 - the value
    work.session.add(
        Opportunity(
            id=new_id(),
            ref=lead.ref.replace("LEAD", "OPP"),
            lead_id=lead.id,
            vendor_id=house.vendor,
            partner_id=house.partner,
            campaign_id=house.campaign,
            name="Servers",
            state=state,
            amount_minor=minor,
            currency="GBP",
            created_at=work.now,
        )
    )


FUNNEL = {
    "sent": 6, "delivered": 5, "opened": 1, "clicked": 1, "leads": 2, "accepted": 1,
    "opportunities": 1, "worth": (gbp(18_400),), "reserved": (gbp(800),),
    "claimed": (gbp(800),), "paid": (), "cost_per_lead": gbp(400),
}  # fmt: skip


def figures(line):
    return {figure.key: figure.value for figure in line.figures}


def test_a_launch_reads_the_same_for_its_partner_and_its_vendor(house, run):  # noqa: F811
    for who in (house.alice, house.mira):
        with house.db(who) as work:
            report = launch_report(work.session, who, run)
        assert figures(report.funnel) == FUNNEL
        assert report.counts.machines == 1
        assert "2 leads and 1 opportunity worth £18,400.00" in report.sentence
        assert "The funds paid for £800.00." in report.sentence
        assert report.funnel.figure("leads").opens.filters == {"launch": run}
        (day,) = report.by_day
        assert (day.opened, day.clicked, day.leads) == (1, 1, 2)
        (mail,) = report.by_mail
        assert mail.figure("sent").value == 6


def test_campaigns_partners_funds_and_spend_agree_with_the_launch(house, run):  # noqa: F811
    with house.db(house.mira) as work:
        session = work.session
        campaigns = campaigns_report(session, house.mira)
        partners = partners_report(session, house.mira)
        all_launches = launches_report(session, house.mira)
        spend = spend_report(session, house.mira)
        funds = funds_report(session, house.mira, now=work.now)
    assert figures(campaigns.total) == FUNNEL
    assert figures(campaigns.lines[0]) == FUNNEL
    assert {**figures(partners.total)} == {"launches": 1, **FUNNEL}
    assert partners.sentence == "1 of 1 partners have launched (100%)."
    assert figures(all_launches.lines[0]) == FUNNEL
    assert spend.sentence == "A lead cost £400.00."
    (fund,) = funds.lines
    values = figures(fund)
    assert values["total"] == gbp(40_000)
    assert (values["available"], values["claimed"]) == (gbp(39_200), gbp(800))
    assert sum(values[k].minor for k in ("available", "reserved", "claimed", "paid")) == 4_000_000


@pytest.mark.parametrize("seed", [1, 2])
def test_costs_and_return_count_the_funded_launches_alone(house, run, seed):  # noqa: F811 - fixture
    """Random leads against a plain count: 800.00 were claimed, 2 leads and 1 opportunity are there."""
    rng = random.Random(seed)
    leads, opportunities, won, won_minor = 2, 1, 0, 0
    with house.db() as work:
        launch_id = launch_id_of(work.session, house.alice, run)
        for number in range(3, 20):
            funded = rng.random() < 0.6
            lead = a_lead(work, house, number, launch_id if funded else None)
            leads += funded
            if rng.random() < 0.5:
                state, minor = rng.choice(["open", "won", "lost"]), rng.randint(1, 90_000)
                an_opportunity(work, house, lead, minor, state=state)
                opportunities += funded
                won += funded and state == "won"
                won_minor += minor if funded and state == "won" else 0
    for who in (house.mira, house.alice):
        with house.db(who) as work:
            total = spend_report(work.session, who).total
            counted = {f.key: f for f in total.figures}
            opened = {
                key: len(rows_behind(work.session, who, f.opens.what, f.opens.filters).rows)
                for key, f in counted.items()
                if key in ("leads", "opportunities", "won")
            }
        told = {key: figure.value for key, figure in counted.items()}
        assert (told["leads"], told["opportunities"], told["won"]) == (leads, opportunities, won)
        assert opened == {"leads": leads, "opportunities": opportunities, "won": won}
        assert told["cost_per_lead"] == cost(80_000, leads)
        assert told["cost_per_opportunity"] == cost(80_000, opportunities)
        assert told["cost_per_won"] == (cost(80_000, won) if won else None)
        assert told["return"] == (Decimal(won_minor) / 80_000).quantize(
            Decimal("0.1"), ROUND_HALF_UP
        )
        assert (told["own"], told["own_return"]) == ((), None)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_what_partners_bore_is_their_invoices_less_what_was_claimed(house, seed):  # noqa: F811 - fixture
    """Random claims, cut, refused, taken back and disputed, against a sum by hand and the ledger."""
    rng = random.Random(seed)
    nets = claimed = 0
    for number in range(6):
        net, asked = rng.randint(50, 900), rng.randint(100, 600)
        ref = house.claimed(house.proven(house.approved(asked)), (f"A-{number}", net))
        fate = rng.choice(["approved", "cut", "refused", "taken back", "waits"])
        most = min(net, asked)
        if fate in {"approved", "cut", "taken back"}:
            granted = rng.randint(1, most) if fate == "cut" else most
            house.decided(ref, amount=gbp(granted), close=False)
            nets, claimed = nets + net, claimed + granted
        with house.db(house.mira) as work:
            claim = queries.claim_by_ref(work.session, house.mira, ref)
            if fate == "refused":
                decisions.refuse(work, claim, reason=Reason.DUPLICATE, words="")
            elif fate == "taken back":
                decisions.take_back(work, claim, reason=Reason.DUPLICATE, words="")
                nets, claimed = nets - net, claimed - most
    for who in (house.mira, house.alice):
        with house.db(who) as work:
            told = {f.key: f.value for f in spend_report(work.session, who).total.figures}
        assert told["own"] == ((gbp(nets - claimed),) if nets > claimed else ())
        assert told["claimed"] == ((gbp(claimed),) if claimed else ())


def cost(minor, count):
    return Money(int((Decimal(minor) / count).quantize(Decimal(1), ROUND_HALF_UP)), "GBP")


def test_the_journal_holds_every_entry_with_its_hash(house, run):  # noqa: F811
    with house.db(house.finn) as work:
        report = journal(work.session, house.finn, house.fund_ref)
    assert [line.figure("kind").value for line in report.lines] == [
        "release", "claim", "reserve", "allocate", "fund",
    ]  # fmt: skip
    assert len({line.figure("hash").value for line in report.lines}) == 5
    assert report.labels[0] == "At (UTC)"


def test_leads_are_told_with_the_median_wait(house, run):  # noqa: F811
    with house.db(house.alice) as work:
        report = leads_report(work.session, house.alice)
        rows = list(csv_rows(report))
    assert report.sentence == "1 of 2 leads were accepted, half of them within 30 minutes."
    assert report.total.figure("minutes").value == 30
    assert len(rows) == 3


def test_a_stranger_reads_nothing(house, run):  # noqa: F811
    with house.db() as work:
        charlie = builders.charlie(work, house.vendor)
        other = builders.mira(work, builders.a_vendor(work, name="Larkspur"))
    for who in (charlie, other):
        with house.db(who) as work:
            with pytest.raises(NotFound):
                launch_report(work.session, who, run)
            assert launches_report(work.session, who).lines == ()
            assert campaigns_report(work.session, who).lines == ()
            assert leads_report(work.session, who).lines == ()
            assert spend_report(work.session, who).lines == ()
            assert funds_report(work.session, who, now=work.now).lines == ()
            assert all(
                line.figure("sent").value == 0 for line in partners_report(work.session, who).lines
            )
