"""How the mails of a planned launch look to spam filters, as its preflight says it.

Apart from the preflight that starts a launch: it needs the finished mails, and is never a stop.
"""

from sqlalchemy import select

from tcma.db.scope import found, visible
from tcma.db.work import Work
from tcma.errors import TcmaError, Unavailable
from tcma.launches.models import Launch, LaunchMail
from tcma.launches.rules import Area, Finding, Fix, Severity
from tcma.launches.trial import Arm
from tcma.library.compiling import compile_mail, page_url_of
from tcma.library.models import PartnerCopy
from tcma.rendering.spam import SUSPECT, Letter, marks
from tcma.rendering.tokens import fill_text
from tcma.words import joined, say


def findings(work: Work, ref: str) -> list[Finding]:
    """Return what counts against each mail of a launch; a mail that cannot be made is a stop."""
    wanted = visible(select(Launch), work.principal, Launch).where(Launch.ref == ref)
    launch: Launch = found(work.session.scalar(wanted))
    copy = found(work.session.get(PartnerCopy, launch.copy_id))
    mails = work.session.execute(
        select(LaunchMail.no, LaunchMail.mail)
        .where(
            LaunchMail.launch_id == launch.id,
            LaunchMail.arm == Arm.REST,
            LaunchMail.artefact_key.is_(None),
        )
        .order_by(LaunchMail.no)
    ).all()
    said: list[Finding] = []
    for no, mail in mails:
        said += _of_mail(work, launch, copy, no, mail)
    return said or [
        Finding(Area.CONTENT, Severity.GOOD, say("Nothing in it looks like spam to filters."))
    ]


def _of_mail(work: Work, launch: Launch, copy: PartnerCopy, no: int, mail: str) -> list[Finding]:
    try:
        made = compile_mail(
            work, copy, mail, language=copy.language, page_url=page_url_of(work, copy),
            brand_id=launch.brand_id,
        )  # fmt: skip
    except Unavailable:
        raise
    except TcmaError as error:
        words = say("Mail {no} cannot be made: {why}", no=no, why=error.message)
        return [Finding(Area.CONTENT, Severity.STOP, words, Fix.COPY, error.remedy or "")]
    subject = fill_text(made.subject, {})
    against = marks(Letter(subject=subject, html=made.html, text=made.text, links=made.links))
    heavy = sum(each.weight for each in against) >= SUSPECT
    return [
        Finding(
            Area.CONTENT,
            Severity.LOOK,
            joined(
                say("Mail {no}: {what}", no=no, what=each.words),
                say("With the rest of it, filters may take it for spam.") if heavy else "",
            ),
            Fix.COPY,
            each.remedy,
        )
        for each in against
    ]
