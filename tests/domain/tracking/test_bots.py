"""What user agents and the shape of one event say about who reads."""

import pytest

from tcma.tracking.rules import (
    AgentVerdict,
    EventFacts,
    Kind,
    Signal,
    check_user_agents,
    judge,
    judge_agent,
)

CHROME = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/131.0.0.0 Safari/537.36"
)
SAFARI = "AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1"
HUMANS = [
    CHROME,
    f"{CHROME} Edg/131.0.0.0",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko)",
    f"Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) {SAFARI}",
    "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Thunderbird/128.3.0",
    "Mozilla/4.0 (compatible; MSIE 7.0; Windows NT 6.2; Trident/7.0; ms-office; MSOffice 16)",
    "Microsoft Office/16.0 (Windows NT 10.0; Microsoft Outlook 16.0.5134; Pro)",
    "Outlook-iOS/709.2189947.prod.iphone (3.24.1)",
    "MacOutlook/16.91.24111020 (Intelx64 Mac OS X Version 15.1 (Build 24B83))",
    f"{CHROME.replace('Chrome/', 'Slack/4.41.97 Chrome/')} AppleSilicon",
    CHROME.replace("Windows NT 10.0; Win64; x64", "Linux; Android 13; CUBOT X70"),
    CHROME.replace("Windows NT 10.0; Win64; x64", "Linux; Android 13; CUBOT_NOTE_50"),
    f"{CHROME} Avira/131.0.0.0",
    "Opera/9.80 (Windows NT 6.1; U; en) Presto/2.10.289 Version/12.02",
]
BOTS = [
    "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
    "curl/8.5.0",
    "python-requests/2.32.3",
    "Go-http-client/2.0",
    "BarracudaCentral",
    "Mimecast URL Protect",
    "Mozilla/5.0 (compatible; Proofpoint URL Defense)",
    "Mozilla/5.0 (Windows NT 6.1; WOW64) SkypeUriPreview Preview/0.5",
    f"{CHROME} HeadlessChrome/120.0",
    "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)",
    "Amazon CloudFront",
    "Microsoft Office Existence Discovery",
    "Mozilla/5.0 (Windows NT; Windows NT 10.0; en-US) WindowsPowerShell/5.1.19041.4648",
    f"{CHROME} Cypress/13.6",
    "facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)",
]
GMAIL = "Mozilla/5.0 (Windows NT 5.1; rv:11.0) Gecko Firefox/11.0 (via ggpht.com GoogleImageProxy)"
APP = "Notebook/12.1 (iPhone; iOS 17.4; Scale/3.00)"
SILENT = ["", "-", "Mozilla/5.0", GMAIL, APP, "YahooMailProxy; https://help.example.com/proxy.html"]


@pytest.mark.parametrize(
    ("agent", "verdict"),
    [(a, AgentVerdict.HUMAN) for a in HUMANS]
    + [(a, AgentVerdict.BOT) for a in BOTS]
    + [(a, AgentVerdict.UNKNOWN) for a in SILENT],
)
def test_an_agent_is_a_browser_a_program_or_says_nothing(agent: str, verdict: AgentVerdict) -> None:
    assert judge_agent(agent) is verdict


def test_a_list_of_agents_is_answered_line_by_line_in_order() -> None:
    assert check_user_agents([f"{CHROME}\n", "\n", "curl/8.5.0\r\n"]) == [
        {"user_agent": CHROME, "verdict": "human"},
        {"user_agent": "", "verdict": "unknown"},
        {"user_agent": "curl/8.5.0", "verdict": "bot"},
    ]


def event(
    *, click: bool = True, user_agent: str = CHROME, method: str = "GET",
    seconds: float | None = 600.0, links: int = 1, in_order: bool = False, opened: bool = False,
    honeypot: bool = False, burst: int = 1, network: str = "",
) -> EventFacts:  # fmt: skip
    return EventFacts(
        click=click, user_agent=user_agent, method=method, seconds_since_sent=seconds,
        links_within_2s=links, all_links_in_order=in_order, opened_before=opened,
        honeypot=honeypot, recipients_in_burst=burst, network=network,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("facts", "kind", "reason"),
    [
        (event(honeypot=True), Kind.SCANNER, Signal.HONEYPOT),
        (event(method="HEAD"), Kind.SCANNER, Signal.METHOD),
        (event(method="options", click=False), Kind.SCANNER, Signal.METHOD),
        (event(links=3), Kind.SCANNER, Signal.MANY_LINKS),
        (event(in_order=True), Kind.SCANNER, Signal.ALL_IN_ORDER),
        (event(burst=5), Kind.SCANNER, Signal.BURST),
        (event(network="scanner", click=False), Kind.SCANNER, Signal.SCANNER_RANGE),
        (event(user_agent="curl/8.5.0"), Kind.SCANNER, Signal.AGENT),
        (event(user_agent="curl/8.5.0", click=False), Kind.PREFETCH, Signal.AGENT),
        (
            event(user_agent="Mozilla/5.0", click=False, network="apple"),
            Kind.PREFETCH,
            Signal.APPLE_EGRESS,
        ),
        (event(seconds=4.0), Kind.UNCERTAIN, Signal.FAST_CLICK),
        (event(seconds=1.0, click=False), Kind.UNCERTAIN, Signal.FAST_OPEN),
        (event(user_agent=GMAIL, click=False), Kind.UNCERTAIN, Signal.IMAGE_PROXY),
    ],
)
def test_a_sign_of_a_machine_gives_its_class_and_stands_among_the_reasons(
    facts: EventFacts, kind: Kind, reason: Signal
) -> None:
    verdict = judge(facts)
    assert verdict.kind is kind
    assert reason in verdict.reasons


@pytest.mark.parametrize(
    "facts",
    [
        event(),
        event(click=False),
        event(links=2),
        event(seconds=3.0, opened=True),
        event(seconds=None),
        event(method="get"),
    ],
)
def test_an_ordinary_open_or_click_is_human(facts: EventFacts) -> None:
    verdict = judge(facts)
    assert (verdict.kind, verdict.score) == (Kind.HUMAN, 0)


def test_two_medium_signs_together_make_a_machine() -> None:
    verdict = judge(event(user_agent="Mozilla/5.0", seconds=2.0))
    assert verdict.kind is Kind.SCANNER
    assert set(verdict.reasons) == {Signal.FAST_CLICK, Signal.IMAGE_PROXY}
