//! The HTTP edge: AWS JSON 1.1, one POST per action. Signatures are not checked.

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Response};
use axum::routing::post;
use jiff::Timestamp;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value as Json, json};
use uuid::Uuid;

use super::error::VaultError;
use super::secret::{Described, Outline, Value};
use super::vault::Vault;

const JSON_1_1: &str = "application/x-amz-json-1.1";

/// Returns the HTTP service of a vault.
pub fn router(vault: &Vault) -> Router {
    Router::new()
        .route("/", post(serve))
        .with_state(vault.clone())
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Create {
    name: Option<String>,
    client_request_token: Option<String>,
    #[serde(flatten)]
    value: Value,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Put {
    secret_id: Option<String>,
    client_request_token: Option<String>,
    version_stages: Option<Vec<String>>,
    #[serde(flatten)]
    value: Value,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Get {
    secret_id: Option<String>,
    version_id: Option<String>,
    version_stage: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Describe {
    secret_id: Option<String>,
}

async fn serve(State(vault): State<Vault>, headers: HeaderMap, body: Bytes) -> Response {
    let target = headers.get("x-amz-target").and_then(|v| v.to_str().ok());
    let target = target.unwrap_or_default();
    let action = target.strip_prefix("secretsmanager.");
    let answer = match action {
        Some("CreateSecret") => read(&body).and_then(|request| create(&vault, request)),
        Some("PutSecretValue") => read(&body).and_then(|request| put(&vault, request)),
        Some("GetSecretValue") => read(&body).and_then(|request| get(&vault, &request)),
        Some("DescribeSecret") => read(&body).and_then(|request| describe(&vault, request)),
        _ => Err(VaultError::UnknownAction(target.to_owned())),
    };
    let (status, body) = match answer {
        Ok(body) => (StatusCode::OK, body),
        Err(error) => (
            StatusCode::BAD_REQUEST,
            json!({"__type": error.code(), "Message": error.to_string()}),
        ),
    };
    let headers = [
        (CONTENT_TYPE.as_str(), JSON_1_1.to_owned()),
        ("x-amzn-requestid", Uuid::new_v4().to_string()),
    ];
    (status, headers, body.to_string()).into_response()
}

fn create(vault: &Vault, request: Create) -> Result<Json, VaultError> {
    let name = required(request.name, "name")?;
    let described = vault.create(&name, request.client_request_token, request.value)?;
    Ok(fields(&described, &["ARN", "Name", "VersionId"]))
}

fn put(vault: &Vault, request: Put) -> Result<Json, VaultError> {
    let id = required(request.secret_id, "secretId")?;
    let stages = request.version_stages.unwrap_or_default();
    if stages.iter().any(|stage| stage != "AWSCURRENT") {
        let other = "VersionStages other than AWSCURRENT are not supported here.";
        return Err(VaultError::InvalidParameter(other.to_owned()));
    }
    let described = vault.put(&id, request.client_request_token, request.value)?;
    let names = ["ARN", "Name", "VersionId", "VersionStages"];
    Ok(fields(&described, &names))
}

fn get(vault: &Vault, request: &Get) -> Result<Json, VaultError> {
    let id = required(request.secret_id.clone(), "secretId")?;
    let (version, stage) = (&request.version_id, &request.version_stage);
    let described = vault.get(&id, version.as_deref(), stage.as_deref())?;
    let names = [
        "ARN",
        "Name",
        "VersionId",
        "VersionStages",
        "SecretString",
        "SecretBinary",
        "CreatedDate",
    ];
    Ok(fields(&described, &names))
}

fn describe(vault: &Vault, request: Describe) -> Result<Json, VaultError> {
    let id = required(request.secret_id, "secretId")?;
    let Outline {
        arn,
        name,
        created,
        changed,
        versions,
    } = vault.describe(&id)?;
    Ok(json!({
        "ARN": arn,
        "Name": name,
        "CreatedDate": seconds(created),
        "LastChangedDate": seconds(changed),
        "VersionIdsToStages": versions,
    }))
}

/// Writes a time as AWS does.
fn seconds(at: Timestamp) -> f64 {
    at.as_duration().as_secs_f64()
}

fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, VaultError> {
    // The error names a position, and no content.
    serde_json::from_slice(body).map_err(|error| {
        VaultError::Malformed(format!(
            "The request is not what the action takes (line {}, column {}).",
            error.line(),
            error.column()
        ))
    })
}

fn required(value: Option<String>, name: &str) -> Result<String, VaultError> {
    value.ok_or_else(|| {
        VaultError::Validation(format!(
            "1 validation error detected: Value null at '{name}' failed to satisfy constraint: Member must not be null"
        ))
    })
}

/// Returns the fields of an answer. One that has no value is left out.
fn fields(described: &Described, names: &[&str]) -> Json {
    let value = |name: &str| match name {
        "ARN" => json!(described.arn),
        "Name" => json!(described.name),
        "VersionId" => json!(described.id),
        "VersionStages" => json!(described.stages),
        "SecretString" => json!(described.value.text),
        "SecretBinary" => json!(described.value.binary),
        _ => json!(described.created.map(seconds)),
    };
    let fields = names.iter().map(|name| ((*name).to_owned(), value(name)));
    Json::Object(
        fields
            .filter(|(_, value)| !value.is_null())
            .collect::<Map<_, _>>(),
    )
}
