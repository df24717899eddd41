"""Who is asking: the visitor's network address, believed only from our own proxy."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from django.conf import settings
from django.http import HttpRequest

THIS_MACHINE = "127.0.0.1"  # what a request over a local socket, which has no address, counts as


def client_address(request: HttpRequest) -> str:
    """The address that reached our proxy, or that reached us where there is no proxy."""
    peer = _parsed(request.META.get("REMOTE_ADDR", "")) or ip_address(THIS_MACHINE)
    if not _is_proxy(peer):
        return str(peer)
    # From the right: everything left of the entry our own proxy wrote may be made up.
    for said in reversed(request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")):
        address = _parsed(said)
        if address is None:
            break
        if not _is_proxy(address):
            return str(address)
    return str(peer)


def client_network(request: HttpRequest) -> str:
    """The address to count by: an IPv6 customer has a whole /64 to rotate through."""
    address = ip_address(client_address(request))
    if isinstance(address, IPv4Address):
        return str(address)
    return str(ip_network(f"{address}/64", strict=False).network_address)


def _parsed(text: str) -> IPv4Address | IPv6Address | None:
    try:
        address = ip_address(text.strip())
    except ValueError:
        return None
    # ::ffff:192.0.2.1 is the same visitor as 192.0.2.1.
    return getattr(address, "ipv4_mapped", None) or address


def _is_proxy(address: IPv4Address | IPv6Address) -> bool:
    return any(address in ip_network(proxy) for proxy in settings.TRUSTED_PROXIES)
