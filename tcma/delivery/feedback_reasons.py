"""Why a mail was refused and what that means: enhanced status first, words second, policy never hard."""

import re
from enum import StrEnum

from tcma.delivery.feedback_report import Fact


class Action(StrEnum):
    """What feedback does to the address it is about."""

    HARD = "hard-suppress"
    SOFT = "soft-retry"
    COMPLAINT = "complaint-suppress"
    UNSUBSCRIBE = "unsubscribe"
    AUTO_REPLY = "auto-reply-ignore"
    REPLY = "reply"
    DELIVERED = "delivered-ignore"
    IGNORE = "ignore-report"


class Cause(StrEnum):
    """Why mail did not arrive; only the first four say that the address is dead."""

    USER_UNKNOWN = "user unknown"
    HOST_UNKNOWN = "domain unknown"
    NO_MAIL = "domain takes no mail"
    MOVED = "moved"
    MAILBOX_FULL = "mailbox full"
    TOO_LARGE = "message too large"
    DISABLED = "account disabled"
    FILTERED = "refused after the recipient was accepted"
    POLICY = "refused by policy"
    NETWORK = "network or queue"
    SYSTEM = "error of the receiving system"
    UNKNOWN = "no reason given"


DEAD = frozenset({Cause.USER_UNKNOWN, Cause.HOST_UNKNOWN, Cause.NO_MAIL, Cause.MOVED})


def _any(*phrases: str) -> re.Pattern[str]:
    return re.compile("|".join(phrases), re.IGNORECASE)


_FULL = _any(
    r"mailbox (?:is )?full", r"(?:over|exceed\w*|out of|beyond|disk|space|storage|user'?s?) ?-?quota",
    r"quota (?:exceed|reach|limit|is full|violation|has been)", r"over(?: the)?(?: maximum)? (?:allowed )?quota",
    r"(?:mail ?box|inbox|folder|account|user|maildir)\W.{0,40}(?:is full|exceeded|over ?limit|overdrawn|has no space|"
    r"too full|out of space|size limit|limit exceeded|overflow)",
    r"exceed\w* .{0,40}(?:quota|storage|mailbox (?:size|limit)|disk space|space allowed)",
    r"insufficient (?:system |disk )?(?:storage|space|quota)", r"not enough (?:storage|disk|mailbox)? ?space",
    r"storage (?:allocation|limit|quota|space|is full)", r"disk (?:is )?full", r"no space left on",
    r"too many messages (?:in|on) .{0,20}mailbox", r"mailbox size limit", r"mailfolder is full", r"boite pleine",
    r"postfach .{0,30}voll", r"boîte .{0,30}pleine", r"buz[oó]n .{0,20}lleno", r"casella .{0,20}piena",
    r"not able to receive .{0,20}(?:full|space)", r"メールボックスが一杯|容量(?:を超|が不足|オーバー)|受信ボックス.{0,10}(?:一杯|いっぱい)|邮箱.{0,6}满|переполнен", r"account is full", r"is currently full", r"box .{0,20}is full",
    r"przekroczon\w* .{0,20}(?:limit|pojemno)", r"receiver.{0,20}box.{0,20}full", r"mailbox for .{0,60} is full",
)  # fmt: skip
_LARGE = _any(
    r"(?:message|mail|msg|size|attachment|content)\W.{0,40}too (?:big|large|long)",
    r"(?:message|mail)?\s?size exceed", r"exceed\w* .{0,40}(?:message|maximum|fixed|mail|file|size) ?(?:size|limit|length|"
    r"message|allowed)", r"(?:maximum|max) (?:message|mail|allowed|file) ?size", r"too large for this|message is larger",
    r"larger than the (?:current|maximum|allowed)", r"size limit",
)  # fmt: skip
_DISABLED = _any(
    r"(?:account|mailbox|user|address|recipient|email)\W.{0,60}(?:disabled|inactive|suspended|deactivated|discontinued|"
    r"not (?:currently )?active|blocked due to inactivity|locked|expired|frozen|temporarily unavailable|on hold)",
    r"\b(?:disabled|inactive|suspended|deactivated|expired|locked|closed|dormant) (?:user|account|mailbox|recipient|address)",
    r"not accepting (?:mail|messages|e-?mail)", r"zablokowan", r"mailbox currently suspended",
)  # fmt: skip
_POLICY = _any(
    r"spam(?!d\W)", r"\bblack.?list", r"\bblock.?list", r"\bblocked\b", r"\bdnsbl\b|\brbl\b|spamhaus|spamcop|barracudacentral|sorbs",
    r"\b(?:is|are|was|currently|ip|address) listed (?:in|at|on|by)\b", r"reputation", r"\bdmarc\b|\bspf\b|\bdkim\b|senderid",
    r"unauthenticated|authentication (?:checks|required|failed)|not authenticated|unauthorized|not authori[sz]ed",
    r"unsolicited|junk mail|\bbulk mail|\bUCE\b", r"virus|malware|infected|banned|dangerous|forbidden attachment",
    r"(?:message|content|mail|e-?mail|text|body|url|link|subject|header)s? (?:was |is |has been |been |are )?(?:rejected|refused|denied|"
    r"filtered|not accepted|prohibited|contains?|classified|blocked)",
    r"polic(?:y|ies)", r"relay(?:ing)? (?:access )?(?:denied|not|is not|prohibited)|not permitted to relay|unable to relay|no relaying|"
    r"open relay|insecure mail relay|cannot relay|relay access|relaying mail|we do(?:n't| not) relay",
    r"access denied|permission denied|not allowed|not permitted|prohibited|denied by|forbidden",
    r"sender (?:address |domain )?(?:rejected|denied|not|is|verify|verification|unknown|invalid|blocked)|from address|"
    r"domain of sender|sender'?s? (?:domain|address|ip)|return.path|envelope.?from|mail from|invalid sender|your (?:domain|ip|server|host)\b.{0,40}(?:block|reject|list|refus|not|denied|bad)",
    r"reverse (?:dns|lookup|address|mapping|hostname|ip)|\bptr\b|rdns|cannot find your|fcrdns|client host|helo|ehlo",
    r"too many (?:connections|concurrent|recipients|messages|errors|mails|requests|hops|received)|rate ?limit|throttl|"
    r"grey.?list|gray.?list",
    r"authenticat|refused (?:by|to accept)|intrusion|suspicious|fraud|phish|abuse|denylist|complaint|"
    r"rejected due to|transaction failed|low reputation|bad reputation|poor",
    r"verify (?:the )?sender|certificate|tls required|encryption|must issue a starttls|requires? (?:tls|authentication)",
)  # fmt: skip
_NETWORK = _any(
    r"timed? ?out|time-?out|connection (?:refused|reset|lost|closed|dropped|failed|timed)|no route to|unreachable|not reachable|"
    r"could not connect|couldn'?t connect|unable to connect|cannot connect|can'?t connect|lost connection|not responding|"
    r"did not respond|queue (?:too long|lifetime|expired)|in the queue|too long|retry time(?:out)?|giving up|gave up|"
    r"delivery (?:time )?expired|message expired|has expired|retries|still being retried|will (?:be retried|keep trying|continue)|"
    r"delayed|not (?:yet )?(?:been )?delivered (?:after|within|for)|deferred|loop|too many hops|mail for .{0,60} loops back|"
    r"hop count|bad connection|broken pipe|network|temporar|try again later|lookup failure|servfail|dns.{0,20}(?:fail|error|timeout)|"
    r"expired before|keep trying|persistent|warning only|do not need to resend"
)  # fmt: skip
_SYSTEM = _any(
    r"local error|internal error|configuration|server error|system error|resources|not available|out of memory|no such file|"
    r"i/o error|command died|pipe to|exit (?:code|status)|procmail|cannot (?:open|create|lock)|service unavailable|bad file"
)  # fmt: skip
_MOVED = _any(
    r"(?:has|have) moved", r"no longer (?:on server|at this|with (?:us|the company))|not our user|no forwarding address",
    r"has been replaced by|address has changed|new address is|user has moved|moved to another",
)  # fmt: skip
_HOST = _any(
    r"(?:host|domain|server|mailhost)(?: name)?\b[^.\n]{0,80}?(?:not found|does(?: not|n'?t) exist|couldn'?t be found|could not be found|"
    r"unknown|is not reachable|not exist|non-?existent|cannot be (?:found|resolved)|can'?t be found|is invalid|not resolved|was not found)",
    r"(?:unknown|no such|invalid|unresolvable|non-?existent|unroute?able|unrouteable) (?:mail )?(?:host|domain|address domain)",
    r"host or domain name not found", r"name or service not known", r"nxdomain", r"bad destination (?:system|host)",
    r"host .{1,60} not found", r"unrouteable (?:mail )?(?:domain|address)", r"no route to domain|dns domain .{1,60} does not exist",
    r"domain .{1,60} (?:not|isn'?t) (?:valid|registered|hosted)|unresolveable|all relevant mx records point to non-existent",
    r"couldn't find any host named|could not find any host|cannot resolve",
)  # fmt: skip
_NO_MAIL = _any(
    r"null ?mx", r"does not accept (?:any )?(?:mail|e-?mail|smtp)", r"does not receive (?:mail|e-?mail)",
    r"couldn'?t find a mail exchanger|could not find a mail exchanger|no mail exchanger|no (?:valid )?mx(?: record|\b)",
    r"no mx or a records|mail server does not accept mail|no a or mx|no mail server|is not a mail exchanger",
)  # fmt: skip
_STRONG = _any(
    r"no mail ?box (?:found|(?:here )?by that name)|\b542\b[^\n]{0,80}rejected|no such (?:mailbox|recipient|address|person|account|local user|email)",
    r"(?:user|recipient|mailbox|account|address|addressee|name|alias|mail-?box|destinataire|alias)\b[^\n]{0,90}?(?:does(?: not|n['’]?t) exist|not listed|"
    r"is not recogni[sz]ed|not recogni[sz]ed|is invalid|not known|not valid|is unknown|no longer (?:exists?|valid|available|active)|"
    r"has been (?:deleted|removed|closed|terminated)|wasn['’]t found|was not found|couldn['’]t be found|could not be found|isn['’]t valid|invalide|inconnue?)",
    r"invalid (?:recipient|mailbox|final delivery userid|user|e-?mail|rcpt)|unknown (?:recipient|address|mailbox|account|local.?part|alias|email|receiver|username|extension)",
    r"(?:recipient|address|mailbox|addressee|destination mailbox)s? (?:is |was |address )?(?:unknown|invalid|undeliverable)",
    r"(?:utilisateur|destinataire|adresse|compte|boite) .{0,20}(?:inconnu|invalide|inexistant)|utilisateur inconnu",
    r"(?:benutzer|empf[äa]nger|adresse|postfach).{0,40}(?:unbekannt|nicht gefunden|existiert nicht|ung[üu]ltig)",
    r"usuario (?:desconocido|no existe)|utente (?:sconosciuto|non)|gebruiker onbekend|nie ma takiego|nieznany|u[zż]ytkownik .{0,20}nie istnieje",
    r"recipnotfound|badrcptto|not in my validrcptto|no valid recipients|not a (?:valid|known|registered|local) (?:user|mailbox|recipient|address)",
    r"bad destination mailbox|mail-?box (?:not found|unavailable \(unknown)|address not found|unable to find (?:the )?(?:recipient|user|alias)",
    r"user(?:name)?\b.{0,60}not found|account (?:not found|that you tried to reach does not exist)|check if address is correct|dosn'?t exist|"
    r"(?:can'?t|cannot) find .{0,30}(?:user|mailbox|recipient)|isn'?t in my list|not (?:our|my) (?:customer|client)|not a user here|"
    r"unverified address|no account (?:by|with|here)|unknown or illegal (?:user|alias)|bad-mailbox|user name of email address not valid|user not exist|"
    r"(?:no|non)[ -]?exist(?:ent|ant|ing) (?:user|mailbox|account|recipient|address)|delivery error: dd .{0,40} account|never (?:logged|existed)|"
    r"recipient .{0,60} not exist|not an active address|550 requested action not taken: mailbox unavailable|intended recipient .{0,40}unknown",
)  # fmt: skip
_WEAK = _any(
    r"宛先(?:不明|が見つか)|アドレスが見つか|存在しない|用户不存在|не (?:найден|существует)",
    r"user\b[^\n]{0,70}?unknown|unknown[ -](?:local )?users?|no such user|recipient not found|user doesn'?t have|mailbox does not exist|"
    r"doesn'?t have an? \S+ account|does not exist|doesn'?t exist|mailbox unavailable|mailbox not (?:available|found)|"
    r"\bno user\b|user not known|recipient (?:address )?rejected\b(?!: ?(?:rate|temp))|not a valid|unknown$"
)  # fmt: skip
_EDGE_REFUSAL = _any(r"recipient address rejected:\s*access denied")
_WAIT = _any(r"temporar", r"timed? ?out")
_AFTER_DATA_ONLY = _any(
    r"\b550:?[ -]*: user unknown", r"unknown user \S*docomo\.", r"recipient preferences",
)  # fmt: skip
_NOISE = re.compile(
    r"^[ \t]*subject:[^\n]*|this message is in mime format[^\n]*|^content-[a-z-]+:[^\n]*|"
    r"https?://(?!\S*(?:spamhaus|spamcop|sorbs|barracuda|rbl|/bl))\S+|for further assistance[^\n]*|(?:please )?(?:contact|send mail to)[^\n]{0,60}postmaster[^\n]*|"
    r"reporting-mta:[^\n]*|final-recipient:[^\n]*|action:[^\n]*|\bx-[a-z-]+:[^\n]*|bounce/spam report",
    re.IGNORECASE | re.MULTILINE,
)


def cause_of(fact: Fact) -> Cause:
    """The cause that status, refused command and words point to, the most telling first."""
    first = _cause(fact, _NOISE.sub(" ", fact.words))
    around = _NOISE.sub(" ", fact.around).strip()
    if not around:
        return first
    if first is Cause.UNKNOWN:
        return _cause(fact, f"{fact.words}\n{around}")
    return Cause.MAILBOX_FULL if first in DEAD and _FULL.search(around) else first


def action_of(fact: Fact, cause: Cause) -> Action:
    """Hard only for a dead address in a report that is neither a delay nor a success."""
    if fact.action in {"delivered", "relayed", "expanded"}:
        return Action.DELIVERED
    if cause not in DEAD or fact.action == "delayed":
        return Action.SOFT
    return Action.HARD


def _cause(fact: Fact, words: str) -> Cause:
    by_status = _STATUS_FIRST.get(fact.status[2:])
    if by_status is None and fact.status[2:4] == "7." and not _nobody_after_all(fact, words):
        by_status = Cause.POLICY
    nobody = Cause.USER_UNKNOWN if _believed(fact, words) else Cause.FILTERED
    steps = (
        (Cause.MAILBOX_FULL, by_status is Cause.MAILBOX_FULL or _FULL.search(words)),
        (Cause.TOO_LARGE, by_status is Cause.TOO_LARGE or _LARGE.search(words)),
        (Cause.USER_UNKNOWN, fact.command == "RCPT" and _EDGE_REFUSAL.search(words)),
        (by_status or Cause.UNKNOWN, by_status is not None),
        (Cause.MOVED, _MOVED.search(words)),
        (Cause.FILTERED, _AFTER_DATA_ONLY.search(words)),
        (Cause.DISABLED, _DISABLED.search(words) and not _names_nobody(words)),
        (Cause.POLICY, _POLICY.search(words)),
        (Cause.NO_MAIL, fact.command != "DATA" and _NO_MAIL.search(words)),
        (Cause.HOST_UNKNOWN, _is_no_host(fact, words)),
        (nobody, _names_nobody(words)),
        (Cause.NETWORK, _NETWORK.search(words)),
        (Cause.SYSTEM, _SYSTEM.search(words)),
        (_STATUS_LAST.get(fact.status[2:], Cause.UNKNOWN), fact.status.startswith("5")),
    )
    return next((cause for cause, applies in steps if applies), Cause.UNKNOWN)


def _names_nobody(words: str) -> bool:
    return bool(_STRONG.search(words) or _WEAK.search(words))


def _nobody_after_all(fact: Fact, words: str) -> bool:
    """5.7.1 to RCPT with nothing but «no such mailbox» beside it: some servers use no other code."""
    return bool(
        fact.command == "RCPT" and fact.status == "5.7.1"
        and _STRONG.search(words) and not _POLICY.search(words)
    )  # fmt: skip


def _is_no_host(fact: Fact, words: str) -> bool:
    if fact.command == "DATA" or fact.status.startswith("4.") or _WAIT.search(words):
        return False
    return bool(_HOST.search(words))


def _believed(fact: Fact, words: str) -> bool:
    """Whether «unknown user» was said about the recipient, not after its mail had been read.

    Filters answer so once they have seen the content; only a refusal of RCPT, a 5.1 status or
    the recipient's own name in the answer makes the address dead.
    """
    subject, detail = fact.status[2:].partition(".")[::2]
    if fact.command == "RCPT" or subject == "1" or fact.around.startswith("bad-mailbox"):
        return True
    if (subject, detail) == ("2", "1"):
        return False
    if _STRONG.search(words):
        return bool(fact.reply or fact.command) or not fact.status.endswith(".0.0")
    return fact.command != "DATA" and (subject == "5" or _about(fact.recipient, words))


def _about(recipient: str, words: str) -> bool:
    """The refusal itself names the recipient: «550 <a@b>: user unknown»."""
    near = re.escape(recipient)
    return bool(
        re.search(rf"\b55\d[^\n]{{0,30}}{near}|unknown user:? <?{near}", words, re.IGNORECASE)
    )


_STATUS_FIRST = {
    "2.2": Cause.MAILBOX_FULL, "2.3": Cause.TOO_LARGE, "3.4": Cause.TOO_LARGE, "1.6": Cause.MOVED,
    "1.8": Cause.POLICY, "1.7": Cause.POLICY,
}  # fmt: skip
_STATUS_LAST = {
    "1.1": Cause.USER_UNKNOWN, "1.2": Cause.HOST_UNKNOWN, "1.3": Cause.USER_UNKNOWN,
    "1.10": Cause.NO_MAIL, "1.351": Cause.USER_UNKNOWN,
    "2.1": Cause.DISABLED, "4.4": Cause.NETWORK, "4.6": Cause.NETWORK,
}  # fmt: skip
