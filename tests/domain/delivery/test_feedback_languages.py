"""What comes back in the words of other languages, older programs and newer standards."""

import time

import pytest

from tcma.delivery.feedback_parse import classify
from tcma.delivery.feedback_reasons import Action
from tests.domain.delivery.test_feedback_parse import dsn, plain

HARD, SOFT, AUTO, OUT = Action.HARD, Action.SOFT, Action.AUTO_REPLY, Action.UNSUBSCRIBE
POST = "postmaster@corp.example"


@pytest.mark.parametrize(
    ("subject", "words", "action"),
    [
        ("Unzustellbar: Angebot", "Der Empfänger ist unbekannt.", HARD),
        ("Zustellung fehlgeschlagen", "Das Postfach des Empfängers ist voll.", SOFT),
        ("Non remis : Offre", "L'adresse de messagerie n'existe pas dans l'annuaire.", HARD),
        ("Error de entrega", "El destinatario no existe en el sistema.", HARD),
        ("No se puede entregar", "La bandeja de entrada está llena.", SOFT),
        ("Não é possível entregar", "O endereço de e-mail não foi encontrado.", HARD),
        ("Mancato recapito", "la casella del destinatario non esiste", HARD),
        ("Onbestelbaar: Aanbod", "Het e-mailadres bestaat niet.", HARD),
        ("Kan inte levereras", "Mottagaren finns inte.", HARD),
        ("Nie dostarczono", "Taki użytkownik nie istnieje", HARD),
        ("Nelze doručit", "Uživatel neexistuje", HARD),
        ("Не доставлено", "Пользователь не найден.", HARD),
        ("系统退信", "收件人邮箱账号不存在，邮件无法送达。", HARD),
        ("系统退信", "收件人邮箱已满", SOFT),
        ("配信エラー", "ユーザーが存在しません", HARD),
        ("메일이 전송되지 못했습니다", "받는 사람의 메일 주소가 존재하지 않습니다.", HARD),
        ("Mail delivery failed", "Unbekannter Benutzer", HARD),
        ("ZUSTELLUNGSFEHLER", "Benutzer Ada (ada@example.org) nicht im Domino-Verzeichnis aufgeführt", HARD),
        ("Sikertelen kézbesítés", "Ismeretlen felhasználó", HARD),
        ("Nedoručeno", "Neznámý uživatel", HARD),
        ("Не доставлено", "Неизвестный пользователь", HARD),
        ("배달 실패", "존재하지 않는 사용자입니다.", HARD),
        ("Levering", "Nobody we know the words of.", SOFT),
    ],
)  # fmt: skip
def test_a_plain_bounce_is_read_in_the_language_of_its_server(subject, words, action):
    raw = plain(
        f"ada@example.org\n{words}\n", sender=POST, subject=subject, more="Return-Path: <>\n"
    )
    assert [(f.recipient, f.action) for f in classify(raw)] == [("ada@example.org", action)]


@pytest.mark.parametrize(
    ("status", "words", "action"),
    [
        ("5.4.1", "550 5.4.1 Recipient address rejected: Access denied. [x.outlook.example]", HARD),
        ("5.7.1", "554 5.7.1 <ada@example.org>: Recipient address rejected: Access denied", SOFT),
        ("5.0.0", "User Ada (ada@example.org) not listed in Domino Directory", HARD),
        ("5.0.0", "550 Message was not accepted -- invalid mailbox. Local mailbox is unavailable", HARD),
        ("5.7.1", "550 5.7.1 No such user! (in reply to RCPT TO command)", HARD),
        ("4.1.1", ("450 4.1.1 Recipient address rejected: unverified address: connect to "
                  "mx.example[192.0.2.1]:25: Connection timed out"), SOFT),
        ("4.1.1", "450 4.1.1 Recipient address rejected: User unknown in virtual alias table", HARD),
        ("5.1.1", "550 5.1.1 Adresse d au moins un destinataire invalide. OFR_416", HARD),
        ("5.1.1", "553 5.1.1 sorry, your mailserver is rejected by my LOCAL rules", SOFT),
        ("5.0.0", "550 El usuario no se ha encontrado", HARD),
        ("5.0.0", "550 No existe el usuario", HARD),
        ("5.0.0", "550 Não existe o usuário", HARD),
        ("5.0.0", "550 The recipient no longer works for this company", HARD),
        ("5.0.0", "550 This feature no longer works with your client", SOFT),
    ],
)  # fmt: skip
def test_a_server_that_words_it_its_own_way_is_understood(status, words, action):
    assert [f.action for f in classify(dsn(status, words))] == [action]


@pytest.mark.parametrize(
    "written", ["utf-8; jürgen@example.org", r"utf-8; j\x{FC}rgen@example.org"]
)
def test_an_address_beyond_ascii_is_read_as_rfc_6533_writes_it(written):
    told = dsn("5.1.1", "550 user unknown").decode().replace("rfc822; ada@example.org", written)
    told = told.replace("message/delivery-status", "message/global-delivery-status")
    assert [(f.recipient, f.action) for f in classify(told.encode())] == [
        ("jürgen@example.org", HARD)
    ]


def from_ada(subject, more="", text="Gone.\n"):
    return plain(text, sender="Ada <ada@example.org>", subject=subject, more=more)


@pytest.mark.parametrize(
    ("subject", "more"),
    [
        (subject, "")
        for subject in (
            "Réponse automatique : Offre", "Respuesta automática: Oferta", "Resposta automática: Oferta",
            "Automatisch antwoord: Aanbod", "Automatisk svar: Tilbud", "Automaattinen vastaus: Tarjous",
            "Odpowiedź automatyczna: Oferta", "Automatyczna odpowiedź: Oferta", "Automatická odpověď: Nabídka", "Automatikus válasz: Ajánlat",
            "Автоответ: Предложение", "Αυτόματη απάντηση: Προσφορά", "Otomatik Yanıt: Teklif",
            "Răspuns automat: Ofertă", "自动回复: 报价", "自動応答: 見積", "자동 회신: 견적", "부재중: 견적",
            "I am currently away", "Urlaub bis 3. März", "Absence du bureau", "Elternzeit",
        )
    ] + [
        ("Thank you for contacting us [Ticket #1234]", "Auto-Submitted: auto-generated\n"),
        ("Re: Offer", "X-POST-MessageClass: 9; Autoresponder\n"),
        ("Re: Offer", "X-Auto-Response-Suppress: All\n"),
        ("Re: Offer", "Return-Path: <>\n"),
    ],
)  # fmt: skip
def test_an_automatic_reply_is_known_in_any_language_and_by_any_mark(subject, more):
    text = "I am unable to reach my mail until Monday.\n"
    found = classify(from_ada(subject, more, text))
    assert [(f.recipient, f.action) for f in found] == [("ada@example.org", AUTO)]


@pytest.mark.parametrize(
    "subject",
    ["Bitte abmelden", "Newsletter abbestellen", "Stop", "Baja", "désabonnement", "Désinscription",
     "Cancella iscrizione", "Avregistrera", "Rezygnacja z subskrypcji", "Отписаться", "退订", "配信停止",
     "please remove me from your mailing list", "Descadastrar"],
)  # fmt: skip
def test_a_wish_for_no_more_mail_is_heard_in_any_language(subject):
    assert [f.action for f in classify(from_ada(subject))] == [OUT]


@pytest.mark.parametrize(
    "subject",
    ["Stop by our booth?", "Stopover in Berlin", "Baja California trip", "Leave a review",
     "absence management software quote", "Vacation rental listing", "Re: our rejected claim",
     "Remove the old logo", "Holiday party"],
)  # fmt: skip
def test_a_person_who_uses_such_words_for_something_else_is_left_alone(subject):
    assert classify(from_ada(subject, text="It could not be sent on time, call me.\n")) == []


RECEIPT = """Return-Path: <>
From: Ada <ada@example.org>
To: b-token@bounce.example.com
Subject: {subject}
MIME-Version: 1.0
Content-Type: multipart/report; report-type=disposition-notification; boundary="b"

--b
Content-Type: text/plain

Your message was deleted without being read.
--b
Content-Type: message/disposition-notification

Final-Recipient: rfc822;ada@example.org
Original-Message-ID: <m-1@example.com>
Disposition: automatic-action/MDN-sent-automatically; deleted

--b--
"""


@pytest.mark.parametrize("subject", ["Read: Offer", "Not read: Offer", "Gelesen: Angebot"])
def test_a_receipt_is_neither_a_bounce_nor_an_answer(subject):
    [found] = classify(RECEIPT.format(subject=subject).encode())
    assert (found.recipient, found.action, found.message_id) == ("ada@example.org", AUTO, "m-1@example.com")  # fmt: skip


def test_a_complaint_whose_fields_stand_in_the_text_names_who_complained():
    text = "This is an abuse report.\n\nFeedback-Type: abuse\nOriginal-Rcpt-To: ada@example.org\n\nHi\n"
    raw = plain(text, sender="fbl@provider.example", subject="Abuse Report")
    assert [(f.recipient, f.action) for f in classify(raw)] == [
        ("ada@example.org", Action.COMPLAINT)
    ]


@pytest.mark.parametrize(
    "raw",
    [
        plain("." * 200_000), plain("a" * 200_000), from_ada("re: " * 20_000),
        plain("<style" * 50_000, more="Content-Type: text/html\n"), plain("<" * 200_000),
    ],
    ids=["dots", "letters", "answers", "styles", "brackets"],
)  # fmt: skip
def test_a_mail_made_to_be_slow_is_not(raw):
    began = time.process_time()
    classify(raw)
    assert time.process_time() - began < 10
