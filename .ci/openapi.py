"""Checks docs/openapi.json with tools that are not ours: a validator of OpenAPI reads it, a client
is generated from it, and the client asks a stack on this machine by a bearer key.

Usage: openapi.py [POSTERN]
           checks it with this program, or target/debug/postern; gets the pinned tools into an
           environment of their own if they are not there
"""

import json
import os
import shutil
import subprocess
import sys
import time
import venv
from contextlib import contextmanager
from http import HTTPStatus
from pathlib import Path
from urllib.request import Request, urlopen

ROOT = Path(__file__).resolve().parent.parent
DOCUMENT = ROOT / "docs/openapi.json"
PINS = ["openapi-python-client==0.29.1", "openapi-spec-validator==0.9.0"]
TOOLS = ROOT / "target/tools"
CLIENT = TOOLS / "openapi-client/postern_client"
KEYS = {"read:crm": "a-key-that-may-only-read-0123456789abcdef", "admin:ops": "a-key-that-may-change-0123456789abcdef"}
KIM = "Kim.O'Neil+a/b@mail.test"


def with_tools():
    """Starts this file again in the environment that has the tools."""
    folder = TOOLS / PINS[0].replace("==", "-")
    python = folder / "bin/python"
    if not (folder / "installed").is_file():
        venv.create(folder, clear=True, with_pip=True)
        subprocess.run([python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *PINS], check=True)
        (folder / "installed").touch()
    os.execv(python, [str(python), *sys.argv])


try:
    import openapi_python_client  # noqa: F401
    import openapi_spec_validator
except ImportError:
    if os.environ.get("OPENAPI_AGAIN"):
        raise
    os.environ["OPENAPI_AGAIN"] = "1"
    with_tools()


def generated():
    """The client, generated anew. A part of the document that the generator leaves out is an
    error."""
    folder = CLIENT.parent
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    settings = folder / "settings.json"
    settings.write_text(json.dumps({"post_hooks": []}), encoding="utf-8")
    command = [Path(sys.executable).parent / "openapi-python-client", "generate", "--path", DOCUMENT]
    command += ["--meta", "none", "--output-path", CLIENT, "--config", settings, "--fail-on-warning"]
    subprocess.run(command, check=True)
    sys.path.insert(0, str(folder))


@contextmanager
def stack(program):
    """The URL of a stack on this machine, which keeps what it has in a folder."""
    ports = ["--port", "0", "--sqs-port", "0", "--dynamodb-port", "0"]
    parameters = ["Outlets=yes", "ApiAuth=key", "Providers=resend"]
    parameters = [word for parameter in parameters for word in ("--parameter", parameter)]
    command = [program, "up", "--json", "--data", CLIENT.parent / "data", *ports, *parameters]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        lines = (json.loads(line) for line in process.stdout if line.startswith("{"))
        url = next(line["url"] for line in lines if line.get("ready")).rstrip("/")
        yield url
    finally:
        process.terminate()
        process.wait(timeout=30)


def keep_keys(url):
    """Puts the API's keys where it looks for them."""
    with urlopen(f"{url}/_postern/status") as status:
        vault = json.load(status)["secretsmanager"]
    headers = {"X-Amz-Target": "secretsmanager.CreateSecret", "Content-Type": "application/x-amz-json-1.1"}
    secret = {"Name": "local/outlets/keys", "SecretString": json.dumps(KEYS), "ClientRequestToken": "0" * 32}
    urlopen(Request(vault, json.dumps(secret).encode(), headers)).close()


def ask(url):
    """Asks everything that a reader of the document would ask first."""
    from postern_client import AuthenticatedClient
    from postern_client.api.recipients import check_recipients, lift_suppression, list_events, may_mail, suppress
    from postern_client.models import Check, Code, Lift, Problem, Suppress

    reading, changing = (AuthenticatedClient(base_url=url, token=key) for key in KEYS.values())
    first = may_mail.sync_detailed(KIM, client=reading)
    assert first.status_code == HTTPStatus.OK and first.parsed.may_mail is True, first
    refused = suppress.sync_detailed(KIM, client=reading, body=Suppress(why="asked by telephone"))
    assert refused.status_code == HTTPStatus.FORBIDDEN and refused.parsed.error.code == Code.READ_ONLY, refused
    spoken = suppress.sync(KIM, client=changing, body=Suppress(why="asked by telephone"))
    assert spoken.act == "add" and [event.reason for event in spoken.events] == ["manual"], spoken
    stands = within(10, lambda: may_mail.sync(KIM, client=reading), lambda answer: not answer.may_mail)
    assert [reason.event for reason in stands.reasons] == [spoken.events[0].event], stands
    checked = check_recipients.sync(client=reading, body=Check(addresses=[KIM, "kim", "lee@mail.test"]))
    assert [row.may_mail for row in checked.recipients] == [False, False, True], checked
    assert checked.recipients[1].error.code == Code.ADDRESS_UNREADABLE, checked
    lift_suppression.sync(KIM, client=changing, body=Lift(why="a new mailbox"))
    within(10, lambda: may_mail.sync(KIM, client=reading), lambda answer: answer.may_mail)
    events = list_events.sync(KIM, client=reading, limit=1)
    assert [event.kind for event in events.events] == ["suppression_removed"], events
    rest = list_events.sync(KIM, client=reading, cursor=events.next_)
    assert [event.kind for event in rest.events] == ["suppression_added"], rest
    other = may_mail.sync_detailed("kim", client=reading)
    assert other.status_code == HTTPStatus.BAD_REQUEST and isinstance(other.parsed, Problem), other
    nobody = may_mail.sync_detailed(KIM, client=AuthenticatedClient(base_url=url, token="x" * 40))
    assert nobody.status_code == HTTPStatus.UNAUTHORIZED, nobody


def within(seconds, ask, is_it):
    """The first answer that is it, since a word takes a moment to count."""
    deadline = time.monotonic() + seconds
    while not is_it(answer := ask()):
        assert time.monotonic() < deadline, answer
        time.sleep(0.1)
    return answer


def main():
    program = sys.argv[1] if len(sys.argv) > 1 else ROOT / "target/debug/postern"
    openapi_spec_validator.validate(json.loads(DOCUMENT.read_text(encoding="utf-8")))
    generated()
    # The function reads the keys when it starts, and then at most once a minute.
    with stack(program) as url:
        keep_keys(url)
    with stack(program) as url:
        ask(url)
    print("docs/openapi.json: valid, and a client that is generated from it has its answers")


if __name__ == "__main__":
    main()
