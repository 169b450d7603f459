"""Which kind of mail came back: a bounce, an automatic reply, an opt-out; in the languages they come in."""

import re

from tcma.delivery.feedback_report import Report, addresses_in, header_addresses, status_in

DAEMON = re.compile(
    r"mailer[-_. ]?daemon|post[-_.]?master|mail[- ]?(?:delivery|deliver|admin|router|gateway|system)|maildaemon|"
    r"mail\.daemon|autoresponder@|system administrator|mdaemon|delivery (?:sub)?system|<>",
    re.IGNORECASE,
)
BOUNCE_SUBJECT = re.compile(
    r"returned mail|return(?:ed)? to sender|undeliver|un-deliver|deliver(?:y|ed|ing)? (?:status|fail|problem|error|report|"
    r"notification|has failed|warning|delay|issue|unsuccess)|fail(?:ure|ed) (?:notice|deliver|mail|\(?delivery)|failure notice|"
    r"mail (?:delivery|system error|failure|could not|not delivered|error)|non[- ]?deliver|not deliver|could(?: not|n't) be delivered|"
    r"message (?:status|delivery|could not|not)|nondeliverable|unable to deliver|"
    r"\bbounced?\b|warning: (?:message|could not send)|mailbox .{0,20}full|user unknown|rejected|automatically rejected|"
    r"cannot be delivered|are not (?:a )?member|mail failed|processing error|"
    r"unzustellbar|nicht (?:zu(?:ge)?stell|ausgeliefert)|zustell\w*.{0,20}(?:fehl|verzöger|nicht)|"
    r"non (?:remis|distribu|délivr)|échec|remise (?:impossible|retardée)|"
    r"error de entrega|no se (?:pudo|puede|ha podido) entregar|no entregad|mensaje devuelto|"
    r"não (?:é possível entregar|entregue|foi possível)|falha na entrega|devolvid|"
    r"mancat[oa] (?:recapito|consegna)|non (?:recapitat|recapitabil|consegnat)|impossibile recapitare|"
    r"niet (?:bezorgd|afgeleverd)|onbestelbaar|inte levereras|olevererbar|oleveransbar|ikke lever|uleverbar|toimittaminen epäonnistui|"
    r"niedostarcz|nie dostarczono|nelze doručit|nedoručiteln|nem kézbesíthető|kézbesíthetetlen|nelivrat|teslim edilemedi|"
    r"не ?доставлен|не может быть доставлен|配信|送信|エラー|メールエラー|退信|无法(?:送达|投递)|投递失败|無法傳遞|전송되지|배달되지|반송",
    re.IGNORECASE,
)
_BOUNCE_TEXT = re.compile(
    r"(?:could ?(?:not|n['’]?t)|can(?:not|n't)|unable to|was not|has not been|wasn't able to|failed to|(?:has|have) failed)"
    r"[^.\n]{0,60}(?:deliver|reach|sent|send)|permanent (?:fatal )?error|delivery .{0,60}fail|undeliverable|did not reach|"
    r"transcript of session|failed recipients|not a member of|could not be delivered|rejected by|user unknown|delivery errors?|"
    r"mail has been returned|returning to sender|konnten? .{0,60}nicht .{0,20}zugestellt|n['’]a pas pu être (?:remis|distribué|livré)|"
    r"no se (?:ha podido|pudo|puede) entregar|não (?:pôde|foi possível|pode) (?:ser )?entreg|non è stato (?:recapitato|consegnato)|"
    r"no such user|requested action not taken|kon niet worden (?:bezorgd|afgeleverd)|kunde inte levereras|kunne ikke leveres|не (?:доставлен|удалось доставить)|"
    r"送信(?:が)?できません|配信できません|配送できません|未能送达|无法(?:送达|投递)|被退回|전송에 실패",
    re.IGNORECASE,
)
_ANSWER = re.compile(
    r"^\W*(?:re|aw|antw?|sv|vs|rv|tr|wg|fwd?|odp|r|回复|答复|回覆|返信)\s*[:：]", re.IGNORECASE
)


def is_bounce(report: Report) -> bool:
    """Say whether a server returned a mail, by its fields or by sender, subject and words."""
    if is_machine(report):
        return True
    server = bool(DAEMON.search(report.head("From")))
    typed = bool(_ANSWER.search(report.head("Subject"))) and not server
    subject = bool(BOUNCE_SUBJECT.search(report.head("Subject"))) and not typed
    told = bool(_BOUNCE_TEXT.search(report.text) or status_in(report.text))
    returned = report.original is not None
    if server and has_no_return(report) and _names_somebody(report):
        return True
    nobody = has_no_return(report) and not typed
    return ((server or nobody) and (subject or told)) or (told and (subject or returned))


def has_no_return(report: Report) -> bool:
    """Sent with the empty envelope sender, so by a program, whatever it says."""
    return str(report.headers.get("Return-Path", "x")).strip() == "<>"


def is_machine(report: Report) -> bool:
    """Carries the fields of a delivery report, so nobody typed it."""
    told = report.fields or report.headers.get("X-Failed-Recipients")
    return bool(told) or report.headers.get_content_type() == "multipart/report"


def _names_somebody(report: Report) -> bool:
    """Names an address besides those of its own letterhead, or returns the mail."""
    own = {a.lower() for a in header_addresses(report.headers, "From", "To", "Reply-To")}
    return report.original is not None or any(
        a.lower() not in own for a in addresses_in(report.text)
    )


_AUTO_SUBJECT = re.compile(
    r"^(?:\W*(?:re|aw|antw?|sv|fwd?)[ ]?:)*\W*(?:"
    r"auto(?:matic|mated|matische|matisk|matisch|maattinen|matick[áý]|matikus|matyczna)?[\s:-]*(?:reply|response|answer|re:|antwort|svar|"
    r"responder|antwoord|vastaus|odpow|odpov|válasz|risposta|:)|autoreply|auto:|automatische abwesenheits|"
    r"(?:réponse|respuesta|risposta|resposta|odpowied[zź]|răspuns) autom[aá]t|"
    r"авто(?:ответ|матический ответ)|αυτόματη απάντηση|otomatik yanıt|自動(?:返信|応答|回覆|回復)|自动(?:回复|答复)|자동 ?(?:회신|응답)|부재 ?중|不在|休假|"
    r"out[- ]of[- ](?:the[- ])?office|ooo\b|abwesen|nicht im (?:büro|haus)|fuera de (?:la )?oficina|fuori (?:sede|ufficio)|afwezig|nieobecn|"
    r"frånvaro|fravær|poissaolo|mimo kancelář|szabadság|в отпуске|ofis dışında|"
    r"away (?:from (?:my|the) |message)|on (?:vacation|leave|holidays?)\b|i(?:'m| am) (?:currently )?(?:away|out|on (?:vacation|leave|holiday|a business trip))\b|"
    r"(?:on )?(?:maternity|paternity|parental|sick|annual) leave|elternzeit|mutterschutz|"
    r"(?:absence|absent|vacation|urlaub|ferien|congés?)\W*(?:$|notice|message|du |de |from |until |bis |vom |re:|:))",
    re.IGNORECASE,
)
_AUTO_HEADERS = (
    "X-Autoreply",
    "X-Autorespond",
    "X-Auto-Reply-From",
    "X-Autogenerated",
    "X-Auto-Response-Suppress",
    "X-FC-MachineGenerated",
    "X-Mail-Autoreply",
    "X-MS-Exchange-Generated-Message-Source",
    "X-MS-Exchange-Inbox-Rules-Loop",
    "X-POST-MessageClass",
    "X-Vacation",
    "X-Autoresponder",
)
_CHALLENGE = re.compile(
    r"whitelist|challenge|confirm (?:that you|your (?:e-?mail|message|address)) ?(?:are|sent)?|verify you are|spamarrest|boxbe",
    re.IGNORECASE,
)


def is_auto_reply(report: Report) -> bool:
    """Say whether a program of the recipient answered by itself: RFC 3834, older marks, or its words."""
    if is_machine(report):
        return False
    if _AUTO_SUBJECT.search(report.head("Subject")):
        return True
    if DAEMON.search(report.head("From")):
        return False
    submitted = report.head("Auto-Submitted").lower()
    if submitted.startswith("auto-replied") or report.head("Precedence").lower() in {
        "auto_reply",
        "auto-reply",
    }:
        return True
    subject = report.head("Subject")
    marked = submitted.startswith("auto-") or any(report.headers.get(h) for h in _AUTO_HEADERS)
    return bool((marked and not BOUNCE_SUBJECT.search(subject)) or _CHALLENGE.search(subject))


_OPT_OUT = re.compile(
    r"^\W*(?:(?:re|aw)\s*:\s*)?(?:unsubscribe|opt[- ]?out|désabonn\w*|désinscri\w*|cancelar (?:la )?suscripci\w*|darse de baja|"
    r"disiscri\w*|cancella(?:re|mi)? (?:la |l'|dall'?)?iscrizione|uitschrijven|cancelar (?:a )?(?:inscrição|subscrição)|descadastr\w*|"
    r"rezygnacja z (?:subskrypcji|newslettera)|wypis\w* (?:z|mnie)|avprenumerera|avregistrera|avmeld|afmeld|peruuta tilaus|odhlásit|"
    r"leiratkoz\w*|dezabon\w*|отписаться|отпишите|退订|取消订阅|配信停止|구독 ?취소|수신 ?거부)",
    re.IGNORECASE,
)
_OPT_OUT_WHOLE = re.compile(
    r"^\W*(?:(?:re|aw)\s*:\s*)?(?:(?:please|pls|bitte|kindly)\W+)?(?:(?:newsletter|mich|e-?mails?)\W+)?"
    r"(?:stop|baja|abmelden|abmeldung|abbestellen|austragen|remove|delete me|take me off)"
    r"(?:\W+(?:me|us|my (?:e-?mail|address)|mich|all|mail(?:s|ings?)?|e-?mails?|newsletter|the|your|this|from|off|of|vom|von|mailing|list|please|bitte|now|jetzt))*\W*$",
    re.IGNORECASE,
)
_OPT_OUT_ADDRESS = re.compile(r"\b(?:unsub(?:scribe)?|leave|opt-?out)\b[-+@._]", re.IGNORECASE)


def is_opt_out(report: Report) -> bool:
    """Say whether a mail asks for no more mail, by its subject or by the address it was sent to.

    Words that mean other things too, such as «stop» or «baja», count only as the whole subject.
    """
    to = " ".join(header_addresses(report.headers, "To", "Delivered-To", "X-Original-To"))
    subject = report.head("Subject")
    asked = _OPT_OUT.search(subject) or _OPT_OUT_WHOLE.search(subject)
    return bool(asked or _OPT_OUT_ADDRESS.search(to))
