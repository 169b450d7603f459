"""What people ask, answered where the product stands; one page a topic."""

from dataclasses import dataclass
from typing import Final

from flask import render_template
from flask.typing import ResponseReturnValue

from tcma.db.scope import found
from tcma.permissions import Permission
from tcma.web.auth import allows
from tcma.web.public import public


@dataclass(frozen=True, slots=True)
class Topic:
    """One page of help; its text is the template of the same name."""

    slug: str
    title: str
    about: str


TOPICS: Final = (
    Topic("launching", "Launch a campaign", "From choosing to sent: three decisions, one check."),
    Topic("every-person", "Every person accounted for", "What the sum on a launch means."),
    Topic("your-brand", "Your brand in a campaign", "What is yours, what the vendor keeps."),
    Topic("contacts", "Contacts and consent", "Import, who can be mailed, who must not be."),
    Topic("sending", "Your sending domain", "Why mail from your own address arrives better."),
    Topic("leads", "Leads and nurture", "Who gets a lead, until when, and what comes after."),
    Topic("funds", "Funds and claims", "From plan to paid, and what proof writes itself."),
    Topic("reports", "How numbers are counted", "Opens, clicks, machines, cost per lead."),
    Topic("campaigns", "Make campaigns for partners", "Folders, versions, publishing, retiring."),
    Topic("words", "Words we use", "The glossary, one line each."),
)


@public.get("/help")
@allows(Permission.ACCOUNT_SELF)
def help_index() -> ResponseReturnValue:
    """List the topics."""
    return render_template("public/help/index.html", topics=TOPICS)


@public.get("/help/<topic>")
@allows(Permission.ACCOUNT_SELF)
def help_show(topic: str) -> ResponseReturnValue:
    """Show one topic."""
    chosen = found(next((each for each in TOPICS if each.slug == topic), None))
    return render_template(
        f"public/help/{chosen.slug.replace('-', '_')}.html", topic=chosen, topics=TOPICS
    )
