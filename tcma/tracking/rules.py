"""Which opens and clicks count as human: what a user agent says, and what one event shows."""

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import lru_cache

from crawlerdetect import CrawlerDetect


class AgentVerdict(StrEnum):
    """What a user agent string says; it may lie, so `HUMAN` only means «like a browser»."""

    HUMAN = "human"
    BOT = "bot"
    UNKNOWN = "unknown"


class Kind(StrEnum):
    """The class stored beside every tracking event."""

    HUMAN = "human"
    PREFETCH = "machine_prefetch"
    SCANNER = "machine_scanner"
    UNCERTAIN = "uncertain"


VERDICT_VERSION = 5
SCAN_LINKS = 3
MOST_AGENT = 1024
FAST_CLICK = 5.0
FAST_OPEN = 3.0

# Proxies that fetch images for a person who may or may not be looking.
_PROXY = re.compile(
    r"GoogleImageProxy|ggpht\.com|YahooMailProxy|YahooMailImageProxy|via proxy\.yahoo|"
    r"^(?:Mail|Safari[^ ]*|com\.apple\.[^ ]+) ?[^ ]* CFNetwork/|Outlook-?ImageProxy|ImageProxy\b|ProtonMail.*proxy|Darwin/[\d.]+$",
    re.IGNORECASE,
)
_HARMLESS = re.compile(
    r"(?:EmbeddedWB|Embedded Web Browser)[^;)]*|GWX:\w+|(?:Avast|AVG|Avira|Norton)/[\d.]+|via translate\.google\.com|"
    r"(?<=\()Java; U;|\w*SearchBrowser/[\w./]+|YaApp_\w+/[\w./]+|YandexSearch\w*|inapp; search|Avant Browser[^;)]*|MyIE2[^;)]*|MATP|"
    r"\bCUBOT(?=[ _])[^;)]*|Slack/4[\d.]+|(?:Slack|Mattermost|WhatsApp)/[\w.-]{1,40}(?= [^()]{0,90}(?:Electron|AtomShell)/)|1Password/[\d.]+|(?:Cam|Hi)(?:Scanner|Search)/[\d.]+|"
    r"AviraScout/[\d.]+|Installed by Symantec Package|\[FB(?:AN|_IAB)/[^\]]*\]?|360browser\([^)]*\)|ToshibaTP/|libwww-FM/\S+|Java/\w{2}VM\S*|JavaPlatform/\S*|"
    r"StumbleUpon(?:\.com |/)[\d.]+|TeomaBar [\d.]+|PeoplePal [\d.]+|QQDownload [\d.]+|FirePHP/[\d.]+|Kobo eReader|[\d.]+\+dfsg[\w.+~-]*",
    re.IGNORECASE,
)
_MODEL = re.compile(
    r"(?<=;)[^;()]{1,60} Build/[^;)]*|(?<=Android )[\d.]+; (?:[a-z]{2}-[a-z]{2}; ?)?[^;()]{1,60}(?=\))",
    re.IGNORECASE,
)
"""The name of an Android phone, whose maker may call it Ruby, Discover or PHP110."""
_TELLING = re.compile(r"https?:|bot\b|crawl|spider", re.IGNORECASE)
_BARE = re.compile(
    r"\s*(?:Mozilla/[45]\.0|-|null|undefined|none|unknown|\(null\))?\s*", re.IGNORECASE
)
_SCANNER = re.compile(
    r"barracuda|proofpoint|mimecast|safelinks|messagelabs|ironport|fireeye|trellix|sophos|fortinet|forti(?:guard|mail)|"
    r"trendmicro|trend micro|kaspersky|symantec|avira|bitdefender|eset\b|forcepoint|websense|cloudmark|cyren|vade|"
    r"zscaler|checkpoint|check ?point|cisco.?(?:email|amp|umbrella)|microsoft.?defender|atp\b|virustotal|urlscan|urldefense|"
    r"netcraft|phish|safebrowsing|smartscreen|skypeuripreview|microsoft ?preview|mailguard|mailcontrol|spamexperts|hornet|"
    r"(?:protocol|existence) ?discovery|exclaimer|inky\b|ironscales|abnormal ?security|avanan|perception|opswat|cloudsek|palo ?alto|webroot|surfcontrol",
    re.IGNORECASE,
)
_MACHINE = re.compile(
    r"https?:|//|www\.|\+[a-z]+\.|\S@\S+\.[a-z]{2}|bot\b|bot[/_\-;.\d ]|\bbot(?!tle)|crawl|spider|slurp|scrap|scan|archiv|fetch|monitor|preview|unfurl|validat|"
    r"check(?:er|ly|host|link)|probe|uptime|pingdom|\bping\b|feed|\brss|headless|phantomjs|selenium|playwright|puppeteer|webdriver|"
    r"lighthouse|pagespeed|gtmetrix|screenshot|thumb|snap(?:shot|preview)|search(?!app)|index(?:er|ing)|agent/|analy[sz]|audit|"
    r"research|wordpress|python|java/|\bjava\b|okhttp|curl|wget|libwww|perl|ruby|php|go-http|node|axios|httpclient|http_client|http client|"
    r"postman|insomnia|guzzle|aiohttp|httpx|urllib|winhttp|apache-|jakarta|scrapy|colly|nutch|hubspot|linkcheck|proxy|cloudflare|"
    r"security|compliance|verif|sitemap|extract|collect|downloader|discover(?!ed)|translate|tracker|dataprovider|\bai[/\-;)]|[-.]ai\b|gpt|llm|"
    r"-user/|\buser/|externalagent|externalads|inspect|webhook|powershell|cypress|detector|lookup|classif|grabber|harvest|loader|mirror|reader/|alert|ptst/",
    re.IGNORECASE,
)
_MAIL_CLIENT = re.compile(
    r"Microsoft Outlook|ms-office|Microsoft Office|Outlook-(?:iOS|Android)|MacOutlook/|MSOffice|Thunderbird|AppleMail|Apple Mail|"
    r"Lotus-Notes|IBM Notes|HCL Notes|Postbox|eM ?Client|Airmail|The Bat!|Evolution/|KMail|Sylpheed|Claws|Mailbird|Spark/|"
    r"Newton|Canary|Samsung ?E?Mail|K-9|FairEmail|BlueMail|Zimbra|GroupWise|SeaMonkey|Windows-?Mail|Windows[ -]?Live[ -]?Mail|Outlook-?Express/|"
    r"Eudora|Foxmail|Pegasus|MailMate|Mimestream|Superhuman|Spike|BlackBerry|Polymail|Nine/|Edison Mail|Aqua ?Mail|YahooMobile(?:Mail)?/|YahooMail/|"
    r"ProtonMail Bridge|Tutanota|IncrediMail|Mutt/|Alpine/|Geary/|Balsa/|Trojita|Gnus/|Wanderlust/|Turnpike/|Barca/|PocoMail|R2Mail2|NylasMail|"
    r"Roundcube Webmail|SquirrelMail/|RainLoop|SnappyMail|Horde::IMP|SOGoMail|(?:Daum|Naver)Mail(?:App)?/|Becky!|Shuriken|WeMail|Android/[\d.]+-email",
    re.IGNORECASE,
)
_BROWSER = re.compile(
    r"Mozilla/[2345]\.\d+ ?.*?\(|Opera/\d|Opera \d|Dalvik/\d|BlackBerry\d|Nokia\S*/|SonyEricsson|SAMSUNG-|LG-|MOT-|UCWEB|UCBrowser|"
    r"Links \(|Lynx/|ELinks|w3m/|NetSurf|Dillo|Vivaldi|HTC[-_ ]|Konqueror|(?:Android \d+\) )?AppleWebKit/|Instagram [\d.]+ \(",
    re.IGNORECASE,
)
_ENGINE = re.compile(
    r"AppleWebKit/|Gecko/|Trident/|MSIE \d|Presto/|KHTML|Opera|Firefox/|Chrome/|CriOS/|Safari/|Netscape|Goanna/|NetFront|rv:\d|"
    r"Symbian|MIDP|UCBrowser|iPhone|iPad|Android|BlackBerry|PlayStation|Nintendo|Windows NT|Macintosh|X11|Linux",
    re.IGNORECASE,
)
_DEVICE = re.compile(
    r"\bUP\.(?:Browser|Link)/|NetFront/|\bTeleca\b|Obigo|\bPolaris\b|\bMIDP-|CLDC-|;FOMA|\bDoCoMo/\d|\bKDDI-|\bJ-PHONE/|\bSoftBank/\d|\bVodafone/\d|WAP Browser|"
    r"\bBREW \d|\bS60V\d|UCWEB|UC ?Browser ?/?\d|MQQBrowser/|\bHbbTV/\d|InettvBrowser/|jig browser|AmigaOS|MorphOS|RISC OS|BeOS\b|Haiku\b|PLAYSTATION \d|"
    r"PalmOS|SymbianOS|\bNCSA_Mosaic/|\biCab[ /]|\bMidori/|\bWin(?:16|9[58]|NT); [IU]\b|\b(?:Links|ELinks|Lynx|w3m|Dillo|NetSurf)[ /]\(?\d",
    re.IGNORECASE,
)
"""Old phones, television sets and rare systems: each is a person's, though nothing else tells of a browser."""
_APP = re.compile(
    r"(?:iPhone|iPad|iPod|Watch|AppleTV)\d*,?\d*[;) ,]|\b(?:i(?:Pad)?OS|watchOS|tvOS)[ /]?\d|\bAndroid[ /]\d|\[FBAN/",
    re.IGNORECASE,
)
"""An application of a phone names itself and the phone, but not whether somebody looks."""
_COMPATIBLE = re.compile(
    r"compatible;(?! ?(?:MSIE|Konqueror|Windows|Mac|iCab|Googlebot-?never|Linux|OmniWeb|NetPositive|WebTV|AOL|IBrowse|ELinks|Opera))",
    re.IGNORECASE,
)
_DETECT = CrawlerDetect()


def judge_agent(user_agent: str) -> AgentVerdict:
    """What the string says about who reads: a browser or mail client, a program, or nothing.

    Image proxies and a bare «Mozilla/5.0» (Apple's privacy protection, some gateways) say nothing.
    """
    return _judged(user_agent[:MOST_AGENT].strip().strip('"'))


@lru_cache(maxsize=8192)
def _judged(agent: str) -> AgentVerdict:
    if _BARE.fullmatch(agent) or _PROXY.search(agent):
        return AgentVerdict.UNKNOWN
    told = agent
    agent = _MODEL.sub(_unless_telling, _HARMLESS.sub(" ", agent))
    steps = (
        (AgentVerdict.BOT, _SCANNER.search(agent)),
        (AgentVerdict.HUMAN, _MAIL_CLIENT.search(agent) and not _TELLING.search(agent)),
        (AgentVerdict.BOT, _MACHINE.search(agent) or _DETECT.is_crawler(agent)),
        (AgentVerdict.HUMAN, _DEVICE.search(told)),
        (AgentVerdict.BOT, _COMPATIBLE.search(agent)),
        (AgentVerdict.HUMAN, _BROWSER.match(agent) and _ENGINE.search(agent)),
        (AgentVerdict.UNKNOWN, _APP.search(told)),
    )
    return next((verdict for verdict, applies in steps if applies), AgentVerdict.BOT)


def _unless_telling(model: re.Match[str]) -> str:
    return model[0] if _TELLING.search(model[0]) else " "


def check_user_agents(lines: Iterable[str]) -> list[dict[str, str]]:
    """One verdict a line, in the shape `tcma bots check` prints; an empty line is an empty agent."""
    agents = (line.rstrip("\r\n") for line in lines)
    return [{"user_agent": agent, "verdict": str(judge_agent(agent))} for agent in agents]


# ── one event ────────────────────────────────────────────────────────────────────────────────


class Signal(StrEnum):
    """One sign of a machine; the names are stored as reasons."""

    HONEYPOT = "opened a link that no person sees"
    METHOD = "not a GET"
    MANY_LINKS = "many links at once"
    ALL_IN_ORDER = "all links in document order"
    BURST = "many recipients from one network"
    SCANNER_RANGE = "published scanner network"
    AGENT = "user agent of a program"
    FAST_CLICK = "click within 5 s without an open"
    APPLE_EGRESS = "privacy proxy of Apple Mail"
    FAST_OPEN = "open within 3 s"
    IMAGE_PROXY = "image proxy or bare user agent"


CERTAIN, STRONG, MEDIUM = 100, 60, 30
WEIGHTS = {
    Signal.HONEYPOT: CERTAIN,
    Signal.METHOD: CERTAIN,
    Signal.MANY_LINKS: STRONG,
    Signal.ALL_IN_ORDER: STRONG,
    Signal.BURST: STRONG,
    Signal.SCANNER_RANGE: STRONG,
    Signal.AGENT: STRONG,
    Signal.APPLE_EGRESS: STRONG,
    Signal.FAST_CLICK: MEDIUM,
    Signal.FAST_OPEN: MEDIUM,
    Signal.IMAGE_PROXY: MEDIUM,
}
BURST_RECIPIENTS = 5
BESIDE = frozenset({Signal.HONEYPOT, Signal.MANY_LINKS, Signal.ALL_IN_ORDER, Signal.BURST})
"""Signs that others beside an event gave. Once seen they stay, though a later look may not see the others."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EventFacts:
    """What is known about one open or click when it is judged, or judged again later.

    `seconds_since_sent` counts from the relay's 250, None when unknown. `links_within_2s` is the
    number of different links of this mail hit within 2 s around the event, itself included;
    `all_links_in_order` that every link was hit in document order. `recipients_in_burst` counts
    recipients of one domain seen within 10 s from one /24. `honeypot`
    that whoever it was followed the link that only machines find. `network` names a published range.
    """

    click: bool
    user_agent: str
    method: str = "GET"
    seconds_since_sent: float | None = None
    links_within_2s: int = 1
    all_links_in_order: bool = False
    opened_before: bool = False
    honeypot: bool = False
    recipients_in_burst: int = 1
    network: str = ""


@dataclass(frozen=True, slots=True)
class Verdict:
    """The class of an event with the signs that led to it; kept beside the raw event."""

    kind: Kind
    score: int = 0
    reasons: Sequence[Signal] = field(default=())
    version: int = VERDICT_VERSION


def judge(event: EventFacts, *, known: Collection[Signal] = ()) -> Verdict:
    """Human, machine or uncertain: 60 points of signs make a machine, any sign takes certainty.

    A machine that only opened is a prefetch, one that clicked or used another method a scanner.
    `known` are signs that were seen when it was judged before. Signals and weights are our own; they are meant to be tuned on labelled traffic.
    """
    reasons = [signal for signal, applies in _signs(event) if applies or signal in known]
    score = min(CERTAIN, sum(WEIGHTS[signal] for signal in reasons))
    if score >= STRONG:
        scanned = event.click or {Signal.HONEYPOT, Signal.METHOD, Signal.SCANNER_RANGE} & {*reasons}
        return Verdict(Kind.SCANNER if scanned else Kind.PREFETCH, score, tuple(reasons))
    if reasons:
        return Verdict(Kind.UNCERTAIN, score, tuple(reasons))
    return Verdict(Kind.HUMAN)


def is_a_persons(verdict: Verdict, *, click: bool) -> bool:
    """Whether an event counts as a person's.

    A proxy fetches pictures for people too, so an uncertain one counts; but a click a moment after
    the mail arrived, of which nobody saw anything, is more often a filter's.
    """
    if verdict.kind is Kind.UNCERTAIN:
        return not (click and Signal.FAST_CLICK in verdict.reasons)
    return verdict.kind is Kind.HUMAN


def _signs(event: EventFacts) -> Iterable[tuple[Signal, bool]]:
    agent = judge_agent(event.user_agent)
    seconds = event.seconds_since_sent
    proxied = agent is AgentVerdict.UNKNOWN
    apple = event.network == "apple" and not event.click
    return (
        (Signal.HONEYPOT, event.honeypot),
        (Signal.METHOD, event.method.upper() not in {"GET", "POST"}),
        (Signal.MANY_LINKS, event.links_within_2s >= SCAN_LINKS),
        (Signal.ALL_IN_ORDER, event.all_links_in_order),
        (Signal.BURST, event.recipients_in_burst >= BURST_RECIPIENTS),
        (Signal.SCANNER_RANGE, event.network == "scanner"),
        (Signal.AGENT, agent is AgentVerdict.BOT),
        (Signal.APPLE_EGRESS, apple and proxied),
        (
            Signal.FAST_CLICK,
            event.click and not event.opened_before and _under(seconds, FAST_CLICK),
        ),
        (Signal.FAST_OPEN, not event.click and not proxied and _under(seconds, FAST_OPEN)),
        (Signal.IMAGE_PROXY, proxied and not apple),
    )


def _under(seconds: float | None, limit: float) -> bool:
    return seconds is not None and seconds < limit
