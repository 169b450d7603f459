"""The proof wall as a page: everybody's tiles, the worst first, what fails by name."""

SLUG = "cloud-migration"
WALL = f"/studio/campaigns/{SLUG}/versions/1/proof-wall"


def whole(visitor, query="?who=own"):
    """The wall once everybody is judged: a first look may need several."""
    for _ in range(40):
        page = visitor.get(WALL + query)
        if "are judged" not in page.words:
            return page
    raise AssertionError(page.words)


def test_the_wall_shows_every_asset_of_every_partner(drafted):
    page = whole(drafted.as_("Vera"))
    assert page.all("section.wall h2") == ["Fenwright"]
    assert len(page.tree.css("iframe[loading=lazy][sandbox]")) == 9
    assert len(page.tree.css(".tile img[loading=lazy]")) == 7


def test_what_fails_is_named_and_its_partner_stands_first(drafted):
    page = whole(drafted.as_("Vera"), "?who=samples&see=image")
    names = page.all("section.wall h2")
    assert len(names) == 8
    assert names.index("Pellworth & Daughters Computing") < names.index("Fenwright Cloud Services")
    assert "No phone number: a reader cannot call." in page.words
    assert page.tree.css("iframe") == []


def test_the_tiles_are_small_pictures_of_the_real_ones(drafted):
    vera = drafted.as_("Vera")
    whole(vera, "?who=own&see=image")
    base = f"/studio/campaigns/{SLUG}/versions/1/images/banner_1080x1080.jpg?as=own-fenwright"
    paper = base.replace("banner_1080x1080", "datasheet")
    assert vera.get(paper).response.mimetype == "image/jpeg"
    assert vera.get(f"{paper}&tile=1").status == 200
    small, large = vera.get(f"{base}&tile=1"), vera.get(base)
    assert small.response.mimetype == large.response.mimetype == "image/jpeg"
    assert len(small.data) < len(large.data) / 3


def test_a_first_look_that_takes_long_says_how_far_it_is(drafted, monkeypatch):
    monkeypatch.setattr("tcma.web.studio.walls.PATIENCE", -1.0)
    page = drafted.as_("Vera").get(f"{WALL}?who=samples")
    assert "1 of 8 partners are judged" in page.words
    assert page.tree.css_first("#wall[hx-get]")


def test_another_vendors_wall_is_not_there(drafted):
    assert drafted.as_("Rui").get(WALL).status == 404
    assert drafted.as_("Finn").get(WALL).status == 403
