//! Is the table safe, and does it keep up?

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::{
    IndexStatus, PointInTimeRecoveryStatus, TableStatus, TimeToLiveStatus,
};

use crate::check::{Check, ask};
use crate::counts::many;
use operator::account::Deployed;

use super::figures::Figures;

const ID: &str = "table";
/// The attribute that says when an item goes.
const EXPIRES_AT: &str = "expires_at";

/// Checks the table's safeguards and its load.
pub(super) async fn table(
    deployed: &Deployed,
    client: &Client,
    table: &str,
    figures: &Figures,
) -> Vec<Check> {
    let mut checks = described(deployed, client, table).await;
    checks.extend(recovery(deployed, client, table).await);
    checks.extend(expiry(deployed, client, table).await);
    match figures.throttled() {
        Ok(0) => {}
        Ok(times) => {
            let times = many(times, "time", "times");
            let text = format!("throttled {times} in 24 h, its indexes included");
            let fix = "docs/operations.md, The table does not keep up";
            checks.push(Check::failed(ID, text, fix));
        }
        Err(unread) => checks.push(Check::unread(ID, &unread)),
    }
    if checks.is_empty() {
        let text = "recovery, expiry and deletion protection are on; not throttled in 24 h";
        checks.push(Check::ok(ID, text));
    }
    checks
}

fn aws(deployed: &Deployed, command: &str, table: &str, what: &str) -> String {
    let region = &deployed.region;
    format!("aws dynamodb {command} --table-name {table} {what} --region {region}")
}

async fn described(deployed: &Deployed, client: &Client, table: &str) -> Vec<Check> {
    let asking = client.describe_table().table_name(table).send();
    let found = match ask("dynamodb:DescribeTable", asking).await {
        Ok(found) => found.table,
        Err(unread) => return vec![Check::unread(ID, &unread)],
    };
    let Some(found) = found else {
        return Vec::new();
    };
    let mut checks = Vec::new();
    let status = found.table_status();
    if let Some(status) = status.filter(|status| **status != TableStatus::Active) {
        let text = format!("it is {status}");
        checks.push(Check::failed(
            ID,
            text,
            "ask again; it is not used until it is ACTIVE",
        ));
    }
    for index in found.global_secondary_indexes() {
        let status = index.index_status();
        if let Some(status) = status.filter(|status| **status != IndexStatus::Active) {
            let name = index.index_name().unwrap_or_default();
            let text = format!("its index {name} is {status}");
            checks.push(Check::warning(ID, text, "ask again when it is ACTIVE"));
        }
    }
    if found.deletion_protection_enabled() != Some(true) {
        let what = "--deletion-protection-enabled";
        let fix = aws(deployed, "update-table", table, what);
        checks.push(Check::failed(ID, "it is not protected from deletion", fix));
    }
    checks
}

async fn recovery(deployed: &Deployed, client: &Client, table: &str) -> Option<Check> {
    let asking = client
        .describe_continuous_backups()
        .table_name(table)
        .send();
    let found = match ask("dynamodb:DescribeContinuousBackups", asking).await {
        Ok(found) => found.continuous_backups_description,
        Err(unread) => return Some(Check::unread(ID, &unread)),
    };
    let recovery = found.and_then(|found| found.point_in_time_recovery_description);
    let status = recovery.and_then(|recovery| recovery.point_in_time_recovery_status);
    if status == Some(PointInTimeRecoveryStatus::Enabled) {
        return None;
    }
    let what = "--point-in-time-recovery-specification PointInTimeRecoveryEnabled=true";
    let fix = aws(deployed, "update-continuous-backups", table, what);
    Some(Check::failed(
        ID,
        "it cannot be restored: point-in-time recovery is off",
        fix,
    ))
}

async fn expiry(deployed: &Deployed, client: &Client, table: &str) -> Option<Check> {
    let asking = client.describe_time_to_live().table_name(table).send();
    let found = match ask("dynamodb:DescribeTimeToLive", asking).await {
        Ok(found) => found.time_to_live_description,
        Err(unread) => return Some(Check::unread(ID, &unread)),
    };
    let status = found.as_ref().and_then(|found| found.time_to_live_status());
    let is_on = matches!(
        status,
        Some(TimeToLiveStatus::Enabled | TimeToLiveStatus::Enabling)
    );
    let attribute = found.as_ref().and_then(|found| found.attribute_name());
    if is_on && attribute == Some(EXPIRES_AT) {
        return None;
    }
    let text = format!("nothing expires: time to live is not on for {EXPIRES_AT}");
    let what = format!("--time-to-live-specification Enabled=true,AttributeName={EXPIRES_AT}");
    let fix = aws(deployed, "update-time-to-live", table, &what);
    Some(Check::failed(ID, text, fix))
}
