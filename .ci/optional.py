"""The optional parts of the stack: makes what they need, and checks what became of them.

Usage: AWS_ENDPOINT_URL=... optional.py parameters STACK
           what to deploy with, as sam's parameter overrides
       AWS_ENDPOINT_URL=... optional.py check STACK
           all of it is there, and the provider that is off is not
"""

import sys

from botocore.session import Session

DOMAIN = "hooks.postern.test"
EMAIL = "operators@postern.test"
CONCURRENCY = 5
OFF = "insider"

SESSION = Session()


def client(name):
    return SESSION.create_client(name)


def describe(stack):
    """The stack, and its parameters."""
    described = client("cloudformation").describe_stacks(StackName=stack)["Stacks"][0]
    return described, {given["ParameterKey"]: given["ParameterValue"] for given in described["Parameters"]}


def parameters(stack):
    _, given = describe(stack)
    providers = given["Providers"].split(",")
    providers.remove(OFF)
    zone = client("route53").create_hosted_zone(Name="postern.test", CallerReference="postern")
    topic = client("sns").create_topic(Name="of-our-own")["TopicArn"]
    chosen = {
        "Architecture": "x86_64",
        "Providers": ",".join(providers),
        "AlarmEmail": EMAIL,
        "AlarmTopicArn": topic,
        "SilenceHours": 0,
        "ReceiverConcurrency": CONCURRENCY,
        "DomainName": DOMAIN,
        "CertificateArn": topic.replace(":sns:", ":acm:").replace(":of-our-own", ":certificate/1"),
        "HostedZoneId": zone["HostedZone"]["Id"].removeprefix("/hostedzone/"),
    }
    print(" ".join(f"{name}={value}" for name, value in chosen.items()))


def check(stack):
    described, given = describe(stack)
    outputs = {output["OutputKey"]: output["OutputValue"] for output in described["Outputs"]}
    resources = client("cloudformation").describe_stack_resources(StackName=stack)["StackResources"]
    ids = {resource["LogicalResourceId"]: resource["PhysicalResourceId"] for resource in resources}

    receivers = {name.removesuffix("Url") for name in outputs if name.removesuffix("Url") + "Function" in ids}
    assert len(receivers) > 1 and receivers == set(given["Providers"].split(",")) - {OFF}, receivers
    left = [name for name in [*ids, *outputs] if name.startswith(OFF)]
    assert not left, left
    urls(outputs, receivers)
    domain(outputs, ids, given)
    alarms(ids, given)
    concurrency(ids, receivers)


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
    found = client("cloudwatch").describe_alarms()["MetricAlarms"]
    assert len(found) > 10, found
    for alarm in found:
        assert set(alarm["AlarmActions"]) == set(alarm["OKActions"]) == told, alarm
    silence = [name for name in ids if "Silence" in name]
    assert not silence, silence
    subscriptions = client("sns").list_subscriptions_by_topic(TopicArn=ids["AlarmTopic"])["Subscriptions"]
    assert [(s["Protocol"], s["Endpoint"]) for s in subscriptions] == [("email", EMAIL)], subscriptions


def concurrency(ids, receivers):
    """A gap of MiniStack's: what a function has reserved is not applied."""
    functions = client("lambda")
    for name in receivers:
        found = functions.get_function_concurrency(FunctionName=ids[name + "Function"])
        assert "ReservedConcurrentExecutions" not in found, f"MiniStack applies it now: check that it is {CONCURRENCY}"


{"parameters": parameters, "check": check}[sys.argv[1]](*sys.argv[2:])
