"""Terms on their pages: written at the desk, accepted at the console, told on both sides."""

from tests import builders

WORDS = "1. Be kind.\n\n2. Ask first."


def test_a_vendor_writes_terms_an_owner_accepts_them_and_both_read_who(counter):
    mira, alice = counter.mira, counter.alice
    assert "You ask your partners to accept nothing yet" in mira.get("/desk/terms").words
    assert mira.post("/desk/terms", title="", words="").status == 422
    assert mira.post("/desk/terms", title="Partner terms", words=WORDS).status == 303
    page = mira.get("/desk/terms")
    assert "0 of 1 partner has accepted" in page.words
    assert "Not accepted" in page.words
    home = alice.get("/console")
    assert "Accept the terms of Quillon" in home.words
    [href] = {a for a in home.links("main a[href]") if a.startswith("/console/terms/")}
    shown = alice.get(href)
    assert WORDS in shown.tree.css_first(".terms-text").text()
    [form] = [f for f in shown.tree.css("form[action]") if f.attributes["action"].endswith("/acceptance")]  # fmt: skip
    facts = {i.attributes["name"]: i.attributes["value"] for i in form.css("input[type=hidden]")}
    facts.pop("csrf_token")
    bare = alice.post(form.attributes["action"], **facts)
    assert bare.status == 422
    assert "Tick it to accept them" in bare.words
    assert alice.post(form.attributes["action"], **facts, read="1").status == 303
    assert "Alice" in alice.get("/console/terms").words
    assert "Alice accepted version 1" in alice.get(href).words
    assert "Accept the terms" not in alice.get("/console").words
    page = mira.get("/desk/terms?show=accepted")
    assert "1 of 1 partner has accepted" in page.words
    assert "Alice" in page.words
    for who, path in ((mira, "/desk/terms.csv"), (alice, "/console/terms.csv")):
        file = who.get(path)
        assert file.headers["Content-Type"].startswith("text/csv")
        assert facts["sha256"] in file.data.decode("utf-8-sig")


def test_a_seller_reads_terms_and_cannot_accept_them(counter):
    counter.mira.post("/desk/terms", title="Partner terms", words=WORDS)
    with counter.house.db() as work:
        sam = builders.sam(work, counter.house.partner)
    visitor = counter.visitor(sam)
    assert "Accept the terms" not in visitor.get("/console").words
    [href] = {
        a for a in visitor.get("/console/terms").links("main a[href]")
        if a.startswith("/console/terms/")
    }  # fmt: skip
    shown = visitor.get(href)
    assert "Only an owner of" in shown.words
    assert visitor.post(f"{href}/acceptance", no="1", sha256="x", read="1").status == 403


def test_the_next_version_begins_with_the_words_of_the_last_and_asks_when_it_says_so(counter):
    counter.mira.post("/desk/terms", title="Partner terms", words=WORDS)
    form = counter.mira.get("/desk/terms/new")
    assert WORDS in form.tree.css_first("textarea[name=words]").text()
    assert form.tree.css_first("input[name=asks_again]") is not None
    again = counter.mira.post("/desk/terms", title="Partner terms", words=WORDS)
    assert again.status == 422
    assert "word for word" in again.words
    assert counter.finn.get("/desk/terms").status == 403
