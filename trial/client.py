"""From which address a request came: what the lock-out counts by and the access events say."""

from ipaddress import ip_address

from django.conf import settings
from django.http import HttpRequest


def address(request: HttpRequest) -> str | None:
    """The hop that the outermost of our own proxies wrote (PROXIES says how many there are), or who is connected.

    What stands before that hop the client wrote himself, and it counts for nothing.
    """
    hops = request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")
    if settings.PROXIES and len(hops) >= settings.PROXIES:
        try:
            return str(ip_address(hops[-settings.PROXIES].strip()))
        except ValueError:
            pass
    return request.META.get("REMOTE_ADDR") or None
