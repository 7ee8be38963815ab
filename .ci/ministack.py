"""Makes up for what MiniStack leaves out of a deployed stack, and says where the stack is, as lines
for a shell.

Each gap is asserted first: when a newer MiniStack closes one, this fails, and the code that works
around it goes.

Usage: AWS_ENDPOINT_URL=... ministack.py template FILE
           before the deployment: writes what cannot be made out of the template
       AWS_ENDPOINT_URL=... ministack.py stack STACK
           after it
"""

import json
import shlex
import sys
import time
from urllib.request import Request, urlopen

import yaml
from botocore.session import Session

ALARM = "AWS::CloudWatch::Alarm"


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
    formation = Session().create_client("cloudformation")
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


def stack(stack):
    session = Session()
    formation, gateway, functions, tables = (
        session.create_client(name) for name in ("cloudformation", "apigatewayv2", "lambda", "dynamodb")
    )
    described = formation.describe_stack_resources(StackName=stack)["StackResources"]
    ids = {resource["LogicalResourceId"]: resource["PhysicalResourceId"] for resource in described}
    processed = formation.get_template(StackName=stack, TemplateStage="Processed")["TemplateBody"]
    template = processed if isinstance(processed, dict) else json.loads(processed)

    def function(logical_id):
        return functions.get_function_configuration(FunctionName=ids[logical_id])["FunctionArn"]

    routes(gateway, template, ids, function)
    time_to_live(tables, template, ids)
    concurrency(functions, ids)
    found = {
        "POSTERN_API": f"{session.create_client('sqs').meta.endpoint_url}/_aws/execute-api/{ids['Api']}",
        "POSTERN_STACK": stack,
        "POSTERN_TABLE": ids["EventsTable"],
        "POSTERN_QUEUE_URL": ids["DeliveriesQueue"],
        "POSTERN_DEAD_LETTER_QUEUE_URL": ids["DeadLetterQueue"],
    }
    for name, value in found.items():
        print(f"export {name}={shlex.quote(value)}")


def routes(gateway, template, ids, function):
    """Gap 1: an API's Body, which is where the SAM transform puts the routes, is not read."""
    api = ids["Api"]
    assert not gateway.get_routes(ApiId=api)["Items"], "MiniStack reads an API's Body now: remove routes()"
    paths = template["Resources"]["Api"]["Properties"]["Body"]["paths"]
    for path, methods in paths.items():
        for method, operation in methods.items():
            route(gateway, api, f"{method.upper()} {path}", operation, function)


def route(gateway, api, key, operation, function):
    integration = operation["x-amazon-apigateway-integration"]
    receiver = key.rsplit("/", 1)[-1] + "Function"
    assert f"${{{receiver}.Arn}}" in json.dumps(integration["uri"]), integration
    created = gateway.create_integration(
        ApiId=api,
        IntegrationType=integration["type"].upper(),
        IntegrationMethod=integration["httpMethod"],
        IntegrationUri=function(receiver),
        PayloadFormatVersion=integration["payloadFormatVersion"],
    )
    gateway.create_route(ApiId=api, RouteKey=key, Target=f"integrations/{created['IntegrationId']}")
    print(f"# shim: {key}")


def time_to_live(tables, template, ids):
    """Gap 2: a table's TimeToLiveSpecification is not applied."""
    table = ids["EventsTable"]
    status = tables.describe_time_to_live(TableName=table)["TimeToLiveDescription"]["TimeToLiveStatus"]
    assert status == "DISABLED", "MiniStack applies TimeToLiveSpecification now: remove time_to_live()"
    wanted = template["Resources"]["EventsTable"]["Properties"]["TimeToLiveSpecification"]
    tables.update_time_to_live(TableName=table, TimeToLiveSpecification=wanted)
    print(f"# shim: time to live on {wanted['AttributeName']}")


def concurrency(functions, ids):
    """Gap 3: a MaximumConcurrency that comes from a parameter stays a text, on which the poller of
    the queue stumbles."""
    mapping = ids["ConsumerFunctionDeliveries"]
    url = f"{functions.meta.endpoint_url}/2015-03-31/event-source-mappings/{mapping}"
    scope = f"test/20260101/{functions.meta.region_name}/lambda/aws4_request"
    request = Request(url, headers={"Authorization": f"AWS4-HMAC-SHA256 Credential={scope}"})
    with urlopen(request) as response:  # botocore would make it a number
        most = json.load(response)["ScalingConfig"]["MaximumConcurrency"]
    assert isinstance(most, str), "MiniStack makes MaximumConcurrency a number now: remove concurrency()"
    functions.update_event_source_mapping(UUID=mapping, ScalingConfig={"MaximumConcurrency": int(most)})
    print(f"# shim: at most {most} consumers")


{"template": template, "stack": stack}[sys.argv[1]](*sys.argv[2:])
