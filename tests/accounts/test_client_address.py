"""Whose request it is: only our own proxy is believed."""

import pytest
from django.test import RequestFactory

from immuno_site.client_address import client_address, client_network


@pytest.mark.parametrize(
    ("peer", "forwarded", "address"),
    [
        ("203.0.113.9", "", "203.0.113.9"),
        ("203.0.113.9", "10.1.1.1", "203.0.113.9"),
        ("127.0.0.1", "203.0.113.9", "203.0.113.9"),
        ("", "203.0.113.9", "203.0.113.9"),
        ("127.0.0.1", "10.1.1.1, 203.0.113.9", "203.0.113.9"),
        ("127.0.0.1", "203.0.113.9, 127.0.0.1", "203.0.113.9"),
        ("127.0.0.1", "junk", "127.0.0.1"),
        ("127.0.0.1", "10.1.1.1, junk", "127.0.0.1"),
        ("::1", "2001:db8:1:2:3::4", "2001:db8:1:2:3::4"),
        ("::ffff:127.0.0.1", "::ffff:203.0.113.9", "203.0.113.9"),
        ("", "", "127.0.0.1"),
    ],
)
def test_address_is_the_last_one_a_proxy_of_ours_wrote(peer, forwarded, address):
    request = RequestFactory().get("/", REMOTE_ADDR=peer, HTTP_X_FORWARDED_FOR=forwarded)
    assert client_address(request) == address


def test_ipv6_customer_is_counted_by_the_network_they_own():
    def network(peer: str) -> str:
        return client_network(RequestFactory().get("/", REMOTE_ADDR=peer))

    assert network("2001:db8:1:2:3::4") == network("2001:db8:1:2:ffff::") == "2001:db8:1:2::"
    assert network("2001:db8:1:3::4") != network("2001:db8:1:2::4")
    assert network("203.0.113.9") == "203.0.113.9"
