"""Pictures of pages by the real Chromium: the page alone, whole, no script; without one it is said."""

import io

import pytest
from PIL import Image

from tcma.adapters.pictures_chromium import WIDTH, ChromiumPictures
from tcma.embedded.chromium import ARGUMENTS
from tcma.errors import Unavailable

PAGE = b"""<!doctype html><html><body style="margin:0;background:#fff">
<div style="height:2000px;background:#0b559f"></div>
<script>document.body.style.background = "#ff0000"</script></body></html>"""


def test_a_page_is_drawn_whole_and_no_script_runs(chromium):
    taken = ChromiumPictures(lambda: chromium, ARGUMENTS).take(PAGE, "http://127.0.0.1/go/x")
    picture = Image.open(io.BytesIO(taken)).convert("RGB")
    assert picture.width == WIDTH
    assert 2_000 < picture.height < 2_100
    assert picture.getpixel((10, 1_990)) == (11, 85, 159)
    assert picture.getpixel((10, picture.height - 1)) == (255, 255, 255)


@pytest.mark.parametrize(
    ("path", "why"), [(None, "no browser on this machine"), ("/bin/false", "drew no picture")]
)
def test_a_machine_that_draws_none_says_why(path, why):
    with pytest.raises(Unavailable, match=why):
        ChromiumPictures(lambda: path, ARGUMENTS).take(PAGE, "http://127.0.0.1/go/x")
