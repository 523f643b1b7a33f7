"""Where a request comes from, as it is counted."""

import ipaddress


def home(address: str) -> str:
    """Return whose address it is: a home has 2^64 of IPv6 and is one, and one of IPv4 is the same however it is written.

    A listener of IPv6 sees every client of IPv4 as `::ffff:192.0.2.7`: taken for IPv6, they would all be one home.
    """
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    if parsed.version == 4:
        return address
    if parsed.ipv4_mapped is not None:
        return str(parsed.ipv4_mapped)
    return str(ipaddress.IPv6Network((int(parsed), 64), strict=False))
