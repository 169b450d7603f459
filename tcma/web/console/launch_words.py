"""What the live page says beside the sum: worth knowing, what happens next, first answers."""

from collections.abc import Callable, Mapping
from typing import Any

from tcma.delivery.rules import MessageState
from tcma.launches.queries import LaunchDetail
from tcma.launches.rules import LaunchState
from tcma.words import joined, opening, say, say_n

FOLDED = 4


def people(number: int) -> str:
    """Return `1 person`, `12 people`."""
    return say_n("{n} person", "{n} people", number)


def worth_knowing(
    launch: LaunchDetail, terms: Mapping[str, str], *, again: Mapping[str, str]
) -> list[dict[str, str]]:
    """Return what a partner should hear about a launch, the doubtful first.

    `again` are the pages where a second try begins, for those in doubt and those who failed.
    """
    total, said = launch.equation, []
    if launch.failure:
        said.append(_one("stop", "ban", say("It stopped"), launch.failure))
    if launch.paused_reason and launch.line.state is LaunchState.PAUSED:
        said.append(_one("need", "player-pause", say("It is paused"),
            say("{reason}.", reason=launch.paused_reason)))  # fmt: skip
    if total.uncertain:
        said.append(_one("unsure", "help-circle",
            say_n("{n} person may or may not have it", "{n} people may or may not have it", total.uncertain),
            say("We handed these mails over and the line broke before the answer came. We do not send them again: twice is worse than not at all. If a receipt, click or reply comes, they move to Sent by themselves."), terms["uncertain"],
            (say("Send it to them again"), again.get("uncertain", ""))))  # fmt: skip
    if total.skipped:
        why = joined(
            *(
                say("{n:,} {what}", n=r.count, what=r.words)
                for r in launch.reasons
                if r.state is MessageState.SKIPPED
            ),
            by=", ",
        )
        said.append(_one("rest", "player-skip-forward",
            say_n("{n} person was left out on purpose", "{n} people were left out on purpose", total.skipped),
            say("{why}.", why=opening(why)), terms["skipped"]))  # fmt: skip
    if total.failed:
        curable = sum(r.count for r in launch.reasons if r.can_be_cured)
        why = joined(
            *(
                say("{people} {what}.", people=people(r.count), what=r.words)
                for r in launch.reasons
                if r.state is MessageState.FAILED
            )
        )
        said.append(_one("stop", "ban",
            say_n("{n} person could not be reached", "{n} people could not be reached", total.failed), why, terms["failed"],
            (say_n("Try {n} of them again", "Try {n} of them again", curable), again.get("failed", "") if curable else "")))  # fmt: skip
    if total.waiting and launch.why_waiting:
        said.append(_one("work", "clock",
            say_n("Why {n} person waits", "Why {n} people wait", total.waiting), launch.why_waiting))  # fmt: skip
    return said


def _one(  # noqa: PLR0913, PLR0917 - the parts of an item
    tone: str, icon: str, title: str, text: str, href: str = "", link: tuple[str, str] = ("", "")
) -> dict[str, str]:
    return {
        "tone": tone, "icon": icon, "title": title, "text": text, "href": href,
        "link": link[0], "link_href": link[1],
    }  # fmt: skip


def next_steps(launch: LaunchDetail, moment: Any) -> list[dict[str, Any]]:
    """Return the mails of the series as a timeline; `moment` writes an instant for the reader."""
    steps: list[dict[str, Any]] = []
    for mail in launch.mails:
        cancelled = launch.line.state is LaunchState.CANCELLED
        over = mail.finished_at is not None or (cancelled and mail.mailing_id is not None)
        now = mail.mailing_id is not None and not over
        words = say(
            "Mail {no}, “{subject}”, to {audience_words}.",
            no=mail.no,
            subject=mail.subject,
            audience_words=mail.audience_words,
        )
        if over and mail.equation:
            words = say(
                "Mail {no}, “{subject}”: {sent:,} sent.",
                no=mail.no,
                subject=mail.subject,
                sent=mail.equation.sent,
            )
        elif cancelled:
            words = say("Mail {no}, “{subject}”: not sent.", no=mail.no, subject=mail.subject)
        elif launch.choices.local_time and not over and not now:
            words = joined(words, say("At that time where each recipient is."))
        if now and launch.line.state is not LaunchState.PAUSED:
            words = joined(words, say("You can close this page; it goes on without you."))
        steps.append(
            {"when": say("Now") if now else moment(mail.due_at), "text": words, "now": now}
        )
    return steps


def test_of(launch: LaunchDetail, moment: Any) -> dict[str, Any] | None:
    """Return the test of a launch: a bar for each variant over all partners, and what decides."""
    test = launch.trial
    if test is None:
        return None
    pool, own = test.pooled, test.own
    lines = [
        (
            say("{variant} “{subject}”", variant=name, subject=subject), say("{did:,} of {people:,}", did=group.did, people=group.people), group.rate, *group.interval
        )
        for name, subject, group in (("A", test.shown_a, pool.a), ("B", test.shown_b, pool.b))
    ]  # fmt: skip
    others = ""
    if pool.partners > 1:
        others = say(
            "Counted over {partners} partners who test the same two. Yours: A {did:,} of "
            "{people:,}, B {did2:,} of {people2:,}.",
            partners=pool.partners,
            did=own.a.did,
            people=own.a.people,
            did2=own.b.did,
            people2=own.b.people,
        )
    return {"lines": lines, "others": others, "words": _said_of(launch, moment)}


def _said_of(launch: LaunchDetail, moment: Any) -> str:
    test = launch.trial
    if test is None:
        return ""
    if test.winner is not None and test.decided_at is not None:
        return say(
            "{words} The rest got {winner} from {decided_at} on.",
            words=test.words,
            winner=test.winner.name,
            decided_at=moment(test.decided_at),
        )
    if launch.line.state is LaunchState.CANCELLED:
        return say("The launch was cancelled before the test was decided; the rest got nothing.")
    until = moment(test.ends_at) if test.ends_at else ""
    waiting = say_n(
        "{n} person waits for the winner.", "{n} people wait for the winner.", test.waiting
    )
    decides = say(
        "Clicks and replies of people decide, never opens: as soon as one is so far ahead that "
        "chance does not explain it, at the latest on {until}. If none is by then, A goes on.",
        until=until,
    )
    return joined(waiting, decides)


def waves(launch: LaunchDetail, moment: Any) -> list[tuple[str, str, str, int, int, int]]:
    """Return when the mail leaves in which zone: place, there, here, people, sent, waiting;
    `moment` writes an instant for the reader, or in a zone.
    """
    return [
        (
            wave.place, moment(wave.leaves_at, wave.zone), moment(wave.leaves_at, ""),
            wave.people, wave.sent, wave.waiting,
        )
        for wave in launch.waves
    ]  # fmt: skip


def answers(
    launch: LaunchDetail, leads_n: int, leads: str, people: Callable[[str], str]
) -> list[tuple[Any, ...]]:
    """Return the first answers as rows of a card; machines stand apart from people.

    `leads` is the page of the leads, `people` gives that of those who reacted in one way.
    """
    r = launch.reactions
    human, every = r.get("human_clicked", 0), r.get("clicked", 0)

    def row(words: str, number: int, state: str) -> tuple[Any, ...]:
        return (words, number, people(state) if number else "", "")

    return [
        (say("Leads"), leads_n, leads if leads_n else "", ""),
        row(say("People who replied"), r.get("replied", 0), "replied"),
        row(say("People who clicked"), human, "clicked"),
        (say("Link scanners, not counted"), max(every - human, 0), "", ""),
        row(say("Came back"), r.get("bounced", 0), "bounced"),
        row(say("Unsubscribed"), r.get("unsubscribed", 0), "unsubscribed"),
    ]
