"""The tool on a deployed stack: each command that the emulator allows, by `--stack`.

What the emulator does not allow is asserted, too: when a newer one allows it, this fails, and the
command is tried like the others.

Usage: AWS_ENDPOINT_URL=... tool.py BINARY STACK API
           after the stack is deployed and its keys are those of the samples
"""

import json
import os
import signal
import subprocess
import sys
import time

from botocore.session import Session

BINARY, STACK, API = sys.argv[1:]
PERSON = "odile@tool.postern.test"
OTHER = "lee@tool.postern.test"
IMPORTED = "kim@tool.postern.test"
PATIENCE = 60
PROVIDER = "insider"


def run(*line, stdin="", exit=0, stack=STACK, env=None):
    """Runs a line, and returns its results as JSON, its text and what it says beside them."""
    line = [BINARY, *line, "--stack", stack, "--json"]
    ended = subprocess.run(line, input=stdin, capture_output=True, text=True, env={**os.environ, **(env or {})})
    told = f"{' '.join(line[1:])}: exit {ended.returncode}\n{ended.stdout}\n{ended.stderr}"
    assert ended.returncode == exit, told
    objects = [json.loads(text) for text in ended.stdout.splitlines() if text.startswith("{")]
    return objects, ended.stderr


def error(*line, **more):
    """Runs a line that fails, and returns the error."""
    _, said = run(*line, **more)
    return json.loads(said.splitlines()[-1])["error"]


def eventually(what, *line):
    deadline = time.monotonic() + PATIENCE
    while True:
        objects, _ = run(*line)
        if what(objects):
            return objects
        assert time.monotonic() < deadline, (line, objects)
        time.sleep(0.5)


def found():
    """The stack is found by its name; what is not is said, with the exit code of its kind."""
    _, said = run("events", PERSON)
    assert f"stack {STACK} (eu-west-1, 000000000000)" in said, said
    missing = error("events", PERSON, stack=STACK[:-1] + "m", exit=3)
    assert missing["code"] == "stack_missing" and f"did you mean `{STACK}`?" in missing["hint"], missing
    nowhere = error("events", PERSON, exit=3, env={"AWS_REGION": "", "AWS_DEFAULT_REGION": ""})
    assert nowhere["code"] == "region_missing" and nowhere["hint"].endswith("--region eu-west-1"), nowhere
    nobody = {"AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": ""}
    assert error("events", PERSON, exit=4, env=nobody)["code"] == "credentials_missing"
    away = error("events", PERSON, exit=3, env={"AWS_ENDPOINT_URL": "http://127.0.0.1:9"})
    assert away["code"] == "account_unreachable", away


def sent():
    """A bounce comes in, about somebody who is in no sample."""
    for key, status in [((), 0), (("--break", "key"), 1)]:
        line = [BINARY, "send", "resend/bounced", "--recipient", PERSON, "--to", API, *key]
        ended = subprocess.run(line, capture_output=True, text=True)
        assert ended.returncode == status, ended
    return eventually(len, "events", PERSON)[0]


def read(event):
    assert event["kind"] == "bounced" and event["recipient"] == PERSON, event
    message, _ = run("message", f"{event['provider']}#{event['message_id']}")
    assert PERSON in json.dumps(message), message
    verdict, _ = run("may-mail", PERSON, exit=1)
    assert verdict[0]["may_mail"] is False, verdict
    problems, _ = run("problems", "bounced", "7d", "--limit", "1000")
    assert PERSON in json.dumps(problems), problems


def suppressed():
    refused = error("suppress", "list", exit=2)
    assert "--scan" in refused["hint"], refused
    listed, _ = run("suppress", "list", "--scan")
    assert PERSON in [entry["address"] for entry in listed], listed
    run("suppress", "lift", PERSON, "--why", "the gate", "--go")
    run("may-mail", PERSON)
    run("suppress", "add", OTHER, "--why", "the gate")
    run("may-mail", OTHER, exit=1)
    rows = f"status,reason,email,created\n5.1.1,550 5.1.1 no such user,{IMPORTED},1767323045\n"
    for go in ([], ["--go"], ["--go"]):
        run("suppress", "import", "-", "--from", "sendgrid", "--kind", "bounces", *go, stdin=rows)
    run("may-mail", IMPORTED, exit=1)


def kept():
    """What is written anew, and what is deleted."""
    run("renormalize", "--provider", "resend")
    run("renormalize", "--provider", "resend", "--go")
    for person in (PERSON, OTHER, IMPORTED):
        run("erase", person)
        run("erase", person, "--go")
        events, _ = run("events", person)
        assert not events, events


def keys():
    """A key is checked, put, checked as the one before, and retired."""
    with open(f"events/{PROVIDER}/secret.txt") as file:
        old = file.read()
    new = f"the-next-key-of-the-gate-{time.time_ns()}"
    run("secret", "check", PROVIDER, stdin=old)
    run("secret", "check", PROVIDER, stdin=new, exit=1)
    refused = error("secret", "set", PROVIDER, stdin="two words", exit=1)
    assert refused["code"].startswith("secret"), refused
    run("secret", "set", PROVIDER, "--drop-previous", stdin=new)
    run("secret", "check", PROVIDER, stdin=new)
    by = [{"Name": "provider", "Value": PROVIDER}]
    accepted = {"MetricName": "accepted", "Dimensions": by, "Value": 7, "Timestamp": time.time() - 600}
    Session().create_client("cloudwatch").put_metric_data(Namespace=STACK, MetricData=[accepted])
    # gaps of the emulator's: its filters count nothing, and its logs know no stats
    signed, _ = run("secret", "status", PROVIDER)
    counted = signed[0]["signed_24h"]
    assert counted["current"] >= 7 and counted["previous"] is None, signed
    soon = error("secret", "set", PROVIDER, stdin=old.strip() + "-and-another", exit=1)
    assert soon["code"] == "secret_too_soon", soon
    run("secret", "set", PROVIDER, "--drop-previous", stdin=old)
    run("secret", "check", PROVIDER, stdin=old)


def followed():
    """Log lines are told as entries. Ctrl-C ends it."""
    line = [BINARY, "listen", "--stack", STACK, "--json", "--provider", "resend", "--since", "1h"]
    listening = subprocess.Popen(line, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    time.sleep(10)
    listening.send_signal(signal.SIGINT)
    told, _ = listening.communicate(timeout=10)
    assert listening.returncode == 0, listening.returncode
    entries = [json.loads(text) for text in told.splitlines()]
    assert any(entry["code"] == "signature_mismatch" and entry["status"] == 401 for entry in entries), told
    assert any([event["kind"] for event in entry["events"]] == ["bounced"] for entry in entries), told
    assert PERSON not in told, "no address is in a log"


def examined():
    report, _ = run("doctor", "--no-post", exit=1)
    states = {check["id"]: check["state"] for check in report[0]["checks"]}
    fine = {name for name, state in states.items() if state == "ok"}
    assert {"account", "stack", "functions", "quota", "alarms"} <= fine, report
    # gaps of the emulator's: no encryption over a name that resolves, no recovery to a point in
    # time
    assert states["url"] == "failed" and states["table"] == "failed", report
    print("tool: doctor:", " ".join(f"{name} {state}" for name, state in states.items()))


def without_outlets():
    """What is off is said, with the line that turns it on."""
    refused = error("webhooks", "list", exit=3)
    assert refused["code"] == "outlets_off" and "Outlets=yes" in refused["hint"], refused


def gaps():
    """Gap: the emulator does not know which queue a dead-letter queue is of."""
    refused = error("redrive", exit=3)
    assert "ListDeadLetterSourceQueues" in refused["message"], "MiniStack can redrive now: try it here"


found()
read(sent())
suppressed()
kept()
keys()
followed()
examined()
without_outlets()
gaps()
print("tool: by --stack: send listen events message may-mail problems suppress renormalize erase secret doctor; redrive not, see gaps()")
