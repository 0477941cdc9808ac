use std::str::FromStr;

use object_store::ClientConfigKey;
use object_store::aws::AmazonS3ConfigKey;
use object_store::azure::AzureConfigKey;
use object_store::gcp::GoogleConfigKey;

use super::*;
use crate::spec::bounds::SECRET;
use crate::spec::object_store::{Backend, options};

fn unknown<K: FromStr>(backend: Backend) -> Vec<String> {
    options::names(backend).into_iter().filter(|name| name.parse::<K>().is_err()).collect()
}

#[test]
fn every_option_of_the_table_is_one_of_object_store() {
    let none = Vec::<String>::new();
    assert_eq!(unknown::<AmazonS3ConfigKey>(Backend::S3), none);
    assert_eq!(unknown::<GoogleConfigKey>(Backend::Gcs), none);
    assert_eq!(unknown::<AzureConfigKey>(Backend::Azure), none);
    assert_eq!(unknown::<ClientConfigKey>(Backend::Http), none);
}

/// The environment is read in a process of its own.
#[test]
#[allow(clippy::print_stdout, reason = "it is how the process tells what came of it")]
fn a_variable_that_no_request_can_carry_is_refused_and_a_line_break_behind_it_is_cut_off() {
    const CHILD: &str = "KOPRS_EXTERNAL_TEST_VARIABLE";
    const CASES: [(&str, &str); 4] = [
        ("s3://bucket/a", "AWS_SESSION_TOKEN"),
        ("s3://bucket/a", "AWS_REGION"),
        ("gs://bucket/a", "GOOGLE_BEARER_TOKEN"),
        ("az://container/a", "AZURE_STORAGE_TOKEN"),
    ];
    if let Ok(child) = std::env::var(CHILD) {
        let mut options = Options::default();
        if child.starts_with("az:") {
            options.set("azure_storage_account_name", "account".into(), false);
        }
        let redactor = Redactor::isolated();
        match open(&child.parse().unwrap(), &options, &redactor) {
            Ok(_) => println!("opened"),
            Err(refused) => println!("refused: {refused:?}"),
        }
        return;
    }
    let name = "store::open::tests::a_variable_that_no_request_can_carry_is_refused_and_a_line_break_behind_it_is_cut_off";
    for (url, variable) in CASES {
        for (value, expected) in [
            ("", "opened"),
            ("t0ken\n", "opened"),
            ("\u{feff}t0ken", "opened"),
            ("s3cr\n3t", "is not "),
        ] {
            let mut child = std::process::Command::new(std::env::current_exe().unwrap());
            child.args([name, "--exact", "--nocapture"]).env(CHILD, url).env(variable, value);
            let output = String::from_utf8(child.output().unwrap().stdout).unwrap();
            assert!(output.contains(expected), "{variable} {value:?}: {output}");
            assert!(!output.contains("s3cr"), "{output}");
        }
    }
}

/// A URL of a store, and options that open it.
type Opened = (Backend, &'static str, &'static [(&'static str, &'static str)]);

/// What is opened with each of these is tried with each other option of its store.
const OPENED: [Opened; 12] = [
    (
        Backend::S3,
        "s3://bucket/a",
        &[
            ("aws_access_key_id", "k"),
            ("aws_secret_access_key", "s"),
            ("aws_endpoint", "http://127.0.0.1:9"),
        ],
    ),
    (Backend::S3, "s3://bucket/a", &[("aws_access_key_id", "k"), ("aws_secret_access_key", "s")]),
    (Backend::S3, "s3://bucket/a", &[("aws_metadata_endpoint", "http://127.0.0.1:9")]),
    (Backend::S3, "s3://bucket/a", &[("aws_container_credentials_full_uri", "http://127.0.0.1:9")]),
    (Backend::Gcs, "gs://bucket/a", &[("google_skip_signature", "true")]),
    (Backend::Gcs, "gs://bucket/a", &[("google_bearer_token", "t")]),
    (Backend::Azure, "az://container/a", &[("azure_storage_account_key", "a2V5")]),
    (Backend::Azure, "az://container/a", &[("azure_storage_token", "t")]),
    (Backend::Azure, "az://container/a", &[("azure_storage_sas_key", "sig=a")]),
    (
        Backend::Azure,
        "az://container/a",
        &[
            ("azure_storage_client_id", "i"),
            ("azure_storage_client_secret", "s"),
            ("azure_storage_tenant_id", "t"),
            ("azure_storage_authority_host", "http://127.0.0.1:9"),
        ],
    ),
    (Backend::Azure, "az://container/a", &[("azure_msi_endpoint", "http://127.0.0.1:9/msi")]),
    (Backend::Http, "http://127.0.0.1:9/a", &[]),
];

/// `object_store` takes for granted that it can make a request of what it was opened with.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_value_of_an_option_makes_a_panic_of_a_request() {
    use futures_util::StreamExt;

    let (long, encoded) = ("x".repeat(SECRET - 4), "+".repeat(SECRET / 2));
    let values = ["a b", "zoë", "\u{7f}", &long, &encoded].into_iter();
    let values: Vec<_> = values.flat_map(|it| [it.to_owned(), format!("sig={it}")]).collect();
    let mut asked = Vec::new();
    for (backend, url, opened) in OPENED {
        // Those of the client are the same for all, and of each option one spelling is enough.
        let clients = options::names(Backend::Http);
        let is_own = |it: &String| backend == Backend::Http || !clients.contains(it);
        let is_first = |it: &String| options::find(backend, it).is_ok_and(|first| first == *it);
        for name in options::names(backend).into_iter().filter(is_own).filter(is_first) {
            let is_sas = name == "azure_storage_sas_key";
            let suits = |value: &&String| value.starts_with("sig=") == is_sas;
            for value in values.iter().filter(suits) {
                if check_read(backend, &name, value).is_err() {
                    continue;
                }
                let mut options = Options::default();
                // Certificates take long to read, and names of hosts to look up.
                let client = [
                    ("allow_http", "true"),
                    ("disable_system_certificates", "true"),
                    ("proxy_url", "http://127.0.0.1:9"),
                ];
                if backend == Backend::Azure {
                    options.set("azure_storage_account_name", "a".into(), false);
                }
                for (name, value) in client.iter().chain(opened) {
                    options.set(name, (*value).into(), false);
                }
                options.set(&name, value.as_str().into(), false);
                let url = url.parse().unwrap();
                let Ok(listed) = open(&url, &options, &Redactor::isolated()) else { continue };
                let ask = tokio::spawn(async move {
                    let listing = async { listed.store.list(None).next().await };
                    _ = tokio::time::timeout(std::time::Duration::from_millis(100), listing).await;
                });
                let value = value.chars().take(30).collect::<String>();
                asked.push((format!("{backend:?} {opened:?} {name}: {value}"), ask));
            }
        }
    }
    let count = asked.len();
    let mut panics = Vec::new();
    for (what, asked) in asked {
        if asked.await.is_err() {
            panics.push(what);
        }
    }
    assert!(panics.is_empty(), "{} of {count}\n{panics:#?}", panics.len());
}

#[test]
fn only_secrets_are_hidden() {
    let mut options = Options::default();
    options.set("aws_region", "eu-west-1".into(), false);
    options.set("aws_secret_access_key", "s3cr3t-of-mine".into(), false);
    options.set("aws_endpoint", "http://from-a-file".into(), true);
    options.set("aws_sse_bucket_key_enabled", "true".into(), false);
    let hidden: Vec<_> = options.secrets().map(Secret::expose).collect();
    assert_eq!(hidden, ["s3cr3t-of-mine", "http://from-a-file"]);
    assert!(!format!("{options:?}").contains("s3cr3t"));
}
