"""The picture API in the studio: a call beside its picture, what refuses it, and the keys."""

from tests.builders import a_campaign

PAGE = "/studio/picture-api"


def test_a_marketer_tries_a_call_copies_it_and_makes_a_key(studio):
    vera = studio.as_("Vera")
    assert "Publish a campaign and enrol a partner first" in vera.get(PAGE).words
    with studio.db() as work:
        a_campaign(work, studio.ids["vendor"])
    page = vera.get(f"{PAGE}?template=cloud-migration@1/banner_300x250&slot_accent=%23123B7A")
    shown = page.tree.css_first(".apipicture img").attributes["src"]
    assert vera.get(shown).response.mimetype == "image/jpeg"
    lines = page.tree.css_first(".copylines pre").text()
    assert lines.startswith('curl -H "Authorization: Bearer $KEY"')
    assert '"slots": {"accent": "#123B7A"}' in lines
    made = vera.post(
        f"{PAGE}/keys", name="Shop", partner="", scope="cloud-migration/banner_300x250"
    )
    assert made.tree.css_first("pre.source").text().startswith("tcma_img_")
    assert "One steady arch at a time: banner_300x250" in made.tree.css_first("tbody").text()
    assert "Say who will use it." in vera.post(f"{PAGE}/keys", name="").words


def test_what_a_program_would_be_refused_for_stands_at_its_field(studio):
    with studio.db() as work:
        a_campaign(work, studio.ids["vendor"])
    page = studio.as_("Vera").get(f"{PAGE}?slot_accent=red")
    assert page.tree.css_first(".apipicture") is None
    assert "must be a colour such as" in page.tree.css_first(".why-not").text()
    assert '"type": "images.slots"' in page.words
