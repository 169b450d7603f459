"""Processes that draw and set for others: the same bytes as here, the same refusals, gone afterwards."""

import os
import signal

import pytest

from tcma.errors import Invalid, Unavailable
from tcma.rendering.fits import BUILT_FONTS
from tcma.rendering.images import load_recipe, render
from tcma.rendering.printing import render_print
from tcma.rendering.studio import Studio, here
from tcma.rendering.typesetter import Typesetter

from .campaigns import PAGE
from .test_printing import brands, piece, source


@pytest.fixture(scope="module")
def studio():
    with Studio() as running:
        yield running


def a_print(draw, **slots):
    return draw(
        render_print, source(), piece(), brands=brands(), language="en", page_url=PAGE, slots=slots
    )


def a_picture(draw, **texts):
    made_of, whose = source(), brands()
    image = made_of.images[0]
    return draw(
        render,
        load_recipe(made_of.files[image.recipe].decode(), name=image.recipe),
        art={
            path[4:].rpartition(".")[0]: data
            for path, data in made_of.files.items()
            if path.startswith("art/")
        },
        partner=whose.partner_logos,
        vendor=whose.vendor_logos,
        texts={"headline": "Move when you are ready", "cta_label": "Book a talk"} | texts,
        language="en",
        fonts=BUILT_FONTS,
    )


@pytest.mark.parametrize("made", [a_print, a_picture])
def test_what_a_studio_draws_is_what_is_drawn_here(studio, made):
    assert made(studio) == made(here)


def test_a_studio_refuses_as_it_is_refused_here_and_goes_on(studio):
    long = "Donaudampfschifffahrtsgesellschaftskapitän " * 20
    with pytest.raises(Invalid) as there:
        a_picture(studio, headline=long)
    with pytest.raises(Invalid) as local:
        a_picture(here, headline=long)
    found, expected = there.value, local.value
    assert (found.message, found.code, found.remedy, found.fields) == (
        expected.message, expected.code, expected.remedy, expected.fields,
    )  # fmt: skip
    assert found.code == "rendering.does_not_fit"
    assert a_picture(studio).data


def test_a_studio_that_was_killed_is_unavailable_and_draws_the_next_piece_all_the_same():
    with Studio() as doomed:
        a_picture(doomed)
        os.kill(doomed._process.pid, signal.SIGKILL)
        with pytest.raises(Unavailable):
            a_picture(doomed)
        assert a_picture(doomed).data


def test_nothing_of_a_studio_or_a_typesetter_is_left_behind(tmp_path):
    layout = tmp_path / "sheet.typ"
    layout.write_text('#metadata(sys.inputs.at("word")) <told>')
    with Studio() as short, Typesetter(BUILT_FONTS) as typesetter:
        a_picture(short)
        assert typesetter.told(layout, {"word": "here"}) == "here"
    assert short._process.poll() is not None
    assert typesetter._process.poll() is not None


def test_a_typesetter_names_the_fault_of_a_layout_and_goes_on(tmp_path):
    layout = tmp_path / "sheet.typ"
    with Typesetter(BUILT_FONTS) as typesetter:
        layout.write_text("#nowhere")
        with pytest.raises(RuntimeError, match="unknown variable"):
            typesetter.told(layout, {})
        layout.write_text("#metadata(1) <told>")
        assert typesetter.told(layout, {}) == 1
        os.kill(typesetter._process.pid, signal.SIGKILL)
        with pytest.raises(Unavailable):
            typesetter.told(layout, {})
