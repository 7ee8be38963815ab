//! Who asks, and which stack it is.

use crate::check::Check;
use operator::account::Deployed;

/// Returns who asks where.
pub(super) fn account(deployed: &Deployed) -> Check {
    let Deployed {
        account,
        region,
        caller,
        ..
    } = deployed;
    Check::ok("account", format!("{account} in {region}, as {caller}"))
}

/// Judges the state that `CloudFormation` says the stack is in. Each provider must have a URL.
pub(super) fn stack(deployed: &Deployed, providers: &[String]) -> Check {
    let Deployed {
        name,
        region,
        status,
        outputs,
        changed,
        ..
    } = deployed;
    let why = || {
        format!(
            "aws cloudformation describe-stack-events --stack-name {name} --region {region} --output text --query \"StackEvents[?contains(ResourceStatus, 'FAILED')].[LogicalResourceId, ResourceStatusReason]\""
        )
    };
    let day = changed.map(|at| format!(" {}", at.strftime("%Y-%m-%d")));
    let text = format!("{name}, {status}{}", day.unwrap_or_default());
    if status.contains("ROLLBACK") || status.ends_with("_FAILED") {
        let text = format!("{text}: the last deploy failed");
        return Check::failed("stack", text, why());
    }
    if !status.ends_with("_COMPLETE") {
        let text = format!("{text}: a deploy is under way");
        return Check::warning("stack", text, "ask again when it has ended");
    }
    let is_without = |provider: &&String| !outputs.contains_key(&format!("{provider}Url"));
    let without: Vec<&str> = providers
        .iter()
        .filter(is_without)
        .map(String::as_str)
        .collect();
    if without.is_empty() {
        return Check::ok("stack", text);
    }
    let text = format!("{text}, without the URL of {}", without.join(", "));
    Check::failed("stack", text, "sam build && sam deploy")
}
