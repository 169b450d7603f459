"""What happened before today, day by day: plans, launches, answers, leads and money of three partners."""

from datetime import datetime, timedelta
from uuid import UUID

from tcma.demo import market, money, races, systems
from tcma.demo.ahead import build_ahead
from tcma.demo.kinds import POT
from tcma.demo.news import tell
from tcma.demo.past import Asker, Past, Side, workday
from tcma.demo.people import FENWRIGHT, HELIANTHE, NORDHAGENER
from tcma.demo.together import plan_together
from tcma.mdf.payments.bank_rules import Account
from tcma.mdf.rules import ActivityKind
from tcma.wiring import Services

TUESDAY = 1
OWN_ACCOUNT = Account(holder="Corbelane Limited", country="GB", iban="GB29NWBK60161331926819")
ACCOUNTS = (
    (FENWRIGHT, "GB", "GB33BUKB20201555555555"),
    (NORDHAGENER, "DE", "DE89370400440532013000"),
    (HELIANTHE, "FR", "FR1420041010050500013M02606"),
)
"""Numbers are the registries' own samples."""
NORTH = (
    Asker("Priya", "Raman", "Holmfirth & Slade", "+44 113 496 0200", "GB", "LS1 4AB", 9_200),
    Asker("Owen", "Pryce", "Calder Vale Dairies", "+44 113 496 0201", "GB", "HX1 1AA", 9_200),
    Asker("Greta", "Lindqvist", "Ottershaw Pumps", "+44 113 496 0202", "GB", "FW2 3BC"),
    Asker("Hugh", "Pemberton", "Ashgrove Ceramics", "", "GB", "YO1 7XY"),
)
SECOND_LIFE = (
    Asker("Carys", "Bevan", "Pennant Tools", "+44 113 496 0204", "GB", "BD3 9AA", 4_600),
    Asker("Anton", "Castell", "Linden Surveyors", "", "GB", "HD1 2BB"),
)
RENEWALS = (
    Asker("Jürgen", "Weiß", "Müllheimer Federn GmbH", "+49 30 23125 110", "DE", "10115", 38_000,
          won=True),
    Asker("Anke", "Schröder", "Brücke & Söhne KG", "+49 30 23125 111", "DE", "20095", 21_500),
    Asker("Mehmet", "Öztürk", "Überlandwerk Süd", "+49 30 23125 112", "DE", "80331"),
)  # fmt: skip
CHECKS_DE = (
    Asker("Katrin", "Vogt", "Hafenlicht Logistik", "+49 30 23125 113", "DE", "28195", 12_000),
    Asker("Sönke", "Petersen", "Deichwerk AG", "", "DE", "25746"),
)
CHECKS_FR = (
    Asker("Maëlle", "Quintin", "Ateliers du Faubourg", "+33 1 99 00 12 40", "FR", "69002", 7_400),
    Asker("Bastien", "Lhomme", "Verrerie du Canal", "+33 1 99 00 12 41", "FR", "31000"),
)
EVENING = {
    ActivityKind.MULTI_TOUCH: {"Copy, list clean-up, set-up": 640},
    ActivityKind.EVENT: {"Room and sound": 520, "Food, no alcohol": 260},
}
NOW_ASKING = Asker("Farah", "Haddad", "Copper Lane Optics", "+44 113 496 0207", "GB", "LS6 2QT",
                   answer="within 30 days")  # fmt: skip


def build_history(services: Services) -> None:
    """Let nine weeks happen; what is open at their end is for whoever signs in."""
    today = services.clock.now().replace(hour=9, minute=0, second=0, microsecond=0)
    while today.weekday() != TUESDAY or today >= services.clock.now():
        today -= timedelta(days=1)
    past = Past(services, today - timedelta(days=62))
    _accounts(past)
    _nordhagener(past, today)
    _fenwright(past, today)
    _helianthe(past, today)
    running = _second_life(past, today)
    _evening(past, today)
    _days(past, today, 14)
    plan_together(past)
    tell(past)
    _lately(past, services.clock.now(), running)
    build_ahead(past, services.clock.now())


def _accounts(past: Past) -> None:
    money.own_account(past, OWN_ACCOUNT)
    for side, country, iban in ACCOUNTS:
        account = Account(holder=side.legal_name, country=country, iban=iban)
        money.account_of(past, side, account)


def _days(past: Past, today: datetime, before: int) -> None:
    past.go(today - timedelta(days=before))


def _answered(past: Past, side: Side, launch_id: UUID, askers: tuple[Asker, ...]) -> None:
    """The askers come five hours apart and are called; without worth and phone they are given up."""
    for asker in askers:
        past.later(hours=19)
        lead_id = market.ask(past, launch_id, asker)
        past.later(hours=1)
        ref = market.accept(past, side, lead_id)
        if ref is None:
            continue
        market.work_it(past, side, ref, asker)
        if not asker.worth and not asker.phone:
            market.give_up(past, side, ref)


def _launched(past: Past, side: Side, slug: str, plan_ref: str, askers: tuple[Asker, ...]) -> UUID:
    launch_id = market.launch(past, side, slug, plan_ref)
    market.send(past)
    begun = past.now
    market.reactions(past, launch_id)
    past.go(begun)
    _answered(past, side, launch_id, askers)
    past.go(max(past.now, begun + timedelta(days=3)))
    market.finish(past, launch_id)
    return launch_id


def _nordhagener(past: Past, today: datetime) -> None:
    """One plan paid, then one whose claim waits for finance."""
    first = money.approved_plan(past, NORDHAGENER, "renewal-upsell", (1_900, 1_100))
    _days(past, today, 54)
    _launched(past, NORDHAGENER, "renewal-upsell", first, RENEWALS)
    _days(past, today, 43)
    claim = money.claim(past, NORDHAGENER, first, "2026-0417", 3_000)
    _days(past, today, 40)
    money.approve_claim(past, claim)
    _days(past, today, 38)
    money.pay(past, claim, "SEPA 88120")
    _days(past, today, 27)
    second = money.approved_plan(past, NORDHAGENER, "security-assessment", (1_200, 900))
    _days(past, today, 19)
    _launched(past, NORDHAGENER, "security-assessment", second, CHECKS_DE)
    _days(past, today, 1)
    money.claim(past, NORDHAGENER, second, "2026-0533", 2_240)


def _fenwright(past: Past, today: datetime) -> None:
    """The plan that went all the way, and one that is approved and not launched yet."""
    _days(past, today, 36)
    paid = money.approved_plan(past, FENWRIGHT, "security-assessment", (1_480, 1_220))
    _days(past, today, 28)
    launch_id = _launched(past, FENWRIGHT, "security-assessment", paid, NORTH)
    market.follow(past, FENWRIGHT, launch_id, "set-places", "page-ready")
    _days(past, today, 19)
    market.follow(past, FENWRIGHT, launch_id, "call-insurers")
    claim = money.claim(past, FENWRIGHT, paid, "PS-2291", 2_700)
    _days(past, today, 15)
    money.approve_claim(past, claim)
    _days(past, today, 12)
    money.pay(past, claim, "BACS 204417")
    _days(past, today, 6)
    money.approved_plan(past, FENWRIGHT, "cloud-migration", (900, 380))


def _helianthe(past: Past, today: datetime) -> None:
    """A claim that finance agreed to: the money can leave."""
    _days(past, today, 33)
    plan = money.approved_plan(past, HELIANTHE, "security-assessment", (980, 700))
    _days(past, today, 25)
    _launched(past, HELIANTHE, "security-assessment", plan, CHECKS_FR)
    _days(past, today, 8)
    claim = money.claim(past, HELIANTHE, plan, "F-1188", 1_680)
    _days(past, today, 4)
    money.approve_claim(past, claim)


def _second_life(past: Past, today: datetime) -> UUID:
    """A launch of Fenwright's that is over and not claimed: its proof is there."""
    _days(past, today, 29)
    plan = money.approved_plan(past, FENWRIGHT, "second-life", (760,))
    _days(past, today, 21)
    return _launched(past, FENWRIGHT, "second-life", plan, SECOND_LIFE)


def _evening(past: Past, today: datetime) -> None:
    """A plan of Helianthe's that takes from the pot it shares with Nordhagener."""
    _days(past, today, 18)
    costs = {ActivityKind.EVENT: {"Room and sound": 1_400, "Speaker": 900}}
    ref = money.plan_of(
        past,
        HELIANTHE,
        "managed-workplace",
        costs,
        in_days=40,
        fund=POT,
        title="An evening in Lyon",
    )
    money.approved(past, ref)


def _lately(past: Past, now: datetime, launch_id: UUID) -> None:
    """What lies on the desks: plans of three partners, and somebody who asks right now."""
    past.go(workday(now - timedelta(days=2)))
    money.plan(past, HELIANTHE, "managed-workplace", (1_340,), in_days=18)
    past.go(workday(now - timedelta(hours=26)))
    money.plan(past, NORDHAGENER, "backup-recovery", (2_600, 1_450), in_days=16)
    past.go(workday(now - timedelta(hours=20)))
    money.plan_of(
        past,
        FENWRIGHT,
        "renewal-upsell",
        EVENING,
        in_days=14,
        title="Renewals: mails and an evening",
    )
    market.launch(past, NORDHAGENER, "managed-workplace", None, in_days=6)
    systems.connect(past, FENWRIGHT)
    past.go(now - timedelta(minutes=26))
    races.race(past)
    past.go(now - timedelta(minutes=20))
    market.ask(past, launch_id, NOW_ASKING)
