"""A mail of a planned launch as its people would see it, by what the launch has pinned."""

from sqlalchemy import select

from tcma.db.scope import found
from tcma.db.work import Work
from tcma.launches.content import pinned
from tcma.launches.models import Launch, LaunchMail
from tcma.library.compiling import preview_mail
from tcma.library.models import PartnerCopy


def shown_mail(work: Work, launch: Launch, no: int) -> str:
    """Return mail `no` of the series as HTML; NotFound when there is none."""
    mail = select(LaunchMail.mail).where(
        LaunchMail.launch_id == launch.id, LaunchMail.no == no, LaunchMail.arm == 0
    )
    key = found(work.session.scalar(mail))
    copy = pinned(launch, found(work.session.get(PartnerCopy, launch.copy_id)))
    return preview_mail(work, copy, key, language=launch.language).html
