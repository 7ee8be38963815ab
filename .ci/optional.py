"""The optional parts of the stack: makes what they need, and checks what became of them; that each
function starts; and that a provider can be taken out and returned.

Usage: AWS_ENDPOINT_URL=... optional.py plain STACK
           before any of it is asked for: none is there
       AWS_ENDPOINT_URL=... optional.py parameters STACK
           what to deploy with, as sam's parameter overrides
       AWS_ENDPOINT_URL=... optional.py check STACK
           all of it is there, and the provider that is off is not, but for what is its user's
       AWS_ENDPOINT_URL=... optional.py returned STACK
           the provider is there again, with its key
       AWS_ENDPOINT_URL=... optional.py starts STACK API
           each function starts and answers
"""

import base64
import hashlib
import hmac
import json
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, HTTPServer
from urllib.error import HTTPError
from urllib.request import Request, urlopen

from botocore.session import Session

DOMAIN = "hooks.postern.test"
EMAIL = "operators@postern.test"
CONCURRENCY = 5
OFF = "insider"
WATCHED = ["resend", "sendgrid"]
OPERATOR = "arn:aws:iam::000000000000:role/operators/redrive"

SESSION = Session()


def client(name):
    return SESSION.create_client(name)


def describe(stack):
    """The stack, and its parameters."""
    described = client("cloudformation").describe_stacks(StackName=stack)["Stacks"][0]
    return described, {given["ParameterKey"]: given["ParameterValue"] for given in described["Parameters"]}


def resources(stack):
    described = client("cloudformation").describe_stack_resources(StackName=stack)["StackResources"]
    return {resource["LogicalResourceId"]: resource["PhysicalResourceId"] for resource in described}


def plain(stack):
    """Nothing optional is there unasked."""
    ids = resources(stack)
    optional = ("ApiLogs", "ApiDomain", "AlarmTopic")
    there = [name for name in ids if name.endswith("SilenceAlarm") or name.startswith("Ses") or name in optional]
    assert not there, there
    way_out = [name for name in ids if name.startswith(("Outlet", "Outbox", "Fanout", "DeliverF", "Sweep", "Sealing", "ApiF"))]
    assert not way_out, way_out
    table = client("dynamodb").describe_table(TableName=ids["EventsTable"])["Table"]
    assert "StreamSpecification" not in table, table
    for queue in ("DeliveriesQueue", "DeadLetterQueue"):
        found = client("sqs").get_queue_attributes(QueueUrl=ids[queue], AttributeNames=["All"])["Attributes"]
        _, ours = json.loads(found["Policy"])["Statement"]
        assert set(ours["Condition"]) == {"ArnNotLike"}, ours
        assert "KmsMasterKeyId" not in found and found["SqsManagedSseEnabled"] == "true", found


def parameters(stack):
    _, given = describe(stack)
    providers = given["Providers"].split(",")
    providers.remove(OFF)
    zone = client("route53").create_hosted_zone(Name="postern.test", CallerReference="postern")
    topic = client("sns").create_topic(Name="of-our-own")["TopicArn"]
    bound = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
    bound = client("iam").create_policy(PolicyName="bound", PolicyDocument=json.dumps(bound))["Policy"]["Arn"]
    chosen = {
        "Architecture": "x86_64",
        "Providers": ",".join(providers),
        "AccessLog": "yes",
        "AlarmEmail": EMAIL,
        "AlarmTopicArn": topic,
        "SilenceProviders": ",".join(WATCHED),
        "ReceiverConcurrency": CONCURRENCY,
        "OperatorRoleArns": OPERATOR,
        "PermissionsBoundary": bound,
        "KmsKeyArn": client("kms").create_key()["KeyMetadata"]["Arn"],
        "DomainName": DOMAIN,
        "CertificateArn": topic.replace(":sns:", ":acm:").replace(":of-our-own", ":certificate/1"),
        "HostedZoneId": zone["HostedZone"]["Id"].removeprefix("/hostedzone/"),
        "SesConfigurationSet": "new",
        "Outlets": "yes",
        "AnnounceMaxAgeDays": 3650,  # the samples are of fixed days
    }
    print(" ".join(f"{name}={value}" for name, value in chosen.items()))


def check(stack):
    described, given = describe(stack)
    outputs = {output["OutputKey"]: output["OutputValue"] for output in described["Outputs"]}
    ids = resources(stack)

    receivers = {name.removesuffix("Url") for name in outputs if name.removesuffix("Url") + "Function" in ids}
    assert len(receivers) > 1 and receivers == set(given["Providers"].split(",")) - {OFF}, receivers
    left = [name for name in [*ids, *outputs] if name.startswith(OFF)]
    assert not left, left
    is_kept(stack, ids)
    urls(outputs, receivers)
    domain(outputs, ids, given)
    alarms(ids, given)
    queues(stack, ids, given)
    roles(stack, ids, given)
    logs(stack, ids, given)
    concurrency(ids, receivers)
    told = outlets(stack, ids, given, outputs)
    ses(stack, ids, given, outputs)
    told()


def is_kept(stack, ids):
    """What a provider's user has made, and what came from it, outlives its time in the list."""
    key = client("secretsmanager").get_secret_value(SecretId=f"{stack}/{OFF}")["SecretString"]
    assert key, OFF
    waiting = client("sqs").get_queue_attributes(
        QueueUrl=ids["DeadLetterQueue"], AttributeNames=["ApproximateNumberOfMessages"]
    )
    assert int(waiting["Attributes"]["ApproximateNumberOfMessages"]) > 0, "the dead letters are gone"
    events = client("dynamodb").scan(
        TableName=ids["EventsTable"],
        FilterExpression="provider = :off",
        ExpressionAttributeValues={":off": {"S": OFF}},
    )
    assert events["Items"], f"the events of {OFF} are gone"


def returned(stack):
    ids = resources(stack)
    missing = [part for part in ("Function", "Role", "Logs", "RejectedAlarm") if OFF + part not in ids]
    assert not missing, missing
    is_kept(stack, ids)


def starts(stack, api):
    """As docs/deploy.md has it with curl: whatever a receiver knows of its key, it answers."""
    ids = resources(stack)
    answered = client("lambda").invoke(FunctionName=ids["ConsumerFunction"], Payload=b'{"Records":[]}')
    answer = json.load(answered["Payload"])
    assert answer == {"batchItemFailures": []}, answer
    _, given = describe(stack)
    if given["Outlets"] == "yes":
        for name in ("Fanout", "Deliver"):
            assert invoked(ids, name, {"Records": []}) == {"batchItemFailures": []}, name
        invoked(ids, "Sweep", {})
        assert asked(ids, "GET")["webhooks"], "an endpoint is gone"
        # nobody has signed for it
        assert invoked(ids, "Api", request_of("GET", "", None, {}))["statusCode"] in (401, 403)
    paths = {f"/webhooks/{name}": name for name in given["Providers"].split(",")}
    if given["Outlets"] == "yes":
        paths["/api/webhooks"] = "mailpanda"
    for path, name in paths.items():
        request = Request(f"{api}{path}", data=b"{}", headers={"content-type": "application/json"})
        try:
            status = urlopen(request).status
        except HTTPError as error:
            status = error.code
        busy = 429 if name == "brevo" else 503
        assert status in (401, busy), f"{path}: {status}"


def invoked(ids, name, event):
    """What a function of the way out answers."""
    answer = client("lambda").invoke(FunctionName=ids[f"{name}Function"], Payload=json.dumps(event).encode())
    payload = json.load(answer["Payload"])
    assert "FunctionError" not in answer, payload
    return payload


def request_of(method, path, body, authorizer):
    """A request as the gateway passes it on."""
    path = f"/api/webhooks/manage{path}"
    http = {"method": method, "path": path, "protocol": "HTTP/1.1", "sourceIp": "192.0.2.1", "userAgent": "gate"}
    return {
        "version": "2.0",
        "routeKey": "ANY /api/{proxy+}",
        "rawPath": path,
        "rawQueryString": "",
        "headers": {"content-type": "application/json", "host": DOMAIN},
        "requestContext": {
            "accountId": "000000000000",
            "apiId": "api",
            "domainName": DOMAIN,
            "http": http,
            "requestId": "gate",
            "routeKey": "ANY /api/{proxy+}",
            "stage": "$default",
            "time": "01/Jan/2026:00:00:00 +0000",
            "timeEpoch": 1767225600000,
            **authorizer,
        },
        "body": body and json.dumps(body),
        "isBase64Encoded": False,
    }


def asked(ids, method, path="", body=None):
    """What the API answers to one whom the gateway has let in."""
    caller = {"accessKey": "test", "accountId": "000000000000", "callerId": "gate", "userArn": OPERATOR, "userId": "gate"}
    answer = invoked(ids, "Api", request_of(method, path, body, {"authorizer": {"iam": caller}}))
    assert answer["statusCode"] == 200, answer
    return json.loads(answer["body"])


class Sink(BaseHTTPRequestHandler):
    """An endpoint: keeps what it is sent."""

    came = []

    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"]))
        Sink.came.append((dict(self.headers.items()), body))
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_):
        pass


def outlets(stack, ids, given, outputs):
    """An endpoint is registered. Returns what checks that it was told of the click of ses()."""
    assert outputs["ManageUrl"] == f"https://{DOMAIN}/api/webhooks/manage", outputs
    assert outputs["OutletsTable"] == ids["OutletsTable"] and outputs["OutboxQueueUrl"] == ids["OutboxQueue"], outputs
    sealing = client("secretsmanager").get_secret_value(SecretId=f"{stack}/outlets/sealing/{ids['OutletsTable']}")
    # a gap of MiniStack's: it has punctuation
    text = sealing["SecretString"]
    assert len(text) == 64 and not text.isalnum(), "MiniStack excludes punctuation now: check that it is alphanumeric"
    table = client("dynamodb").describe_table(TableName=ids["EventsTable"])["Table"]
    assert table["StreamSpecification"] == {"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"}, table
    mapping = client("lambda").get_event_source_mapping(UUID=ids["FanoutSource"])
    assert mapping["EventSourceArn"] == table["LatestStreamArn"] and mapping["MaximumRetryAttempts"] == -1, mapping
    sweep = client("events").list_rules()["Rules"]
    assert [rule["ScheduleExpression"] for rule in sweep if rule["Name"] == ids["SweepFunctionMinute"]] == ["rate(1 minute)"], sweep

    server = HTTPServer(("127.0.0.1", 0), Sink)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    created = asked(ids, "POST", body={"url": f"http://127.0.0.1:{server.server_port}/hook", "events": "click"})
    secret = created.pop("secret")
    listed = asked(ids, "GET")["webhooks"]
    assert [{name: one[name] for name in created} for one in listed] == [created], (created, listed)
    assert secret not in json.dumps(listed), "a secret is shown"

    def told():
        for _ in range(120):
            if Sink.came:
                break
            time.sleep(0.5)
        [(headers, body)] = Sink.came
        headers = {name.lower(): value for name, value in headers.items()}
        assert json.loads(body)["type"] == "email.click", body
        signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
        key = base64.b64decode(secret.removeprefix("whsec_"))
        wanted = "v1," + base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode()
        assert headers["webhook-signature"] == wanted, headers
        assert headers["x-webhook-signature"] == hmac.new(secret.encode(), body, hashlib.sha256).hexdigest(), headers

    return told


def ses(stack, ids, given, outputs):
    """What the topic of SES is sent is in the table, and nobody else may send there."""
    assert outputs["SesSetName"] == stack, outputs
    account = given["AlarmTopicArn"].split(":")[4]
    topic = client("sns").get_topic_attributes(TopicArn=ids["SesTopic"])["Attributes"]
    from_ses, denied = json.loads(topic["Policy"])["Statement"]
    source = f"arn:aws:ses:{SESSION.get_config_variable('region')}:{account}:configuration-set/{stack}"
    wanted = {"StringEquals": {"aws:SourceAccount": account, "aws:SourceArn": source}}
    assert denied["Effect"] == "Deny" and denied["Condition"] == {"StringNotEquals": wanted["StringEquals"]}, denied
    assert from_ses["Condition"] == wanted and from_ses["Principal"] == {"Service": "ses.amazonaws.com"}, from_ses
    queue = client("sqs").get_queue_attributes(QueueUrl=ids["SesQueue"], AttributeNames=["All"])["Attributes"]
    _, from_topic, from_elsewhere = json.loads(queue["Policy"])["Statement"]
    assert from_topic["Condition"] == {"ArnEquals": {"aws:SourceArn": ids["SesTopic"]}}, from_topic
    wanted = {"ArnNotEquals": {"aws:SourceArn": ids["SesTopic"], "aws:PrincipalArn": [OPERATOR]}}
    assert from_elsewhere["Effect"] == "Deny" and from_elsewhere["Condition"] == wanted, from_elsewhere

    # gap 3 of ministack.py
    most = int(given["MaximumConcurrency"])
    client("lambda").update_event_source_mapping(UUID=ids["SesSource"], ScalingConfig={"MaximumConcurrency": most})
    with open("events/ses/click.json") as sample:
        client("sns").publish(TopicArn=ids["SesTopic"], Message=sample.read())
    for _ in range(60):
        events = client("dynamodb").scan(
            TableName=ids["EventsTable"],
            FilterExpression="provider = :ses",
            ExpressionAttributeValues={":ses": {"S": "ses"}},
        )["Items"]
        if events:
            break
        time.sleep(0.5)
    assert [event["kind"] for event in events] == [{"S": "clicked"}], events


def urls(outputs, receivers):
    for name in receivers:
        url = outputs[name + "Url"]
        assert url == f"https://{DOMAIN}/webhooks/{name}", url


def domain(outputs, ids, given):
    gateway = client("apigatewayv2")
    target = gateway.get_domain_name(DomainName=DOMAIN)["DomainNameConfigurations"][0]
    assert outputs["DomainTarget"] == target["ApiGatewayDomainName"], (outputs, target)
    mapped = [mapping["ApiId"] for mapping in gateway.get_api_mappings(DomainName=DOMAIN)["Items"]]
    assert mapped == [ids["Api"]], mapped
    records = client("route53").list_resource_record_sets(HostedZoneId=given["HostedZoneId"])["ResourceRecordSets"]
    ours = [record["AliasTarget"]["DNSName"] for record in records if record["Name"].rstrip(".") == DOMAIN]
    assert [name.rstrip(".") for name in ours] == [outputs["DomainTarget"]], records


def alarms(ids, given):
    told = {ids["AlarmTopic"], given["AlarmTopicArn"]}
    found = every("cloudwatch", "describe_alarms", "MetricAlarms")
    assert len(found) > 10, found
    for alarm in found:
        assert set(alarm["AlarmActions"]) == told and not alarm["OKActions"], alarm
    silence = {name.removesuffix("SilenceAlarm") for name in ids if name.endswith("SilenceAlarm")}
    assert silence == set(WATCHED), silence
    subscriptions = client("sns").list_subscriptions_by_topic(TopicArn=ids["AlarmTopic"])["Subscriptions"]
    assert [(s["Protocol"], s["Endpoint"]) for s in subscriptions] == [("email", EMAIL)], subscriptions


def queues(stack, ids, given):
    def arn(name):
        return client("iam").get_role(RoleName=ids[f"{name}Role"])["Role"]["Arn"]

    account = given["AlarmTopicArn"].split(":")[4]
    senders = {
        # the operator's own word comes from the API
        "DeliveriesQueue": [f"arn:aws:iam::{account}:role/{stack}/receivers/*", arn("Api")],
        "DeadLetterQueue": arn("Consumer"),
        "OutboxQueue": [arn(name) for name in ("Fanout", "Deliver", "Sweep", "Api")],
        "OutboxDeadLetterQueue": [arn(name) for name in ("Fanout", "Deliver")],
        "FanoutFailuresQueue": arn("Fanout"),
    }
    for name, sender in senders.items():
        found = client("sqs").get_queue_attributes(QueueUrl=ids[name], AttributeNames=["All"])["Attributes"]
        assert found["KmsMasterKeyId"] == given["KmsKeyArn"], found
        tls, ours = json.loads(found["Policy"])["Statement"]
        assert tls["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}, tls
        wanted = {
            "ArnNotLike": {"aws:PrincipalArn": sender},
            "ArnNotEquals": {"aws:PrincipalArn": [OPERATOR]},
        }
        assert ours["Effect"] == "Deny" and ours["Condition"] == wanted, ours


def roles(stack, ids, given):
    for name in [name for name in ids if name.endswith("Role")]:
        role = client("iam").get_role(RoleName=ids[name])["Role"]
        ours = ("Consumer", "Fanout", "Deliver", "Sweep", "Api")
        path = f"/{stack}/" if name.removesuffix("Role") in ours else f"/{stack}/receivers/"
        assert role["Path"] == path, role
        # a gap of MiniStack's: a bound is not applied
        bound = given["PermissionsBoundary"]
        assert "PermissionsBoundary" not in role, f"MiniStack applies it now: check that it is {bound}"


def every(service, operation, member):
    """What an operation answers, on all of its pages."""
    pages = client(service).get_paginator(operation).paginate()
    return [found for page in pages for found in page[member]]


def logs(stack, ids, given):
    groups = every("logs", "describe_log_groups", "logGroups")
    ours = {group["logGroupName"]: group for group in groups if stack in group["logGroupName"]}
    assert f"/aws/vendedlogs/{stack}/api" in ours, list(ours)
    own = ["consumer", "fanout", "deliver", "sweep", "api"]
    wanted = [f"/{stack}/{name}" for name in [*own, *given["Providers"].split(",")]]
    missing = [name for name in wanted if name not in ours]
    assert not missing, missing
    filters = every("logs", "describe_metric_filters", "metricFilters")
    counted = {(made["logGroupName"], made["metricTransformations"][0]["metricName"]) for made in filters}
    assert (f"/{stack}/resend", "accepted") in counted, counted
    assert (f"/{stack}/consumer", "ingest_lag_ms") in counted, counted
    assert {(f"/{stack}/deliver", "delivered"), (f"/{stack}/sweep", "failing_s")} <= counted, counted


def concurrency(ids, receivers):
    """A gap of MiniStack's: what a function has reserved is not applied."""
    functions = client("lambda")
    for name in receivers:
        found = functions.get_function_concurrency(FunctionName=ids[name + "Function"])
        assert "ReservedConcurrentExecutions" not in found, f"MiniStack applies it now: check that it is {CONCURRENCY}"


COMMANDS = {"plain": plain, "parameters": parameters, "check": check, "returned": returned, "starts": starts}
COMMANDS[sys.argv[1]](*sys.argv[2:])
