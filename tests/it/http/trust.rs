//! What a tenant declares is held to the public internet, as seen from outside of the library.

use std::time::Duration;

use koprs_external::declared::DeclaredSource;
use koprs_external::error::{ExternalError, HttpErrorKind};
use koprs_external::spec::{SecretSource, Trust, WatcherSpec};
use koprs_external::watcher::ExternalSource;
use koprs_external_tests::Server;

use super::stage::declare;

#[tokio::test]
async fn a_server_inside_is_refused_before_there_is_a_source() {
    let server = Server::start().await;
    let token = SecretSource::Env("PATH".to_owned());
    let spec = declare(server.url("/v")).bearer(token).build().unwrap();
    let refused = spec.under(Trust::Untrusted).unwrap_err();
    assert_eq!(
        refused.to_string(),
        format!(
            "watcher `flags`; `http.url`: `{}` is not on the public internet (an untrusted declaration may ask \
             public hosts only, by a name or an address; what is inside is declared by the operator); \
             `http.auth.bearer.env`: `env` reads the environment of the operator, and the declaration is \
             untrusted (write the secret itself, as `value`; the operator can put it there from a Secret of the \
             tenant)",
            server.url("")
        )
    );
    assert_eq!(server.connections(), 0);
}

/// `.invalid` exists nowhere (RFC 6761): with or without a network, it is not found.
#[tokio::test]
async fn a_host_that_is_not_found_fails_the_poll_and_names_itself() {
    let spec = declare("http://api.example.invalid/v?key=s3cr3t").build().unwrap();
    let spec = spec.under(Trust::Untrusted).unwrap();
    let mut source = DeclaredSource::<u32>::new(spec).unwrap();
    let error = source.poll().await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "HTTP error: watcher `flags` (http://api.example.invalid/v): `api.example.invalid` is not found on the \
         public internet, where alone an untrusted declaration may ask; is it spelt right?"
    );
    let ExternalError::Http(error) = error else { panic!("{error}") };
    assert_eq!(error.kind(), HttpErrorKind::NotPublic);
}

#[test]
fn an_object_store_is_not_for_tenants() {
    let spec = WatcherSpec::object_store("models", "s3://models").interval(Duration::from_secs(60));
    let refused = spec.build().unwrap().under(Trust::Untrusted).unwrap_err();
    assert_eq!(
        refused.to_string(),
        "watcher `models`; `object_store`: an object store is opened with what the operator may, and the \
         declaration is untrusted (follow an `http` endpoint; a store is declared by the operator)"
    );
}
