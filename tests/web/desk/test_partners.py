"""Partners at the desk: invited once, refused in words when they are there already."""

FIRM = {
    "person": "Ib Sørensen",
    "email": "ib@sydost.example",
    "name": "Sydøst Data",
    "legal_name": "Sydøst Data ApS",
    "country": "GB",
    "zone": "Europe/London",
    "locale": "en-GB",
    "currency": "GBP",
    "tier": "silver",
    "kind": "var",
}


def test_a_partner_invited_twice_is_one_partner(counter):
    first = counter.mira.post("/desk/partners/new", **FIRM)
    assert first.status == 303
    again = counter.mira.post("/desk/partners/new", **FIRM | {"name": "sydøst data"})
    assert again.status == 422
    assert "is your partner already" in again.words
    assert 'value="ib@sydost.example"' in again.text
    assert counter.mira.get("/desk/partners").words.count("Sydøst Data") == 1
