//! The local stack's secrets service, as AWS's SDK sees it.

use aws_sdk_secretsmanager::Client;
use aws_sdk_secretsmanager::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_secretsmanager::primitives::Blob;
use stack::secrets_manager::{Vault, router};
use tokio::net::TcpListener;

const ONE: &str = "00000000-0000-4000-8000-000000000001";
const TWO: &str = "00000000-0000-4000-8000-000000000002";
const THREE: &str = "00000000-0000-4000-8000-000000000003";

/// An empty service, and its client.
async fn service() -> Client {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let endpoint = format!("http://{}", listener.local_addr().expect("an address"));
    let router = router(&Vault::default());
    tokio::spawn(async move { axum::serve(listener, router).await });
    tests::secrets_manager::client(endpoint)
}

async fn create(client: &Client, token: &str, secret: &str) -> Result<String, String> {
    let creating = client.create_secret().name("postern/insider");
    let creating = creating.client_request_token(token).secret_string(secret);
    let created = creating.send().await.map_err(|error| refusal(&error))?;
    Ok(created.version_id.unwrap_or_default())
}

async fn put(client: &Client, token: &str, secret: &str) -> Result<Vec<String>, String> {
    let putting = client.put_secret_value().secret_id("postern/insider");
    let putting = putting.client_request_token(token).secret_string(secret);
    let put = putting.send().await.map_err(|error| refusal(&error))?;
    assert_eq!(put.version_id.as_deref(), Some(token));
    Ok(put.version_stages.unwrap_or_default())
}

/// A version's text, its id and its labels.
type Labelled = (String, String, Vec<String>);

/// The version with this label.
async fn labelled(client: &Client, stage: &str) -> Result<Labelled, String> {
    let getting = client.get_secret_value().secret_id("postern/insider");
    let getting = getting.version_stage(stage);
    let got = getting.send().await.map_err(|error| refusal(&error))?;
    let text = got.secret_string.unwrap_or_default();
    Ok((
        text,
        got.version_id.unwrap_or_default(),
        got.version_stages.unwrap_or_default(),
    ))
}

fn version(text: &str, id: &str, stages: &[&str]) -> Labelled {
    let stages = stages.iter().map(|stage| (*stage).to_owned());
    (text.to_owned(), id.to_owned(), stages.collect())
}

/// The code and the message.
fn refusal<E: ProvideErrorMetadata, R>(error: &SdkError<E, R>) -> String {
    let text = |part: Option<&str>| part.unwrap_or_default().to_owned();
    text(error.code()) + ": " + &text(error.message())
}

const NO_SECRET: &str =
    "ResourceNotFoundException: Secrets Manager can't find the specified secret.";

fn no_value(what: &str) -> String {
    format!(
        "ResourceNotFoundException: Secrets Manager can't find the specified secret value for {what}"
    )
}

#[tokio::test]
async fn a_value_that_is_put_is_current_and_the_one_before_is_previous() {
    let client = service().await;
    assert_eq!(create(&client, ONE, "one").await, Ok(ONE.to_owned()));
    let current = labelled(&client, "AWSCURRENT").await;
    assert_eq!(current, Ok(version("one", ONE, &["AWSCURRENT"])));
    let none = Err(no_value("staging label: AWSPREVIOUS"));
    assert_eq!(labelled(&client, "AWSPREVIOUS").await, none);

    for (token, text, before, id) in [(TWO, "two", "one", ONE), (THREE, "three", "two", TWO)] {
        let stages = put(&client, token, text).await;
        assert_eq!(stages, Ok(vec!["AWSCURRENT".to_owned()]));
        let current = labelled(&client, "AWSCURRENT").await;
        assert_eq!(current, Ok(version(text, token, &["AWSCURRENT"])));
        let previous = labelled(&client, "AWSPREVIOUS").await;
        assert_eq!(previous, Ok(version(before, id, &["AWSPREVIOUS"])));
    }
    // The one before that has no label, and is there by its id.
    let getting = client.get_secret_value().secret_id("postern/insider");
    let got = getting.version_id(ONE).send().await.expect("a version");
    assert_eq!(got.secret_string.as_deref(), Some("one"));
    assert_eq!(got.version_stages.unwrap_or_default(), [""; 0]);
}

#[tokio::test]
async fn a_secret_is_found_by_its_name_and_by_its_arn() {
    let client = service().await;
    let creating = client.create_secret().name("postern/insider");
    let created = creating.secret_string("one").send().await.expect("created");
    assert_eq!(created.name.as_deref(), Some("postern/insider"));
    let arn = created.arn.expect("an ARN");
    let (short, random) = arn.rsplit_once('-').expect("a random end");
    assert_eq!(
        short,
        "arn:aws:secretsmanager:us-east-1:000000000000:secret:postern/insider"
    );
    assert_eq!(random.len(), 6);
    for id in ["postern/insider", &arn, short] {
        let got = client.get_secret_value().secret_id(id).send().await;
        let got = got.expect("a secret");
        assert_eq!(got.arn.as_deref(), Some(arn.as_str()));
        assert_eq!(got.name.as_deref(), Some("postern/insider"));
        assert_eq!(got.secret_string.as_deref(), Some("one"));
        assert_eq!(got.version_id, created.version_id);
        assert!(got.created_date.is_some_and(|at| at.secs() > 1_767_323_045));
    }
}

#[tokio::test]
async fn a_description_has_the_labels_of_both_versions_and_no_value() {
    let client = service().await;
    let described = client.describe_secret().secret_id("postern/insider").send();
    let refused = described.await.map_err(|error| refusal(&error)).err();
    assert_eq!(refused.as_deref(), Some(NO_SECRET));
    create(&client, ONE, "one").await.expect("created");
    put(&client, TWO, "two").await.expect("put");
    put(&client, THREE, "three").await.expect("put");
    let described = client.describe_secret().secret_id("postern/insider").send();
    let described = described.await.expect("a description");
    assert_eq!(described.name.as_deref(), Some("postern/insider"));
    let versions = described.version_ids_to_stages.expect("versions");
    let labelled = |stage: &str| vec![stage.to_owned()];
    let wanted = [(TWO, "AWSPREVIOUS"), (THREE, "AWSCURRENT")];
    let wanted = wanted.map(|(id, stage)| (id.to_owned(), labelled(stage)));
    assert_eq!(versions, wanted.into_iter().collect());
    let got = client.get_secret_value().secret_id("postern/insider");
    let got = got.send().await.expect("a version");
    assert_eq!(described.last_changed_date, got.created_date);
    assert!(described.created_date < described.last_changed_date);
}

#[tokio::test]
async fn a_request_that_comes_again_changes_nothing_and_another_under_its_token_is_refused() {
    let client = service().await;
    create(&client, ONE, "one").await.expect("created");
    put(&client, TWO, "two").await.expect("put");
    assert_eq!(create(&client, ONE, "one").await, Ok(ONE.to_owned()));
    let exists = "ResourceExistsException: The operation failed because the secret postern/insider already exists.";
    for (token, text) in [(ONE, "other"), (THREE, "one"), (THREE, "three")] {
        let again = create(&client, token, text).await;
        assert_eq!(again, Err(exists.to_owned()));
    }
    let stages = put(&client, TWO, "two").await;
    assert_eq!(stages, Ok(vec!["AWSCURRENT".to_owned()]));
    let stages = put(&client, ONE, "one").await;
    assert_eq!(stages, Ok(vec!["AWSPREVIOUS".to_owned()]));
    let refused = put(&client, TWO, "other").await.expect_err("refused");
    let used = format!(
        "ResourceExistsException: You can't use ClientRequestToken {TWO} because that value is already in use for a version of secret arn:aws:secretsmanager:us-east-1:000000000000:secret:postern/insider-"
    );
    assert!(refused.starts_with(&used), "{refused}");
    let previous = labelled(&client, "AWSPREVIOUS").await;
    assert_eq!(previous, Ok(version("one", ONE, &["AWSPREVIOUS"])));
    let current = labelled(&client, "AWSCURRENT").await;
    assert_eq!(current, Ok(version("two", TWO, &["AWSCURRENT"])));
}

#[tokio::test]
async fn a_secret_may_be_created_without_a_value_and_hold_bytes() {
    let client = service().await;
    assert_eq!(
        labelled(&client, "AWSCURRENT").await,
        Err(NO_SECRET.to_owned())
    );
    assert_eq!(put(&client, ONE, "one").await, Err(NO_SECRET.to_owned()));
    let created = client.create_secret().name("postern/insider").send().await;
    assert_eq!(created.expect("created").version_id, None);
    let none = Err(no_value("staging label: AWSCURRENT"));
    assert_eq!(labelled(&client, "AWSCURRENT").await, none);
    let putting = client.put_secret_value().secret_id("postern/insider");
    let putting = putting.secret_binary(Blob::new([0, 255]));
    putting.send().await.expect("put");
    let got = client.get_secret_value().secret_id("postern/insider");
    let got = got.send().await.expect("a version");
    assert_eq!(got.secret_binary, Some(Blob::new([0, 255])));
    assert_eq!(got.secret_string, None);
}

#[tokio::test]
async fn what_cannot_be_a_request_is_refused_in_awss_words() {
    let client = service().await;
    create(&client, ONE, "one").await.expect("created");
    let put = || client.put_secret_value().secret_id("postern/insider");
    let refused = put().send().await.map_err(|error| refusal(&error));
    let nothing = "InvalidRequestException: You must provide either SecretString or SecretBinary.";
    assert_eq!(refused.err().as_deref(), Some(nothing));
    let refused = put().secret_string("").send().await;
    let refused = refused.map_err(|error| refusal(&error)).err();
    assert_eq!(
        refused.as_deref(),
        Some(nothing),
        "an empty text is nothing"
    );
    let both = put().secret_string("x").secret_binary(Blob::new([1]));
    let refused = both.send().await.map_err(|error| refusal(&error)).err();
    assert_eq!(
        refused.as_deref(),
        Some("InvalidParameterException: You can't specify both SecretString and SecretBinary.")
    );
    let short = put().secret_string("x").client_request_token("short");
    let refused = short.send().await.map_err(|error| refusal(&error)).err();
    assert_eq!(
        refused.as_deref(),
        Some("InvalidParameterException: ClientRequestToken must be 32-64 characters long.")
    );
    let pending = put().secret_string("x").version_stages("AWSPENDING");
    let refused = pending.send().await.map_err(|error| refusal(&error)).err();
    assert_eq!(
        refused.as_deref(),
        Some(
            "InvalidParameterException: VersionStages other than AWSCURRENT are not supported here."
        )
    );
    let long = put().secret_string("x".repeat(65_537)).send().await;
    let refused = long.map_err(|error| refusal(&error)).err();
    assert_eq!(
        refused.as_deref(),
        Some(
            "ValidationException: 1 validation error detected: Value at 'secretString' failed to satisfy constraint: Member must have length less than or equal to 65536"
        )
    );
    let longest = put().secret_string("x".repeat(65_536)).send().await;
    assert!(longest.is_ok());

    let got = client.get_secret_value().secret_id("postern/insider");
    let refused = got.clone().version_id(TWO).send().await;
    let refused = refused.map_err(|error| refusal(&error)).err();
    assert_eq!(refused, Some(no_value(&format!("VersionId: {TWO}"))));
    let refused = got.version_id(ONE).version_stage("AWSCURRENT").send().await;
    let refused = refused.map_err(|error| refusal(&error)).err();
    assert_eq!(
        refused.as_deref(),
        Some(
            "InvalidRequestException: You provided a VersionStage that is not associated to the provided VersionId."
        )
    );

    let nameless = client.create_secret().name("post ern").send().await;
    let refused = nameless.map_err(|error| refusal(&error)).err();
    assert_eq!(
        refused.as_deref(),
        Some(
            "ValidationException: Invalid name. Must be a valid name containing alphanumeric characters, or any of the following: -/_+=.@!"
        )
    );
    let nobody = client.get_secret_value().send().await;
    let refused = nobody.map_err(|error| refusal(&error)).err();
    assert_eq!(
        refused.as_deref(),
        Some(
            "ValidationException: 1 validation error detected: Value null at 'secretId' failed to satisfy constraint: Member must not be null"
        )
    );
    let other = client.delete_secret().secret_id("postern/insider").send();
    let refused = other.await.map_err(|error| refusal(&error)).err();
    assert_eq!(
        refused.as_deref(),
        Some(
            "UnknownOperationException: The action secretsmanager.DeleteSecret is not valid for this endpoint."
        )
    );
}
