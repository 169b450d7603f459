"""Writing a draft as pages: saved or refused, checked, made a version, published."""

import pytest

from tcma.permissions import Role
from tests.builders import a_user
from tests.pages import Page, Visitor

SLUG = "cloud-migration"
DRAFT = f"/studio/drafts/{SLUG}"
JSON = {"Accept": "application/json"}


@pytest.fixture
def writing(drafted):
    assert drafted.as_("Vera").post(f"/studio/campaigns/{SLUG}/versions/1/draft").status == 303
    return drafted


def opened(visitor, part="mail-1", file=""):
    """The editor's form as a browser sends it."""
    page = visitor.get(f"{DRAFT}/edit/{part}" + (f"?file={file}" if file else ""))
    form = page.tree.css_first("#writing")
    fields = {each.attributes["name"]: each.attributes.get("value") for each in form.css("input")}
    return fields | {"text": form.css_first("textarea").text().removeprefix("\n")}


def sent(visitor, fields):
    """The answer that the editor's script gets."""
    return visitor.client.post(f"{DRAFT}/files", data=fields, headers=JSON)


def test_the_editor_stands_beside_the_real_preview(writing):
    page = writing.as_("Vera").get(f"{DRAFT}/edit/mail-1")
    assert "{{ parts.rows(c.rows) }}" in page.tree.css_first("#source").text()
    policy = page.headers["Content-Security-Policy"]
    nonce = page.tree.css_first("#writing").attributes["data-nonce"]
    assert f"style-src 'self' 'nonce-{nonce}'" in policy
    assert "unsafe" not in policy


def test_a_save_answers_with_the_error_at_its_line(writing):
    vera = writing.as_("Vera")
    fields = opened(vera)
    answer = sent(vera, fields | {"text": fields["text"] + "<mj-colum></mj-colum>\n"}).json
    assert [(f["file"], f["line"], f["remedy"]) for f in answer["findings"]] == [
        ("invite.mjml", 10, "did you mean “mj-column”?")
    ]
    assert answer["shows"] is False
    mended = sent(vera, fields | {"seen": answer["seen"]}).json
    assert (mended["findings"], mended["shows"]) == ([], True)


def test_a_save_over_what_was_not_seen_is_refused_with_the_others_text(writing):
    with writing.db() as work:
        a_user(work, Role.VENDOR_MARKETER, name="Noor", email="noor@people.example",
               vendor_id=writing.ids["vendor"])  # fmt: skip
    vera, noor = writing.as_("Vera"), Visitor(writing.app, "noor@people.example")
    hers, his = opened(vera), opened(noor)
    assert sent(noor, his | {"text": his["text"] + "{# Noor #}\n"}).status_code == 200
    refused = sent(vera, hers | {"text": hers["text"] + "{# Vera #}\n"})
    assert refused.status_code == 409
    assert refused.json["theirs"].endswith("{# Noor #}\n")
    typed = hers | {"text": "{# Vera #}"}
    page = Page(vera.client.post(f"{DRAFT}/files", data=typed), DRAFT)
    assert page.status == 409
    assert page.heading == "Noor changed this file meanwhile"
    assert "{# Vera #}" in page.tree.css_first("#mine").text()
    again = sent(vera, hers | {"text": "{# Vera #}", "seen": refused.json["seen"]})
    assert again.status_code == 200


def test_the_preview_shows_what_was_saved_to_a_chosen_reader(writing):
    vera = writing.as_("Vera")
    fields = opened(vera, file="words/en.toml")
    text = fields["text"].replace("Move to the cloud one steady arch at a time.", "One arch.")
    assert sent(vera, fields | {"text": text}).json["shows"]
    base = f"{DRAFT}/preview/mail-1?as=nordhagener&lang=en"
    assert "One arch." in vera.get(base).text
    assert "Jürgen" in vera.get(f"{base}&reader=0").text
    assert "Jürgen" not in vera.get(f"{base}&reader=nobody").text
    assert vera.get(f"{base}&reader=99").status == 404


def test_blocks_and_source_write_the_same_files(writing):
    vera = writing.as_("Vera")
    path = f"{DRAFT}/blocks/mail-1?lang=en"
    page = vera.get(path)
    assert page.all(".blocklist h2") == ["1. Heading", "2. Rows", "3. Proof"]
    marks = {n: page.tree.css_first(f"#blocks [name={n}]").attributes["value"]
             for n in ("seen_words", "seen_mail")}  # fmt: skip
    assert vera.post(path, act="up-2", h1="Ours now", rows_title="Three", **marks).status == 303
    assert vera.get(path).all(".blocklist h2") == ["1. Heading", "2. Proof", "3. Rows"]
    source = opened(vera)["text"].split("{% block structure %}\n")[1]
    assert source.split("\n")[1:3] == [
        "{{ parts.proof(c.stat, c.stat_text, c.stat_note) }}", "{{ parts.rows(c.rows) }}"
    ]  # fmt: skip
    words = opened(vera, file="words/en.toml")["text"]
    assert 'h1 = "Ours now"\n' in words
    assert 'rows_title = "Three"\n' in words
    stale = vera.post(path, act="save", h1="Late", **marks)
    assert stale.status == 409
    assert "Late" in stale.text


def test_a_part_added_as_a_block_speaks_every_language_and_checks_well(writing):
    vera = writing.as_("Vera")
    path = f"{DRAFT}/blocks/mail-1?lang=de"
    page = vera.get(path)
    marks = {n: page.tree.css_first(f"#blocks [name={n}]").attributes["value"]
             for n in ("seen_words", "seen_mail")}  # fmt: skip
    assert vera.post(path, act="add-numbered", **marks).status == 303
    assert vera.get(path).all(".blocklist h2")[-1] == "4. Numbered"
    assert "to mend" not in vera.get(f"{DRAFT}/check").words
    refused = vera.post(path, act="save", h1="", **marks)
    assert refused.status in (409, 422)


def test_what_does_not_check_becomes_no_version(writing):
    vera = writing.as_("Vera")
    sent(vera, opened(vera) | {"text": "<mjml><mj-colum></mj-colum></mjml>"})
    page = vera.post(f"{DRAFT}/version")
    assert page.status == 422
    assert "to mend before it can be a version" in page.words
    assert vera.get(f"{DRAFT}/edit/mail-1").status == 200


def test_a_slot_that_the_new_version_locks_is_refused_to_partners(writing):
    vera = writing.as_("Vera")
    vera.post(f"/studio/campaigns/{SLUG}/versions/1/publication")
    with writing.db() as work:
        a_user(work, Role.OWNER, name="Alice", email="alice@people.example",
               partner_id=writing.ids["partner"])  # fmt: skip
    fields = opened(vera, file="_shared/slots.toml")
    note = fields["text"].split("[slots.price_note]")[1]
    locked = note.replace('flags = ["editable"]', "flags = []", 1)
    sent(vera, fields | {"text": fields["text"].replace(note, locked)})
    made = vera.post(f"{DRAFT}/version")
    assert made.location == f"/studio/campaigns/{SLUG}/versions/2/publication"
    assert vera.post(made.location).status == 303
    alice = Visitor(writing.app, "alice@people.example")
    copy = f"/console/campaigns/{vendor_of(alice)}/{SLUG}/copy/mail-1"
    assert "price_note" not in {
        each.attributes.get("name") for each in alice.get(copy).tree.css("textarea, input")
    }
    alice.post(copy, price_note="Half the price.")
    preview = alice.get(f"/console/campaigns/{vendor_of(alice)}/{SLUG}/preview/mail-1")
    assert preview.status == 200
    assert "Half the price." not in preview.text


def vendor_of(visitor):
    links = visitor.get("/console/library").links("main a[href]")
    return next(each for each in links if each.endswith(SLUG)).split("/")[-2]


def test_a_draft_of_a_shipped_campaign_is_begun_and_thrown_away(studio):
    vera = studio.as_("Vera")
    assert vera.post("/studio/drafts", shipped=SLUG).location == DRAFT
    assert "Being written" in vera.get("/studio").words
    assert vera.get(f"{DRAFT}/saves").all(".saves b") == ["Started"]
    assert vera.post(f"{DRAFT}/discard").status == 303
    assert vera.get(f"{DRAFT}/edit/mail-1").status == 404


@pytest.mark.parametrize("path", ["/edit/mail-1", "/blocks/mail-1", "/check", "/saves", "/discard"])
def test_another_vendors_draft_is_not_there(writing, path):
    assert writing.as_("Rui").get(DRAFT + path).status == 404
