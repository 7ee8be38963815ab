//! What the stack says of itself.

use serde_json::Value;

use crate::parts::{receivers, resources, strings};
use crate::rule::{Complaints, Rule};

pub const RULES: &[Rule] = &[Rule {
    name: "what an operator needs is an output",
    broken_by: outputs_that_are_missing,
    changes: &[
        ("/Outputs/insiderUrl", None),
        ("/Outputs/Table", None),
        ("/Outputs/QueueUrl", None),
        ("/Outputs/DeadLetterQueueUrl", None),
        ("/Outputs/DashboardUrl", None),
    ],
}];

fn outputs_that_are_missing(template: &Value) -> Vec<String> {
    let mut complaints = Complaints::default();
    let outputs = strings(&template["Outputs"]);
    for name in receivers(template).into_keys() {
        let url = format!("${{Base}}/webhooks/{name}");
        complaints.unless(outputs.contains(url.as_str()), name, "its URL");
    }
    for kind in ["AWS::DynamoDB::Table", "AWS::SQS::Queue"] {
        for (id, _) in resources(template, kind) {
            complaints.unless(outputs.contains(id), id, "its address");
        }
    }
    let shown = outputs.iter().any(|text| text.contains("${Dashboard}"));
    complaints.unless(shown, "Dashboard", "its URL");
    complaints.0
}
