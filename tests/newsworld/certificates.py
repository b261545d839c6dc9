"""The world's own certificate authority: a certificate for any host, issued on the spot and kept."""

import ssl
from pathlib import Path

import trustme


class Authority:
    """Issues certificates that only a client trusts which was given `write`'s file."""

    def __init__(self) -> None:
        self._authority = trustme.CA(organization_name="newsworld")
        self._contexts: dict[str, ssl.SSLContext] = {}

    def write(self, path: Path) -> None:
        """Write the authority's certificate as PEM: the value for SSL_CERT_FILE."""
        self._authority.cert_pem.write_to_path(str(path))

    def context(self, host: str) -> ssl.SSLContext:
        """Return the server-side TLS context for *host*."""
        found = self._contexts.get(host)
        if found is None:
            found = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            found.set_alpn_protocols(["http/1.1"])
            self._authority.issue_cert(host).configure_cert(found)
            self._contexts[host] = found
        return found
