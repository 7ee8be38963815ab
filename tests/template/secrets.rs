//! The providers' keys, which are none of the stack's resources.

use serde_json::Value;

use crate::parts::{package, receivers, referred, statements, strings};
use crate::rule::{Complaints, Rule};

pub const RULES: &[Rule] = &[Rule {
    name: "no secret is in the template, and each receiver reads its own, by the name that it is told",
    broken_by: secrets_that_are_shared_or_deleted,
    changes: &[
        (
            "/Resources/insiderSecret",
            Some(r#"{"Type": "AWS::SecretsManager::Secret", "Properties": {}}"#),
        ),
        (
            "/Resources/insiderRole/Properties/Policies/0/PolicyDocument/Statement/1/Resource/Fn::Sub",
            Some(
                r#""arn:${AWS::Partition}:secretsmanager:${AWS::Region}:${AWS::AccountId}:secret:${AWS::StackName}/mailpanda-??????""#,
            ),
        ),
        // `insider-old` would be its, too
        (
            "/Resources/insiderRole/Properties/Policies/0/PolicyDocument/Statement/1/Resource/Fn::Sub",
            Some(
                r#""arn:${AWS::Partition}:secretsmanager:${AWS::Region}:${AWS::AccountId}:secret:${AWS::StackName}/insider-*""#,
            ),
        ),
        (
            "/Resources/insiderFunction/Properties/Environment/Variables/WEBHOOK_SECRET_NAME/Fn::Sub",
            Some(r#""${AWS::StackName}/mailpanda""#),
        ),
        (
            "/Resources/insiderFunction/Properties/Environment/Variables/WEBHOOK_SECRETS",
            Some(r#""{{resolve:secretsmanager:postern/insider}}""#),
        ),
        (
            "/Resources/ConsumerRole/Properties/Policies/0/PolicyDocument/Statement/0/Action/0",
            Some(r#""secretsmanager:GetSecretValue""#),
        ),
    ],
}];

const READ: &str = "secretsmanager:GetSecretValue";

fn secrets_that_are_shared_or_deleted(template: &Value) -> Vec<String> {
    let mut complaints = Complaints::default();
    let resources = template["Resources"].as_object().expect("resources");
    for (id, part) in resources {
        let kind = part["Type"].as_str().unwrap_or_default();
        let is_secret = kind.starts_with("AWS::SecretsManager::");
        complaints.unless(!is_secret, id, "would go with the stack");
        let is_value = strings(part).iter().any(|text| text.contains("{{resolve:"));
        complaints.unless(!is_value, id, "has a secret's value in it");
        let may_read = statements(part);
        let may_read = may_read
            .iter()
            .any(|s| strings(&s["Action"]).contains(READ));
        let is_receivers = receivers(template)
            .values()
            .any(|(_, function)| referred(&function["Properties"]["Role"]) == Some(id));
        complaints.unless(is_receivers || !may_read, id, "reads a secret");
    }
    for (provider, (id, function)) in receivers(template) {
        let function_of = package(function);
        let name = format!("${{AWS::StackName}}/{function_of}");
        let told = &function["Properties"]["Environment"]["Variables"]["WEBHOOK_SECRET_NAME"];
        complaints.unless(told["Fn::Sub"] == name, id, "is told another secret");
        let role = referred(&function["Properties"]["Role"]).unwrap_or_default();
        let read: Vec<&Value> = statements(&resources[role])
            .into_iter()
            .filter(|statement| strings(&statement["Action"]).contains(READ))
            .map(|statement| &statement["Resource"]["Fn::Sub"])
            .collect();
        let wanted = format!(
            "arn:${{AWS::Partition}}:secretsmanager:${{AWS::Region}}:${{AWS::AccountId}}:secret:{name}-??????"
        );
        complaints.unless(read == [&wanted], provider, "reads another secret");
    }
    complaints.0
}
