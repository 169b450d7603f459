"""Stops of every scope, set and lifted in any order: who is frozen and who is let through at the intent
are those that a reference of fifty lines lets through (ENGINE c.2.8, invariant I5).
"""

import itertools
from dataclasses import dataclass, field

import pytest
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from tcma.contacts import actions as contacts
from tcma.contacts import importing, imports
from tcma.contacts.consent import ConsentAct
from tcma.contacts.consent_ledger import NewLine, confirm_line, write_line
from tcma.contacts.rules import LawfulBasis, StopWish
from tcma.delivery import actions, claims, feedback, preferences
from tcma.delivery.feedback_parse import Feedback
from tcma.delivery.feedback_reasons import Action
from tcma.delivery.freezing import freeze
from tcma.delivery.links import Purpose
from tcma.delivery.preferences import Wish
from tcma.delivery.rules import MailingKind, MessageState
from tcma.errors import NotFound
from tcma.forgetting import forget
from tcma.ids import new_id
from tcma.launches.audience import of_lists
from tcma.library.models import Campaign
from tcma.ports import Result, SendResult
from tests.builders import a_partner, a_vendor, alice
from tests.faults.posting import artefact, people

PEOPLE = 3
COMBOS = (("v1", "p1", "t1"), ("v1", "p1", "t2"), ("v1", "p2", "t1"), ("v2", "p1", "t1"))
"""Vendor, partner and topic of the mails that somebody gets."""
_names = itertools.count()

who, combo = st.integers(0, PEOPLE - 1), st.sampled_from(COMBOS)
partner = st.sampled_from(["p1", "p2"])
steps = st.one_of(
    st.tuples(st.just("unsubscribe"), who, combo, st.sampled_from(StopWish)),
    st.tuples(st.just("choose"), who, combo, st.sampled_from(Wish), st.booleans()),
    st.tuples(st.just("choose"), who, combo, st.just(Wish.SOME), st.booleans()),
    st.tuples(st.just("complain"), who, combo),
    st.tuples(st.just("bounce"), who, combo),
    st.tuples(st.just("resubscribe"), who, partner),
    st.tuples(st.just("list_by_hand"), who, partner),
    st.tuples(st.just("unlist_by_hand"), who, partner),
    st.tuples(st.just("bring_in"), who, partner, st.booleans()),
    st.tuples(st.just("erase"), who, partner),
)


@dataclass
class Reference:
    """What the rules say, and nothing of how it is stored."""

    stops: set = field(default_factory=set)
    """(person, why, vendor, partner, topic); None stands for any."""
    words: dict = field(default_factory=dict)
    """(person, partner) to what they said last: («withdrawn» or «agreed», about which vendor)."""

    def unsubscribe(self, one, mail, wish):
        v, p, t = mail
        scope = {
            StopWish.BRAND: (v, p, None),
            StopWish.TOPIC: mail,
            StopWish.VENDOR: (v, None, None),
        }
        self.stops.add((one, "own", *scope[wish]))
        if wish is not StopWish.TOPIC:
            self.say(one, p, "withdrawn", v)
        del t

    def choose(self, one, mail, wish, wants):
        v, p, t = mail
        reach = {
            Wish.ALL: (None, None),
            Wish.VENDOR: (v, None),
            Wish.PARTNER: (None, p),
            Wish.BRAND: (v, p),
        }
        own = [
            s
            for s in self.stops
            if s[:2] == (one, "own") and s[2] in (None, v) and s[3] in (None, p)
        ]
        was = next((w for w in reach if (one, "own", *reach[w], None) in own), Wish.SOME)
        self.stops -= set(own)
        if wish is not Wish.SOME:
            self.stops.add((one, "own", *reach[wish], None))
        else:
            had = {each[2] for each in COMBOS if each[:2] == (v, p)}
            self.stops |= {(one, "own", v, p, each) for each in had if not (wants and each == t)}
        if wish is not was:
            agrees = wish is Wish.SOME
            self.say(
                one, p, "agreed" if agrees else "withdrawn", reach.get(was if agrees else wish)[0]
            )

    def complain(self, one, mail):
        self.stops.add((one, "complaint", mail[0], None, None))
        self.say(one, mail[1], "withdrawn", mail[0])

    def bounce(self, one, mail):
        del mail
        self.stops.add((one, "dead", None, None, None))

    def resubscribe(self, one, p):
        self.say(one, p, "agreed", None)
        self.stops = {s for s in self.stops if not (s[:2] == (one, "own") and s[3] == p)}

    def list_by_hand(self, one, p):
        self.stops.add((one, "hand", None, p, None))

    def unlist_by_hand(self, one, p):
        self.stops.discard((one, "hand", None, p, None))

    def bring_in(self, one, p, subscribed):
        if not subscribed:
            self.stops.add((one, "file", None, p, None))

    def erase(self, one, p):
        self.stops.add((one, "erased", None, p, None))

    def say(self, one, p, what, vendor):
        self.words.setdefault((one, p), []).append((what, vendor))

    def may(self, one, mail):
        v, p, _ = mail
        covered = any(
            s[0] == one and all(mine in (None, its) for mine, its in zip(s[2:], mail, strict=True))
            for s in self.stops
        )
        said = [what for what, about in self.words.get((one, p), ()) if about in (None, v)]
        return not covered and said[-1:] != ["withdrawn"]


class House:
    """The same steps through the verbs of the product, for people who are new in each run."""

    def __init__(self, db):
        self.db = db
        with db() as work:
            self.ids = {
                name: a_vendor(work, name=f"{name} {next(_names)}") for name in ("v1", "v2")
            }
            for name in ("p1", "p2"):
                self.ids[name] = a_partner(work, self.ids["v1"])
            self.people = {name: alice(work, self.ids[name]) for name in ("p1", "p2")}
            self.senders = {
                name: actions.ensure_sender(
                    work, partner_id=self.ids[name], from_name="A", from_address=f"a@{name}.example"
                )
                for name in ("p1", "p2")
            }
            kinds = {(v, t) for v, _, t in COMBOS}
            self.topics = {(v, t): self.campaign(work, v, t) for v, t in kinds}
            self.worker = claims.register_worker(work, host="h", pid=1, journal="machine")

    def campaign(self, work, v, topic):
        row = Campaign(
            id=new_id(), vendor_id=self.ids[v], slug=topic, name=topic, created_at=work.now
        )
        work.session.add(row)
        work.session.flush()
        return row.id

    def begin(self):
        self.domain = f"run{next(_names)}.example"
        with self.db() as work:
            self.lists = {
                p: people(work, self.ids[p], PEOPLE, domain=self.domain) for p in ("p1", "p2")
            }
            self.had = {each: self.mailing(work, each) for each in COMBOS}
            self.waits = {each: self.mailing(work, each) for each in COMBOS}
            for number in self.had.values():
                self.send(work, number)
            found = work.session.execute(
                text(
                    "select mailing_id, id, contact_id from message where mailing_id = any(:m) order by id"
                ),
                {"m": [*self.had.values(), *self.waits.values()]},
            )
            self.rows = {}
            for mailing_id, number, contact_id in found:
                self.rows.setdefault(mailing_id, []).append((number, contact_id))

    def mailing(self, work, mail):
        v, p, t = mail
        new = actions.NewMailing(
            kind=MailingKind.LAUNCH, artefact=artefact(), sender_id=self.senders[p],
            vendor_id=self.ids[v], partner_id=self.ids[p], campaign_id=self.topics[v, t], topic=t,
        )  # fmt: skip
        number = actions.open_mailing(work, new)
        listed = of_lists([self.lists[p]], vendor_id=self.ids[v], now=work.now)
        freeze(work, number, listed)
        actions.start_mailing(work, number)
        return number

    def send(self, work, number):
        lease = self.worker << 32 | next(_names)
        ids = [each.id for each in claims.claim(work, number, lease=lease, most=PEOPLE)]
        claims.intend(work, ids, lease=lease)
        answers = [SendResult(each, Result.SENT) for each in ids]
        claims.acknowledge(work, answers, dict.fromkeys(ids, 0), lease=lease)

    def mail(self, one, mail):
        return self.rows[self.had[mail]][one][0]

    def contact(self, one, p):
        return self.rows[self.had["v1", p, "t1"]][one][1]

    def token(self, purpose, one, mail):
        return self.db.site.signer.message_token(purpose, self.mail(one, mail))

    def unsubscribe(self, one, mail, wish):
        with self.db() as work:
            feedback.unsubscribe(work, self.token(Purpose.UNSUBSCRIBE, one, mail), wish=wish)

    def choose(self, one, mail, wish, wants):
        topics = [mail[2]] if wants else []
        with self.db() as work:
            token = self.token(Purpose.PREFERENCES, one, mail)
            preferences.choose(work, token, wish, topics=topics)

    def complain(self, one, mail):
        self.report(one, mail, Action.COMPLAINT)

    def bounce(self, one, mail):
        self.report(one, mail, Action.HARD)

    def report(self, one, mail, action):
        key = f"<{self.token(Purpose.MESSAGE_ID, one, mail)}@x.example>"
        item = Feedback(recipient=f"p{one}@{self.domain}", action=action, message_id=key)
        with self.db() as work:
            feedback.record(work, "webhook", f"{next(_names)}", [item])

    def resubscribe(self, one, p):
        with self.db() as work:
            hashed = "select address_hash from message where id = :id"
            known = work.session.scalar(text(hashed), {"id": self.mail(one, ("v1", p, "t1"))})
            asked = NewLine(partner_id=self.ids[p], address_hash=known, act=ConsentAct.ASKED)
            confirm_line(work, write_line(work, asked), evidence={"by": "link"})

    def list_by_hand(self, one, p):
        with self.db(self.people[p]) as work:
            contacts.suppress(work, f"p{one}@{self.domain}")

    def unlist_by_hand(self, one, p):
        with self.db(self.people[p]) as work:
            row = work.session.scalar(
                text(
                    "select s.id from suppression s join message m on m.address_hash = s.address_hash"
                    " where m.id = :id and s.partner_id = :p and s.reason = 'manual'"
                ),
                {"id": self.mail(one, ("v1", p, "t1")), "p": self.ids[p]},
            )
            if row:
                contacts.unsuppress(work, row)

    def bring_in(self, one, p, subscribed):
        status = "subscribed" if subscribed else "unsubscribed"
        content = f"Email;Status\np{one}@{self.domain};{status}\n".encode()
        with self.db(self.people[p]) as work:
            number = imports.start(work, file_name="mailchimp.csv", content=content)
            imports.confirm(work, number, basis=LawfulBasis.CONSENT, list_name=f"L{next(_names)}")
        importing.run_import(self.db, number)

    def erase(self, one, p):
        with self.db(self.people[p]) as work:
            try:
                forget(work, self.contact(one, p))
            except NotFound:
                return  # twice is once

    def frozen(self, mail):
        """Who is ready in a mailing that is frozen now."""
        with self.db() as work:
            number = self.mailing(work, mail)
            return self.persons(work, number, MessageState.READY)

    def let_through(self, mail):
        """Who is let through in a mailing that was frozen before all this."""
        number, lease = self.waits[mail], self.worker << 32 | next(_names)
        with self.db() as work:
            claimed = claims.claim(work, number, lease=lease, most=PEOPLE)
            assert len(claimed) == PEOPLE
            claims.intend(work, [each.id for each in claimed], lease=lease)
            return self.persons(work, number, MessageState.SENDING)

    def persons(self, work, number, state):
        rows = work.session.execute(
            text("select contact_id from message where mailing_id = :m and state = :s"),
            {"m": number, "s": state},
        )
        known = {self.contact(one, p): one for p in ("p1", "p2") for one in range(PEOPLE)}
        return {known[contact_id] for (contact_id,) in rows}


@pytest.fixture
def house(db):
    return House(db)


@settings(
    max_examples=20,
    deadline=None,
    phases=(
        Phase.explicit,
        Phase.reuse,
        Phase.generate,
    ),  # shrinking against a database takes hours
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(plan=st.lists(steps, min_size=3, max_size=14))
@example(
    plan=[
        ("choose", 1, COMBOS[1], Wish.ALL, True), ("bounce", 1, COMBOS[1]),
        ("choose", 1, COMBOS[0], Wish.SOME, True), ("resubscribe", 1, "p1"),
    ]
)  # fmt: skip
@example(
    plan=[
        ("unsubscribe", 0, COMBOS[0], StopWish.VENDOR), ("complain", 0, COMBOS[0]),
        ("choose", 0, COMBOS[0], Wish.SOME, True), ("list_by_hand", 2, "p1"),
        ("choose", 2, COMBOS[3], Wish.PARTNER, True), ("unlist_by_hand", 2, "p1"),
        ("list_by_hand", 1, "p2"), ("erase", 1, "p2"), ("unlist_by_hand", 1, "p2"),
    ]
)  # fmt: skip
def test_whoever_stopped_or_came_back_in_whatever_order_the_reference_says_who_is_mailed(
    house, plan
):
    house.begin()
    reference = Reference()
    for name, *how in plan:
        getattr(house, name)(*how)
        getattr(reference, name)(*how)
    for mail in COMBOS:
        expected = {one for one in range(PEOPLE) if reference.may(one, mail)}
        assert house.frozen(mail) == expected, mail
        assert house.let_through(mail) == expected, mail
