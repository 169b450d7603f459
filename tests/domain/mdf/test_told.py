"""What rules and people said about a partner's money is kept in English and told in the partner's language."""

import pytest
from sqlalchemy import text

from tcma.mdf.claims import decisions as claim_decisions
from tcma.mdf.claims import views as claim_views
from tcma.mdf.judging.deciding import checks_of
from tcma.mdf.programme.terms import read_term
from tcma.mdf.reasons import Reason
from tcma.mdf.requests import decisions as request_decisions
from tcma.mdf.requests import views as request_views
from tcma.web.case_words import VERBS, line_of
from tcma.words import in_language
from tests.domain.mdf.programme.cases import claim, decide, request

from .test_stages import plan
from .test_withdrawals import act

NOTICE = '[request]\ndeadline = "10 working days before activity start"\nstates = ["place"]\n'
LATE = "2026-12-04T12:00:00+00:00"


def plain(words, language):
    return in_language(words, language).replace("\N{NO-BREAK SPACE}", " ").replace("\u202f", " ")


def why(house, kind, ref):
    with house.db(house.alice) as work:
        view = claim_views.claim_detail if kind == "claim" else request_views.request_detail
        return view(work.session, house.alice, ref, now=work.now)


def test_a_rule_that_does_not_hold_is_told_in_the_language_of_its_reader():
    found = decide(NOTICE, **request(submitted_at=LATE, vendor="Quillon"))
    late, silent = found.reasons
    assert plain(late.words, "de") == "Bis zum Beginn: 2 Werktage; Quillon braucht 10."
    assert plain(late.remedy, "es") == "Empiece mejor el vie, 18 dic 2026, o pida una excepción."
    assert plain(silent.words, "de") == "Im Plan fehlt: Ort."
    assert plain(silent.words, "ja") == "計画に記載がありません：所在地。"
    assert silent.words == "The plan does not say: place."


def test_every_step_of_a_claim_is_told_and_the_answer_stays_as_it_was():
    rules = '[share]\npercent = 50\n[claim]\ndeadline = "30 days after activity end"\n'
    found = decide(rules, **claim(submitted_at="2026-05-24"))
    told = {step.rule: plain(step.words, "de") for step in found.trace}
    assert told["share"] == "50 % von 1.000,00 £ sind 500,00 £."
    assert told["claim.deadline"] == (
        "Abrechnung eingereicht am So., 24. Mai 2026; der letzte Tag war Sa., 9. Mai 2026:"
        " 30 Tage nach Ende der Aktivität."
    )
    assert [in_language(check.words, "de") for check in checks_of(found)] != [
        check.words for check in checks_of(found)
    ]
    assert {type(step["words"]) for step in found.as_json()["trace"]} != {str}
    assert "50% of £1,000.00 is £500.00." in [each["words"] for each in found.as_json()["trace"]]


def test_proofs_and_kinds_that_we_know_are_told_by_the_names_of_the_pages():
    rules = '[[proof]]\nproof = "mail"\n[activity.event]\nname = "Event"\n'
    shown = [{"proof": "mail", "files": 1}]
    found = decide(rules, **claim(proofs=shown))
    told = {step.rule: plain(step.words, "de") for step in found.trace}
    assert "Nachgewiesen: Gesendete Mail." in told.values()
    assert told["activity.listed"] == "Veranstaltung: wird gefördert."
    lacking = decide(rules.replace("mail", "Landing page"), **claim())
    assert "«Página de destino»" in " ".join(plain(each.words, "es") for each in lacking.reasons)


@pytest.mark.parametrize(
    ("written", "de", "es"),
    [
        ("10 working days before activity start", "10 Werktage vor Beginn der Aktivität",
         "10 días laborables antes de empezar la actividad"),
        ("end of month", "Ende des Monats, gerechnet ab Ende der Aktivität",
         "final del mes al terminar la actividad"),
        ("30 days after quarter end", "30 Tage nach Ende des Quartals, gerechnet ab Ende der Aktivität",
         "30 días después de final del trimestre al terminar la actividad"),
        ("activity end or the next working day", "Ende der Aktivität, sonst der nächste Werktag",
         "al terminar la actividad, o el siguiente día laborable"),
        ("2026-12-15", "Di., 15. Dez. 2026", "mar, 15 dic 2026"),
    ],
)  # fmt: skip
def test_a_deadline_stands_as_its_author_wrote_it_and_is_told_as_it_was_read(written, de, es):
    words = read_term(written).words
    assert words == ("Tue 15 Dec 2026" if written[0] == "2" and "-" in written else written)
    assert (in_language(words, "de"), in_language(words, "es")) == (de, es)


def test_a_kept_decision_is_told_step_by_step(house):
    ref = house.claimed(house.proven(house.approved(800)), ("1", 800))
    found = why(house, "claim", ref).why
    assert found.same
    told = [plain(step.words, "de") for step in found.steps]
    assert "Rechnung 1 zählt" not in told
    assert any("Kosten von 800,00 £ zählen." in each for each in told)
    assert all(de != step.words for de, step in zip(told, found.steps, strict=True))


def test_what_was_kept_otherwise_is_shown_as_it_was_kept(house):
    ref = house.claimed(house.proven(house.approved(800)), ("1", 800))
    with house.db() as work:
        work.session.execute(text("set local session_replication_role = replica"))
        work.session.execute(
            text("update judgement set answer = jsonb_set(answer, '{trace,0,words}', '\"Old.\"')")
        )
    found = why(house, "claim", ref).why
    assert not found.same
    assert in_language(found.steps[0].words, "de") == "Old."
    assert in_language(found.steps[1].words, "de") != found.steps[1].words


def test_note_and_history_of_a_claim_are_told_in_the_language_of_their_reader(house):
    ref = house.claimed(house.proven(house.approved(800)), ("1", 800))
    how = {"reason": Reason.POP_MISSING, "words": "A photo, please."}
    act(house, house.mira, ref, claim_decisions.return_to_fix, **how)
    it = why(house, "claim", ref)
    assert plain(it.note, "de").endswith(
        "bittet um eine Änderung: ein Nachweis fehlt. A photo, please."
        " Bringen Sie es bis Mo., 16. März 2026 in Ordnung."
    )
    lines = [plain(line_of(each, VERBS), "de") for each in it.timeline]
    assert lines[1] == "Rechnung hinzugefügt von Alice: 1, 800,00 £ netto."
    assert lines[-1].count("bis Mo., 16. März 2026") == 1
    assert lines[-1].endswith("in Ordnung.")


def test_note_and_history_of_a_plan_are_told_in_spanish(house):
    ref = house.sent(600)
    plan(house, house.finn, ref, request_decisions.approve, words="Good luck.")
    it = why(house, "request", ref)
    lines = [plain(line_of(each, VERBS), "es") for each in it.timeline]
    assert lines[1].endswith("lo envió: pide 600,00 GBP.")
    assert "liquidar hasta el" in lines[-1]
    assert lines[-1].endswith("Good luck.")


def test_what_older_rows_kept_stays_as_it_was_written(house):
    ref = house.sent(600)
    with house.db() as work:
        work.session.execute(text("set local session_replication_role = replica"))
        work.session.execute(text("update audit_entry set detail = detail - 'told'"))
        work.session.execute(text("update fund_request set note = 'Wait a little.'"))
    it = why(house, "request", ref)
    assert it.note == "Wait a little."
    assert line_of(it.timeline[-1], VERBS).endswith("sent it: asks for £600.00.")
    assert in_language(it.timeline[-1].words, "de") == "asks for £600.00"
