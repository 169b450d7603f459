"""The mail that asks somebody to confirm: from the partner's proved address, else from the house's."""

import pytest
from sqlalchemy import text

from tcma.adapters.egress import Egress
from tcma.contacts.actions import capture_contact
from tcma.contacts.consent import ConsentAct
from tcma.contacts.consent_ledger import NewLine, write_line
from tcma.contacts.models import Contact
from tcma.delivery import opt_in
from tcma.delivery.actions import ensure_sender
from tcma.delivery.sender_queries import carriers
from tcma.senders import actions, relays
from tcma.senders.relay_rules import RelayFacts, RelayKind
from tests.builders import a_partner, a_vendor, acting, alice
from tests.faults.posting import posting

NAME = "partner.example"
HOUSE = "partners@mail.vendor.example"


class Asking:
    """A partner with ann@partner.example, a vendor that lends, and Eve who is asked."""

    def __init__(self, db):
        self.db = db
        with db() as work:
            self.vendor_id = a_vendor(work)
            self.partner_id = a_partner(work, self.vendor_id, name="Priory")
            self.owner = alice(work, self.partner_id)
            self.sender_id = ensure_sender(
                work, partner_id=self.partner_id, from_name="Ann", from_address=f"ann@{NAME}"
            )
            ensure_sender(
                work, vendor_id=self.vendor_id, from_name="Vendor", from_address=HOUSE,
                is_fallback=True,
            )  # fmt: skip
            self.eve = capture_contact(
                work, partner_id=self.partner_id, address="eve@example.org", country="DE"
            )

    def set_up(self):
        with self.db() as work:
            actions.add_domain(acting(work, self.owner), NAME)

    def ask(self, *, by_form):
        """As a form does whose vendor is known, or as the partner does by hand."""
        if not by_form:
            with self.db(self.owner) as work:
                opt_in.ask(work, self.eve)
            return
        with self.db() as work:
            person = work.session.get_one(Contact, self.eve)
            line = NewLine(
                partner_id=self.partner_id, vendor_id=self.vendor_id, contact_id=self.eve,
                address_hash=person.address_hash, act=ConsentAct.ASKED, jurisdiction="DE",
                source="form", text_version=opt_in.VERSION,
            )  # fmt: skip
            opt_in.send_opt_in(work, write_line(work, line))

    def state(self, state):
        with self.db() as work:
            work.session.execute(
                text("UPDATE sender_domain SET state = :s WHERE name = :n"), {"s": state, "n": NAME}
            )


@pytest.fixture
def asking(db):
    return Asking(db)


@pytest.fixture
def letter(db, tmp_path, smtp_sink):
    """What Eve gets."""

    def sent():
        with posting(db, tmp_path, smtp_sink.url) as ring:
            ring()
        (mail,) = [mail for mail in smtp_sink.kept if mail.recipient == "eve@example.org"]
        return mail.message

    return sent


@pytest.mark.parametrize("by_form", [True, False])
def test_it_comes_signed_from_the_partner_whose_domain_is_proved(asking, zone, letter, by_form):
    asking.set_up()
    zone.publish(asking.db, NAME)
    zone.look(asking.db, NAME)
    asking.ask(by_form=by_form)
    mail = letter()
    assert mail["From"] == f"Ann <ann@{NAME}>"
    assert f"d={NAME}" in mail["DKIM-Signature"].replace(" ", "")
    assert mail["List-Id"] is None


@pytest.mark.parametrize("by_form", [True, False])
@pytest.mark.parametrize("stands", ["pending", "broken", "held", "not set up"])
def test_without_a_proved_address_it_comes_from_the_house(asking, letter, by_form, stands):
    if stands != "not set up":
        asking.set_up()
        asking.state("verified" if stands == "held" else stands)
    if stands == "held":
        with asking.db() as work:
            work.session.execute(
                text("UPDATE sender SET held_at = now(), held_reason = 'much' WHERE id = :id"),
                {"id": asking.sender_id},
            )
    asking.ask(by_form=by_form)
    mail = letter()
    assert f"ann@{NAME}" not in mail["From"]
    assert mail["From"] == f"Vendor <{HOUSE}>" if by_form else mail["From"].startswith("tcma <")
    assert mail["Reply-To"] is None


@pytest.mark.parametrize("by_form", [True, False])
def test_one_whose_domain_lapses_before_it_leaves_is_lent_the_house_with_its_own_name(
    asking, letter, by_form
):
    asking.set_up()
    asking.state("verified")
    asking.ask(by_form=by_form)
    asking.state("broken")
    mail = letter()
    assert mail["From"].startswith("Ann <")
    assert f"ann@{NAME}" not in mail["From"]
    assert mail["Reply-To"] == f"ann@{NAME}"


def test_letters_of_a_partner_and_of_the_house_keep_apart(asking):
    asking.set_up()
    asking.state("verified")
    asking.ask(by_form=True)
    with asking.db() as work:
        streams = "SELECT sender_id, vendor_id, priority FROM mailing WHERE kind = 2 ORDER BY id"
        before = work.session.execute(text(streams)).all()
    asking.state("pending")
    asking.ask(by_form=True)
    with asking.db() as work:
        after = work.session.execute(text(streams)).all()
    assert [row.sender_id for row in before if row.vendor_id == asking.vendor_id] == [
        asking.sender_id
    ]
    assert [row.sender_id for row in after if row.vendor_id == asking.vendor_id] == [
        asking.sender_id, None,
    ]  # fmt: skip


def test_it_goes_by_the_relays_that_the_partner_named_for_its_domain(asking):
    asking.set_up()
    asking.state("verified")
    with asking.db(asking.owner) as work:
        facts = RelayFacts(RelayKind.PLAIN, "127.0.0.1", 2525)
        relays.add_relay(work, Egress(inside=("127.0.0.1",)), NAME, facts)
    asking.ask(by_form=True)
    with asking.db() as work:
        number = work.session.scalar(text("SELECT id FROM mailing WHERE sender_id IS NOT NULL"))
        carrier = carriers(work.session, [number])[number]
    assert (carrier.has_relays, carrier.is_paced) == (True, False)
