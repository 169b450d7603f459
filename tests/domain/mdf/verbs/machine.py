"""Does verbs in the product and in the reference at once, and holds one against the other."""

from contextlib import contextmanager
from datetime import timedelta

from sqlalchemy import select

from tcma.clock import FixedClock
from tcma.errors import TcmaError
from tcma.mdf import queries
from tcma.mdf.funds import changing, sales
from tcma.mdf.ledger import booking
from tcma.mdf.models.changes import FundChange
from tcma.mdf.models.funding import Claim, FundActivity, FundRequest
from tcma.mdf.models.ledger import LedgerAccount
from tcma.mdf.models.payments import PaymentBatch
from tests.domain.mdf.verbs import doing, world
from tests.domain.mdf.verbs.reference import Reference
from tests.services import World

SECOND = timedelta(seconds=1)
ROWS = {"plan": FundRequest, "claim": Claim, "batch": PaymentBatch}
FIND = {"plan": queries.request_by_ref, "claim": queries.claim_by_ref,
        "batch": queries.batch_by_ref, "sale": sales.import_by_ref}  # fmt: skip


@contextmanager
def in_turn(tools, kind, *, waits):
    """Both, on the database that tests use in turn."""
    with tools["turns"].turn() as (url, engine):
        db = World(url=url, engine=engine, clock=FixedClock(world.BORN), site=tools["site"],
                   files=tools["files"])  # fmt: skip
        name = f"every verb, {kind}, {waits}"
        place = tools["turns"].kept(name, db, lambda: world.built(db, kind, waits=waits))
        yield Both(db, place, kind, waits=waits)


class Both(doing.OfPlans, doing.OfClaims, doing.OfPayments, doing.OfFunds):
    """One fund of a kind, in the product and in the reference; `step` does a verb in both."""

    def __init__(self, db, place, kind, *, waits):
        self.db, self.place, self.apart = db, place, False
        db.clock.at = world.BORN + timedelta(1)
        self.books = Reference(kind, db.clock.at, waits=waits)
        self.books.ledger.book(("add", world.TOTAL, {}), ("found next", world.NEXT, {}))
        if kind != "pooled":
            self.books.ledger.book(("allocate", world.PART, {}))
        self.refs = {kind: [] for kind in (*ROWS, "sale", "change")}

    def prove(self):
        """Prove all books, and what is left of each line."""
        with self.by("system") as work:
            faults = booking.verify(work.session)
        product, reference = self.lefts()
        assert (faults, product) == ([], reference)

    def by(self, who):
        return self.db(self.place.people[who])

    def row(self, work, kind, number):
        ref = self.refs[kind][number]
        if kind == "change":
            return changing.change_of(work.session, work.principal, self.place.fund, ref)
        return FIND[kind](work.session, work.principal, ref)

    def known(self, kind, number):
        """Return what the reference knows of something."""
        return self.books.of(kind)[number]

    def step(self, verb, who, about=None, **how):
        """Do a verb in both; return whether it was done. Both say so, and nothing differs after."""
        self.db.clock.at += SECOND
        self.apart = True
        self.books.now = self.db.clock.at
        refused, new = "", None
        try:
            with self.by(who) as work:
                new = self.do(work, verb, about, how)
        except TcmaError as error:
            refused = f"{error.code}: {error} {getattr(error, 'fields', '')}"
        known = self.known(*about) if about else None
        expected = bool(self.books.do(verb, who, known, **how))
        assert expected == (not refused), (verb, who, about, how, refused)
        if new:
            self.refs[new[0]].append(new[1])
        if self.books.now != self.db.clock.at:
            self.db.clock.at = self.books.now
            self.do_night()
        self.hold_together((verb, who, about, how))
        self.apart = False
        return expected

    def do(self, work, verb, about, how):
        """Do a verb in the product; return what it made."""
        row = self.row(work, *about) if about else None
        new = getattr(self, f"do_{verb}")(work, row, **how)
        if verb == "submit":
            self.books.to_a_person = row.trace.get("policy", {}).get("to_a_person")
        return new

    def hold_together(self, after):
        with self.by("system") as work:
            pairs = (
                (self.sums(work), self.books.sums()),
                (self.states(work), self.books.states()),
            )
        for product, reference in pairs:
            assert product == reference, f"after {after}: {product} is not {reference}"

    def sums(self, work):
        """Return what each pot of the two funds holds, by the reference's names."""
        numbers = {ref: n for kind in ("plan", "claim") for n, ref in enumerate(self.refs[kind])}
        rows = work.session.execute(
            select(LedgerAccount, FundRequest.ref, Claim.ref)
            .outerjoin(FundRequest, FundRequest.id == LedgerAccount.request_id)
            .outerjoin(Claim, Claim.id == LedgerAccount.claim_id)
        )
        fund = queries.fund_by_ref(work.session, self.place.people["finn"], self.place.fund).id
        found = {}
        for account, plan, claim in rows:
            name = account.kind if account.chain_id == fund else f"next {account.kind}"
            whole = name == "forfeited" and account.allocation_id is None
            owner = plan or claim
            found[f"{name} {numbers[owner]}" if owner else name + whole * " whole"] = (
                account.balance
            )
        return {name: held for name, held in found.items() if held}

    def states(self, work):
        """Return where each plan, claim, batch and change stands, in the order they were made."""
        found = {}
        for kind, row in (*ROWS.items(), ("change", FundChange)):
            name = row.id if kind == "change" else row.ref
            found |= dict(iter(work.session.execute(select(name, row.state))))
        return tuple(
            [found[ref] for ref in self.refs[kind]] for kind in ("plan", "claim", "batch", "change")
        )

    def lefts(self):
        """Return what is left of each line of each plan: by the product, and by the reference."""
        lines = [line for plan in self.books.plans for line in plan["lines"]]
        with self.by("system") as work:
            rows = [
                row
                for ref in self.refs["plan"]
                for row in work.session.scalars(
                    select(FundActivity)
                    .join(FundRequest, FundRequest.id == FundActivity.request_id)
                    .where(FundRequest.ref == ref)
                    .order_by(FundActivity.no)
                )
            ]
            left = [queries.left_of(work.session, row).minor for row in rows]
        return left, [self.books.left(line) for line in lines]
