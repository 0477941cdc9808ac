//! Declarations with a mistake: the error that a real server leads to says what to change.

use koprs_external::declared::DeclaredSource;
use koprs_external::spec::WatcherBuilder;
use koprs_external::store::StoredObject;
use koprs_external::watcher::ExternalSource;

use crate::azurite::Azurite;
use crate::s3::{self, Moto, Versitygw};
use crate::store::stage::Stage;
use crate::webdav::Apache;

/// Polls, and expects an error that says this.
async fn says(builder: WatcherBuilder, expected: &[&str]) {
    let mut source = DeclaredSource::<StoredObject>::new(builder.build().unwrap()).unwrap();
    let error = source.poll().await.unwrap_err().to_string();
    for part in expected {
        assert!(error.contains(part), "`{part}` is not in: {error}");
    }
}

#[tokio::test]
async fn of_a_bucket_of_versitygw() {
    let stage = Versitygw::start().await;
    let server = &stage.bucket.server;
    let address = format!("127.0.0.1:{}", server.port);
    let (path, tls) = (format!("http://{address}/bucket"), format!("https://{address}"));
    for (option, wrong, expected) in [
        ("aws_region", "us-east-1", "set `aws_region` to `eu-west-1`"),
        ("aws_access_key_id", "nobody", "check `aws_access_key_id`"),
        ("aws_secret_access_key", "wrong", "check `aws_secret_access_key`"),
        ("aws_session_token", "wrong", "check `aws_session_token`"),
        ("aws_skip_signature", "true", "have to allow `s3:ListBucket`"),
        ("aws_endpoint", &path, "the server alone, without a path"),
        ("aws_endpoint", &tls, "the server does not speak TLS"),
        ("aws_allow_http", "false", "set the option `allow_http` to `true`"),
        ("aws_virtual_hosted_style_request", "true", "`aws_virtual_hosted_style_request`"),
    ] {
        says(stage.bucket.declared(&[(option, wrong)]), &[expected]).await;
    }
    says(s3::declared(server, "nowhere", &[]), &["NoSuchBucket", "check the bucket in the URL"])
        .await;
}

#[tokio::test]
async fn of_a_bucket_of_moto() {
    let stage = Moto::start().await;
    let nowhere = s3::declared(&stage.bucket.server, "nowhere", &[]);
    says(nowhere, &["NoSuchBucket", "check the bucket in the URL"]).await;
}

#[tokio::test]
async fn of_a_container_of_azurite() {
    let stage = Azurite::start().await;
    for (option, wrong, expected) in [
        ("azure_storage_account_key", "d3Jvbmc=", "check `azure_storage_account_key`"),
        ("azure_storage_account_name", "nobody", "check `azure_storage_account_key`"),
        ("azure_allow_http", "false", "set the option `allow_http` to `true`"),
    ] {
        says(stage.declared(&[(option, wrong)]), &[expected]).await;
    }
    let nowhere = stage.declared_container("nowhere", &[]);
    says(nowhere, &["ContainerNotFound", "check the container"]).await;
}

#[tokio::test]
async fn of_a_folder_of_apache() {
    const PASSWORD: &str =
        "AuthType Basic\nAuthName dav\nAuthUserFile /dev/null\nRequire valid-user";
    let infinite = |more: &str| format!("Dav On\nDavDepthInfinity On\n{more}");
    for (directives, expected) in [
        ("Dav On\nRequire all granted", &["`Depth: infinity`", "`DavDepthInfinity On`"][..]),
        (&infinite("Require all denied"), &["403", "it may want credentials"]),
        (&infinite(PASSWORD), &["401", "`CheckedConnector::with_client`"]),
        ("Dav Off\nRequire all granted", &["405", "there is no WebDAV at this URL"]),
    ] {
        says(Apache::with(directives).await.declared(&[]), expected).await;
    }
    let stage = Apache::start().await;
    says(stage.declared_folder("nowhere/", &[]), &["404", "check the folder in the URL"]).await;
    says(stage.declared(&[("allow_http", "false")]), &["set the option `allow_http` to `true`"])
        .await;
}
