"""What a mailed link carries: a signed number and a slot, never an address or a target."""

from dataclasses import dataclass
from enum import StrEnum

from tcma.ids import Signer


class Purpose(StrEnum):
    """The kinds of mailed link; a token of one is nothing to another."""

    CLICK = "c"
    OPEN = "o"
    UNSUBSCRIBE = "u"
    VIEW = "v"
    PREFERENCES = "p"
    MESSAGE_ID = "id"
    CONSENT = "k"


@dataclass(frozen=True, slots=True)
class Links:
    """Writes the addresses of one installation's messages."""

    signer: Signer
    public_url: str

    def url(self, purpose: Purpose, message_id: int, slot: int = 0) -> str:
        """Return the address that stands in the mail."""
        token = self.signer.message_token(purpose, message_id, slot)
        return f"{self.public_url}/{purpose.value}/{token}"

    def value(self, name: str, message_id: int) -> str | None:
        """Return what stands for a token of the engine's own, None when it is a person's value."""
        if name.startswith("link:"):
            return self.url(Purpose.CLICK, message_id, int(name[5:]))
        purpose = _ENGINE_TOKENS.get(name)
        return self.url(purpose, message_id) if purpose else None

    def message_id(self, message_id: int, domain: str) -> str:
        """Return the Message-ID without brackets: the same at every attempt."""
        return f"{self.signer.message_token(Purpose.MESSAGE_ID, message_id)}@{domain}"


_ENGINE_TOKENS = {
    "open_pixel_url": Purpose.OPEN,
    "unsubscribe_url": Purpose.UNSUBSCRIBE,
    "view_url": Purpose.VIEW,
    "preferences_url": Purpose.PREFERENCES,
}


def read_link(signer: Signer, purpose: Purpose, token: str) -> tuple[int, int]:
    """Return (message number, slot); NotFound for anything forged, cut or of another purpose."""
    return signer.read_message_token(purpose, token)
