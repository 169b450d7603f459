"""What both sides of the lived-in world send from: domains, with relays of their own."""

from tcma.senders import actions as sender_domains
from tcma.senders import relays
from tcma.senders.relay_rules import RelayFacts, RelayKind
from tests.builders import acting


def sending_domains(world, work):
    """A domain for each side, with a relay of its own that is refused before anybody connects."""
    for owner, side in (("Alice", "partner"), ("Ada", "vendor")):
        keeper, name = acting(work, world.people[owner]), f"news.{owner.lower()}.example"
        sender_domains.add_domain(keeper, name)
        facts = RelayFacts(RelayKind.TLS, "127.0.0.1", 465)
        relay = relays.add_relay(keeper, world.services.web, name, facts)
        world.parts[f"{side}_relay"] = relay
