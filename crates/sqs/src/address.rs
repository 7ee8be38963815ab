//! The address of a queue: its account, ARN and URL.

/// The account that every local queue belongs to.
pub const ACCOUNT: &str = "000000000000";

/// Returns the ARN of the queue `name` in `region`.
pub(crate) fn arn(region: &str, name: &str) -> String {
    format!("arn:aws:sqs:{region}:{ACCOUNT}:{name}")
}

/// Returns the queue name in an ARN of this account and region.
pub(crate) fn name_in_arn<'a>(region: &str, arn: &'a str) -> Option<&'a str> {
    arn.strip_prefix("arn:aws:sqs:")?
        .strip_prefix(region)?
        .strip_prefix(':')?
        .strip_prefix(ACCOUNT)?
        .strip_prefix(':')
}

/// Returns the URL of the queue `name` for a caller that reached us as `host`.
pub(crate) fn url(host: &str, name: &str) -> String {
    format!("http://{host}/{ACCOUNT}/{name}")
}

/// Returns the account and the queue name in a queue URL or in its path. The host is ignored.
pub(crate) fn account_and_name(url: &str) -> Option<(&str, &str)> {
    let path = match url.split_once("://") {
        Some((_, rest)) => rest.split_once('/')?.1,
        None => url.strip_prefix('/')?,
    };
    let (account, name) = path.split_once('/')?;
    let plain = !account.is_empty() && !name.is_empty() && !name.contains('/');
    plain.then_some((account, name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn url_and_arn_name_the_queue() {
        assert_eq!(
            account_and_name(&url("h:1", "q")),
            Some(("000000000000", "q"))
        );
        assert_eq!(account_and_name("/1/q"), Some(("1", "q")));
        assert_eq!(account_and_name("http://h:1"), None);
        assert_eq!(account_and_name("http://h:1/1/q/x"), None);
        assert_eq!(account_and_name("q"), None);
        assert_eq!(name_in_arn("eu-west-1", &arn("eu-west-1", "q")), Some("q"));
        assert_eq!(name_in_arn("eu-west-1", &arn("us-east-1", "q")), None);
    }
}
