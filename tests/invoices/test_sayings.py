"""Whatever the limited process says of a file is known to translators, with its values as they stand."""

import ast
from pathlib import Path

import pytest

from tcma import invoices
from tcma.invoices.kinds import ACCEPTED
from tcma.invoices.sayings import SAYINGS, told
from tcma.words import Words, in_language

HOLES = ("7", "Word", "It is a scan", "breaks what reads it", "of a kind we do not know", ACCEPTED)
NOT_SAID = {"sayings.py", "words.py"}


def sentences():
    """Every text of the package that reads as a sentence, with each of `HOLES` in the place of its values."""
    for path in sorted(Path(invoices.__file__).parent.glob("*.py")):
        tree = ast.parse(path.read_text())
        inner = {
            id(v) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for v in node.values
        }
        inner |= {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
        for node in ast.walk(tree):
            if path.name in NOT_SAID or id(node) in inner:
                continue
            parts = node.values if isinstance(node, ast.JoinedStr) else [node]
            texts = [str(p.value) if isinstance(p, ast.Constant) else None for p in parts]
            written = isinstance(node, ast.JoinedStr | ast.Constant) and (texts[-1] or "").endswith(
                "."
            )
            if (
                written
                and " " in "".join(t or "" for t in texts)
                and (texts[0] or "A")[0].isupper()
            ):
                forms = ["".join(hole if t is None else t for t in texts) for hole in HOLES]
                yield f"{path.name}:{node.lineno}", forms


SENTENCES = list(sentences())


@pytest.mark.parametrize(
    ("where", "forms"), SENTENCES, ids=lambda each: each if isinstance(each, str) else ""
)
def test_every_sentence_of_the_process_is_known(where, forms):
    assert any(isinstance(told(form), Words) for form in forms), where


def test_there_are_sentences_to_look_at():
    assert len(SENTENCES) > 30


def test_a_reason_keeps_its_values_and_is_told():
    said = told("The PDF has 61 pages; 50 are the most.")
    assert said == "The PDF has 61 pages; 50 are the most."
    assert in_language(said, "de") == "Das PDF hat 61 Seiten; höchstens 50 sind möglich."
    assert in_language(told("It is a scan."), "es") == "Es un escaneado."
    assert told("Somebody's own words.") == "Somebody's own words."


def test_each_saying_is_recognised_as_itself():
    for each in SAYINGS:
        assert told(str(each)).message == each.message
