"""Makes up for what MiniStack leaves out of a deployed stack, and says where the stack is, as lines
for a shell.

Each gap is asserted first: when a newer MiniStack closes one, this fails, and the code that works
around it goes.

Usage: AWS_ENDPOINT_URL=... ministack.py template FILE
           before the deployment: writes what cannot be made out of the template
       AWS_ENDPOINT_URL=... ministack.py stack STACK
           after it
       AWS_ENDPOINT_URL=... ministack.py outlets STACK
           after one that turns the way out on
"""

import json
import shlex
import sys
import time
from urllib.request import Request, urlopen

import yaml
from botocore.session import Session

ALARM = "AWS::CloudWatch::Alarm"
SESSION = Session()


def client(name):
    return SESSION.create_client(name)


def template(path):
    """Gap 4: an alarm of several metrics is not made. It is made of the first of them."""
    metric = {"Namespace": "AWS/SQS", "MetricName": "NumberOfMessagesSent"}
    part = {"Id": "sent", "MetricStat": {"Metric": metric, "Period": 60, "Stat": "Sum"}}
    judged = {"ComparisonOperator": "GreaterThanThreshold", "EvaluationPeriods": 1, "Threshold": 0}
    alarm = {"Type": ALARM, "Properties": {**judged, "Metrics": [part]}}
    assert not is_made({"Resources": {"Alarm": alarm}}), "MiniStack makes alarms of metric math now: remove template()"
    with open(path) as file:
        built = yaml.safe_load(file)
    count = simplify(built["Resources"])
    with open(path, "w") as file:
        yaml.safe_dump(built, file)
    print(f"# shim: {count} alarms of one metric")


def is_made(tried):
    formation = client("cloudformation")
    formation.create_stack(StackName="a-gap", TemplateBody=json.dumps(tried))
    for _ in range(50):
        status = formation.describe_stacks(StackName="a-gap")["Stacks"][0]["StackStatus"]
        if not status.endswith("IN_PROGRESS"):
            break
        time.sleep(0.1)
    formation.delete_stack(StackName="a-gap")
    return status == "CREATE_COMPLETE"


def simplify(resources):
    count = 0
    for name, part in resources.items():
        if name.startswith("Fn::ForEach::"):
            count += simplify(part[2])
        elif part["Type"] == ALARM and "Metrics" in part["Properties"]:
            metrics = part["Properties"].pop("Metrics")
            first = next(metric["MetricStat"] for metric in metrics if "MetricStat" in metric)
            part["Properties"] |= {**first["Metric"], "Period": first["Period"], "Statistic": first["Stat"]}
            count += 1
    return count


def deployed(stack):
    """The stack's resources, and its template without loops."""
    described = client("cloudformation").describe_stack_resources(StackName=stack)["StackResources"]
    ids = {resource["LogicalResourceId"]: resource["PhysicalResourceId"] for resource in described}
    processed = client("cloudformation").get_template(StackName=stack, TemplateStage="Processed")["TemplateBody"]
    return ids, processed if isinstance(processed, dict) else json.loads(processed)


def outlets(stack):
    ids, template = deployed(stack)
    routes(template, ids, lambda key: key.split()[1].startswith("/api"))
    time_to_live(template, ids, "OutletsTable")
    concurrency(ids["DeliverFunctionOutbox"])


def stack(stack):
    ids, template = deployed(stack)
    assert not client("apigatewayv2").get_routes(ApiId=ids["Api"])["Items"], "MiniStack reads an API's Body now: remove routes()"
    routes(template, ids, lambda key: key.split()[1].startswith("/webhooks/"))
    time_to_live(template, ids, "EventsTable")
    concurrency(ids["ConsumerFunctionDeliveries"])
    found = {
        "POSTERN_API": f"{client('sqs').meta.endpoint_url}/_aws/execute-api/{ids['Api']}",
        "POSTERN_STACK": stack,
        "POSTERN_TABLE": ids["EventsTable"],
        "POSTERN_QUEUE_URL": ids["DeliveriesQueue"],
        "POSTERN_DEAD_LETTER_QUEUE_URL": ids["DeadLetterQueue"],
    }
    for name, value in found.items():
        print(f"export {name}={shlex.quote(value)}")


def decided(part):
    """What is there under a condition, or without one."""
    return part["Fn::If"][1] if "Fn::If" in part else part


def routes(template, ids, wanted):
    """Gap 1: an API's Body, which is where the SAM transform puts the routes, is not read."""
    paths = decided(template["Resources"]["Api"]["Properties"]["Body"]["paths"])
    for path, methods in paths.items():
        for method, operation in decided(methods).items():
            method = method.removeprefix("x-amazon-apigateway-").removesuffix("-method")
            key = f"{method.upper()} {path}"
            if wanted(key):
                route(ids, key, decided(operation)["x-amazon-apigateway-integration"])


def route(ids, key, integration):
    """What is invoked is named by its ARN, or by its resource."""
    invoked = json.dumps(integration["uri"])
    if key == "POST /api/webhooks":
        receiver = "mailpandaFunction"
        assert "${AWS::StackName}-mailpanda/invocations" in invoked, integration
    else:
        receiver = "ApiFunction" if key.startswith("ANY ") else key.rsplit("/", 1)[-1] + "Function"
        assert f"${{{receiver}.Arn}}" in invoked, integration
    gateway, api = client("apigatewayv2"), ids["Api"]
    function = client("lambda").get_function_configuration(FunctionName=ids[receiver])["FunctionArn"]
    created = gateway.create_integration(
        ApiId=api,
        IntegrationType=integration["type"].upper(),
        IntegrationMethod=integration["httpMethod"],
        IntegrationUri=function,
        PayloadFormatVersion=integration["payloadFormatVersion"],
    )
    gateway.create_route(ApiId=api, RouteKey=key, Target=f"integrations/{created['IntegrationId']}")
    print(f"# shim: {key}")


def time_to_live(template, ids, name):
    """Gap 2: a table's TimeToLiveSpecification is not applied."""
    tables, table = client("dynamodb"), ids[name]
    status = tables.describe_time_to_live(TableName=table)["TimeToLiveDescription"]["TimeToLiveStatus"]
    assert status == "DISABLED", "MiniStack applies TimeToLiveSpecification now: remove time_to_live()"
    wanted = template["Resources"][name]["Properties"]["TimeToLiveSpecification"]
    tables.update_time_to_live(TableName=table, TimeToLiveSpecification=wanted)
    print(f"# shim: time to live on {wanted['AttributeName']}")


def concurrency(mapping):
    """Gap 3: a MaximumConcurrency that comes from a parameter stays a text, on which the poller of
    the queue stumbles."""
    functions = client("lambda")
    url = f"{functions.meta.endpoint_url}/2015-03-31/event-source-mappings/{mapping}"
    scope = f"test/20260101/{functions.meta.region_name}/lambda/aws4_request"
    request = Request(url, headers={"Authorization": f"AWS4-HMAC-SHA256 Credential={scope}"})
    with urlopen(request) as response:  # botocore would make it a number
        most = json.load(response)["ScalingConfig"]["MaximumConcurrency"]
    assert isinstance(most, str), "MiniStack makes MaximumConcurrency a number now: remove concurrency()"
    functions.update_event_source_mapping(UUID=mapping, ScalingConfig={"MaximumConcurrency": int(most)})
    print(f"# shim: at most {most} consumers")


{"template": template, "stack": stack, "outlets": outlets}[sys.argv[1]](*sys.argv[2:])
