"""The Customer.io receiver as one would write it in Python: verify, enqueue, answer, log one
line."""

import base64
import hashlib
import hmac
import json
import os
import time

import boto3

SECRET = os.environ["WEBHOOK_SECRETS"].encode()
QUEUE_URL = os.environ["QUEUE_URL"]
WINDOW = 8 * 24 * 60 * 60
AHEAD = 5 * 60

sqs = boto3.client("sqs")


def handler(event, context):
    status = receive(event)
    print(json.dumps({
        "level": "info" if status == 200 else "warn",
        "provider": "customerio",
        "status": status,
        "request_id": context.aws_request_id,
    }))
    return {"statusCode": status, "headers": {}, "body": ""}


def receive(event):
    headers = event.get("headers") or {}
    body = event.get("body") or ""
    raw = base64.b64decode(body) if event.get("isBase64Encoded") else body.encode()
    timestamp = headers.get("x-cio-timestamp", "")
    given = headers.get("x-cio-signature", "")
    if not timestamp.isdigit() or not given:
        return 401
    signed = b"v0:" + timestamp.encode() + b":" + raw
    expected = hmac.new(SECRET, signed, hashlib.sha256).hexdigest()
    if not hmac.compare_digest(expected, given):
        return 401
    received_at = event.get("requestContext", {}).get("timeEpoch") or int(time.time() * 1000)
    age = received_at // 1000 - int(timestamp)
    if age > WINDOW or -age > AHEAD:
        return 401
    message = json.dumps({
        "v": 1,
        "provider": "customerio",
        "received_at": received_at,
        "encoding": "text",
        "body": raw.decode(),
    }, separators=(",", ":"), ensure_ascii=False)
    sqs.send_message(QueueUrl=QUEUE_URL, MessageBody=message, MessageGroupId="customerio")
    return 200
