"""The rules of a fund are read in sentences, each whole in the reader's language."""

import re
from datetime import date

import pytest

from tcma.mdf.programme import reading, sentences, shipped_words
from tcma.words import LANGUAGES, in_language, translations
from tests.domain.mdf.programme.cases import SHIPPED

OTHERS = tuple(each for each in LANGUAGES if each != "en")
ALL = """
name = "XX"
kind = "points"
currency = "EUR"
region = "DE-BY"
zone = "UTC"
day_ends = "17:00"
year_starts = "april"
from = 2026-02-01
about = "XX"
[partner]
status = ["XX"]
tiers = ["XX", "YY"]
countries = ["DE"]
frozen_when_overdue = true
when = "XX"
[request]
deadline = ["10 working days before activity start", "quarter end"]
minimum = 100
maximum = 5000
states = ["place", "audience"]
naming = "XX"
[approval]
automatic_up_to = 500
level = [{by = ["channel_manager"], up_to = 2000}, {up_to = 3000}, {by = ["administrator", "finance"]}]
[claim_approval]
level = [{by = ["channel_manager"], up_to = 100}, {by = ["finance"], up_to = 200}, {by = ["finance"]}]
[files]
formats = ["pdf", "jpg"]
name_the_claim = true
[costs]
eligible = ["XX", "YY"]
ineligible = ["alcohol"]
[share]
percent = 50
tier = {XX = 60, YY = 55}
[activity.event]
name = "Event"
request_deadline = "20 days before activity start"
claim_deadline = "30 days after activity end"
fixed = 500
minimum = 10
maximum = 2000
eligible = ["XX", "YY"]
ineligible = ["alcohol", "YY"]
share = {least = 40, most = 60}
proof = [{proof = "photo", count = 3, for_each = "XX"}]
[[proof]]
proof = "other"
alternatives = ["contract", "photo"]
together_with = ["YY"]
check = "XX > 5"
when = "YY > 20"
[[cap]]
amount = 1000
per = "quarter"
activities = ["event"]
costs = ["XX"]
tiers = ["XX"]
when = "XX > 5"
[[cap]]
amount = 1000
percent_of_fund = 20
larger_of_both = true
per = "fund"
then = "return"
[[cap]]
amount = 1000
percent_of_fund = 20
per = "half-year"
then = "refuse"
[claim]
approved_in_advance = "5 days before activity start"
unchanged = ["starts_on", "place"]
opens = "activity end"
deadline = "45 days after activity end"
fix_within = "10 working days"
results = "60 days after activity end"
minimum = 50
most_claims = 3
needs = ["tax_profile", "bank_profile", "place"]
paid_within = "30 days"
papers_kept = "10 years"
extension = {by = ["channel_manager", "finance"], most = "30 days"}
[invoice]
shows = ["issuer", "number"]
order_number = true
equals = "approved"
unless = "XX < 5"
not_before = "approval"
not_after = "30 days after activity end"
no_tax_from_abroad = true
made_out_to = ["partner", "vendor"]
issued_by = ["XX"]
[fund]
starts_on = 2026-01-01
ends_on = 2026-12-31
expires = "2 quarters after earning"
carry_over = 20
carry_over_by = ["director"]
per_partner = 5000
per = "year"
asked_back = "when repaid"
settled_by = ["cash", "credit", "discount", "access"]
extension = {by = ["finance"]}
[accrual]
percent = 2.5
tier = {XX = 3}
of = "sales"
minimum = 5
maximum = 9
[[rule]]
name = "r"
when = "XX"
require = "YY"
"""
OF_NOBODY = {"XX", "YY", "xx", "yy", "DE", "BY", "UTC", "EUR", "PDF", "JPG"}
"""What an author wrote, and what is the same everywhere."""
ENGLISH = re.compile(r"\b(?:the|and|of|is|to|for|by|at|with|when|where|days?|most|plan is)\b")


def said(of, language="en"):
    return [
        in_language(one, language).replace("\N{NO-BREAK SPACE}", " ").replace("\u202f", " ")
        for part in sentences.of(of)
        for one in (part.heading, *part.sentences)
    ]


def everything():
    return reading.read(ALL).at(date(2026, 3, 2))


def shipped(name):
    (version,) = reading.read((SHIPPED / name).read_text(encoding="utf-8"), name).versions
    return version


@pytest.mark.parametrize("language", ["de", "fr", "es"])
def test_no_english_is_left_in_any_sentence(language):
    told = said(everything(), language)
    assert len(told) > 80
    assert [one for one in told if ENGLISH.search(one)] == []


def test_a_japanese_sentence_has_no_latin_word_but_what_its_author_wrote():
    told = said(everything(), "ja")
    words = {word for one in told for word in re.findall(r"[A-Za-z]{2,}", one)}
    assert words <= OF_NOBODY
    assert [one for one in told if ", " in one or "。 " in one] == []


@pytest.mark.parametrize(
    ("english", "de", "ja"),
    [
        ("These rules count from Sun 1 Feb 2026 on.", "Diese Regeln gelten ab So., 1. Feb. 2026.",
         "このルールは2026年2月1日(日)から適用されます。"),
        ("Its year begins in April.", "Sein Jahr beginnt im April.", "年度は4月に始まります。"),
        ("Each partner has €5,000.00 per year.", "Jeder Partner hat 5.000,00 € je Jahr.",
         "各パートナーの額は年ごとに€5,000.00です。"),
        ("2.5 % of sales builds up: 3 % for xx. Nothing below €5.00. At most €9.00.",
         "2,5 % der Verkäufe sammeln sich an: 3 % bei xx. Nichts unter 5,00 €. Höchstens 9,00 €.",
         "販売額の2.5%が積み立てられます：xxは3%。€5.00未満は対象外です。上限は€9.00です。"),
        ("Plans up to €3,000.00 need a further yes, of anyone who may decide: another person.",
         "Pläne bis 3.000,00 € brauchen eine weitere Zustimmung, von einer anderen Person: wer entscheiden darf.",
         "€3,000.00までの計画には、別の担当者の承認がもう1つ必要です：決定権のある人。"),
        ("At most €1,000.00 per quarter, for Event and XX, for XX partners, where XX > 5; what is above is left out.",
         "Höchstens 1.000,00 € je Quartal, für Veranstaltung und XX, für Partner der Stufe XX, wo XX > 5; was darüber liegt, entfällt.",
         "四半期ごとに€1,000.00まで（対象：イベント、XX、XXのパートナー、XX > 5の場合）。超えた分は対象外です。"),
        ("Always: photo, programme or screenshot (or contract or photo) with YY, where XX > 5, when YY > 20.",
         "Immer: Foto, Programm oder Bildschirmfoto (oder Vertrag oder Foto), zusammen mit YY, wobei XX > 5, wenn YY > 20.",
         "常に必要：写真、プログラム、画面の写し（または契約書または写真）とYY（条件：XX > 5）（YY > 20の場合）。"),
        ("The last day can be extended by channel manager or finance, by 30 days at most.",
         "Der letzte Tag kann verlängert werden, um höchstens 30 Tage; das entscheidet: Partnerbetreuung oder Finanzen.",
         "期限は最長30日延長できます。決定者：チャネルマネージャーまたは経理。"),
    ],
)  # fmt: skip
def test_days_sums_and_lists_stand_as_each_language_writes_them(english, de, ja):
    rules = everything()
    at = said(rules).index(english)
    assert (said(rules, "de")[at], said(rules, "ja")[at]) == (de, ja)


def test_partners_read_everything_but_who_decides():
    rules = everything()
    parts = {part.heading: part.sentences for part in sentences.of(rules)}
    for_partners = {part.heading: part.sentences for part in sentences.for_partners(rules)}
    assert parts.pop("Who decides")
    assert for_partners == parts


@pytest.mark.parametrize("name", sorted(each.name for each in SHIPPED.iterdir() if each.suffix == ".toml"))  # fmt: skip
def test_what_shipped_programmes_call_things_is_known_to_translators(name):
    rules = shipped(name)
    proofs = (
        *rules.proofs,
        *(proof for each in rules.activities.values() for proof in each.proofs),
    )
    names = [
        name for proof in proofs for name in (proof.name, *proof.alternatives, *proof.together_with)
    ]
    told = [shipped_words.proof_named(each) for each in names]
    told += [shipped_words.titled(each) for each in names]
    told += [shipped_words.named(each) for each in (*rules.eligible, *rules.ineligible)]
    assert [one for one in told if in_language(one, "ja") == one] == []
    assert all(rules.about in translations(language).texts for language in OTHERS)
