"""Compiled pages are read back as long as they are true, and never stand in the way."""

import sys

import pytest
from jinja2 import DictLoader, Environment

from tcma.web import kept_pages
from tcma.web.kept_pages import KeptPages, code_mark, fill


class Counted(Environment):
    """Counts the texts that it had to compile."""

    compiled = 0

    def _generate(self, *args, **options):
        self.compiled += 1
        return super()._generate(*args, **options)


@pytest.fixture
def kept(tmp_path, monkeypatch):
    """`kept(text)`: what a new process shows for `a.html`, and whether it compiled it."""
    monkeypatch.setattr(sys, "dont_write_bytecode", False)

    def shown(text="Good {{ word }}", *, code="one", folder=tmp_path / "pages"):
        env = Counted(loader=DictLoader({"a.html": text}), autoescape=True)
        env.bytecode_cache = KeptPages(folder, code=code)
        return env.get_template("a.html").render(word="day"), bool(env.compiled)

    shown.folder = tmp_path / "pages"
    return shown


def test_a_page_is_compiled_once(kept):
    assert kept() == ("Good day", True)
    assert kept() == ("Good day", False)


def test_a_changed_text_or_changed_code_is_compiled_anew_in_the_same_place(kept):
    kept()
    assert kept("Bad {{ word }}") == ("Bad day", True)
    assert kept("Bad {{ word }}", code="two") == ("Bad day", True)
    assert kept("Bad {{ word }}", code="two") == ("Bad day", False)
    assert len(list(kept.folder.iterdir())) == 1


@pytest.mark.parametrize("left", [0, 3, 30, 200])
def test_a_page_cut_off_is_compiled_anew(kept, left):
    kept()
    (file,) = kept.folder.iterdir()
    file.write_bytes(file.read_bytes()[:left])
    assert kept() == ("Good day", True)
    assert kept() == ("Good day", False)


def test_a_folder_that_cannot_be_made_is_no_trouble(kept, tmp_path):
    (tmp_path / "file").write_text("x")
    for _ in range(2):
        assert kept(folder=tmp_path / "file" / "pages") == ("Good day", True)


def test_who_wants_no_compiled_modules_gets_no_compiled_pages(kept, monkeypatch):
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    assert kept() == ("Good day", True)
    assert not kept.folder.exists()


def test_the_mark_is_of_every_module_that_pages_ask(tmp_path):
    one, other = tmp_path / "one.py", tmp_path / "other.py"
    one.write_text("a = 1")
    other.write_text("b = 1")
    first = code_mark([one, other])
    other.write_text("b = 2")
    assert code_mark([one, other]) != first
    assert code_mark() == code_mark() != first


def test_all_pages_of_the_house_are_kept_by_the_command(tmp_path, monkeypatch):
    from tcma.web import compile_pages

    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    env = compile_pages.environment()
    assert env.bytecode_cache.directory == str(kept_pages.FOLDER)
    env.bytecode_cache = KeptPages(tmp_path / "pages", code="x")
    assert fill(env) == len(list((tmp_path / "pages").iterdir())) > 300
