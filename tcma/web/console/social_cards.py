"""A partner's social posts as cards: one a network, drawn as it will look, with what became of it."""

from dataclasses import dataclass

from tcma.library.copies import PartnerCopy
from tcma.library.copy_queries import page_of_copy
from tcma.library.visits import visits_of
from tcma.social.accounts import AccountView, accounts
from tcma.social.actions import Prepared, prepared
from tcma.social.queries import PostView, posts
from tcma.social.rules import HABITS, SENDABLE, Habits, Network
from tcma.web.unit_of_work import work

ICONS = {
    Network.LINKEDIN: "brand-linkedin",
    Network.FACEBOOK: "brand-facebook",
    Network.X: "brand-x",
    Network.INSTAGRAM: "brand-instagram",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class PostCard:
    """One network: its post, how many people came by its link, where it was published. `seen` is what
    readers see before they ask for the `rest`.
    """

    post: Prepared
    habits: Habits
    icon: str
    seen: str
    rest: str
    came: int
    posts: tuple[PostView, ...]
    account: AccountView | None
    is_sendable: bool

    @property
    def field(self) -> str:
        """The name of the field that takes the address of its post."""
        return f"{self.post.network.value}_address"


def cards_of(copy: PartnerCopy) -> list[PostCard]:
    """Return the cards of a copy in the networks' order."""
    session, principal = work().session, work().principal
    page = page_of_copy(session, copy.id)
    came = visits_of(session, page.id) if page else {}
    known = posts(session, principal, copy.id)
    connected = accounts(session, principal)
    cards = []
    for post in prepared(work(), copy):
        habits = HABITS[post.network]
        whole = post.fit.whole
        cards.append(
            PostCard(
                post=post,
                habits=habits,
                icon=ICONS[post.network],
                seen=whole[: habits.fold],
                rest=whole[habits.fold :],
                came=came.get(post.network.value, 0),
                posts=known.get(post.network, ()),
                account=connected.get(post.network),
                is_sendable=post.network in SENDABLE,
            )
        )
    return cards
