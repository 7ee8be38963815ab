"""The consumer as one would write it in Python: normalize Customer.io and Insider, write in
batches, answer message by message.

Less than Postern's consumer does: two providers, a bounce judged by its code alone, no suppression
list, no metrics.
"""

import base64
import hashlib
import json
import os
import re
import zlib
from datetime import datetime, timezone

import boto3
from boto3.dynamodb.types import TypeSerializer

TABLE = os.environ["TABLE_NAME"]
RETENTION = int(os.environ.get("RETENTION_DAYS") or 0) * 24 * 60 * 60
BATCH = 25

dynamodb = boto3.client("dynamodb")
serializer = TypeSerializer()

CUSTOMERIO = {
    "drafted": "queued", "sent": "sent", "delivered": "delivered", "attempted": "deferred",
    "deferred": "deferred", "bounced": "bounced", "dropped": "rejected", "undeliverable": "rejected",
    "failed": "failed", "opened": "opened", "clicked": "clicked", "converted": "converted",
    "replied": "replied", "spammed": "complained", "unsubscribed": "unsubscribed",
    "subscribed": "subscribed",
}
INSIDER = {
    "processed": "queued", "delivered": "delivered", "deferred": "deferred", "bounce": "bounced",
    "open": "opened", "click": "clicked", "unsubscribe": "unsubscribed",
    "group_unsubscribe": "unsubscribed", "spam_complaint": "complained", "dropped": "rejected",
}
PROBLEMS = {"bounced", "complained", "rejected", "failed", "unsubscribed"}
MACHINES = re.compile(r"bot|crawl|spider|preview|GoogleImageProxy", re.IGNORECASE)
ENHANCED = re.compile(r"\b([245])\.(\d{1,3})\.(\d{1,3})\b")


def handler(event, context):
    items, waiting, failed = {}, {}, set()
    for record in event["Records"]:
        try:
            for item in normalize(record["body"]):
                key = (item["pk"], item["sk"])
                items[key] = item
                waiting.setdefault(key, set()).add(record["messageId"])
        except (ValueError, KeyError, TypeError, AttributeError):
            failed.add(record["messageId"])
    for key in put(items):
        failed |= waiting[key]
    print(json.dumps({"level": "info", "messages": len(event["Records"]), "failed": len(failed)}))
    return {"batchItemFailures": [{"itemIdentifier": id} for id in failed]}


def normalize(message):
    delivery = json.loads(message)
    body = delivery["body"]
    if delivery["encoding"] == "zlib":
        body = zlib.decompress(base64.b64decode(body)).decode()
    provider = {"customerio": customerio, "insider": insider}[delivery["provider"]]
    elements = json.loads(body)
    for element in elements if isinstance(elements, list) else [elements]:
        yield compact(provider(element, delivery))


def customerio(element, delivery):
    data = element.get("data") or {}
    identifiers = data.get("identifiers") or {}
    metric = element.get("metric")
    kind = CUSTOMERIO.get(metric, "unknown")
    recipient = data.get("recipient") or identifiers.get("email") or data.get("customer_id") or "unknown"
    item = common(element, delivery, kind, metric, recipient, element.get("event_id"), data.get("delivery_id"))
    item["subject"] = data.get("subject")
    item["campaign"] = text(data.get("campaign_id"))
    if kind in ("opened", "clicked"):
        machine = data.get("machine") or data.get("prefetched")
        item["machine"] = "confirmed" if machine else "suspected" if data.get("proxied") else "none"
        item["url"] = data.get("href")
    refusal(item, kind, data.get("failure_message"))
    return item


def insider(element, delivery):
    event = element.get("event")
    kind = INSIDER.get(event, "unknown")
    facts = ["insider", element.get("iid"), event, element.get("event_type"), element.get("timestamp"),
             element.get("email"), element.get("link_clicked")]
    id = hashlib.sha256("\0".join(str(fact) for fact in facts).encode()).hexdigest()[:32]
    item = common(element, delivery, kind, event, element.get("email") or "unknown", id, element.get("iid"))
    item["subject"] = element.get("subject")
    item["campaign"] = element.get("campaign_name") or element.get("journey_name")
    if kind in ("opened", "clicked"):
        agent = element.get("user_agent") or ""
        item["machine"] = "suspected" if MACHINES.search(agent) else "none"
        item["url"] = element.get("link_clicked")
    refusal(item, kind, element.get("reason"))
    return item


def common(element, delivery, kind, provider_kind, recipient, id, message):
    provider = delivery["provider"]
    seconds = element.get("timestamp") or delivery["received_at"] // 1000
    time = datetime.fromtimestamp(seconds, timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.000Z")
    return {
        "pk": f"email#{recipient.lower()}",
        "sk": f"{time}#{id}",
        "id": id,
        "schema": 1,
        "provider": provider,
        "source": delivery.get("source"),
        "channel": "email",
        "kind": kind,
        "provider_kind": provider_kind,
        "occurred_at_source": "event" if element.get("timestamp") else "received",
        "message": f"{provider}#{message}" if message else None,
        "problem": f"{kind}#{time[:10]}#{hashlib.sha256(id.encode()).hexdigest()[0]}" if kind in PROBLEMS else None,
        "expires_at": seconds + RETENTION if RETENTION else None,
        "raw": json.dumps(element, separators=(",", ":"), ensure_ascii=False),
    }


def refusal(item, kind, reason):
    if kind not in ("bounced", "deferred", "rejected", "failed"):
        return
    item["reason"] = reason
    code = ENHANCED.search(reason or "")
    item["enhanced_code"] = code and code.group(0)
    if kind == "bounced":
        item["bounce_class"] = {"5": "hard", "4": "soft"}.get(code and code.group(1), "undetermined")


def compact(item):
    return {name: value for name, value in item.items() if value not in (None, "")}


def text(value):
    return None if value is None else str(value)


def put(items):
    """Writes every item; returns the keys of those that DynamoDB left."""
    left, failed = list(items.values()), []
    for start in range(0, len(left), BATCH):
        requests = [{"PutRequest": {"Item": {name: serializer.serialize(value) for name, value in item.items()}}}
                    for item in left[start:start + BATCH]]
        for _ in range(5):
            answer = dynamodb.batch_write_item(RequestItems={TABLE: requests})
            requests = answer.get("UnprocessedItems", {}).get(TABLE)
            if not requests:
                break
        for request in requests or []:
            item = request["PutRequest"]["Item"]
            failed.append((item["pk"]["S"], item["sk"]["S"]))
    return failed
