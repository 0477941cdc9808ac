//! What a declaration of an object store accepts, and what it refuses.

use super::*;
use crate::spec::{
    Format, Method, OnBadItem, Paging, Removal, SourceSpec, WatcherBuilder, WatcherSpec,
};

const STORE: &str = "s3://models/production/";

fn declared() -> WatcherBuilder {
    WatcherSpec::http("tenants", "https://api.example.com/v1/tenants")
        .interval(Duration::from_secs(30))
}

fn env() -> SecretSource {
    SecretSource::Env("TOKEN".to_owned())
}

fn built(builder: WatcherBuilder) -> WatcherSpec {
    builder.build().unwrap()
}

/// `setting code`, in order.
fn refused(builder: WatcherBuilder) -> Vec<String> {
    let mistakes = builder.build().err().map_or_else(Vec::new, |refused| refused.mistakes);
    assert!(mistakes.iter().all(|it| it.help.is_some()), "{mistakes:?}");
    mistakes.into_iter().map(|it| format!("{} {}", it.setting, it.code)).collect()
}

fn stored() -> WatcherBuilder {
    stored_at(STORE)
}

fn stored_at(url: &str) -> WatcherBuilder {
    WatcherSpec::object_store("models", url).interval(Duration::from_secs(30))
}

fn store(builder: WatcherBuilder) -> ObjectStoreSpec {
    let SourceSpec::ObjectStore(store) = built(builder).source else { panic!() };
    store
}

fn value(text: &str) -> SecretSource {
    SecretSource::Value(text.into())
}

#[test]
fn what_is_left_out_of_a_store_has_its_default() {
    let spec = built(stored());
    assert_eq!((spec.items(), spec.removal()), (None, Removal::DEFAULT));
    let store = store(stored());
    assert_eq!((store.url().as_str(), store.backend), (STORE, Backend::S3));
    assert!(store.options.is_empty() && store.include().is_empty() && store.exclude().is_empty());
    assert_eq!((store.settle(), store.object_limit()), (Duration::ZERO, None));
    assert_eq!((store.concurrency(), store.listing_concurrency()), (16, 8));
    assert_eq!(store.body_limit(), crate::spec::table::BODY_LIMIT);
}

#[test]
fn a_store_is_as_it_was_declared() {
    let second = Duration::from_secs(1);
    let builder = stored().option("AWS_Region", value("eu")).option("aws_token", env());
    let builder = builder.include("*.yaml").include("a/**").exclude("tmp/**").settle(second);
    let builder = builder.concurrency(256).listing_concurrency(1).object_limit(1).body_limit(7);
    let builder = builder.decode(Format::Yaml).ignore("/a").distinct().hold_above(0.1).hold_min(1);
    let builder = builder.deadline(second);
    let store = store(builder);
    let options = [("aws_region", value("eu")), ("aws_token", env())];
    assert_eq!(store.options, options.map(|(name, value)| (name.to_owned(), value)));
    assert_eq!(
        (store.include(), store.exclude()),
        (&["*.yaml", "a/**"].map(String::from)[..], &["tmp/**".to_owned()][..])
    );
    assert_eq!((store.settle(), store.object_limit()), (second, Some(1)));
    assert_eq!((store.concurrency(), store.listing_concurrency(), store.body_limit()), (256, 1, 7));
}

#[test]
fn a_store_that_cannot_be_one_is_refused() {
    let day = Duration::from_secs(24 * 60 * 60);
    let many = (0..=256).fold(stored(), |it, n| it.option(format!("x{n}"), value("s3cr3t")));
    let cases: [(WatcherBuilder, &[&str]); 18] = [
        (many, &["object_store.option too-many"]),
        (stored_at("s3n://models"), &["object_store.url bad-url"]),
        (stored_at("memory:///"), &["object_store.url bad-url"]),
        (stored_at("s3://key:s3cr3t@models"), &["object_store.url bad-url"]),
        (stored_at("s3://models/?s3cr3t"), &["object_store.url bad-url"]),
        (
            stored().option("aws_regoin", value("s3cr3t")),
            &["object_store.option.aws_regoin unknown-option"],
        ),
        (
            stored().option("region", value("a")).option("AWS_REGION", value("b")),
            &["object_store.option.AWS_REGION duplicate-option"],
        ),
        (stored().option("region", value("")), &["object_store.option.region empty-text"]),
        (
            stored().option("region", SecretSource::Env("s3cr3t=".to_owned())),
            &["object_store.option.region bad-variable"],
        ),
        (
            stored_at("file:///var").option("timeout", value("s3cr3t")),
            &["object_store.option.timeout unknown-option"],
        ),
        (
            stored_at("s3cr3t@").option("any", value("s3cr3t")).option("other", value("")),
            &["object_store.url bad-url", "object_store.option.other empty-text"],
        ),
        (
            stored().include("").include("*").exclude("/a").exclude("*"),
            &[
                "object_store.include.0 bad-glob",
                "object_store.exclude.0 bad-glob",
                "object_store.exclude.1 no-use",
            ],
        ),
        (stored().settle(day + Duration::from_secs(1)), &["object_store.settle out-of-range"]),
        (stored().concurrency(0), &["object_store.concurrency out-of-range"]),
        (stored().concurrency(257), &["object_store.concurrency out-of-range"]),
        (
            stored().listing_concurrency(65).object_limit(0).body_limit(0),
            &[
                "object_store.listing_concurrency out-of-range",
                "object_store.object_limit out-of-range",
                "object_store.body_limit zero-limit",
            ],
        ),
        (stored().decode(Format::Ndjson), &["decode no-use"]),
        (stored().deadline(Duration::ZERO), &["deadline short-deadline"]),
    ];
    for (builder, told) in cases {
        assert!(!format!("{:?}", builder.clone().build()).contains("s3cr3t"));
        assert_eq!(refused(builder), told);
    }
}

#[test]
fn a_listing_is_not_asked_for_as_often_as_a_folder() {
    let every = |url: &str, seconds| stored_at(url).interval(Duration::from_secs(seconds));
    assert_eq!(refused(every(STORE, 9)), ["interval short-interval"]);
    assert_eq!(refused(every(STORE, 10)), [""; 0]);
    assert_eq!(refused(every("file:///var", 1)), [""; 0]);
    assert_eq!(refused(every("file:///var", 0)), ["interval short-interval"]);
    assert_eq!(refused(every("x", 1)), ["object_store.url bad-url"]);
}

#[test]
fn a_setting_of_the_other_kind_is_refused() {
    let second = Duration::from_secs(1);
    let of_values: [(WatcherBuilder, &str); 5] = [
        (stored().items(""), "items"),
        (stored().key("/id"), "items"),
        (stored().item_limit(1), "items"),
        (stored().on_bad_item(OnBadItem::Keep), "on_bad_item"),
        (stored().confirm(2), "removal.confirm"),
    ];
    for (builder, setting) in of_values {
        assert_eq!(refused(builder), [format!("{setting} no-use")]);
    }
    let of_http: [(WatcherBuilder, &str); 14] = [
        (stored().method(Method::Get), "method"),
        (stored().query("a", "b"), "query"),
        (stored().header("a", "b"), "header"),
        (stored().text_body("a"), "body"),
        (stored().bearer(env()), "auth"),
        (stored().tls_ca("a"), "tls"),
        (stored().unix_socket("a"), "unix_socket"),
        (stored().pages(Paging::link_header()), "pages"),
        (stored().timeout(second), "timeout"),
        (stored().retries(1), "retries"),
        (stored().respect_max_age(), "respect_max_age"),
        (stored().max_in_flight(1), "max_in_flight"),
        (stored().header_limit(1), "header_limit"),
        (stored().redirect_limit(1), "redirect_limit"),
    ];
    for (builder, setting) in of_http {
        assert_eq!(refused(builder), [format!("http.{setting} other-source")]);
    }
    let of_stores: [(WatcherBuilder, &str); 7] = [
        (declared().option("a", env()), "option"),
        (declared().include("*"), "include"),
        (declared().exclude("*"), "exclude"),
        (declared().settle(second), "settle"),
        (declared().concurrency(1), "concurrency"),
        (declared().listing_concurrency(1), "listing_concurrency"),
        (declared().object_limit(1), "object_limit"),
    ];
    for (builder, setting) in of_stores {
        assert_eq!(refused(builder), [format!("object_store.{setting} other-source")]);
    }
}

#[test]
fn what_is_shown_of_a_store_has_no_secret() {
    let builder = stored().option("aws_secret_access_key", value("s3cr3t"));
    let shown = format!("{:?}{:?}", store(builder.clone()), builder);
    assert!(shown.contains("aws_secret_access_key") && !shown.contains("s3cr3t"), "{shown}");
}
