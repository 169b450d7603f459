"""The lived-in world's pages: its landing page, its page at LinkedIn with a post to come."""

from datetime import timedelta

from sqlalchemy import text

from tcma.library.copies import copy_row
from tcma.ports import SocialAccess
from tcma.social import accounts
from tcma.social import actions as social
from tcma.social.queries import posts
from tcma.social.rules import Network


def posted(world, copy_id):
    """A page at LinkedIn, and a post that leaves in a month."""
    with world.as_("Alice") as work:
        access = SocialAccess("linkedin", "5515715", "https://api.linkedin.com", "good")
        accounts.connect(work, access, name="Fenwright")
        copy = copy_row(work, copy_id)
        social.schedule(work, copy, Network.LINKEDIN, work.now + timedelta(days=30))
        [post] = posts(work.session, work.principal, copy_id)[Network.LINKEDIN]
        world.parts["post"] = post.id


def page_of(world):
    with world.db() as work:
        return work.session.scalar(text("SELECT path FROM page LIMIT 1"))
