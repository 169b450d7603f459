"""Processes that draw and set for others: the same bytes as here, the same refusals, gone afterwards."""

import os
import signal

import pytest

from tcma.errors import Invalid, Unavailable
from tcma.rendering import studio as studio_module
from tcma.rendering.fits import BUILT_FONTS
from tcma.rendering.images import load_recipe, render
from tcma.rendering.printing import render_print
from tcma.rendering.studio import Studio, here, lent
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


def test_a_studio_that_ends_at_a_piece_is_unavailable_and_draws_the_next_all_the_same():
    with Studio() as doomed:
        with pytest.raises(Unavailable):
            doomed(os._exit, 1)
        assert a_picture(doomed).data
        os.kill(doomed._process.pid, signal.SIGKILL)
        doomed._process.wait()
        assert a_picture(doomed).data  # it rested: nobody notices


def test_a_studio_is_lent_to_one_job_after_the_other_and_ends_when_nobody_comes(monkeypatch):
    monkeypatch.setattr(studio_module, "IDLE_S", 0.2)
    with lent() as first, lent() as second:
        assert first(os.getpid) != second(os.getpid)
    with lent() as again:
        assert again is first
        process = again._process
    process.wait(timeout=20)
    with lent() as later:
        assert later(os.getpid) != process.pid


def test_a_studio_whose_job_failed_or_that_has_drawn_a_lot_is_not_lent_again(monkeypatch):
    with lent() as failed:
        process = failed(os.getpid) and failed._process
    with pytest.raises(Unavailable), lent() as again:
        again(os._exit, 1)
    assert again is failed
    assert process.poll() is not None
    monkeypatch.setattr(studio_module, "MOST_PIECES", 1)
    with lent() as tired:
        assert tired is not failed
        process = tired(os.getpid) and tired._process
    assert process.poll() is not None


def test_nothing_of_a_studio_or_a_typesetter_is_left_behind(tmp_path):
    layout = tmp_path / "sheet.typ"
    layout.write_text('#metadata(sys.inputs.at("word")) <told>')
    with Studio() as short, Typesetter(BUILT_FONTS) as typesetter:
        a_picture(short)
        assert typesetter.told(layout, {"word": "here"}) == "here"
        studio = short._process
    assert studio.poll() is not None
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
