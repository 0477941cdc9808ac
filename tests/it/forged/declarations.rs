//! Text in each method of the builder, in parameters of the derive's templates, and in names of files.

use std::time::Duration;

use futures::FutureExt;
use koprs_external::declared::{DeclaredSource, WatcherManifest};
use koprs_external::set::WatcherSet;
use koprs_external::spec::{
    ClientCredentials, Paging, SecretSource, Trust, WatcherBuilder, WatcherSpec,
};
use koprs_external::store::StoredObject;
use serde_json::{Value, json};

use super::{PLANTED, Seen, long, run};

type Plant = fn(WatcherBuilder, &str) -> WatcherBuilder;

fn secret() -> SecretSource {
    SecretSource::Value("x".into())
}

fn oauth2(url: &str) -> ClientCredentials {
    ClientCredentials::new(url, "us", secret())
}

const HTTP: [(&str, Plant); 38] = [
    ("items.at", |it, text| it.items(text)),
    ("items.at of a pointer", |it, text| it.items(format!("/{text}")).key("/id")),
    ("items.key", |it, text| it.items("").key(text)),
    ("items.key of a pointer", |it, text| it.items("").key(format!("/{text}"))),
    ("ignore", |it, text| it.ignore(text)),
    ("ignore of a pointer", |it, text| it.ignore(format!("/{text}"))),
    ("query", |it, text| it.query(text, text)),
    ("header name", |it, text| it.header(text, "x")),
    ("header value", |it, text| it.header("x-team", text)),
    ("own header", |it, text| it.header("host", text).header("HOST", text)),
    ("json body", |it, text| it.json_body(text)),
    ("json body of a text", |it, text| it.json_body(format!("[{text}"))),
    ("text body", |it, text| it.text_body(text)),
    ("bearer", |it, text| it.bearer(SecretSource::Value(text.into()))),
    ("bearer of a variable", |it, text| it.bearer(SecretSource::Env(text.into()))),
    ("bearer of a file", |it, text| it.bearer(SecretSource::File(text.into()))),
    ("basic", |it, text| it.basic(text, secret())),
    ("auth header", |it, text| it.auth_header(text, "", secret())),
    ("auth prefix", |it, text| it.auth_header("x-key", text, secret())),
    ("auth query", |it, text| it.auth_query(text, secret()).query(text, "x")),
    ("token url", |it, text| it.oauth2(oauth2(text))),
    ("token url with a path", |it, text| it.oauth2(oauth2(&format!("http://127.0.0.1:9/{text}")))),
    ("client", |it, text| it.oauth2(ClientCredentials::new("http://127.0.0.1:9/", text, secret()))),
    ("client secret", |it, text| {
        it.oauth2(ClientCredentials::new(
            "http://127.0.0.1:9/",
            "us",
            SecretSource::File(text.into()),
        ))
    }),
    ("scope", |it, text| it.oauth2(oauth2("http://127.0.0.1:9/").scope(text))),
    ("audience", |it, text| it.oauth2(oauth2("http://127.0.0.1:9/").audience(text))),
    ("ca", |it, text| it.tls_ca(text)),
    ("identity", |it, text| it.tls_identity(text, text)),
    ("socket", |it, text| it.unix_socket(text)),
    ("cursor", |it, text| it.items("").key("/id").pages(Paging::cursor_at(text))),
    ("cursor header", |it, text| it.items("").key("/id").pages(Paging::cursor_header(text))),
    ("cursor param", |it, text| it.items("").key("/id").pages(Paging::cursor_at("/a").param(text))),
    ("number", |it, text| it.items("").key("/id").pages(Paging::number(text))),
    ("offset", |it, text| it.items("").key("/id").pages(Paging::offset(text))),
    ("origin", |it, text| it.items("").key("/id").pages(Paging::link_header().origin(text))),
    ("origin with a path", |it, text| {
        let origin = format!("https://h/{text}");
        it.items("").key("/id").pages(Paging::link_header().origin(origin))
    }),
    ("option of another source", |it, text| it.option(text, secret())),
    ("glob of another source", |it, text| it.include(text)),
];

const STORE: [(&str, Plant); 7] = [
    ("option", |it, text| it.option(text, secret())),
    ("option value", |it, text| it.option("aws_region", SecretSource::Value(text.into()))),
    ("option variable", |it, text| it.option("aws_region", SecretSource::Env(text.into()))),
    ("option file", |it, text| it.option("aws_region", SecretSource::File(text.into()))),
    ("include", |it, text| it.include(text).include(format!("/{text}"))),
    ("exclude", |it, text| it.include(text).exclude(text)),
    ("endpoint", |it, text| it.option("aws_endpoint", SecretSource::Value(text.into()))),
];

const URLS: [&str; 9] = [
    "",
    "http://127.0.0.1:9/",
    "http://",
    "https://h:",
    "http://u:p@",
    "s3://b/",
    "s3://",
    "file:///",
    "x://",
];

/// What is said of a declaration until it has polled.
async fn declared(declaration: WatcherBuilder, is_store: bool) -> Seen {
    let mut seen = Seen::default();
    let spec = match declaration.build() {
        Ok(spec) => spec,
        Err(refused) => {
            seen.error(&refused);
            seen.text(format!("{refused:?}"));
            refused.mistakes.iter().for_each(|mistake| {
                seen.text(&*mistake.message);
                seen.text(mistake.help.clone().unwrap_or_default());
            });
            return seen;
        }
    };
    if let Err(refused) = spec.clone().under(Trust::Untrusted) {
        seen.error(&refused);
    }
    if let Err(refused) = serde_json::to_value(&spec) {
        seen.text(refused.to_string());
    }
    // A store that exists would be asked over the network.
    if !is_store {
        match DeclaredSource::<Value>::new(spec) {
            Ok(mut source) => seen.polls(&mut source).await,
            Err(refused) => seen.error(&refused),
        }
    } else if let Err(refused) = DeclaredSource::<StoredObject>::new(spec) {
        seen.error(&refused);
    }
    seen
}

fn http(name: &str, url: &str) -> WatcherBuilder {
    WatcherSpec::http(name, url)
        .interval(Duration::from_secs(30))
        .timeout(Duration::from_secs(2))
        .retries(0)
}

fn store(name: &str, url: &str) -> WatcherBuilder {
    WatcherSpec::object_store(name, url).interval(Duration::from_secs(30))
}

#[tokio::test]
async fn nothing_that_a_declaration_says_is_obeyed() {
    for text in [PLANTED.to_owned(), PLANTED.replace('\n', ""), long()] {
        for (what, plant) in HTTP {
            let declaration = plant(http("flags", "http://127.0.0.1:9/"), &text);
            run(what, declared(declaration, false).boxed()).await;
        }
        for (what, plant) in STORE {
            let declaration = plant(store("models", "s3://b/"), &text);
            run(what, declared(declaration, true).boxed()).await;
        }
        for url in URLS {
            let planted = format!("{url}{text}");
            run(url, declared(http("flags", &planted), false).boxed()).await;
            run(url, declared(store("models", &planted), true).boxed()).await;
        }
        let shown = run("name", declared(http(&text, "http://127.0.0.1:9/"), false).boxed()).await;
        assert!(shown > 2);
    }
}

#[tokio::test]
async fn nothing_that_a_resource_or_a_file_says_is_obeyed() {
    for text in [PLANTED.to_owned(), long()] {
        let manifests = [
            json!({ "name": text }),
            json!({ "name": "flags", "interval": text, "http": { "url": text, text.as_str(): text } }),
            json!({ text.as_str(): { text.as_str(): text } }),
            json!([text]),
            json!(text),
        ];
        for value in manifests {
            let shows = async {
                let mut seen = Seen::default();
                let manifest: WatcherManifest = serde_json::from_value(value.clone()).unwrap();
                seen.error(&manifest.spec(Trust::Untrusted).unwrap_err());
                seen
            };
            assert!(run("manifest", shows.boxed()).await > 0);
        }
        let shows = async {
            let mut seen = Seen::default();
            let text: String = text.chars().take(200).filter(|c| *c != '\0').collect();
            let missing = std::path::Path::new("/nowhere").join(&text);
            seen.error(&WatcherSet::from_path(missing).unwrap_err());
            let set: WatcherSet = "apiVersion: koprs-external/v1\nwatchers: []\n".parse().unwrap();
            seen.error(&set.only([text.as_str()]).unwrap_err());
            seen.error(&set.source::<Value>(&text).unwrap_err());
            seen
        };
        assert!(run("set", shows.boxed()).await > 0);
    }
}
