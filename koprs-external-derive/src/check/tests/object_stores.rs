//! Of object stores.

use std::fs;
use std::path::Path;

use super::*;

const STORE: &str = "s3://models/production/";

/// What the library says, with the way out.
fn told_of(spec: WatcherBuilder) -> Vec<String> {
    let mistakes = spec.build().err().map_or_else(Vec::new, |refused| refused.mistakes);
    let mistakes = mistakes.into_iter();
    mistakes.map(|it| format!("{}\nhelp: {}", it.message, it.help.unwrap())).collect()
}

/// In the words of the library, in any order.
fn same(external: &str, spec: WatcherBuilder) {
    let (mut ours, mut theirs) = (told(external), told_of(spec));
    ours.sort();
    theirs.sort();
    agree_on(external, ours, theirs);
}

fn stored_at(url: &str) -> WatcherBuilder {
    WatcherSpec::object_store("flags", url).interval(HALF_A_MINUTE)
}

fn stored() -> WatcherBuilder {
    stored_at(STORE)
}

fn derive(more: &str) -> String {
    format!("object_store(url = \"{STORE}\"{more}), interval = \"30s\"")
}

fn value(text: &str) -> SecretSource {
    SecretSource::Value(text.into())
}

/// Tables and checks that need nothing are the same text.
#[test]
fn the_derive_has_the_files_of_the_library() {
    let ours = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/check/object_store");
    let library = Path::new(env!("CARGO_MANIFEST_DIR"));
    let library = library.join("../koprs-external/src/spec/object_store");
    for file in ["glob.rs", "options.rs", "url.rs"] {
        let read = |folder: &Path| fs::read_to_string(folder.join(file)).unwrap();
        assert!(read(&ours) == read(&library), "{file} differs: copy it");
    }
    let own = include_str!("../own_header.rs");
    assert!(
        own == fs::read_to_string(library.join("../own_header.rs")).unwrap(),
        "own_header.rs differs: copy it"
    );
    assert!(
        include_str!("../bounds.rs") == fs::read_to_string(library.join("../bounds.rs")).unwrap(),
        "bounds.rs differs: copy it"
    );
    let meant = include_str!("../../meant.rs");
    let library = fs::read_to_string(library.join("../meant.rs")).unwrap();
    assert!(meant == library, "meant.rs differs: copy it");
}

#[test]
fn of_urls() {
    let urls = [
        "s3://models",
        "S3A://models/a%20b/",
        "gs://models/x",
        "az://models",
        "abfss://models@account.dfs.core.windows.net/x",
        "https://account.blob.core.windows.net/models",
        "https://dav.example.com/models/",
        "file:///var/models/",
        "",
        "models/production",
        "s3n://models",
        "gcs://models",
        "ftp://models",
        "memory:///",
        "file:./models",
        "file://host/models",
        "s3:///models",
        "https://s3.amazonaws.com",
        "s3://k:SECRET@models/x",
        "s3://models/?versions",
        "s3://models/#1",
        "s3://models//x",
        "s3://models/../x",
        "s3://models/%00",
        "s3://models/%2F",
        "s3://mo dels/",
        " s3://models/",
    ];
    for url in urls {
        let external = format!("object_store(url = {url:?}), interval = \"30s\"");
        same(&external, stored_at(url));
    }
}

#[test]
fn of_intervals_and_deadlines() {
    for url in [STORE, "file:///var/models/", "models"] {
        for millis in [0, 999, 1000, 9999, 10_000] {
            let external = format!("object_store(url = \"{url}\"), interval = \"{millis}ms\"");
            same(&external, stored_at(url).interval(Duration::from_millis(millis)));
        }
    }
    for millis in [0, 999, 1000] {
        let external = derive("") + &format!(", deadline = \"{millis}ms\"");
        same(&external, stored().deadline(Duration::from_millis(millis)));
    }
}

#[test]
fn of_options() {
    let urls = [STORE, "gs://models", "az://models", "http://h/", "file:///var", "models"];
    let names =
        ["aws_region", "REGION", "token", "azure_client_id", "aws_regoin", "timeout", "x=y"];
    for (url, name) in urls.iter().flat_map(|url| names.map(|name| (url, name))) {
        let external = format!(
            "object_store(url = \"{url}\", option(\"{name}\" = \"x\")), interval = \"30s\""
        );
        same(&external, stored_at(url).option(name, value("x")));
    }
    let env = |name: &str| SecretSource::Env(name.to_owned());
    for name in ["KEY", "", "a b"] {
        let external = derive(&format!(", option(\"token\" = env(\"{name}\"))"));
        same(&external, stored().option("token", env(name)));
    }
    for path in ["/run/token", ""] {
        let external = derive(&format!(", option(\"token\" = file(\"{path}\"))"));
        same(&external, stored().option("token", SecretSource::File(path.into())));
    }
    for text in ["\"\"", "value(\"\")"] {
        let external = derive(&format!(", option(\"aws_region\" = {text})"));
        same(&external, stored().option("aws_region", value("")));
    }
    for (one, other) in [("region", "region"), ("region", "AWS_REGION"), ("timeout", "aws_timeout")]
    {
        let external = derive(&format!(", option(\"{one}\" = 1, \"{other}\" = true)"));
        same(&external, stored().option(one, value("1")).option(other, value("true")));
    }
}

#[test]
fn of_values_of_options() {
    let cases = [
        ("timeout", ["30s", "60 seconds", "30", "soon"]),
        ("aws_allow_http", ["true", "Yes", "maybe", "2"]),
        ("http2_max_frame_size", ["16384", "-1", "16KiB", "4294967296"]),
        ("user_agent", ["koprs/1", "a b", "ä", "ü b"]),
        ("checksum_algorithm", ["sha256", "CRC64NVME", "md5", "sha-256"]),
        ("request_payer", ["requester", "true", "owner", "maybe"]),
        ("bucket", ["models", "others", "model", "models."]),
    ];
    for (name, values) in cases {
        for text in values {
            let external = derive(&format!(", option(\"{name}\" = \"{text}\")"));
            same(&external, stored().option(name, value(text)));
        }
    }
}

#[test]
fn of_globs_and_limits() {
    for glob in ["*.yaml", "*.{yaml,yml}", "", "/a", "*.{yaml", "a}", "[a-z", "a]", "[z-a]"] {
        let external = derive(&format!(", include(\"{glob}\", \"b\"), exclude(\"{glob}\")"));
        same(&external, stored().include(glob).include("b").exclude(glob));
    }
    for (hours, settle) in [(0, "0s"), (23, "23h"), (24, "24h"), (25, "25h")] {
        let external = derive(&format!(", settle = \"{settle}\""));
        same(&external, stored().settle(Duration::from_secs(hours * 60 * 60)));
    }
    for n in [0, 1, 64, 65, 256, 257] {
        same(&derive(&format!(", concurrency = {n}")), stored().concurrency(n));
        same(&derive(&format!(", listing_concurrency = {n}")), stored().listing_concurrency(n));
        same(&derive(&format!(", object_limit = {n}")), stored().object_limit(n));
        same(&derive(&format!(", body_limit = \"{n}\"")), stored().body_limit(n as u64));
    }
}

#[test]
fn of_what_has_no_use() {
    let with = |more: &str| derive("") + more;
    same(&with(", items = \"/data\""), stored().items("/data"));
    same(&with(", items(key = \"/id\", limit = 3)"), stored().items("").key("/id").item_limit(3));
    same(&with(", on_bad_item = keep"), stored().on_bad_item(OnBadItem::Keep));
    same(&with(", removal(confirm = 2)"), stored().confirm(2));
    same(
        &with(", removal(hold_above = \"10%\", hold_min = 3)"),
        stored().hold_above(0.1).hold_min(3),
    );
    same(&with(", ignore(\"/a\"), distinct"), stored().ignore("/a").distinct());
    let formats = [
        ("json", Format::Json),
        ("text", Format::Text),
        ("ndjson", Format::Ndjson),
        ("csv", Format::Csv),
    ];
    for (word, format) in formats {
        same(&with(&format!(", decode = {word}")), stored().decode(format));
    }
}

#[test]
fn a_mistake_of_an_object_store_is_told_once() {
    let by_path = "`key` has no use with `object_store`";
    let declaration = format!("#[external({})] struct S {{ #[external(key)] id: u8 }}", derive(""));
    assert_eq!(derived_of(&declaration), [by_path]);
    let cases = [
        (
            format!("http(url = \"{URL}\"), object_store(url = \"{STORE}\"), interval = \"30s\""),
            "`http` and `object_store` are both given: exactly one is needed",
        ),
        ("interval = \"30s\"".to_owned(), "no source is declared: exactly one is needed"),
        ("object_store(), interval = \"30s\"".to_owned(), "no URL is given"),
        ("object_store = 3, interval = \"30s\"".to_owned(), "`object_store` takes a list"),
        (derive(", retries = 3"), "`retries` does not stand here"),
        (derive(", setle = \"3s\""), "unknown setting `setle`"),
        (derive(", settle = 3"), "`settle` takes a string"),
        (derive(", option(aws_region = \"x\")"), "the name of an option stands in quotes"),
        (derive(", option(\"aws_region\")"), "`aws_region` has no value"),
        (
            derive(", option(\"token\" = envy(\"X\"))"),
            "an option is a string, `env(…)` or `file(…)`: constants and macros cannot be read here",
        ),
        (derive(", option(\"token\" = env(X))"), "one string is expected here"),
        (derive(", option(\"token\" = env(\"X\", 3))"), "one string is expected here"),
        (derive(", option(\"token\" = 'x')"), "an option is a string, `env(…)` or `file(…)`"),
        (derive(", include = \"*\""), "`include` takes a list"),
        (
            "object_store(url = \"s3://{bucket}/x\"), interval = \"30s\"".to_owned(),
            "`{bucket}` is not a parameter",
        ),
        (
            "object_store(url = \"{scheme}://b/x\"), params(scheme: u8), interval = \"30s\""
                .to_owned(),
            "`{scheme}://b/x` has the placeholder `{scheme}` in its scheme",
        ),
        (derive(", include(\"{glob}\")") + ", params(glob: u8)", "`{glob}` is not replaced here"),
    ];
    for (external, message) in cases {
        assert_eq!(derived(&external), [message], "{external}");
        assert!(has_items(&external), "{external}");
    }
}

#[test]
fn a_parameter_that_is_used_is_replaced_in_no_other_text_either() {
    let texts = [
        ("https://h/{p}", "tls(ca = \"/etc/{p}.pem\")", true),
        ("https://h/{p}", "auth(bearer(file = \"/run/{p}\"))", true),
        ("http://h/{p}", "unix_socket = \"/run/{p}.sock\"", true),
        ("https://h/{p}", "header(\"x-team\" = \"{p}\")", false),
        ("https://h/{p}", "tls(ca = \"/etc/{q}.pem\")", false),
    ];
    for (url, more, is_mistake) in texts {
        let http = format!("http(url = \"{url}\", {more}), params(p: u8), interval = \"30s\"");
        let expected: &[&str] = if is_mistake { &["`{p}` is not replaced here"] } else { &[] };
        assert_eq!(derived(&http), expected, "{http}");
    }
    for (more, is_mistake) in [("include(\"{p}/*.json\")", true), ("include(\"{a,p}\")", false)] {
        let store = format!(
            "object_store(url = \"s3://{{p}}/\", {more}), params(p: String), interval = \"30s\""
        );
        let expected: &[&str] = if is_mistake { &["`{p}` is not replaced here"] } else { &[] };
        assert_eq!(derived(&store), expected, "{store}");
    }
}

#[test]
fn a_place_that_is_written_in_another_language_is_advised_as_a_pointer() {
    let http = |pages: &str, items: &str| {
        told(&format!("http(url = \"{URL}\", pages({pages})), {items}, interval = \"30s\""))
            .join(" ")
    };
    let cursor = http("cursor = \"meta.next\"", "items = \"\"");
    assert!(cursor.contains("`cursor(at = \"/meta/next\")`"), "{cursor}");
    let items = http("link_header", "items(path = \"$.data[*]\")");
    assert!(items.contains("`at = \"/data\"`"), "{items}");
}

#[test]
fn a_parameter_stands_in_the_url_and_in_options() {
    let urls = [
        "s3://{p}/x",
        "s3://models/{p}/",
        "file:///var/{p}/x",
        "abfss://{p}@account.dfs.core.windows.net",
        "https://{p}/models",
        "https://{p}.s3.eu-west-1.amazonaws.com",
    ];
    for url in urls {
        let external =
            format!("object_store(url = \"{url}\"), params(p: String), interval = \"30s\"");
        assert_eq!(derived(&external), [""; 0], "{external}");
    }
    let unsure = "object_store(url = \"https://{p}/x\", option(\"region\" = \"{p}\"))";
    assert_eq!(derived(&format!("{unsure}, params(p: u8), interval = \"30s\"")), [""; 0]);
}
