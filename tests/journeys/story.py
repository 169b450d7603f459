"""Who is in the story, what they know, and what they hand on from station to station."""

import io
import zipfile
from dataclasses import dataclass, field
from functools import cached_property

from tcma.demo.people import PASSWORD
from tests.builders import TEMPLATES
from tests.journeys.people import Person

NELL = "nell@harrowvale.example"
SOL = "sol@harrowvale.example"
OWN_PASSWORD = "rivers do not hurry at all"
CAMPAIGN = "Find the gap, autumn"
SLUG = "security-assessment"
READERS = [f"reader{number}@harrow-readers.example" for number in range(1, 7)]
STOPPED = "stopped@harrow-readers.example"
PROFILE = {
    "Display name": "Harrow & Vale IT",
    "Legal name": "Harrow & Vale IT Ltd",
    "Postal address": "Unit 0, Weir Yard, Harrowdale LS0 0ZZ, United Kingdom",
    "Who signs": "Nell Harrow",
    "Their role": "Owner",
}
PDF = (
    b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n"
    b"2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
    b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 300 200]/Contents 4 0 R"
    b"/Resources<</Font<</F 5 0 R>>>>>>endobj\n"
    b"4 0 obj<</Length 52>>stream\nBT /F 14 Tf 20 160 Td (Invoice PS-2041) Tj ET\nendstream endobj\n"
    b"5 0 obj<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>endobj\n"
    b"trailer<</Root 1 0 R/Size 6>>\n%%EOF\n"
)


@dataclass
class Story:
    """People are signed in when first needed; `refs` are what stations hand on."""

    product: object
    browser: object
    pictures: object
    refs: dict = field(default_factory=dict)
    people: list = field(default_factory=list)

    def person(self, name, *, email="", password=PASSWORD, width=1280, height=900):
        one = Person(
            self.browser,
            self.product.base_url,
            name=name,
            pictures=self.pictures,
            width=width,
            height=height,
        )
        self.people.append(one)
        return one.sign_in(email, password) if email else one

    @cached_property
    def vera(self):
        """The vendor's marketer."""
        return self.person("Vera", email="vera@corbelane.example")

    @cached_property
    def mira(self):
        """The vendor's channel manager."""
        return self.person("Mira", email="mira@corbelane.example")

    @cached_property
    def ada(self):
        """The vendor's administrator: the second pair of eyes."""
        return self.person("Ada", email="ada@corbelane.example")

    @cached_property
    def finn(self):
        """The vendor's finance."""
        return self.person("Finn", email="finn@corbelane.example")

    @cached_property
    def nell(self):
        """The owner of the new partner; joins by her invitation."""
        return self.person("Nell")

    def standing(self):
        """Where everybody is and what they see, for the report of a failure."""
        return "\n".join(
            f"{one.name} at {one.path}: {one.page.inner_text('body')[:1500]}" for one in self.people
        )

    def leave(self):
        for one in self.people:
            one.leave()


def a_list():
    """Six readers, one who unsubscribed, one without an address."""
    rows = [f"{address},Robin,Reader,Weir & Sons,subscribed" for address in READERS]
    rows += [f"{STOPPED},Sky,Gone,Weir & Sons,unsubscribed", "no address,Jo,Doe,Weir & Sons,"]
    return "\n".join(["Email,First name,Last name,Company,Status", *rows, ""]).encode()


def next_edition():
    """The shipped campaign with one word changed, zipped as an author would."""
    out = io.BytesIO()
    folder = TEMPLATES / SLUG
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                content = path.read_bytes()
                if path.name == "campaign.toml":
                    content = content.replace(
                        b'name = "Find the gap"', f'name = "{CAMPAIGN}"'.encode()
                    )
                archive.writestr(path.relative_to(folder).as_posix(), content)
    return out.getvalue()
