//! Finds a stack by its name. `CloudFormation` is asked each time, so that nothing is out of date.

use std::collections::BTreeMap;

use aws_config::SdkConfig;
use aws_sdk_cloudformation::Client;
use aws_sdk_cloudformation::types::{Stack, StackResourceSummary, StackStatus};
use jiff::Timestamp;

use crate::account::connect::{Login, connect};
use crate::account::deployed::Deployed;
use crate::account::error::AccountError;
use crate::account::refused::{Asked, failed, said};

/// The outputs without which no command works.
const OUTPUTS: [&str; 3] = ["Table", "QueueUrl", "DeadLetterQueueUrl"];
/// Parts by which a stack of ours is known that has no outputs, because its deployment failed.
const PARTS: [&str; 2] = ["EventsTable", "DeadLetterQueue"];

/// Checks that a text is the name of a stack.
///
/// # Errors
/// Returns what a name of a stack is made of.
pub fn stack_name(text: &str) -> Result<String, String> {
    let is_name = text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.len() <= 128
        && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
    if is_name {
        return Ok(text.to_owned());
    }
    Err("the name of a stack begins with a letter, and has letters, digits and hyphens".to_owned())
}

/// Finds the stack of this name.
///
/// # Errors
/// Returns an error if there is no region, no credentials, no such stack, or if something is not
/// allowed.
pub async fn find(stack: &str, login: &Login) -> Result<Deployed, AccountError> {
    let config = connect(login).await?;
    found(stack, config, &login.profile_name()).await
}

/// Finds the stack of this name, with this configuration.
pub(crate) async fn found(
    stack: &str,
    config: SdkConfig,
    profile: &str,
) -> Result<Deployed, AccountError> {
    let place = Place {
        formation: Client::new(&config),
        stack,
        region: config.region().map(ToString::to_string).unwrap_or_default(),
        profile,
    };
    let (caller, described, resources) = tokio::join!(
        caller(&config, profile),
        place.describe(),
        place.resources()
    );
    // Who has no credentials hears this, and not that the stack cannot be described.
    let (account, caller) = caller?;
    let described = match described {
        Ok(described) => described,
        Err(Missing::Stack) => {
            return Err(AccountError::NoStack {
                stack: stack.to_owned(),
                ours: place.ours().await,
                region: place.region,
                account,
            });
        }
        Err(Missing::Answer(error)) => return Err(error),
    };
    let resources = by_name(resources?);
    let outputs = outputs(&described);
    if let Some(output) = OUTPUTS.iter().find(|name| !outputs.contains_key(**name)) {
        return Err(place.incomplete(&described, &resources, output).await);
    }
    Ok(Deployed {
        name: stack.to_owned(),
        account,
        region: place.region,
        caller,
        profile: profile.to_owned(),
        status: status(&described),
        changed: changed(&described),
        parameters: parameters(&described),
        outputs,
        resources,
        config,
    })
}

/// Why a stack is not described.
enum Missing {
    /// There is none of this name.
    Stack,
    /// Nothing is known of it.
    Answer(AccountError),
}

/// A stack's name, and where it is looked for.
struct Place<'a> {
    formation: Client,
    stack: &'a str,
    region: String,
    profile: &'a str,
}

impl Place<'_> {
    fn asked<'a>(&'a self, action: &'a str) -> Asked<'a> {
        Asked {
            action,
            resource: Some(self.stack),
            caller: None,
            profile: self.profile,
        }
    }

    async fn describe(&self) -> Result<Stack, Missing> {
        let request = self.formation.describe_stacks().stack_name(self.stack);
        let answer = request.send().await.map_err(|error| {
            let is_missing = said(&error).is_some_and(|(code, message)| {
                code == "ValidationError" && message.contains("does not exist")
            });
            if is_missing {
                Missing::Stack
            } else {
                Missing::Answer(failed(&error, self.asked("cloudformation:DescribeStacks")))
            }
        })?;
        let described = answer.stacks.unwrap_or_default().into_iter().next();
        described.ok_or(Missing::Stack)
    }

    async fn resources(&self) -> Result<Vec<StackResourceSummary>, AccountError> {
        let request = self.formation.list_stack_resources().stack_name(self.stack);
        let listing = request.into_paginator().items().send();
        let listed = listing.collect::<Result<Vec<_>, _>>().await;
        listed.map_err(|error| failed(&error, self.asked("cloudformation:ListStackResources")))
    }

    /// Returns the names of the stacks in this region that are Postern's. This only helps the user,
    /// so that it is no error if it is not allowed.
    async fn ours(&self) -> Vec<String> {
        let listing = self.formation.describe_stacks().into_paginator();
        let listed = listing.items().send().collect::<Result<Vec<_>, _>>().await;
        let stacks = listed.unwrap_or_default().into_iter();
        let ours = stacks.filter(|stack| {
            let outputs = outputs(stack);
            OUTPUTS.iter().all(|name| outputs.contains_key(*name))
        });
        let mut names: Vec<String> = ours.filter_map(|stack| stack.stack_name).collect();
        names.sort();
        names
    }

    /// Returns the error of a stack without an output: it is not ours, or its deployment failed.
    async fn incomplete(
        &self,
        described: &Stack,
        resources: &BTreeMap<String, String>,
        output: &'static str,
    ) -> AccountError {
        let stack = self.stack.to_owned();
        if PARTS.iter().all(|part| resources.contains_key(*part)) {
            return AccountError::NotDeployed {
                stack,
                status: status(described),
            };
        }
        AccountError::NotOurs {
            stack,
            region: self.region.clone(),
            output,
            ours: self.ours().await,
        }
    }
}

/// Returns the account of the credentials, and their ARN. No policy is needed for this.
async fn caller(config: &SdkConfig, profile: &str) -> Result<(String, String), AccountError> {
    let request = aws_sdk_sts::Client::new(config).get_caller_identity();
    let answer = request.send().await.map_err(|error| {
        let asked = Asked {
            action: "sts:GetCallerIdentity",
            resource: None,
            caller: None,
            profile,
        };
        failed(&error, asked)
    })?;
    Ok((
        answer.account.unwrap_or_default(),
        answer.arn.unwrap_or_default(),
    ))
}

fn status(stack: &Stack) -> String {
    let status = stack.stack_status().map(StackStatus::as_str);
    status.unwrap_or_default().to_owned()
}

fn changed(stack: &Stack) -> Option<Timestamp> {
    let changed = stack.last_updated_time().or(stack.creation_time())?;
    Timestamp::from_second(changed.secs()).ok()
}

fn parameters(stack: &Stack) -> BTreeMap<String, String> {
    let parameters = stack.parameters().iter();
    let pairs = parameters.filter_map(|given| {
        let (name, value) = (given.parameter_key()?, given.parameter_value()?);
        Some((name.to_owned(), value.to_owned()))
    });
    pairs.collect()
}

fn outputs(stack: &Stack) -> BTreeMap<String, String> {
    let outputs = stack.outputs().iter();
    let pairs = outputs.filter_map(|output| {
        let (name, value) = (output.output_key()?, output.output_value()?);
        Some((name.to_owned(), value.to_owned()))
    });
    pairs.collect()
}

fn by_name(resources: Vec<StackResourceSummary>) -> BTreeMap<String, String> {
    let pairs = resources.into_iter().filter_map(|resource| {
        let id = resource.physical_resource_id?;
        Some((resource.logical_resource_id?, id))
    });
    pairs.collect()
}
