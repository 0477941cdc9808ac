//! Environments of a process, and what is followed in them.
//!
//! Each is one of a child process: what `object_store` finds in the environment would be a credential of every store
//! otherwise, and no test changes its own environment. Secrets are the same in all processes, since they are planted
//! in the same order.

use std::fs;
use std::path::Path;

use super::sources::{ACCOUNTS, AGENTS, DECLARED, IDENTITIES, KEYS, TOKENS, refused_account};
use super::{Marks, Source};

pub(super) const BEARER: &str = "KOPRS_EXTERNAL_TEST_BEARER";
pub(super) const QUERY: &str = "KOPRS_EXTERNAL_TEST_QUERY";
pub(super) const PASSWORD: &str = "KOPRS_EXTERNAL_TEST_PASSWORD";
pub(super) const CLIENT_SECRET: &str = "KOPRS_EXTERNAL_TEST_CLIENT_SECRET";
pub(super) const KEY_ID: &str = "KOPRS_EXTERNAL_TEST_KEY_ID";
pub(super) const KEY: &str = "KOPRS_EXTERNAL_TEST_KEY";
pub(super) const SESSION: &str = "KOPRS_EXTERNAL_TEST_SESSION";

/// A variable and its value.
type Variable = (&'static str, String);

/// An environment of a process.
pub struct Environment {
    /// What it is.
    pub name: &'static str,
    /// What is followed in it.
    pub sources: &'static [Source],
    plant: fn(&mut Marks, &Path) -> Vec<Variable>,
}

/// The file of the certificates that a process trusts; see [`Environment::plant`].
#[must_use]
pub fn certificates(folder: &Path) -> String {
    file(folder, "ca.pem")
}

impl Environment {
    /// Plants the secrets of the environment, of which some are in files of the folder.
    pub fn plant(&self, marks: &mut Marks, folder: &Path) -> Vec<Variable> {
        let mut variables = (self.plant)(marks, folder);
        variables.push(("SSL_CERT_FILE", certificates(folder)));
        variables
    }
}

fn file(folder: &Path, name: &str) -> String {
    folder.join(name).display().to_string()
}

fn written(folder: &Path, name: &str, content: &str) -> String {
    let path = file(folder, name);
    fs::write(&path, content).unwrap();
    path
}

fn secrets(marks: &mut Marks, _: &Path) -> Vec<Variable> {
    let mut planted: Vec<_> = [BEARER, QUERY, PASSWORD, CLIENT_SECRET, KEY]
        .map(|name| (name, marks.plant(&format!("`env`, {name}"))))
        .into();
    planted.push((KEY_ID, marks.plain("`env`, a key id")));
    planted.push((SESSION, marks.long("`env`, a session token")));
    planted
}

fn keys(marks: &mut Marks, _: &Path) -> Vec<Variable> {
    vec![
        ("AWS_ACCESS_KEY_ID", marks.plain("AWS_ACCESS_KEY_ID")),
        ("AWS_SECRET_ACCESS_KEY", marks.plant("AWS_SECRET_ACCESS_KEY")),
        ("AWS_SESSION_TOKEN", marks.long("AWS_SESSION_TOKEN")),
        ("GOOGLE_BEARER_TOKEN", marks.plain("GOOGLE_BEARER_TOKEN")),
        (
            "AZURE_STORAGE_SAS_KEY",
            format!("sv=2022-11-02&sp=rl&sig={}", marks.plain("AZURE_STORAGE_SAS_KEY")),
        ),
    ]
}

fn identities(marks: &mut Marks, folder: &Path) -> Vec<Variable> {
    let identity = marks.long("AWS_WEB_IDENTITY_TOKEN_FILE");
    vec![
        ("AWS_WEB_IDENTITY_TOKEN_FILE", written(folder, "identity", &identity)),
        ("AWS_ROLE_ARN", "arn:aws:iam::123456789012:role/us".to_owned()),
        ("AZURE_STORAGE_CLIENT_ID", "us".to_owned()),
        ("AZURE_STORAGE_CLIENT_SECRET", marks.plant("AZURE_STORAGE_CLIENT_SECRET")),
        ("GOOGLE_SERVICE_ACCOUNT_KEY", refused_account(marks)),
    ]
}

fn agents(marks: &mut Marks, folder: &Path) -> Vec<Variable> {
    let agent = marks.long("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE");
    let federated = marks.long("AZURE_FEDERATED_TOKEN_FILE");
    let account = refused_account(marks);
    vec![
        ("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", written(folder, "agent", &agent)),
        ("AZURE_STORAGE_CLIENT_ID", "us".to_owned()),
        ("AZURE_FEDERATED_TOKEN_FILE", written(folder, "federated", &federated)),
        ("GOOGLE_SERVICE_ACCOUNT", written(folder, "account", &account)),
    ]
}

fn accounts(marks: &mut Marks, folder: &Path) -> Vec<Variable> {
    let account = refused_account(marks);
    vec![
        ("AZURE_STORAGE_ACCOUNT_KEY", marks.plain("AZURE_STORAGE_ACCOUNT_KEY")),
        ("GOOGLE_APPLICATION_CREDENTIALS", written(folder, "credentials", &account)),
    ]
}

fn tokens(marks: &mut Marks, _: &Path) -> Vec<Variable> {
    vec![("AZURE_STORAGE_TOKEN", marks.plain("AZURE_STORAGE_TOKEN"))]
}

/// All of them.
pub const ENVIRONMENTS: &[Environment] = &[
    Environment { name: "what is declared", sources: DECLARED, plant: secrets },
    Environment { name: "keys", sources: KEYS, plant: keys },
    Environment { name: "identities", sources: IDENTITIES, plant: identities },
    Environment { name: "agents", sources: AGENTS, plant: agents },
    Environment { name: "accounts", sources: ACCOUNTS, plant: accounts },
    Environment { name: "tokens", sources: TOKENS, plant: tokens },
];
