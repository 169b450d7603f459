"""What the README says about the code is what the code says."""

from tcma.config import VARIABLES
from tests.architecture.sources import ROOT
from tests.architecture.tree import written

README = ROOT / "README.md"


def test_its_tree_is_the_one_of_the_docstrings():
    assert written(README.read_text()) == README.read_text(), "run `make tree`"


def test_it_lists_every_variable_of_the_configuration():
    text = README.read_text()
    assert [each.name for each in VARIABLES if f"`{each.name}`" not in text] == []


def test_it_names_the_two_commands():
    assert "make run" in README.read_text()
    assert "make test" in README.read_text()
