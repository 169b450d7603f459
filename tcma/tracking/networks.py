"""Where a hit came from, as much of it as is kept: a mark of the network, and whether a filter owns it.

An address is cut to its /24 (IPv6: /48) and keyed, so that hits from one network can be told
together and no address is stored.
"""

from functools import cache, lru_cache
from importlib.resources import files
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network

from tcma.ids import Signer

PREFIX = {4: 24, 6: 48}
LISTED = "networks.txt"


@lru_cache(maxsize=8192)
def network_of(signer: Signer, address: str) -> str:
    """Return «range:mark» of an address: `scanner`, `apple` or nothing, then twelve digits.

    Empty for what is no address.
    """
    try:
        ip = ip_address(address)
    except ValueError:
        return ""
    if ip.version == 6 and (mapped := ip.ipv4_mapped):
        ip = mapped
    whole = ip_network((ip, PREFIX[ip.version]), strict=False)
    kind = next((kind for kind, listed in _listed() if ip in listed), "")
    return f"{kind}:{signer.tag('tracking.network', str(whole))}"


@cache
def _listed() -> tuple[tuple[str, IPv4Network | IPv6Network], ...]:
    lines = (files("tcma.tracking") / LISTED).read_text(encoding="utf-8").splitlines()
    pairs = (line.partition("#")[0].split() for line in lines)
    return tuple((kind, ip_network(text)) for kind, text in (pair for pair in pairs if pair))
