"""Checks the vectors in events/outlets with code that is not ours: webhook-signature with the
official library of Standard Webhooks, x-webhook-signature as MailPanda's page does. A changed byte,
id or secret must be refused.

Usage: outlets.py
           checks them; gets the pinned library into an environment of its own if it is not there
"""

import base64
import hashlib
import hmac
import json
import os
import subprocess
import sys
import venv
from datetime import datetime, timezone
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PIN = "standardwebhooks==1.1.0"


def with_library():
    """Starts this file again in the environment that has the library."""
    folder = ROOT / "target/tools" / PIN.replace("==", "-")
    python = folder / "bin/python"
    if not (folder / "installed").is_file():
        venv.create(folder, clear=True, with_pip=True)
        subprocess.run([python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", PIN], check=True)
        (folder / "installed").touch()
    os.execv(python, [str(python), *sys.argv])


try:
    from standardwebhooks import webhooks
except ImportError:
    if os.environ.get("OUTLETS_AGAIN"):
        raise
    os.environ["OUTLETS_AGAIN"] = "1"
    with_library()


def at(second):
    """The library's clock, which it takes from its module."""

    class Clock(datetime):
        @classmethod
        def now(cls, tz=None):
            return datetime.fromtimestamp(second, tz or timezone.utc)

    return Clock


def standard(secret):
    """The library for a secret: its text as base64, or its bytes as they are (the raw form)."""
    try:
        key = base64.b64decode(secret.removeprefix("whsec_"), validate=True)
    except ValueError:
        key = b""
    return webhooks.Webhook(secret if 24 <= len(key) <= 64 else secret.encode())


def accepts(secret, body, headers):
    try:
        standard(secret).verify(body, headers)
    except webhooks.WebhookVerificationError:
        return False
    return True


def mailpanda(secret, body, headers):
    """The check of mailpanda.io/docs/webhooks, in Python."""
    mac = hmac.new(secret.encode(), body.encode(), hashlib.sha256).hexdigest()
    return hmac.compare_digest(mac, headers["x-webhook-signature"])


def check(path):
    vector = json.loads(path.read_text(encoding="utf-8"))
    secrets, body, headers = vector["secrets"], vector["body"], vector["headers"]
    webhooks.datetime = at(int(headers["webhook-timestamp"]) + 3)
    entries = headers["webhook-signature"].split(" ")
    assert len(entries) == len(secrets), path.name
    for secret, entry in zip(secrets, entries):
        assert accepts(secret, body, headers), path.name
        assert accepts(secret, body, headers | {"webhook-signature": entry}), path.name
        assert not accepts(secret, body + " ", headers), path.name
        assert not accepts(secret, body, headers | {"webhook-id": headers["webhook-id"] + "0"}), path.name
        assert mailpanda(secret, body, headers) == (secret == secrets[0]), path.name
    assert not accepts("whsec_" + base64.b64encode(b"x" * 32).decode(), body, headers), path.name
    assert not mailpanda(secrets[0], body + " ", headers), path.name
    webhooks.datetime = at(int(headers["webhook-timestamp"]) + 301)
    assert not accepts(secrets[0], body, headers), f"{path.name}: stale"


def main():
    vectors = sorted((ROOT / "events/outlets").glob("*.json"))
    assert len(vectors) >= 8, "events/outlets"
    for path in vectors:
        check(path)
    print(f"{len(vectors)} vectors: both signatures are good")


if __name__ == "__main__":
    main()
