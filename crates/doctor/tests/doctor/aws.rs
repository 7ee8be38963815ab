//! An account: it answers each call of the SDK in the wire format of its service.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_sdk_dynamodb::config::{Credentials, SharedCredentialsProvider, SharedHttpClient};
use aws_smithy_runtime_api::client::http::{
    HttpConnector, HttpConnectorFuture, SharedHttpConnector, http_client_fn,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_types::body::SdkBody;
use operator::print::now;
use serde_json::{Value, json};

use crate::cbor;

/// What the account has, as its services say it.
#[derive(Clone, Debug)]
pub(crate) struct Account {
    pub(crate) functions: BTreeMap<String, Value>,
    /// The lines of each log group.
    pub(crate) logs: BTreeMap<String, Vec<String>>,
    pub(crate) secrets: BTreeMap<String, Secret>,
    /// By namespace, name and the values of the dimensions: how many hours ago, and the value.
    pub(crate) metrics: BTreeMap<String, Vec<(f64, f64)>>,
    /// How many webhooks the key before the current one has signed, by provider.
    pub(crate) previous: BTreeMap<&'static str, u64>,
    /// By the end of the queue's URL: visible and hidden.
    pub(crate) queues: BTreeMap<&'static str, (u64, u64)>,
    pub(crate) table: Value,
    pub(crate) recovery: &'static str,
    pub(crate) expiry: Value,
    pub(crate) alarms: Vec<Value>,
    pub(crate) subscriptions: Vec<(&'static str, &'static str)>,
    pub(crate) mappings: Value,
    pub(crate) concurrency: u64,
    /// What the caller may not do.
    pub(crate) denied: BTreeSet<&'static str>,
    /// What does not answer.
    pub(crate) throttled: BTreeSet<&'static str>,
}

/// A secret.
#[derive(Clone, Debug)]
pub(crate) struct Secret {
    pub(crate) value: Result<&'static str, &'static str>,
    pub(crate) days: i64,
    pub(crate) has_previous: bool,
}

impl Account {
    /// Returns the configuration of clients that ask this account.
    pub(crate) fn config(self) -> SdkConfig {
        let account = Arc::new(self);
        let connector = SharedHttpConnector::new(Wire(account));
        let client: SharedHttpClient = http_client_fn(move |_, _| connector.clone());
        let credentials = Credentials::new("test", "test", None, None, "test");
        SdkConfig::builder()
            .behavior_version(BehaviorVersion::v2026_01_12())
            .region(Region::from_static("eu-west-1"))
            .credentials_provider(SharedCredentialsProvider::new(credentials))
            .retry_config(aws_config::retry::RetryConfig::disabled())
            .http_client(client)
            .build()
    }
}

/// The network.
#[derive(Debug)]
struct Wire(Arc<Account>);

impl HttpConnector for Wire {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let call = Call::of(&request);
        let (status, headers, body) = self.0.answer(&call);
        let mut response = HttpResponse::new(status.try_into().unwrap(), SdkBody::from(body));
        for (name, value) in headers {
            response.headers_mut().insert(name, value);
        }
        HttpConnectorFuture::ready(Ok(response))
    }
}

/// A call, with its name in a policy.
struct Call {
    action: String,
    path: String,
    body: Vec<u8>,
}

impl Call {
    fn of(request: &HttpRequest) -> Self {
        let body = request.body().bytes().unwrap_or_default().to_vec();
        let path = request.uri().split(".com").nth(1).unwrap_or_default();
        let path = path.split('?').next().unwrap_or_default().to_owned();
        let target = request.headers().get("x-amz-target").unwrap_or_default();
        let host = request.uri().trim_start_matches("https://");
        let service = host.split('.').next().unwrap_or_default();
        let action = if let Some((_, name)) = target.rsplit_once('.') {
            name.to_owned()
        } else if let Some((_, name)) = path.split_once("/operation/") {
            name.to_owned()
        } else if service == "sns" {
            "ListSubscriptionsByTopic".to_owned()
        } else if path.ends_with("/configuration") {
            "GetFunctionConfiguration".to_owned()
        } else if path.contains("event-source-mappings") {
            "ListEventSourceMappings".to_owned()
        } else {
            "GetAccountSettings".to_owned()
        };
        let service = match service {
            "monitoring" => "cloudwatch",
            service => service,
        };
        Self {
            action: format!("{service}:{action}"),
            path,
            body,
        }
    }

    fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }
}

type Answer = (u16, Vec<(&'static str, &'static str)>, Vec<u8>);

fn told(value: &Value) -> Answer {
    (200, Vec::new(), value.to_string().into_bytes())
}

fn told_in_cbor(status: u16, value: &Value) -> Answer {
    let mut body = Vec::new();
    cbor::written(value, &mut body);
    (status, vec![("smithy-protocol", "rpc-v2-cbor")], body)
}

fn refused(call: &Call, code: &'static str) -> Answer {
    let service = call.action.split(':').next().unwrap_or_default();
    let said = json!({"__type": code, "message": "no", "Message": "no"});
    match service {
        "cloudwatch" => told_in_cbor(400, &said),
        "sns" => {
            let body = format!(
                "<ErrorResponse><Error><Type>Sender</Type><Code>{code}</Code><Message>no</Message></Error></ErrorResponse>"
            );
            (403, Vec::new(), body.into_bytes())
        }
        _ => {
            let (_, _, body) = told(&said);
            (400, vec![("x-amzn-errortype", code)], body)
        }
    }
}

impl Account {
    fn answer(&self, call: &Call) -> Answer {
        let action = call.action.as_str();
        if self.denied.contains(action) {
            let code = match action {
                "sns:ListSubscriptionsByTopic" => "AuthorizationError",
                "cloudwatch:GetMetricData" => "AccessDenied",
                _ => "AccessDeniedException",
            };
            return refused(call, code);
        }
        if self.throttled.contains(action) {
            return refused(call, "ThrottlingException");
        }
        match action {
            "cloudwatch:GetMetricData" => self.metric_data(call),
            "cloudwatch:DescribeAlarms" => told_in_cbor(200, &json!({"MetricAlarms": self.alarms})),
            "dynamodb:DescribeTable" => told(&json!({"Table": self.table})),
            "dynamodb:DescribeContinuousBackups" => told(&json!({
                "ContinuousBackupsDescription": {
                    "ContinuousBackupsStatus": "ENABLED",
                    "PointInTimeRecoveryDescription": {"PointInTimeRecoveryStatus": self.recovery},
                },
            })),
            "dynamodb:DescribeTimeToLive" => told(&json!({"TimeToLiveDescription": self.expiry})),
            "lambda:GetFunctionConfiguration" => {
                let name = call.path.split('/').nth(3).unwrap_or_default();
                told(&self.functions[name])
            }
            "lambda:ListEventSourceMappings" => {
                told(&json!({"EventSourceMappings": self.mappings}))
            }
            "lambda:GetAccountSettings" => {
                told(&json!({"AccountLimit": {"ConcurrentExecutions": self.concurrency}}))
            }
            "logs:FilterLogEvents" => self.log_events(call),
            "logs:StartQuery" => told(&json!({"queryId": "signed"})),
            "logs:GetQueryResults" => self.signed_by_previous(),
            "secretsmanager:GetSecretValue" => self.secret(call, true),
            "secretsmanager:DescribeSecret" => self.secret(call, false),
            "sns:ListSubscriptionsByTopic" => self.subscriptions(),
            "sqs:GetQueueAttributes" => {
                let asked = call.json();
                let url = asked["QueueUrl"].as_str().unwrap_or_default();
                let of = self.queues.iter().find(|(name, _)| url.ends_with(*name));
                let (visible, hidden) = of.unwrap().1;
                told(&json!({"Attributes": {
                    "ApproximateNumberOfMessages": visible.to_string(),
                    "ApproximateNumberOfMessagesNotVisible": hidden.to_string(),
                }}))
            }
            other => panic!("{other} is asked, and the account does not know it"),
        }
    }

    /// Answers with the values that lie within the time that is asked for, the newest first.
    fn metric_data(&self, call: &Call) -> Answer {
        let asked = cbor::read(&mut &call.body[..]);
        let end = asked["EndTime"].as_f64().unwrap();
        let start = asked["StartTime"].as_f64().unwrap();
        let results = asked["MetricDataQueries"].as_array().unwrap().iter();
        let results = results.map(|query| {
            let metric = &query["MetricStat"]["Metric"];
            let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
            let mut name = vec![text(&metric["Namespace"]), text(&metric["MetricName"])];
            let dimensions = metric["Dimensions"].as_array().unwrap().iter();
            name.extend(dimensions.map(|dimension| text(&dimension["Value"])));
            let values = self.metrics.get(&name.join(" ")).into_iter().flatten();
            let values = values.map(|(hours, value)| (end - hours * 3600.0, *value));
            let values: Vec<_> = values.filter(|(at, _)| *at >= start).collect();
            json!({
                "Id": query["Id"],
                "StatusCode": "Complete",
                "Timestamps": values.iter().map(|(at, _)| json!({cbor::AT: at})).collect::<Vec<_>>(),
                "Values": values.iter().map(|(_, value)| *value).collect::<Vec<f64>>(),
            })
        });
        let results: Vec<Value> = results.collect();
        told_in_cbor(200, &json!({"MetricDataResults": results}))
    }

    /// Answers with the lines that have what the pattern names, on a second page.
    fn log_events(&self, call: &Call) -> Answer {
        let asked = call.json();
        if asked["nextToken"].is_null() {
            return told(&json!({"events": [], "nextToken": "more"}));
        }
        let pattern = asked["filterPattern"].as_str().unwrap();
        let wanted = match pattern {
            r#"{ $.code = "started" }"# => r#""code":"started""#,
            r#"{ $.outcome = "rejected" }"# => r#""outcome":"rejected""#,
            _ => r#""level":"error""#,
        };
        let lines = &self.logs[asked["logGroupName"].as_str().unwrap()];
        let at = now().as_millisecond();
        let lines = lines.iter().filter(|line| line.contains(wanted));
        let events = lines.map(|line| json!({"timestamp": at, "message": line}));
        told(&json!({"events": events.collect::<Vec<_>>()}))
    }

    fn signed_by_previous(&self) -> Answer {
        let rows = self.previous.iter().map(|(provider, webhooks)| {
            json!([
                {"field": "provider", "value": provider},
                {"field": "webhooks", "value": webhooks.to_string()},
            ])
        });
        told(&json!({"status": "Complete", "results": rows.collect::<Vec<_>>()}))
    }

    fn secret(&self, call: &Call, is_read: bool) -> Answer {
        let asked = call.json();
        let name = asked["SecretId"].as_str().unwrap();
        let Some(secret) = self.secrets.get(name) else {
            return refused(call, "ResourceNotFoundException");
        };
        let value = match secret.value {
            Ok(value) => value,
            Err(code) if is_read => return refused(call, code),
            Err(_) => "",
        };
        if is_read {
            return told(&json!({"Name": name, "SecretString": value}));
        }
        let changed = now().as_second() - secret.days * 86_400;
        let mut stages = json!({"v2": ["AWSCURRENT"]});
        if secret.has_previous {
            stages["v1"] = json!(["AWSPREVIOUS"]);
        }
        told(&json!({"Name": name, "LastChangedDate": changed, "VersionIdsToStages": stages}))
    }

    fn subscriptions(&self) -> Answer {
        let members = self.subscriptions.iter().map(|(arn, endpoint)| {
            format!("<member><SubscriptionArn>{arn}</SubscriptionArn><Endpoint>{endpoint}</Endpoint><Protocol>email</Protocol></member>")
        });
        let members: String = members.collect();
        let body = format!(
            "<ListSubscriptionsByTopicResponse><ListSubscriptionsByTopicResult><Subscriptions>{members}</Subscriptions></ListSubscriptionsByTopicResult></ListSubscriptionsByTopicResponse>"
        );
        (200, Vec::new(), body.into_bytes())
    }
}
