"""Who is at the other end: an address that only a trusted proxy may tell."""

from collections.abc import Sequence
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_network,
)

HOUSEHOLD = 64  # bits: what one customer gets of IPv6, and may change within at will


def client_address(
    peer: str, forwarded_for: str, trusted: Sequence[IPv4Network | IPv6Network]
) -> str:
    """The address of whoever asked: `peer`, or where that is a trusted proxy, the rightmost one of
    `forwarded_for` (X-Forwarded-For) that is none. What stands left of that anybody can write."""
    told = peer
    for hop in (peer, *reversed(forwarded_for.split(","))):
        address = _read(hop)
        if address is None:
            break
        told = str(address)
        if not any(address in network for network in trusted):
            break
    return told


def household(address: str) -> str:
    """What a limit counts as one: an IPv4 address, or the /64 network of an IPv6 one."""
    read = _read(address)
    if isinstance(read, IPv6Address):
        return str(ip_network((read, HOUSEHOLD), strict=False))
    return address


def _read(text: str) -> IPv4Address | IPv6Address | None:
    try:
        address = ip_address(text.strip())
    except ValueError:
        return None
    # A socket that listens to both kinds tells of the older one in the newer one's words.
    if isinstance(address, IPv6Address) and address.ipv4_mapped:
        return address.ipv4_mapped
    return address
