use std::collections::BTreeSet;

use koprs_external_tests::{Reply, Server};
use serde_json::Value;

use crate::{Folder, SECRET, file, run, run_with};

#[test]
fn a_setting_is_shown_with_where_it_comes_from() {
    let text = file("  - { name: flags, jitter: 10%, http: { url: 'https://h/flags' } }");
    let ended = run_with(&text, &["explain", "-", "flags"]);
    assert_eq!((ended.status, ended.err.as_str()), (Some(0), ""));
    let row = |setting: &str| {
        let rows = ended.out.lines().map(|line| line.split_whitespace().collect::<Vec<_>>());
        rows.into_iter().find(|row| row.first() == Some(&setting)).unwrap().join(" ")
    };
    assert_eq!(row("interval"), "interval 1h defaults, <stdin>:2:23");
    assert_eq!(row("jitter"), "jitter 10% <stdin>:4:28");
    assert_eq!(row("http.timeout"), "http.timeout 10s built in");
    assert!(ended.out.contains("\nGET https://h/flags\naccept: application/json"), "{}", ended.out);
}

#[test]
fn no_secret_is_shown() {
    let watchers = [
        "bearer: { value: s3cr3t }",
        "basic: { username: s3cr3t, password: { value: s3cr3t } }",
        "header: { name: X-Key, prefix: 's3cr3t ', value: s3cr3t }",
        "query: { name: key, value: s3cr3t }",
        "oauth2: { tokenUrl: 'https://h/t?k=s3cr3t', clientId: me, clientSecret: { value: s3cr3t } }",
    ];
    for auth in watchers {
        let text = file(&format!(
            "  - {{ name: flags, http: {{ url: 'https://s3cr3t:s3cr3t@h/x?s3cr3t&k=s3cr3t#s3cr3t', \
             query: {{ q: s3cr3t }}, header: {{ X-A: s3cr3t }}, body: {{ text: s3cr3t }}, auth: {{ {auth} }} }} }}"
        ));
        for format in ["human", "json"] {
            let ended = run_with(&text, &["explain", "-", "flags", "--format", format]);
            assert_eq!(ended.status, Some(0), "{auth}: {}", ended.err);
            assert!(!ended.out.contains(SECRET), "{auth}: {}", ended.out);
            assert!(!ended.err.contains(SECRET), "{auth}: {}", ended.err);
        }
    }
    let store = file(
        "  - { name: models, objectStore: { url: 's3://b/x', option: { aws_secret_access_key: s3cr3t } } }",
    );
    let ended = run_with(&store, &["explain", "-", "models"]);
    assert!(ended.out.contains("aws_secret_access_key  ***"), "{}", ended.out);
    assert!(!ended.out.contains(SECRET) && !ended.err.contains(SECRET));
}

#[test]
fn what_a_terminal_would_obey_is_escaped() {
    let watchers = [
        r#"http: { url: 'https://h/x', query: { "[2J\e[2J\u202e": 1 } }"#,
        r#"objectStore: { url: 's3://b/x', include: ["[[]2J\e\u202e*"] }"#,
    ];
    for watcher in watchers {
        let text = file(&format!("  - {{ name: flags, {watcher} }}"));
        for format in ["human", "json"] {
            let ended = run_with(&text, &["explain", "-", "flags", "--format", format]);
            let obeyed = |c: char| c != '\n' && c.is_control() || c == '\u{202e}';
            assert!(ended.out.contains("2J") && !ended.out.contains(obeyed), "{:?}", ended.out);
        }
    }
}

#[test]
fn what_a_variable_holds_is_not_shown() {
    let folder = Folder::new(
        "variables",
        &[("w.yaml", &file("  - { name: flags, jitter: '${J}', http: { url: '${U}' } }"))],
    );
    let file = folder.path("w.yaml");
    let mut command = crate::command(&["explain", &file, "flags", "--env"]);
    let ended: crate::Ended =
        command.env("U", "https://s3cr3t/s3cr3t").env("J", "7.5%").output().unwrap().into();
    assert_eq!(ended.status, Some(0), "{}", ended.err);
    assert!(ended.out.contains("${U}") && ended.out.contains("${J}"), "{}", ended.out);
    assert!(!ended.out.contains(SECRET) && !ended.out.contains("7.5%"), "{}", ended.out);
}

#[test]
fn of_a_url_only_what_variables_bring_is_hidden() {
    let url = "https://api.example.com/${P:-dflt}/flags?x=1";
    let text = file(&format!("  - {{ name: flags, http: {{ url: '{url}', query: {{ q: a }} }} }}"));
    let out = run_with(&text, &["explain", "-", "flags", "--env"]).out;
    assert!(out.contains("  https://api.example.com/${P}/flags?x=***  "), "{out}");
    assert!(out.contains("\nGET https://api.example.com/${P}/flags?x=***&q=***\n"), "{out}");
    assert!(!out.contains("dflt"), "{out}");
}

#[test]
fn the_query_of_a_token_url_is_shown_without_its_values() {
    let auth =
        "oauth2: { tokenUrl: 'https://h/t?tenant=a', clientId: me, clientSecret: { env: S } }";
    let text =
        file(&format!("  - {{ name: flags, http: {{ url: 'https://h/x', auth: {{ {auth} }} }} }}"));
    let out = run_with(&text, &["explain", "-", "flags"]).out;
    assert!(out.contains("  https://h/t?tenant=***  "), "{out}");
}

#[test]
fn the_defaults_of_an_object_store_are_its_own() {
    let text = file("  - { name: models, objectStore: { url: 's3://b/x' } }");
    let out = run_with(&text, &["explain", "-", "models"]).out;
    assert!(out.contains("by extension, else by content type, else json"), "{out}");
    assert!(out.contains("  10000000, and 100000 where contents are kept  "), "{out}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_request_that_is_shown_is_the_one_that_is_sent() {
    let server = Server::start().await;
    server.set("/flags", Reply::json("{}"));
    let text = file(&format!(
        "  - name: flags\n    http:\n      url: {}\n      query: {{ page: 7 }}\n      \
         body: {{ json: '{{}}' }}\n      header: {{ X-Team: a }}\n      \
         auth: {{ basic: {{ username: u, password: {{ value: p }} }} }}",
        server.url("/flags?a=1")
    ));
    let folder = Folder::new("request", &[("w.yaml", &text)]);
    let file = folder.path("w.yaml");

    let shown = run(&["explain", &file, "flags", "--format", "json"]);
    let shown: Value = serde_json::from_str(&shown.out).unwrap();
    assert_eq!(run(&["run", &file, "--once"]).status, Some(0));

    let (shown, sent) = (&shown["request"], server.request(0).await);
    assert_eq!(shown["method"], sent.method.as_str());
    assert_eq!(shown["url"], server.url("/flags?a=***&page=***"));
    assert_eq!(sent.query(), Some("a=1&page=7"));
    assert_eq!(shown["bodyBytes"], sent.body.len());
    // Those that follow from the connection and the body.
    let by_itself = ["host", "content-length", "connection"];
    let sent_headers = sent.headers.keys().map(|name| name.as_str());
    let sent_names: BTreeSet<_> = sent_headers.filter(|name| !by_itself.contains(name)).collect();
    let headers = shown["headers"].as_array().unwrap();
    let names: BTreeSet<_> = headers.iter().map(|pair| pair[0].as_str().unwrap()).collect();
    assert_eq!(names, sent_names);
    for pair in headers {
        let (name, value) = (pair[0].as_str().unwrap(), pair[1].as_str().unwrap());
        if !value.contains("***") {
            assert_eq!(sent.header(name), Some(value));
        }
    }
}
