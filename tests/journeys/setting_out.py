"""Stations 1 to 4: a partner joins, a campaign is published, made its own, customers come in."""

from tests.journeys.installation import link_in
from tests.journeys.mark import logo
from tests.journeys.story import (
    CAMPAIGN,
    NELL,
    OWN_PASSWORD,
    PROFILE,
    SLUG,
    SOL,
    a_list,
    next_edition,
)

AT = f"/console/campaigns/corbelane/{SLUG}"


def join_by_invitation(story):
    """Station 1: the channel manager invites a firm, its owner joins by mail, and so a seller."""
    mira, nell = story.mira, story.nell
    mira.go("/desk/partners").press("Invite partner")
    firm = PROFILE["Display name"]
    mira.fill(
        {
            "Who runs it": "Nell Harrow",
            "Their e-mail address": NELL,
            "Name": firm,
            "Legal name": PROFILE["Legal name"],
        }
    )
    mira.unfold("Territories").choose("Northern England").press("Invite", exact=True)
    mira.see(f"{firm} is invited").picture("desk-partner")
    join(story, nell, NELL)
    assert nell.path == "/console/welcome"
    give_a_share(story)


def join(story, person, email):
    mail = story.product.wait_for_mail(email, having="/i/")
    person.go(link_in(mail, "/i/")).fill({"New password": OWN_PASSWORD}).press("Join")
    person.page.wait_for_url(lambda url: "/i/" not in url)


def give_a_share(story):
    """The new partner gets its part of the fund."""
    mira = story.mira
    mira.go("/desk/funds").press("Corbelane growth")
    mira.page.locator("main select[name=partner]").select_option(label=PROFILE["Display name"])
    mira.page.locator("main form[action$=allocations] input[name=amount]").fill("2,000.00")
    mira.press("Allocate", exact=True).see(PROFILE["Display name"])


def publish_the_next_edition(story):
    """Station 2: the marketer imports a folder, looks at it and publishes it."""
    vera = story.vera
    vera.go("/studio").press("New campaign").attach("archive", "edition.zip", next_edition())
    vera.page.locator("main form[enctype] button[type=submit]").first.click()
    vera.see(CAMPAIGN).picture("studio-campaign")
    vera.press("Publish", exact=True).press("Publish to")
    vera.page.wait_for_url(lambda url: "publication" not in url)
    vera.go("/studio").see(CAMPAIGN)


def make_it_ours(story):
    """Station 3: logo and profile once, an open text changed, a locked one out of reach."""
    nell = story.nell
    nell.attach("logo", "logo.png", logo()).fill(PROFILE)
    required = nell.page.locator(
        "main form#brand input[required], main form#brand textarea[required]"
    )
    assert required.count() <= 6
    nell.press("Save profile")
    nell.page.wait_for_url("**/console")
    nell.picture("console-home")
    nell.go("/console/library").see(CAMPAIGN).picture("console-library")
    nell.press(CAMPAIGN).press("Start")
    nell.see("Make it yours")
    nell.page.locator("main textarea[name=opening], main [name=opening]").first.fill(
        "We have looked after <b>Harrowdale</b> for nine years."
    )
    preview = nell.page.frame_locator("#preview iframe")
    preview.get_by_text("Harrowdale for nine years").first.wait_for()
    nell.picture("console-editor")
    refuse_the_locked(nell)
    for look in ("plain", "dark"):
        answer = nell.page.request.get(f"{AT}/preview/mail-1?look={look}")
        assert "nine years" in answer.text()
    invite_the_seller(story)


def refuse_the_locked(nell):
    """What the vendor keeps does not change, whoever writes the request."""
    token = nell.page.locator("form#words input[name=csrf_token]").get_attribute("value")
    nell.page.request.post(
        f"{AT}/copy/mail-1",
        form={"csrf_token": token, "headline": "HACKED HEADLINE", "subject": "HACKED SUBJECT"},
    )
    shown = nell.page.request.get(f"{AT}/preview/mail-1").text()
    assert "HACKED" not in shown
    assert "nine years" in shown


def invite_the_seller(story):
    nell = story.nell
    nell.go("/console/people").fill({"Name": "Sol Reed", "E-mail address": SOL})
    nell.press("Invite", exact=True)
    sol = story.person("Sol")
    join(story, sol, SOL)
    assert sol.path == "/console"


def bring_the_customers(story):
    """Station 4: a file with an unsubscribed row and a broken one; every row is accounted for."""
    nell = story.nell
    nell.go("/console/imports/new").attach("file", "customers.csv", a_list())
    nell.clicks = 0
    nell.press("Read the file").choose("They are customers of ours")
    nell.fill({"Where can one see it?": "Order book"}).picture("console-import")
    nell.press("Import 6 people").see("Undo this import")
    assert nell.clicks <= 4
    assert "6 + 0 + 1 + 1 = 8 rows" in nell.words
    nell.press("See the list")
    assert "customers" in nell.heading
