//! The providers' keys, which are none of the stack's resources, and the one that is.

use serde_json::{Value, json};

use crate::parts::{only_if, package, receivers, referred, statements, strings};
use crate::rule::{Complaints, Rule};

pub const RULES: &[Rule] = &[Rule {
    name: "no secret is in the template but one that is made at random and kept, and each function reads its own, by the name that it is told",
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
        // what seals the endpoints' secrets is nobody's choice
        (
            "/Resources/SealingSecret/Properties/SecretString",
            Some(r#""the-sealing-key""#),
        ),
        (
            "/Resources/SealingSecret/Properties/GenerateSecretString/PasswordLength",
            Some("8"),
        ),
        ("/Resources/SealingSecret/DeletionPolicy", None),
        ("/Resources/SealingSecret/UpdateReplacePolicy", None),
        // it stays, so that a second stack of the name would find the name taken
        (
            "/Resources/SealingSecret/Properties/Name",
            Some(r#"{"Fn::Sub": "${AWS::StackName}/outlets/sealing"}"#),
        ),
        (
            "/Resources/DeliverFunction/Properties/Environment/Variables/SEALING_SECRET_NAME/Fn::Sub",
            Some(r#""${AWS::StackName}/outlets/keys""#),
        ),
        (
            "/Resources/ApiFunction/Properties/Environment/Variables/API_KEYS_SECRET_NAME/Fn::Sub",
            Some(r#""${AWS::StackName}/insider""#),
        ),
        (
            "/Resources/ConsumerRole/Properties/Policies/0/PolicyDocument/Statement/0/Action/0",
            Some(r#""secretsmanager:GetSecretValue""#),
        ),
    ],
}];

const READ: &str = "secretsmanager:GetSecretValue";
/// What seals the endpoints' secrets, and the name by which it is read. `roles` says who reads it.
const SEALING: &str = "SealingSecret";
const SEALING_NAME: &str = "${AWS::StackName}/outlets/sealing/${OutletsTable}";
/// The functions that seal, or sign.
const SEALERS: [&str; 3] = ["DeliverFunction", "SweepFunction", "ApiFunction"];

fn secrets_that_are_shared_or_deleted(template: &Value) -> Vec<String> {
    let mut complaints = Complaints::default();
    let resources = template["Resources"].as_object().expect("resources");
    for (id, part) in resources {
        let kind = part["Type"].as_str().unwrap_or_default();
        let is_secret = kind.starts_with("AWS::SecretsManager::") && id != SEALING;
        complaints.unless(!is_secret, id, "would go with the stack");
        let is_value = strings(part).iter().any(|text| text.contains("{{resolve:"));
        complaints.unless(!is_value, id, "has a secret's value in it");
        let may_read = statements(part);
        let may_read = may_read
            .iter()
            .any(|s| strings(&s["Action"]).contains(READ));
        let receivers = receivers(template).into_values().map(|(id, _)| id);
        let is_its = receivers.chain(SEALERS).any(|function| {
            referred(&resources[function]["Properties"]["Role"]) == Some(id.as_str())
        });
        complaints.unless(is_its || !may_read, id, "reads a secret");
    }
    look_at_sealing(template, &mut complaints);
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

fn look_at_sealing(template: &Value, complaints: &mut Complaints) {
    let sealing = &template["Resources"][SEALING];
    let wanted = json!({
        "Name": {"Fn::Sub": SEALING_NAME},
        "GenerateSecretString": {"PasswordLength": 64, "ExcludePunctuation": true},
        "KmsKeyId": only_if("OwnKey", &json!({"Ref": "KmsKeyArn"})),
    });
    let mut properties = sealing["Properties"].clone();
    let described = properties.as_object_mut();
    described.and_then(|all| all.remove("Description"));
    complaints.unless(properties == wanted, SEALING, "is another secret");
    let is_kept = sealing["DeletionPolicy"] == "RetainExceptOnCreate"
        && sealing["UpdateReplacePolicy"] == "Retain";
    complaints.unless(is_kept, SEALING, "goes with the stack");
    for id in SEALERS {
        let told = &template["Resources"][id]["Properties"]["Environment"]["Variables"];
        let is_told = told["SEALING_SECRET_NAME"] == json!({"Fn::Sub": SEALING_NAME});
        complaints.unless(is_told, id, "is told another secret");
        let keys = &told["API_KEYS_SECRET_NAME"];
        let is_told =
            keys.is_null() || *keys == json!({"Fn::Sub": "${AWS::StackName}/outlets/keys"});
        complaints.unless(is_told, id, "is told other keys");
    }
}
