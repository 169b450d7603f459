"""Changes to a journey's document, step by step: the text stays the author's, only what changed moves.

A document is cut into slices: what stands before the steps, each `[[step]]` with its comments, and
what comes after. A step is written anew, put in, taken out or moved; every other slice stays letter
by letter. Ways on that are not written lead to the next step of the file, so before slices change
places the ways that would shift with them are written down.
"""

import json
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from tcma.errors import Invalid
from tcma.journeys.document import ASKS, END, LEAVES, Journey, Kind, Step
from tcma.journeys.reading import read
from tcma.journeys.shape import loose
from tcma.toml_editing import put, tables

_STEP = re.compile(r"\s*\[\[\s*step\s*\]\]")
_TABLE = re.compile(r"\s*\[")
_ID = re.compile(r'\s*id\s*=\s*"([^"]*)"')
_KEY = re.compile(r'\s*"?([A-Za-z0-9_-]+)"?\s*=')
Value = str | int | Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Slices:
    """A document in pieces; `steps` are (id, text) in file order."""

    head: str
    steps: tuple[tuple[str, str], ...]
    tail: str

    def text(self) -> str:
        """Return the whole document."""
        blocks = [self.head.rstrip("\n")]
        blocks += [text.strip("\n") for _, text in self.steps]
        blocks += [self.tail.strip("\n")]
        return "\n\n".join(block for block in blocks if block) + "\n"


def slices(text: str) -> Slices:
    """Cut a document; tables between steps go behind them, where they mean the same."""
    lines = text.replace("\r\n", "\n").split("\n")
    head: list[str] = []
    tail: list[str] = []
    steps: list[list[str]] = []
    now = head
    for line in lines:
        if _STEP.match(line):
            carried = _comments_above(now)
            steps.append([*carried, line])
            now = steps[-1]
        elif _TABLE.match(line) and now is not tail and steps and _begins_table(line):
            tail.extend(_comments_above(now))
            tail.append(line)
            now = tail
        else:
            now.append(line)
    found = []
    for block in steps:
        named = next((m[1] for line in block if (m := _ID.match(line))), "")
        found.append((named, "\n".join(block)))
    return Slices("\n".join(head), tuple(found), "\n".join(tail))


def _begins_table(line: str) -> bool:
    return re.match(r"\s*\[\[?\s*[A-Za-z]", line) is not None


def _comments_above(block: list[str]) -> list[str]:
    """Take the comment lines at a block's end: they belong to what comes next."""
    carried: list[str] = []
    while block and block[-1].lstrip().startswith("#"):
        carried.insert(0, block.pop())
    return carried


def written(value: Value) -> str:
    """Return a value as TOML."""
    if isinstance(value, Mapping):
        inner = ", ".join(f"{_key(k)} = {_inner(v)}" for k, v in value.items())
        return f"{{ {inner} }}"
    return _inner(value)


def _inner(value: object) -> str:
    if isinstance(value, Mapping):
        return written(value)
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(_inner(each) for each in value)}]"
    if isinstance(value, int):
        return str(value)
    return json.dumps(str(value), ensure_ascii=False).replace("\x7f", "\\u007f")


def _key(name: str) -> str:
    return name if re.fullmatch(r"[A-Za-z0-9_-]+", name) else _inner(name)


def block_of(fields: Mapping[str, Value]) -> str:
    """Return a step as it is written."""
    return "\n".join(["[[step]]", *(f"{key} = {written(value)}" for key, value in fields.items())])


def changed(text: str, step_id: str, fields: Mapping[str, Value]) -> str:
    """Return the document with a step written anew; its comments stay, and who led to it still does."""
    cut = slices(text)
    if not any(name == step_id for name, _ in cut.steps):
        raise Invalid("This step is gone. Open the page anew.", code="journey.step")
    new_id = str(fields["id"])
    steps = []
    for name, block in cut.steps:
        if name == step_id:
            comments = [line for line in block.split("\n") if line.lstrip().startswith("#")]
            steps.append((new_id, "\n".join([*comments, block_of(fields)])))
        else:
            steps.append((name, _renamed(block, step_id, new_id)))
    made = Slices(cut.head, tuple(steps), cut.tail).text()
    return made if new_id == step_id else _begun_at(made, step_id, new_id)


def _begun_at(text: str, old: str, new: str) -> str:
    """Return the document with whoever begins by a date at one step beginning at another."""
    start = tables(text).get("start", {})
    if start.get("step") != old:
        return text
    return put(text, ("start",), None, {**start, "step": new}, many=False)


def _renamed(block: str, old: str, new: str) -> str:
    if old == new:
        return block
    lines = []
    for line in block.split("\n"):
        key = _KEY.match(line)
        if key and key[1] in {"then", "yes", "no"}:
            lines.append(re.sub(rf'"{re.escape(old)}"', f'"{new}"', line))
        elif key and key[1] == "split":
            lines.append(re.sub(rf'(?<![\w-])"?{re.escape(old)}"?(\s*=)', rf"{new}\1", line))
        else:
            lines.append(line)
    return "\n".join(lines)


def added(text: str, after: str, way: str, fields: Mapping[str, Value]) -> str:
    """Return the document with a new step on one way on from `after` ("" puts it first).

    `way` is then, yes, no, or the step that a split leads to. The new step leads on to where the way
    led; a new question leads there either way.
    """
    journey = readable(text)
    explicit = with_ways(slices(text), journey)
    new_id = str(fields["id"])
    if any(name == new_id for name, _ in explicit.steps):
        raise Invalid(f"There is a step “{new_id}” already.", code="journey.step",
                      fields={"id": f"There is a step “{new_id}” already."})  # fmt: skip
    step = journey.step(after)
    if after and step is None:
        raise Invalid("The step before it is gone. Open the page anew.", code="journey.step")
    target = led(step, way) if step else journey.steps[0].id
    block = block_of({**fields, **leading(fields, target)})
    steps = list(explicit.steps)
    at = 0
    if step is not None:
        at = next(n for n, (name, _) in enumerate(steps) if name == after) + 1
        steps[at - 1] = (after, redirected(steps[at - 1][1], step, way, new_id))
    steps.insert(at, (new_id, block))
    return Slices(explicit.head, tuple(steps), explicit.tail).text()


def led(step: Step, way: str) -> str:
    """Return where a way out of a step leads; raises Invalid where nothing comes after it."""
    if step.kind is Kind.SPLIT:
        return next((to for to, _ in step.parts if to == way), END)
    if step.kind in LEAVES:
        raise Invalid("Nothing comes after this step.", code="journey.step")
    return {"yes": step.yes, "no": step.no}.get(
        way, step.then if step.kind not in ASKS else step.yes
    )


def leading(fields: Mapping[str, Value], target: str) -> dict[str, Value]:
    """Return the ways of a step that is written anew, all to one target."""
    if any(kind.value in fields for kind in LEAVES):
        return {}
    if any(kind.value in fields for kind in ASKS):
        return {"yes": target, "no": target}
    if Kind.SPLIT.value in fields:
        return {}
    return {"then": target}


def redirected(block: str, step: Step, way: str, to: str) -> str:
    """Return a step's text with one way leading elsewhere."""
    if step.kind is Kind.SPLIT:
        return "\n".join(
            re.sub(rf'(?<![\w-])"?{re.escape(way)}"?(\s*=)', rf"{to}\1", line, count=1)
            if (key := _KEY.match(line)) and key[1] == "split" else line
            for line in block.split("\n")
        )  # fmt: skip
    return with_key(block, way if step.kind in ASKS else "then", to)


def with_key(block: str, key: str, value: str) -> str:
    """Return a step's text with one key set."""
    lines = block.split("\n")
    fresh = f"{key} = {written(value)}"
    for n, line in enumerate(lines):
        found = _KEY.match(line)
        if found and found[1] == key:
            lines[n] = fresh
            return "\n".join(lines)
    while lines and not lines[-1].strip():
        lines.pop()
    return "\n".join([*lines, fresh])


def removed(text: str, step_id: str) -> str:
    """Return the document without a step; who led to it leads to where it led, by its first way."""
    journey = readable(text)
    step = journey.step(step_id)
    if step is None:
        raise Invalid("This step is gone already.", code="journey.step")
    if len(journey.steps) == 1:
        raise Invalid("A journey cannot be without a step.", code="journey.step")
    to = (step.follows() or (END,))[0]
    if journey.start and journey.start.step == step_id:
        if to == END:
            message = "Who begins by a date begins here. Let them begin at another step first."
            raise Invalid(message, code="journey.step")
        text = _begun_at(text, step_id, to)
        journey = readable(text)
    explicit = with_ways(slices(text), journey)
    kept = [each for each in explicit.steps if each[0] != step_id]
    if journey.steps[0].id == step_id and to != END:  # who comes next is first now
        kept.sort(key=lambda each: each[0] != to)
    steps = tuple((name, dropped(block, journey.step(name), step_id, to)) for name, block in kept)
    lost = set(loose(journey))
    return _without_lost(Slices(explicit.head, steps, explicit.tail).text(), known=lost)


def dropped(block: str, step: Step | None, gone: str, to: str) -> str:
    """Return a step's text with all that led to `gone` leading to `to`."""
    if step is None or gone not in step.follows():
        return block
    if step.kind is Kind.SPLIT:
        parts: dict[str, int] = {}
        for name, weight in step.parts:
            now = to if name == gone else name
            parts[now] = parts.get(now, 0) + weight
        return with_raw(block, "split", written(parts))
    for key, target in (("then", step.then), ("yes", step.yes), ("no", step.no)):
        if target == gone and (key == "then") != (step.kind in ASKS):
            block = with_key(block, key, to)
    return block


def with_raw(block: str, key: str, value: str) -> str:
    """Return a step's text with the TOML of one of its keys written anew."""
    return "\n".join(
        f"{key} = {value}" if (k := _KEY.match(line)) and k[1] == key else line
        for line in block.split("\n")
    )


def _without_lost(text: str, *, known: Collection[str]) -> str:
    """Take out what nobody comes to any more: the other ways of a question that was removed.

    What nobody came to before stays: its author may be about to connect it.
    """
    gone = [name for name in loose(readable(text)) if name not in known]
    cut = slices(text)
    steps = tuple(each for each in cut.steps if each[0] not in gone)
    return Slices(cut.head, steps, cut.tail).text()


def moved(text: str, step_id: str, *, up: bool) -> str:
    """Return the document with a step changing places with the one before or after it.

    Only between steps with one way on and one way in: what moving a question would mean nobody knows.
    """
    journey = readable(text)
    first, second = _neighbours(journey, step_id, up=up)
    text = _begun_at(text, first.id, second.id)
    explicit = with_ways(slices(text), journey)
    beyond = second.follows()[0]
    steps = []
    for name, block in explicit.steps:
        now = block
        step = journey.step(name)
        if name == first.id:
            now = with_key(block, "then", beyond)
        elif name == second.id:
            now = with_key(block, "then", first.id)
        elif step is not None and first.id in step.follows():
            now = dropped(block, step, first.id, second.id)
        steps.append((name, now))
    if journey.steps[0].id == first.id:
        steps.sort(key=lambda each: each[0] != second.id)
    return Slices(explicit.head, tuple(steps), explicit.tail).text()


def can_move(journey: Journey, step_id: str, *, up: bool) -> bool:
    """Say whether a step may change places."""
    try:
        _neighbours(journey, step_id, up=up)
    except Invalid:
        return False
    return True


def _neighbours(journey: Journey, step_id: str, *, up: bool) -> tuple[Step, Step]:
    if up:
        leads = [s for s in journey.steps if step_id in s.follows()]
        first = leads[0] if len(leads) == 1 else None
        second = journey.step(step_id)
    else:
        first = journey.step(step_id)
        ahead = first.follows() if first else ()
        second = journey.step(ahead[0]) if len(ahead) == 1 else None
    if first is None or second is None or not _is_plain(first) or not _is_plain(second):
        raise Invalid("There is nothing it could change places with.", code="journey.move")
    if sum(second.id in s.follows() for s in journey.steps) != 1:
        raise Invalid("Several ways lead to that step.", code="journey.move")
    return first, second


def _is_plain(step: Step) -> bool:
    return len(step.follows()) == 1 and step.kind is not Kind.SPLIT


def with_ways(cut: Slices, journey: Journey) -> Slices:
    """Write down every way on that only the order of the file says."""
    steps: list[tuple[str, str]] = []
    for name, block in cut.steps:
        step = journey.step(name)
        keys: Sequence[tuple[str, str]] = ()
        if step is not None and step.kind in ASKS:
            keys = (("yes", step.yes), ("no", step.no))
        elif step is not None and step.kind not in LEAVES and step.kind is not Kind.SPLIT:
            keys = (("then", step.then),)
        now = block
        for key, to in keys:
            now = with_key(now, key, to)
        steps.append((name, now))
    return Slices(cut.head, tuple(steps), cut.tail)


def readable(text: str) -> Journey:
    """Return the journey as far as it can be rearranged; raises Invalid with the first fault."""
    found = read(text)
    if found.sketch is None:
        first = found.faults[0]
        raise Invalid(
            f"Line {first.line}: {first.words}", code="journey.faults", remedy=first.remedy or None
        )
    return found.sketch
