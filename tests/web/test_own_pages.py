"""Pages that gather what happened: a person's notices, a contact's story."""

from sqlalchemy import text


def contact_of(lived, address):
    with lived.db() as work:
        number = work.session.scalar(
            text("select id from contact where address = :a and partner_id = :p"),
            {"a": address, "p": lived.people["Alice"].partner_id},
        )
        return work.site.signer.public_number("contact", number)


def test_notices_lead_to_the_page_that_asks_for_an_act(rehearsal):
    page = rehearsal.ask("Sam", "GET", "/notices")
    assert page.status == 200
    assert "Brackwater 0 asks for you" in page.words
    links = [a.attributes["href"] for a in page.tree.css(".know a")]
    assert links
    assert all(link.startswith("/l/lead/") for link in links)


def test_notices_of_others_are_not_shown(rehearsal):
    page = rehearsal.ask("Omar", "GET", "/notices")
    assert "Brackwater" not in page.words
    assert "No notice yet" in page.words


def test_a_contacts_story_names_the_mail_they_got(rehearsal, lived):
    name = contact_of(lived, "reader1@readers.example")
    page = rehearsal.ask("Alice", "GET", f"/console/contacts/{name}")
    story = page.all(".time li")
    assert "Got “" in story[0]
    assert lived.parts["launch"] in story[0]
    assert "Came into your contacts." in story[-1]


def test_a_contacts_story_goes_from_the_form_to_the_opportunity(rehearsal, lived):
    with lived.db() as work:
        address = work.session.scalar(text("select address from lead where state = 'opportunity'"))
    name = contact_of(lived, address)
    page = rehearsal.ask("Alice", "GET", f"/console/contacts/{name}")
    story = " | ".join(page.all(".time li"))
    opportunity = story.index("Became an opportunity worth £9,000.00.")
    accepted = story.index("You accepted the lead of")
    assert opportunity < accepted < story.index("Filled in the form of")
    assert rehearsal.ask("Charlie", "GET", f"/console/contacts/{name}").status == 404


def test_an_amount_written_as_others_write_it_is_read_back_before_it_counts(rehearsal, lived):
    with lived.db() as work:
        ref = work.session.scalar(
            text("select ref from lead where partner_id = :p and state = 'opportunity'"),
            {"p": lived.people["Alice"].partner_id},
        )
    page = rehearsal.ask("Alice", "POST", f"/console/leads/{ref}/opportunity", amount="1,5")
    assert page.status == 422
    assert "We read £1.50. Send it again if that is right." in page.words
