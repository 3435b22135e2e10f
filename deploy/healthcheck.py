"""Health check of the container: exit 0 when the server on this machine answers `GET /healthz` with 200.

Standard library only; reads the same settings as the server. The certificate isn't checked: we are on the loopback.
"""

import os
import ssl
import sys
import urllib.error
import urllib.request

TIMEOUT_SECONDS = 4


def address(environ: os._Environ[str] | dict[str, str]) -> str:
    scheme = "http" if environ.get("DANGXIAO_TLS") == "off" else "https"
    return f"{scheme}://127.0.0.1:{environ.get('DANGXIAO_PORT') or '8443'}/healthz"


def healthy(url: str) -> bool:
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=context))
    try:
        with opener.open(url, timeout=TIMEOUT_SECONDS) as answer:
            return bool(answer.status == 200)
    except (OSError, urllib.error.HTTPError):
        return False


if __name__ == "__main__":
    sys.exit(0 if healthy(address(os.environ)) else 1)
