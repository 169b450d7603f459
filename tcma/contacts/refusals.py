"""Whether a file says that somebody may not be mailed: by what a column is about, then by its cell.

A column about stops or dead addresses stops whoever has a word in it; one about consent takes who said
yes and nobody else; one that may be about consent stops who said no; a state stops by its words alone.
"""

import re
from enum import StrEnum
from functools import lru_cache

from tcma.contacts.mapping import field_of, folded
from tcma.contacts.rules import ContactField


class About(StrEnum):
    """What a column is about, as far as it decides who is mailed."""

    STOPS = "stops"
    DEAD = "dead"
    CONSENT = "consent"
    PERHAPS = "perhaps"
    STATE = "state"
    PLACE = "place"


class Told(StrEnum):
    """What one cell says of a person; what is unclear in a column of consent is no yes."""

    NOTHING = "nothing"
    UNCLEAR = "unclear"
    NOT_AGREED = "not agreed"
    UNSUBSCRIBED = "unsubscribed"
    DEAD = "dead"


# ── headers ──────────────────────────────────────────────────────────────────────────────────

_MAIL = re.compile(r"\b(e ?mail\w*|e ?post|mail\w*|newsletter\w*|courriel|correo)\b")
_OTHER_WAYS = re.compile(
    r"\b(sms|texts?|phone|calls?|calling|telefon\w*|telephone|anruf\w*|whatsapp|fax(es)?|push|post|postal|"
    r"mobile|viber)\b"
)
_BESIDE = re.compile(
    r"\b(links?|urls?|pages?|counts?|anzahl|rate|id|number|soft|opens?|clicks?)\b|"
    r"mails (bounced|delivered|sent|opened|clicked|received|replied)"
)
_OF_A_YES = re.compile(
    r"\b(date|datum|time|zeit\w*|timestamp|am|on|at|ip|source|quelle|method|text|wortlaut|notes?|notiz|"
    r"form|language|sprache|version|by|von|last|type|typ|name|level|sent|delivered|opened|clicked|received|"
    r"reason|detail)\b"
)
_STOPS = re.compile(
    r"\b(unsub\w*|un sub\w*|opt(ed|s)? ?outs?|do ?not ?(e ?mail|mail|contact|bulk|market|send|disturb|allow)\w*|"
    r"dnc|(no|ne pas|non) (contactar|contacter|contattare|autoriser|envoyer|permitir)|black ?list\w*|"
    r"block ?list\w*|suppress\w*|(marketing|e ?mail) suspended|objected|withdrawn|revoked|spam complain\w*|"
    r"abgemeldet|abmeldung|abbestell\w*|gesperrt|(werbe|mail|newsletter|kontakt)sperre|\w*widerspruch|"
    r"widersprochen|widerruf\w*|keine? (\w+ ){0,3}(mails?|werbung|newsletter|kontakt\w*)|desabonn\w*|"
    r"desinscri\w*|refus\w*|disiscri\w*|baja|afgemeld|uitgeschreven|wypisan\w*|avregistrerad|avmeldt|"
    r"descadast\w*|deactivated|stop (status|time)|e ?mail disabled|marked (e ?mail )?as spam|excluded from|opt in pending|abmeld\w*|austrag\w*|"
    r"ausgetragen|robinson\w*|sperr(e|vermerk|liste|grund|datum|kennzeichen)\w*|(nicht|nie) (mehr )?(kontaktieren|anschreiben|mailen)|"
    r"ne (plus|pas) (contacter|solliciter)|niet (mailen|contacteren|benaderen)|(cancelad[oa]|cancelou|annulla\w*|cancella\w*|cancell?ed) "
    r"((de|la|el|a|all|dall|l|su|os|the|to|from) ){0,3}(suscri|subscri|inscri|iscri|tod[oa]s|newsletter|e ?mail)\w*|inscricao cancelad\w*|"
    r"data (di )?cancellazione)\b|^((spam|abuse|fbl) )?complain(ts?|ed)( (date|time|at))?$|^no (e ?mails?|marketing|newsletter)$|"
    r"отписан|退订|取消订阅|配信(停止|(登録)?解除)|購読解除|受信拒否|수신거부"
)
_DEAD = re.compile(
    r"\b(cleaned|clean time|bounced|(hard|is) bounce\w*|undelivered|invalid e ?mail\w*|undeliverable|unzustellbar|"
    r"e ?mail( address)? (invalid\w*|quarantine\w*))\b"
)
_CONSENT = re.compile(
    r"\b(opt(ed|s)? ?in|doi (status|confirmed|bestatigt)|newsletter\w*|nieuwsbrief|nyhedsbrev|nyhetsbrev\w*|"
    r"infolettre|subscribed|consent\w*|consenso|accepts|\w*einwilligung\w*|\w*zustimmung|einverstanden\w*|"
    r"\w*werbeerlaubnis|bulk e ?mail|(e ?mail|marketing|contact) permissions?|(e ?mail )?marketing status|"
    r"marketing contact status|person marketing status|(marketing|promotional) e ?mails?$|send marketing\w*|"
    r"(mails?|e ?mailing|marketing|werbung|contact|kontakt\w*) "
    r"(allowed|ok|permitted|agreed|accepted|erlaubt|gewunscht|zugelassen)|"
    r"allows? (e ?mails?|marketing|contact)|mailable|marketable|contactable|abonniert|toestemming|samtykke|"
    r"samtycke|zgod[ay]|souhlas|suostumus|hozzajarulas)\b|согласие|同意|동의"
)
_PERHAPS = re.compile(
    r"^((is )?(active|aktiv|activated|aktiviert)|suscrit[oa]|iscritt[oa]|inscrit[eoa]?|abonnee?|accept marketing|メルマカ|メール配信|ニュースレター|(e ?mail )?(marketing|werbung)|subscriptions?|abonnement|dsgvo|gdpr|rgpd|agreed|"
    r"permissions?|werbung \w+)$"
)
_STATE = re.compile(
    r"\b(mail\w*|e ?mail\w*|subscri\w*|member|contact|list|global)\b.*\b(status|statut)\b|^bounce( type| status| category)?$|"
    r"^(e ?mail )?(valid(ity)?|validation|verification|deliverable|deliverability)( (status|result))?$"
)
_PLACE = re.compile(
    r"(un ?subscribed|bounced|cancell?ed|complained|inactive|deleted|cleaned|unconfirmed|suppressed|spam)"
)
"""What no state of a country is called, in a column that is called «state»."""
_HEADERS = {
    About.DEAD: _DEAD, About.STOPS: _STOPS, About.CONSENT: _CONSENT, About.PERHAPS: _PERHAPS,
    About.STATE: _STATE,
}  # fmt: skip

# ── cells ────────────────────────────────────────────────────────────────────────────────────

_NOTHING = re.compile(r"[\s\[\]{}()'\"–—\-.?/]*|null|n ?/ ?a|#n/a|nan")
_NO = re.compile(
    r"false|no|n|f|nein|non|none|nie|never|off|falsch|faux|falso|onwaar|fałsz|falskt|falsk|hamis|nepravda|"
    r"ложь|nej|nei|nee|nao|nem|ne|нет|ні|いいえ|否|아니요|아니오|لا|☐|[0 ]+"
)
_NOT_STOPPED = re.compile(r"allow(ed)?|zulassen|autoriser|permitir")
_YES = re.compile(
    r"1|1 0|y|t|j|o|s|x|on|yes|ja|oui|si|sim|tak|da|ano|igen|kylla|evet|да|так|はい|是|예|네|نعم|true|vrai|wahr|"
    r"vero|verdadero|verdadeiro|prawda|ok|checked|send|active|aktiv|email|e mail|✓|✔|☑|✅"
)
_AGREED = re.compile(
    r"\b(yes|ja|oui|si|sim|true|opt(ed)? ?in|subscribed|confirmed|bestatigt|granted|given|erteilt|accept\w*|"
    r"akzeptiert|agree[ds]?|allow(ed)?|erlaubt|zulassen|zugestimmt|einverstanden|gewunscht|explicit|"
    r"express(ed)?|implicit|implied|consented|abonniert|angemeldet|inscrit|abonne|suscrito|iscritto|"
    r"marketing contact)\b|^(19[89]|20)\d\d \d\d \d\d|^\d\d? \d\d? (20)?\d\d\b|согласен|同意"
)
_NOT = (
    r"(no|not|non|none|nein|nicht|kein\w*|nie|never|pas|ne|sin|niet|geen|nej|ej|inte|ikke|nao|nem|не|нет|"
    r"without|ohne)"
)
_NEGATED = re.compile(rf"\b{_NOT}\b|[不未]|しない|ません|なし|않")
_NOT_MAILED = re.compile(
    rf"\b{_NOT} (\w+ ){{0,3}}(subscri\w*|consent\w*|permissions?|opt|opted|allowed|abonn\w*|angemeldet|"
    r"erlaubt|\w*einwilligung|erteilt|marketing|marketable|mail\w*|e ?mail\w*|newsletter|iscritt\w*|"
    r"inscri\w*|suscri\w*|geabonneerd)\b|\b(transactional|unmarketable)\b"
)
_LEFT = re.compile(
    r"unsub|un sub|opt(ed)? ?out|(never|non|not) ?subscribed|blocklist|blacklist|suppress|do ?not|complain|"
    r"\bspam|\bjunk|abuse|abgemeldet|abbestellt|gesperrt|widerrufen|desabonn|desinscri|dado de baja|\bbaja\b|"
    r"disiscri|cancel(l?ed|ad[oa]|lat[oa])|descadast|avregistrer|avmeld|\bblocked\b|^removed$|購読解除|配信解除|non ?marketing|withdrawn|revoked|inactive|inaktiv|disabled|deleted|archived|ausgetragen|"
    r"afgemeld|uitgeschreven|wypisan|отписан|退订|配信停止|수신거부|zuruckgezogen"
)
_DECLINED = re.compile(
    r"\b(denied|declined|refus\w*|rejected|abgelehnt|verweigert|widersprochen|\w*widerspruch|objected|"
    r"opposed|rechazad\w*|rifiutat\w*|geweigerd|odmow\w*)\b|"
    r"不要|拒否|停止|不可"
)
_UNCONFIRMED = re.compile(
    r"unconfirmed|unbestatigt|(not|nicht|non|sin|no) ?(confirm|bestatigt)|niepotwierdzon|onbevestigd|"
    r"未確認|未确认"
)
_WAITS = re.compile(r"\b(pending|awaiting|ausstehend|en attente|pendiente|in attesa)\b")
_GONE = re.compile(
    r"\bcleaned\b|bounced|hard ?bounce|^(hard|permanent)\b|^5 \d{1,3} \d{1,3}$|quarantined|\binvalid|undeliverable|unzustellbar|\b(dead|erased)\b"
)
_REFUSALS = {
    Told.DEAD: _GONE,
    Told.UNSUBSCRIBED: _LEFT,
    Told.NOT_AGREED: re.compile(f"{_UNCONFIRMED.pattern}|{_NOT_MAILED.pattern}"),
}
_MOST = 300
"""Characters of a cell that are looked at; nobody's consent is longer."""


@lru_cache(maxsize=4096)
def about(header: str) -> About | None:
    """What a column is about by its header, None for one that decides nothing."""
    named = field_of(header)
    words = folded(header)
    if named is not None and named[0] is ContactField.STATUS:
        return _kind(words) or About.STATE
    if words == "state":
        return About.PLACE
    kind = _kind(words) if len(words) <= 80 and not _is_of_other_things(words) else None
    if named is not None:
        return kind if kind is About.STOPS else None
    return None if kind is About.CONSENT and _OF_A_YES.search(words) else kind


def _kind(words: str) -> About | None:
    return next((kind for kind, names in _HEADERS.items() if names.search(words)), None)


def _is_of_other_things(words: str) -> bool:
    other_way = _OTHER_WAYS.search(words) and not _MAIL.search(words)
    return bool(other_way or _BESIDE.search(words))


def told(kind: About, cell: str) -> Told:
    """What a cell says in a column of a kind."""
    return _told(kind, cell[:_MOST].strip())


@lru_cache(maxsize=4096)
def _told(kind: About, cell: str) -> Told:
    words = folded(cell) or cell
    if kind is About.PLACE:
        return Told.UNSUBSCRIBED if _PLACE.fullmatch(words) else Told.NOTHING
    nothing = _NOTHING.fullmatch(cell.casefold()) is not None
    no = _NO.fullmatch(words) is not None
    if kind in (About.STOPS, About.DEAD):
        free = (
            nothing or no or _NOT_STOPPED.fullmatch(words) or cell.startswith(("http:", "https:"))
        )
        stops = Told.DEAD if kind is About.DEAD else Told.UNSUBSCRIBED
        return Told.NOTHING if free else stops
    if nothing:
        return Told.UNCLEAR if kind is About.CONSENT else Told.NOTHING
    refused = next((says for says, how in _REFUSALS.items() if how.search(words)), None)
    if refused is not None:
        return refused
    return _of_state(words, no=no) if kind is About.STATE else _of_consent(kind, words, no=no)


def _of_state(words: str, *, no: bool) -> Told:
    doubtful = (no and words != "none") or _DECLINED.search(words) or _WAITS.search(words)
    return Told.UNCLEAR if doubtful else Told.NOTHING


def _of_consent(kind: About, words: str, *, no: bool) -> Told:
    if no or _DECLINED.search(words):
        return Told.NOT_AGREED
    if kind is About.PERHAPS:
        return Told.NOTHING
    yes = _YES.fullmatch(words) or _AGREED.search(words)
    if _NEGATED.search(words):
        return Told.UNCLEAR if _YES.fullmatch(words.partition(" ")[0]) else Told.NOT_AGREED
    return Told.NOTHING if yes and not _WAITS.search(words) else Told.UNCLEAR
