"""The words servers refuse mail with, in the languages they come in, by what they mean."""

import re


def _any(*phrases: str) -> re.Pattern[str]:
    return re.compile("|".join(phrases), re.IGNORECASE)


FULL = _any(
    r"mailbox (?:is )?full", r"\bfull (?:mailbox|inbox)\b", r"(?:over|exceed\w*|out of|beyond|disk|space|storage|user'?s?) ?-?quota",
    r"quota (?:exceed|reach|limit|is full|violation|has been)", r"over(?: the)?(?: maximum)? (?:allowed )?quota",
    r"(?:mail ?box|inbox|folder|account|user|maildir)\W.{0,40}(?:is full|exceeded|over ?limit|overdrawn|has no space|"
    r"too full|out of space|size limit|limit exceeded|overflow)",
    r"exceed\w* .{0,40}(?:quota|storage|mailbox (?:size|limit)|disk space|space allowed)",
    r"insufficient (?:system |disk )?(?:storage|space|quota)", r"not enough (?:storage|disk|mailbox)? ?space",
    r"storage (?:allocation|limit|quota|space|is full)", r"disk (?:is )?full", r"no space left on",
    r"too many messages (?:in|on) .{0,20}mailbox", r"mailbox size limit", r"mailfolder is full", r"boite pleine",
    r"postfach .{0,30}voll", r"boîte .{0,30}pleine", r"buz[oó]n .{0,20}lleno", r"casella .{0,20}piena",
    r"not able to receive .{0,20}(?:full|space)", r"メールボックスが一杯|容量(?:を超|が不足|オーバー)|受信ボックス.{0,10}(?:一杯|いっぱい)|邮箱.{0,6}满|переполнен", r"account is full", r"is currently full", r"box .{0,20}is full",
    r"(?:buz[oó]n|bandeja)[^\n]{0,60}llen[ao]", r"caixa[^\n]{0,60}chei[ao]", r"(?:postvak|postbus|mailbox)[^\n]{0,40}\bvol\b",
    r"(?:skrzynk|schránk|brevlåd|postlåd|postkass)\w*[^\n]{0,40}(?:pełn|przepełn|plná|full\b|fuld\b)", r"ящик[^\n]{0,30}заполнен",
    r"(?:메일함|편지함|용량)[^\n]{0,20}(?:가득|초과)", r"przekroczon\w* .{0,20}(?:limit|pojemno)", r"receiver.{0,20}box.{0,20}full", r"mailbox for .{0,60} is full",
)  # fmt: skip
LARGE = _any(
    r"(?:message|mail|msg|size|attachment|content)\W.{0,40}too (?:big|large|long)",
    r"(?:message|mail)?\s?size exceed", r"exceed\w* .{0,40}(?:message|maximum|fixed|mail|file|size) ?(?:size|limit|length|"
    r"message|allowed)", r"(?:maximum|max) (?:message|mail|allowed|file) ?size", r"too large for this|message is larger",
    r"larger than the (?:current|maximum|allowed)", r"size limit",
)  # fmt: skip
DISABLED = _any(
    r"(?:account|mailbox|user|address|recipient|email)\W.{0,60}(?:disabled|inactive|suspended|deactivated|discontinued|"
    r"not (?:currently )?active|blocked due to inactivity|locked|expired|frozen|temporarily unavailable|on hold)",
    r"\b(?:disabled|inactive|suspended|deactivated|expired|locked|closed|dormant) (?:user|account|mailbox|recipient|address)",
    r"not accepting (?:mail|messages|e-?mail)", r"zablokowan", r"mailbox currently suspended",
)  # fmt: skip
DISABLED_PLAINLY = _any(
    r"\b(?:account|mailbox)(?:\(s\)|s)? (?:is|are|has been|have been) (?:disabled|suspended|locked)\b(?! or)",
)
POLICY = _any(
    r"spam(?!d\W)", r"\bblack.?list", r"\bblock.?list", r"\bblocked\b", r"\bdnsbl\b|\brbl\b|spamhaus|spamcop|barracudacentral|sorbs",
    r"\b(?:is|are|was|currently|ip|address) listed (?:in|at|on|by)\b", r"reputation", r"\bdmarc\b|\bspf\b|\bdkim\b|senderid",
    r"unauthenticated|authentication (?:checks|required|failed)|not authenticated|unauthorized|not authori[sz]ed",
    r"unsolicited|junk mail|\bbulk mail|\bUCE\b", r"virus|malware|infected|banned|dangerous|forbidden attachment",
    r"(?:message|content|mail|e-?mail|text|body|url|link|subject|header)s? (?:was |is |has been |been |are )?(?:rejected|refused|denied|"
    r"filtered|not accepted(?!\W+(?:invalid|unknown|no such) (?:mailbox|user|recipient))|prohibited|contains?|classified|blocked)",
    r"polic(?:y|ies)", r"relay(?:ing)? (?:access )?(?:denied|not|is not|prohibited)|not permitted to relay|unable to relay|no relaying|"
    r"open relay|insecure mail relay|cannot relay|relay access|relaying mail|we do(?:n't| not) relay",
    r"access denied|permission denied|not allowed|not permitted|prohibited|denied by|forbidden",
    r"sender (?:address |domain )?(?:rejected|denied|not|is|verify|verification|unknown|invalid|blocked)|from address|"
    r"domain of sender|sender'?s? (?:domain|address|ip)|return.path|envelope.?from|mail from|invalid sender|your (?:domain|ip|server|host)\b.{0,40}(?:block|reject|list|refus|not|denied|bad)",
    r"reverse (?:dns|lookup|address|mapping|hostname|ip)|\bptr\b|rdns|cannot find your|fcrdns|client host|helo|ehlo",
    r"too many (?:(?:invalid|unknown|bad|failed|wrong|non-?exist\w*) |connections|concurrent|recipients|messages|errors|mails|requests|hops|received)|rate ?limit|throttl|"
    r"grey.?list|gray.?list",
    r"authenticat|refused (?:by|to accept)|intrusion|suspicious|fraud|phish|abuse|denylist|complaint|"
    r"rejected due to|rejected by (?:my |our |the )?local|transaction failed|low reputation|bad reputation|poor",
    r"verify (?:the )?sender|certificate|tls required|encryption|must issue a starttls|requires? (?:tls|authentication)",
)  # fmt: skip
NETWORK = _any(
    r"timed? ?out|time-?out|connection (?:refused|reset|lost|closed|dropped|failed|timed)|no route to|unreachable|not reachable|"
    r"could not connect|couldn'?t connect|unable to connect|cannot connect|can'?t connect|lost connection|not responding|"
    r"did not respond|queue (?:too long|lifetime|expired)|in the queue|too long|retry time(?:out)?|giving up|gave up|"
    r"delivery (?:time )?expired|message expired|has expired|retries|still being retried|will (?:be retried|keep trying|continue)|"
    r"delayed|not (?:yet )?(?:been )?delivered (?:after|within|for)|deferred|loop|too many hops|mail for .{0,60} loops back|"
    r"hop count|bad connection|broken pipe|network|temporar|try again later|lookup failure|servfail|dns.{0,20}(?:fail|error|timeout)|"
    r"expired before|keep trying|persistent|warning only|do not need to resend"
)  # fmt: skip
SYSTEM = _any(
    r"local error|internal error|configuration|server error|system error|resources|not available|out of memory|no such file|"
    r"i/o error|command died|pipe to|exit (?:code|status)|procmail|cannot (?:open|create|lock)|service unavailable|bad file"
)  # fmt: skip
MOVED = _any(
    r"(?:has|have) moved", r"no longer (?:on server|at this|with (?:us|the company))|(?:recipient|user|person|employee|addressee|he|she|they)\b[^\n]{0,30}no longer (?:works?|working|employed)\b|not our user|no forwarding address",
    r"has been replaced by|address has changed|new address is|user has moved|moved to another",
)  # fmt: skip
HOST = _any(
    r"(?:host|domain|server|mailhost)(?: name)?\b[^.\n]{0,80}?(?:not found|does(?: not|n'?t) exist|couldn'?t be found|could not be found|"
    r"unknown|is not reachable|not exist|non-?existent|cannot be (?:found|resolved)|can'?t be found|is invalid|not resolved|was not found)",
    r"(?:unknown|no such|invalid|unresolvable|non-?existent|unroute?able|unrouteable) (?:mail )?(?:host|domain|address domain)",
    r"host or domain name not found", r"name or service not known", r"nxdomain", r"bad destination (?:system|host)",
    r"host .{1,60} not found", r"unrouteable (?:mail )?(?:domain|address)", r"no route to domain|dns domain .{1,60} does not exist",
    r"domain .{1,60} (?:not|isn'?t) (?:valid|registered|hosted)|unresolveable|all relevant mx records point to non-existent",
    r"couldn't find any host named|could not find any host|cannot resolve|illegal host(?:/domain)? name",
)  # fmt: skip
NO_MAIL = _any(
    r"null ?mx", r"does not accept (?:any )?(?:mail|e-?mail|smtp)", r"does not receive (?:mail|e-?mail)",
    r"couldn'?t find a mail exchanger|could not find a mail exchanger|no mail exchanger|no (?:valid )?mx(?: record|\b)",
    r"no mx or a records|mail server does not accept mail|no a or mx|no mail server|is not a mail exchanger",
    r"no smtp service|\b(?:521|556)\b[^\n]{0,120}not accepting (?:network )?messages",
)  # fmt: skip
STRONG = _any(
    r"no mail ?box (?:found|available for|(?:here )?by that name)|bad[ _]recipient|undeliverable (?:address|recipient)|\b542\b[^\n]{0,80}rejected|no such (?:mailbox|recipient|address|person|account|local user|email)",
    r"(?:user|recipient|mailbox|account|address|addressee|name|alias|mail-?box|destinataire|alias)\b[^\n]{0,90}?(?:does(?: not|n['’]?t) exist|not listed|"
    r"is not recogni[sz]ed|not recogni[sz]ed|is invalid|not known|not valid|is unknown|no longer (?:exists?|valid|available|active)|"
    r"has been (?:deleted|removed|closed|terminated)|wasn['’]t found|was not found|couldn['’]t be found|could not be found|isn['’]t valid|invalide|inconnue?)",
    r"invalid (?:recipient|mailbox|final delivery userid|user|e-?mail|rcpt)|unknown (?:recipient|address|mailbox|account|local.?part|alias|email|receiver|username|extension)",
    r"(?:recipient|address|mailbox|addressee|destination mailbox)s? (?:is |was |address )?(?:unknown|invalid|undeliverable)",
    r"(?:utilisateur|destinataire|adresse|compte|bo[iî]te)\b[^\n]{0,60}?(?:inconnu|invalide|inexistant|n['’]existe pas|introuvable|"
    r"n['’]a pas (?:été|pu être) trouvé)",
    r"(?:benutzer|empf[äa]nger|adresse|postfach|nutzer)\w*\b[^\n]{0,60}?(?:unbekannt|nicht gefunden|existiert nicht|nicht vorhanden|ung[üu]ltig|nicht im [^\n]{0,20}(?:verzeichnis|adressbuch))",
    r"(?:usuario|destinatario|buz[oó]n|cuenta|direcci[oó]n)\b[^\n]{0,60}?(?:no existe|inexistente|desconocid|no (?:ha sido |fue |se ha )?encontrad|inv[aá]lid)",
    r"(?:usu[aá]rio|utilizador|destinat[aá]rio|endere[cç]o|caixa (?:postal|de correio))\b[^\n]{0,60}?(?:n[aã]o (?:existe|foi encontrad|encontrad)|inexistente|"
    r"desconhecid|inv[aá]lid)",
    r"(?:utente|destinatario|casella|indirizzo)\b[^\n]{0,60}?(?:non (?:esist|trovat|valid|è (?:stato trovato|valid))|sconosciut|inesistente)",
    r"(?:gebruiker|ontvanger|geadresseerde|adres|e-?mailadres|postbus)\b[^\n]{0,60}?(?:bestaat niet|onbekend|niet gevonden|ongeldig)",
    r"(?:mottagare|mottaker|modtager|användare|bruger|bruker|e-?postadress|brevlåda|postkasse)\w*[^\n]{0,60}?(?:finns inte|hittades inte|okänd|"
    r"existerar inte|findes ikke|finnes ikke|ikke fundet|ikke funnet|ukendt|ukjent|eksisterer ikke)",
    r"(?:vastaanottaja|käyttäjä|osoite)\w*[^\n]{0,60}?(?:ei löydy|ei löytynyt|tuntematon|ei ole olemassa)",
    r"nie ma takiego|nieznany|(?:u[zż]ytkownik|odbiorc|adres|konto|skrzynk)\w*\b[^\n]{0,40}?(?:nie istnieje|nieznan|nie znalezion)",
    r"(?:u[zž]ivatel|p[rř][ií]jemc|adres|schr[aá]nk)\w*\b[^\n]{0,40}?(?:neexistuje|nezn[aá]m|nenalezen)",
    r"(?:felhasználó|címzett|cím)\w*[^\n]{0,40}?(?:nem létezik|ismeretlen|nem található)|(?:utilizator|destinatar|adres)\w*[^\n]{0,40}?(?:nu exist|necunoscut)",
    r"(?:kullanıcı|alıcı|adres)\w*[^\n]{0,40}?(?:bulunamadı|geçersiz|mevcut değil)|(?:χρήστης|παραλήπτης|διεύθυνση)[^\n]{0,40}?(?:δεν υπάρχει|δεν βρέθηκε)",
    r"(?:пользовател|получател|адрес|ящик)\w*[^\n]{0,60}?(?:не найден|не существует|неизвест|отсутствует)",
    r"(?:收件人|收信人|用户|用戶|[帐账]号|帳號|邮箱|信箱)[^\n]{0,16}?(?:不存在|未找到|找不到)",
    r"(?:ユーザー?|宛先|アドレス|受信者|メールボックス|ディレクトリ)[^\n]{0,16}?(?:存在しません|見つかりません|ありません)",
    r"(?:수신자|받는 ?사람|사용자|주소|계정)[^\n]{0,24}?(?:존재하지 않|찾을 수 없|없습니다)",
    r"(?:unbekannte|ung[üu]ltige|nicht (?:vorhandene|existierende))[rns]? (?:benutzer|empf[äa]nger|e-?mail-?adresse|adresse|nutzer|postfach)",
    r"(?:onbekende|ongeldige?|okänd|ukendt|ukjent|neznám[ýáé]|ismeretlen|неизвестн\w{2,3}|bilinmeyen|άγνωστος) (?:gebruiker|ontvanger|e-?mailadres|"
    r"adres|mottagare|mottaker|modtager|användare|bruger|bruker|uživatel|příjemce|felhasználó|címzett|пользовател|получател|адрес|kullanıcı|alıcı|χρήστης|παραλήπτης)",
    r"(?:no existe|n[aã]o existe|non esiste|n['’]existe pas) (?:(?:el|la|ese|este|o|a|il|l['’]|un|une) ?)?(?:usuario|destinatario|buz[oó]n|cuenta|direcci[oó]n|"
    r"usu[aá]rio|destinat[aá]rio|endere[cç]o|utente|casella|indirizzo|utilisateur)",
    r"존재하지 않는 (?:사용자|계정|주소|수신자|메일)|不存在的(?:收件人|用户|用戶|邮箱|帐号|账号)|存在しない(?:ユーザー?|宛先|アドレス|受信者)",
    r"recipnotfound|badrcptto|not in my validrcptto|no valid recipients|not a (?:valid|known|registered|local) (?:user|mailbox|recipient|address)",
    r"bad destination mailbox|mail-?box (?:not found|unavailable \(unknown)|address not found|unable to find (?:the )?(?:recipient|user|alias)",
    r"user(?:name)?\b.{0,60}not found|account (?:not found|that you tried to reach does not exist)|check if address is correct|dosn'?t exist|"
    r"(?:can'?t|cannot) find .{0,30}(?:user|mailbox|recipient)|isn'?t in my list|not (?:our|my) (?:customer|client)|not a user here|"
    r"unverified address|no account (?:by|with|here)|unknown or illegal (?:user|alias)|bad-mailbox|user name of email address not valid|user not exist|"
    r"(?:no|non)[ -]?exist(?:ent|ant|ing) (?:user|mailbox|account|recipient|address)|delivery error: dd .{0,40} account|never (?:logged|existed)|"
    r"recipient .{0,60} not exist|not an active address|550 requested action not taken: mailbox unavailable|intended recipient .{0,40}unknown",
)  # fmt: skip
WEAK = _any(
    r"宛先(?:不明|が見つか)|アドレスが見つか|存在しない|用户不存在|не (?:найден|существует)",
    r"user\b[^\n]{0,70}?unknown|unknown[ -](?:local )?users?|no such user|recipient not found|user doesn'?t have|mailbox does not exist|"
    r"doesn'?t have an? \S+ account|does not exist|doesn'?t exist|mailbox unavailable|mailbox not (?:available|found)|"
    r"\bno user\b|user not known|recipient (?:address )?rejected\b(?!: ?\w)|not a valid|unknown$"
)  # fmt: skip
UNROUTED = _any(r"the account or domain may not exist, they may be")
"""What cPanel's Exim says of each domain that no name server leads to."""
EDGE_REFUSAL = _any(r"recipient address rejected:\s*access denied")
WAIT = _any(r"temporar", r"timed? ?out")
NO_SUCH = _any(r"no such user")
DIRECTORY = _any(
    r"not listed in .{0,20}(?:directory|address book)|nicht im .{0,20}(?:verzeichnis|adressbuch)|ディレクトリ",
    r"because the address couldn['’]t be found",
)
NOT_ASKED_YET = _any(
    r"unverified address[^\n]{0,200}(?:timed? ?out|refused|unreachable|temporar|lost|try again|\b4\d\d[ -])"
)
NULL_MX = _any(r"host does not accept mail")
MAILER = _any(
    r"command output:",
    r"procmail:|maildrop:",
    r"(?:could(?: not|n't)|can(?:not|'t)) (?:create|open|lock|write)",
)
"""What the program says that puts mail into a mailbox: its own trouble, whoever it is for."""
AFTER_DATA_ONLY = _any(
    r"\b550:?[ -]*: user unknown", r"recipient preferences",
)  # fmt: skip
AFTER_DATA_UNLESS_ASKED = _any(r"unknown user \S*docomo\.")
NOISE = re.compile(
    r"message contains \[\d+\] file attachments?|rejected by the local scanning code[^\n]*|"
    r"^[ \t]*(?:subject:|mail from:(?=[^\n]*@))[^\n]*|this message is in mime format[^\n]*|^content-[a-z-]+:[^\n]*|"
    r"https?://(?!\S*(?:spamhaus|spamcop|sorbs|barracuda|rbl|/bl))\S+|for further assistance[^\n]*|(?:please )?(?:contact|send mail to)[^\n]{0,60}postmaster[^\n]*|"
    r"reporting-mta:[^\n]*|final-recipient:[^\n]*|action:[^\n]*|\bx-[a-z-]+:[^\n]*|bounce/spam report",
    re.IGNORECASE | re.MULTILINE,
)
