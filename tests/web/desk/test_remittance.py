"""The remittance advice as both sides open it: a page each, and the same words as a file."""

import pypdfium2
import pytest
from sqlalchemy import update

from tcma.adapters.payouts_pain import PayoutsPain
from tcma.mdf import queries
from tcma.mdf.payments import batches
from tcma.partners.models import Partner
from tcma.rendering.remittance import Advice, remittance_pdf
from tcma.words import say


def test_both_sides_open_the_advice_of_a_payment_and_the_mail_leads_to_it(counter):
    house = counter.house
    ref = house.decided(house.claimed(house.proven(house.approved(900)), ("1", 900)))
    assert "Nothing was paid yet" in counter.alice.get("/console/funds/payments").words
    with house.db(house.finn) as work:
        batch = batches.make_batch(work, [queries.claim_by_ref(work.session, house.finn, ref)])
        batches.export_batch(work, batch, payouts=PayoutsPain())
        batches.settle(work, batch, bank_reference="BACS 7")
        pay = batch.ref
    listed = counter.alice.get("/console/funds/payments")
    assert f"/console/funds/payments/{pay}" in listed.links()
    assert f"/console/funds/payments/{pay}" in counter.alice.get(f"/console/claims/{ref}").links()
    page = counter.alice.get(f"/console/funds/payments/{pay}")
    assert "Quillon paid you £900.00" in page.words
    assert "BACS 7" in page.words
    shown = next(
        link
        for link in counter.finn.get(f"/desk/payments/{pay}").links()
        if "/remittances/" in link
    )
    assert "£900.00 to Brightwater IT" in counter.finn.get(shown).words
    for visitor, address in (
        (counter.alice, f"/console/funds/payments/{pay}.pdf"),
        (counter.finn, f"{shown}.pdf"),
    ):
        answer = visitor.client.get(address)
        assert answer.mimetype == "application/pdf"
        text = pypdfium2.PdfDocument(answer.data)[0].get_textpage().get_text_range()
        assert all(words in text for words in (pay, ref, "£900.00", "BACS 7", "Brightwater IT"))
    assert counter.mira.get(shown).status in {403, 404}


@pytest.mark.parametrize(
    ("locale", "words"),
    [
        ("de-DE", ("Zahlungsavis", "hat 900,00\N{NO-BREAK SPACE}£ an Brightwater IT gezahlt.", "Abgerechnet", "Betrag")),
        ("es-ES", ("Aviso de pago", "Quillon pagó 900,00", "a Brightwater IT.", "Actividad", "Reclamado")),
        ("ja-JP", ("支払い通知", "請求済み", "金額", "銀行の照会番号")),
    ],
)  # fmt: skip
def test_the_desk_opens_the_advice_as_its_partner_gets_it(counter, locale, words):
    house = counter.house
    ref = house.decided(house.claimed(house.proven(house.approved(900)), ("1", 900)))
    with house.db(house.finn) as work:
        work.session.execute(update(Partner).values(locale=locale))
        batch = batches.make_batch(work, [queries.claim_by_ref(work.session, house.finn, ref)])
        batches.export_batch(work, batch, payouts=PayoutsPain())
        batches.settle(work, batch, bank_reference="BACS 7")
        links = f"/desk/payments/{batch.ref}"
    shown = next(each for each in counter.finn.get(links).links() if "/remittances/" in each)
    answer = counter.finn.client.get(f"{shown}.pdf")
    text = pypdfium2.PdfDocument(answer.data)[0].get_textpage().get_text_range()
    assert [each for each in words if each not in text] == [], text


def test_an_advice_in_a_language_that_is_not_shipped_stands_in_english(counter):
    sheet = Advice(title=say("Sum"), lead="", paper="a4", vendor=["V"], partner=["P"], facts=[], lines=[],
                   total="1", note="", footer="", language="ar")  # fmt: skip
    data = remittance_pdf(sheet, at=counter.house.db.clock.now())
    assert "Claimed" in pypdfium2.PdfDocument(data)[0].get_textpage().get_text_range()
