//! A secret comes from the environment, a file, or the caller.

use koprs_external::ExternalSource;
use serde::Deserialize;

#[derive(Clone, Debug, Deserialize, ExternalSource)]
#[external(
    http(url = "https://api.example.com", auth(bearer(env = "KOPRS_UI_NO_SUCH_VARIABLE"))),
    interval = "30s"
)]
struct FromEnv(#[allow(dead_code)] String);

#[derive(Clone, Debug, Deserialize, ExternalSource)]
#[external(
    http(url = "https://api.example.com", auth(bearer(file = "/run/secrets/token"))),
    interval = "30s"
)]
struct FromFile(#[allow(dead_code)] String);

#[derive(Clone, Debug, Deserialize, ExternalSource)]
#[external(
    http(url = "https://api.example.com", auth(bearer(value = "{token}"))),
    params(token: String),
    interval = "30s"
)]
struct FromCaller(#[allow(dead_code)] String);

#[derive(Clone, Debug, Deserialize, ExternalSource)]
#[external(
    http(url = "https://operator:{password}@api.example.com"),
    params(password: String),
    interval = "30s"
)]
struct FromUserinfo(#[allow(dead_code)] String);

fn main() -> Result<(), Box<dyn std::error::Error>> {
    // A declaration is right without its secret; a source is not.
    assert!(format!("{:?}", FromEnv::spec()?).contains("KOPRS_UI_NO_SUCH_VARIABLE"));
    let missing = FromEnv::source().unwrap_err();
    assert!(missing.to_string().contains("KOPRS_UI_NO_SUCH_VARIABLE"), "{missing}");
    assert!(FromFile::source().is_ok());

    let spec = FromCaller::spec("hunter2".to_owned())?;
    assert!(!format!("{spec:?}").contains("hunter2"));
    assert!(!format!("{:?}", FromCaller::source("hunter2".to_owned())?).contains("hunter2"));
    assert!(!format!("{:?}", FromUserinfo::spec("hunter2$@".to_owned())?).contains("hunter2"));
    Ok(())
}
