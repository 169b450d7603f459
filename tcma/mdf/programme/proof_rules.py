"""What must be shown, by activity: alternatives, counts, conditions, formats, and files that name the claim."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from tcma.mdf.programme.cases import Cost, Shown
from tcma.mdf.programme.conditions import slug
from tcma.mdf.programme.document import Proof
from tcma.mdf.programme.plan_rules import typed
from tcma.mdf.programme.shipped_words import titled
from tcma.mdf.programme.verdict import Fault, Record
from tcma.mdf.reasons import Reason
from tcma.mdf.words import spoken_count
from tcma.words import Joined, joined, say


def proofs(record: Record, line: int) -> None:
    """Judge the proofs of one activity: the programme's, then its own."""
    what = record.case.activities[line]
    rules = record.programme.activity(what.kind)
    shown = [each for each in record.case.proofs if each.activity in {None, line}]
    kinds = _kinds(record, line)
    for proof in (*record.programme.proofs, *(rules.proofs if rules else ())):
        table = {**typed(what), "costs": kinds}
        facts = record.facts(table)
        rule = f"proof:{proof.name}"
        if proof.when and not proof.when(facts):
            words = say("Not asked here: only when {condition}.", condition=proof.when.source)
            record.skip(rule, words, line=line, **facts.read)
            continue
        _proof(record, proof, shown, line, table)


def _kinds(record: Record, line: int) -> list[str]:
    case = record.case
    costs: Iterable[Cost] = (
        *case.activities[line].costs,
        *(cost for cost in case.costs if cost.activity == line),
        *(cost for each in case.invoices if each.activity == line for cost in each.costs),
    )
    return list(dict.fromkeys(cost.kind for cost in costs if cost.kind))


def _proof(record: Record, proof: Proof, shown: list[Shown], line: int, table: Any) -> None:
    rule = f"proof:{proof.name}"
    names = {slug(each) for each in (proof.name, *proof.alternatives)}
    fitting = [each for each in shown if slug(each.name) in names]
    each_of = table.get(proof.for_each) if proof.for_each else None
    needed = max(len(each_of), 1) if isinstance(each_of, list) else proof.count
    files = sum(each.files for each in fitting)
    inputs = {"needed": needed, "shown": [each.name for each in fitting], "files": files}
    if files < needed:
        record.fail(rule, _missing(proof, files, needed), line=line, **inputs)
        return
    beside = {slug(each) for each in proof.together_with}
    if beside and not any(slug(each.name) in beside for each in shown):
        words = say(
            "With “{proof}” one of these must come: {others}.",
            proof=titled(proof.name),
            others=joined(*map(titled, proof.together_with), by=", "),
        )
        fault = Fault(code=proof.code, words=words, remedy=say("Add one of them."))
        record.fail(rule, fault, line=line, **inputs)
        return
    for each in fitting:
        if fault_of := _unfit(record, proof, each):
            record.fail(rule, fault_of, line=line, **inputs)
            return
    what = joined(*map(titled, dict.fromkeys(each.name for each in fitting)), by=", ")
    record.good(rule, say("Shown: {proofs}.", proofs=what), line=line, **inputs)


def _missing(proof: Proof, files: int, needed: int) -> Fault:
    words: str = say("“{proof}” is missing.", proof=titled(proof.name))
    if files:
        words = say(
            "“{proof}”: {n} of {files} shown.",
            proof=titled(proof.name),
            n=files,
            files=spoken_count(needed, "file"),
        )
    remedy = say("Add “{proof}”.", proof=titled(proof.name))
    if proof.alternatives:
        said = " or ".join(proof.alternatives)
        others = Joined.made(said, "", {"parts": list(map(titled, proof.alternatives))}, "or")
        remedy = joined(remedy, say("{others} will do, too.", others=others))
    return Fault(code=proof.code, words=proof.words or words, remedy=remedy)


def _unfit(record: Record, proof: Proof, shown: Shown) -> Fault | None:
    programme = record.programme
    formats = proof.formats or programme.proof_formats
    if formats and shown.format and shown.format not in formats:
        return Fault(
            code=Reason.POP_WRONG_FORMAT,
            words=say(
                "“{proof}” came as {kind}.", proof=titled(shown.name), kind=shown.format.upper()
            ),
            remedy=say("Send it as {kinds}.", kinds=", ".join(formats).upper()),
        )
    if proof.check and not proof.check(record.facts(shown.facts)):
        return Fault(
            code=Reason.POP_WRONG_FORMAT,
            words=say(
                "“{proof}” does not meet: {condition}.",
                proof=titled(shown.name),
                condition=proof.check.source,
            ),
            remedy=say("Send one that does."),
        )
    if programme.proof_names_claim and slug(record.case.ref) not in slug(shown.names):
        return Fault(
            code=Reason.NAMING_RULE,
            words=say(
                "“{proof}” does not name the claim {ref}.",
                proof=titled(shown.name),
                ref=record.case.ref,
            ),
            remedy=say("Put {ref} into the file’s name or onto the paper.", ref=record.case.ref),
        )
    return None
