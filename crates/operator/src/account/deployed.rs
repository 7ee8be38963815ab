//! A stack in an account, as `CloudFormation` describes it.

use std::collections::BTreeMap;

use aws_config::SdkConfig;
use jiff::Timestamp;
use registry::PROVIDERS;

use crate::outputs::{Outlets, iam};

/// A stack in an account.
#[derive(Clone, Debug)]
pub struct Deployed {
    /// The name of the stack.
    pub name: String,
    /// The region.
    pub region: String,
    /// The number of the account.
    pub account: String,
    /// The ARN of who asks.
    pub caller: String,
    /// The profile that the credentials come from.
    pub profile: String,
    /// The status, in AWS's words.
    pub status: String,
    /// When it was made, or changed for the last time.
    pub changed: Option<Timestamp>,
    /// The parameters that it was deployed with.
    pub parameters: BTreeMap<String, String>,
    /// The outputs of the template.
    pub outputs: BTreeMap<String, String>,
    /// The physical ids of its parts, by their names in the template.
    pub resources: BTreeMap<String, String>,
    /// The configuration for clients of the account.
    pub config: SdkConfig,
}

impl Deployed {
    /// Returns the line that says which stack a command works on.
    #[must_use]
    pub fn banner(&self) -> String {
        let Self {
            name,
            region,
            account,
            ..
        } = self;
        format!("stack {name} ({region}, {account})")
    }

    /// Returns the names of the providers that are on.
    pub fn providers(&self) -> impl Iterator<Item = &'static str> {
        let names = PROVIDERS.iter().map(|provider| provider.name());
        names.filter(|name| self.receiver(name).is_some())
    }

    /// Returns the name of a provider's receiver, which is a function of Lambda.
    #[must_use]
    pub fn receiver(&self, provider: &str) -> Option<&str> {
        self.resource(&format!("{provider}Function"))
    }

    /// Returns the name of the consumer, which is a function of Lambda.
    #[must_use]
    pub fn consumer(&self) -> Option<&str> {
        self.resource("ConsumerFunction")
    }

    /// Returns the name of the log group of a provider's receiver.
    #[must_use]
    pub fn receiver_log(&self, provider: &str) -> Option<&str> {
        self.resource(&format!("{provider}Logs"))
    }

    /// Returns the name of the consumer's log group.
    #[must_use]
    pub fn consumer_log(&self) -> Option<&str> {
        self.resource("ConsumerLogs")
    }

    /// Returns the URL that a provider posts its webhooks to.
    #[must_use]
    pub fn webhook_url(&self, provider: &str) -> Option<&str> {
        let url = self.outputs.get(&format!("{provider}Url"))?;
        Some(url)
    }

    /// Returns the base URL of the API, without a slash at its end. Returns `None` if no provider
    /// is on.
    #[must_use]
    pub fn api(&self) -> Option<&str> {
        let mut urls = self.providers().filter_map(|name| self.webhook_url(name));
        let (base, _) = urls.find_map(|url| url.rsplit_once("/webhooks/"))?;
        Some(base)
    }

    /// Returns the URLs of the queues of providers that have no receiver, by the outputs of the
    /// template: `SesQueueUrl`, and so for each.
    pub fn own_queues(&self) -> impl Iterator<Item = (String, String)> {
        self.outputs.iter().filter_map(|(name, url)| {
            let provider = name.strip_suffix("QueueUrl")?.to_ascii_lowercase();
            registry::provider(&provider)?;
            Some((provider, url.clone()))
        })
    }

    /// Returns the parts that tell others. Returns `None` if the stack has no outlets.
    #[must_use]
    pub fn outlets(&self) -> Option<Outlets> {
        let auth = self.parameters.get("ApiAuth").cloned();
        let bus = self.parameters.get("EventBusArn").cloned();
        Some(Outlets {
            table: self.output("OutletsTable")?.to_owned(),
            outbox_queue_url: self.output("OutboxQueueUrl")?.to_owned(),
            manage_url: self.output("ManageUrl")?.to_owned(),
            api_auth: auth.unwrap_or_else(iam),
            event_bus_arn: bus.filter(|arn| !arn.is_empty()),
        })
    }

    /// Returns the name of a provider's secret.
    #[must_use]
    pub fn secret_name(&self, provider: &str) -> String {
        format!("{}/{provider}", self.name)
    }

    /// Returns for how many days events are kept from when they occurred; 0 is for ever.
    #[must_use]
    pub fn retention_days(&self) -> u32 {
        let days = self.parameters.get("RetentionDays");
        days.and_then(|days| days.parse().ok()).unwrap_or_default()
    }

    /// Returns the physical id of a part of the stack.
    #[must_use]
    pub fn resource(&self, name: &str) -> Option<&str> {
        self.resources.get(name).map(String::as_str)
    }

    /// Returns an output of the template.
    #[must_use]
    pub fn output(&self, name: &str) -> Option<&str> {
        self.outputs.get(name).map(String::as_str)
    }
}
