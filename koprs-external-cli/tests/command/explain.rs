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
        "oauth2: { tokenUrl: 'https://h/t?key=s3cr3t', clientId: me, clientSecret: { value: s3cr3t } }",
    ];
    for auth in watchers {
        let text = file(&format!(
            "  - {{ name: flags, http: {{ url: 'https://s3cr3t:s3cr3t@h/x?s3cr3t&to%6ben=s3cr3t#s3cr3t', \
             query: {{ sig: s3cr3t }}, header: {{ X-A: s3cr3t }}, body: {{ text: s3cr3t }}, auth: {{ {auth} }} }} }}"
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
    assert!(out.contains("  https://api.example.com/${P}/flags?x=1  "), "{out}");
    assert!(out.contains("\nGET https://api.example.com/${P}/flags?x=1&q=a\n"), "{out}");
    assert!(!out.contains("dflt"), "{out}");
}

#[test]
fn the_query_of_a_token_url_is_shown_without_its_secrets() {
    let auth = "oauth2: { tokenUrl: 'https://h/t?tenant=a&code=1&api-key=s3cr3t', clientId: me, clientSecret: { env: S } }";
    let text =
        file(&format!("  - {{ name: flags, http: {{ url: 'https://h/x', auth: {{ {auth} }} }} }}"));
    let out = run_with(&text, &["explain", "-", "flags"]).out;
    assert!(out.contains("  https://h/t?tenant=a&code=1&api-key=***  "), "{out}");
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
    assert_eq!(shown["url"], server.url("/flags?a=1&page=7"));
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

#[test]
fn of_parameters_only_what_looks_like_a_secret_is_masked() {
    let hash = "9f86d081884c7d659a2feaa0c55ad015";
    let text = file(&format!(
        "  - {{ name: flags, http: {{ url: 'https://h/x?env=prod&sig=s3cr3t&v=1', query: {{ page_size: 100, token: s3cr3t, \
         cursor: {hash} }}, auth: {{ query: {{ name: page, value: s3cr3t }} }} }} }}"
    ));
    let ended = run_with(&text, &["explain", "-", "flags"]);
    let out = &ended.out;
    assert_eq!((ended.status, ended.err.as_str()), (Some(0), ""));
    assert!(out.contains("  https://h/x?env=prod&sig=***&v=1  "), "{out}");
    let request =
        "GET https://h/x?env=prod&sig=***&v=1&page_size=100&token=***&cursor=***&page=***\n";
    assert!(out.contains(request), "{out}");
    for (name, value) in [("page_size", "100"), ("token", "***"), ("cursor", "***")] {
        let row = out.lines().find(|line| line.contains(&format!("http.query.{name} "))).unwrap();
        assert_eq!(row.split_whitespace().nth(1), Some(value), "{row}");
    }
    assert!(!out.contains(SECRET) && !out.contains(hash), "{out}");
}

#[test]
fn a_secret_within_the_value_of_a_parameter_is_masked() {
    let key = "bm90IGEgc2VjcmV0IGtleQ==";
    let urls = [
        key,
        "next=https%3A%2F%2Fu%3As3cr3t%40h%2Fx",
        "next=https%3A%2F%2Fh%2Fx%3Ftoken%3Ds3cr3t",
        "filter=%7B%22apiKey%22%3A%22s3cr3t%22%7D",
        "a=1;token=s3cr3t",
        "PHPSESSID=s3cr3t",
    ];
    for query in urls {
        let token = "https://h/t";
        let auth = format!(
            "oauth2: {{ tokenUrl: '{token}?{query}', clientId: me, clientSecret: {{ env: S }} }}"
        );
        let http = format!("url: 'https://h/x?page=1&{query}', auth: {{ {auth} }}");
        let text = file(&format!("  - {{ name: flags, http: {{ {http} }} }}"));
        for format in ["human", "json"] {
            let ended = run_with(&text, &["explain", "-", "flags", "--format", format]);
            let out = &ended.out;
            assert_eq!(ended.status, Some(0), "{}", ended.err);
            assert!(!out.contains(SECRET) && !out.contains("bm90"), "{out}");
            assert!(out.contains("https://h/x?page=1&") && out.contains("https://h/t?"), "{out}");
        }
    }
}

#[test]
fn a_parameter_from_a_variable_is_shown_by_the_name_of_the_variable() {
    let text = file(
        "  - { name: flags, http: { url: 'https://h/x?v=1', query: { page: '${V}', size: 7 } } }",
    );
    let folder = Folder::new("parameter", &[("w.yaml", &text)]);
    let file = folder.path("w.yaml");
    let mut command = crate::command(&["explain", &file, "flags", "--env"]);
    let ended: crate::Ended = command.env("V", "hello").output().unwrap().into();
    assert_eq!(ended.status, Some(0), "{}", ended.err);
    assert!(ended.out.contains("GET https://h/x?v=1&page=***&size=7\n"), "{}", ended.out);
    assert!(ended.out.contains("${V}") && !ended.out.contains("hello"), "{}", ended.out);
}

#[test]
fn options_of_an_object_store_are_shown_unless_they_look_like_secrets() {
    let options = "aws_region: eu-west-1, aws_skip_signature: 'false', aws_endpoint: 'https://u:s3cr3t@h:9000', aws_access_key_id: s3cr3t, \
                   aws_secret_access_key: s3cr3t";
    let text = file(&format!(
        "  - {{ name: models, objectStore: {{ url: 's3://b/x', option: {{ {options} }} }} }}"
    ));
    let ended = run_with(&text, &["explain", "-", "models"]);
    let row = |name: &str| {
        let row = ended.out.lines().find(|line| line.contains(&format!("option.{name} ")));
        row.and_then(|row| row.split_whitespace().nth(1)).map(str::to_owned)
    };
    assert_eq!(row("aws_region").as_deref(), Some("eu-west-1"), "{}{}", ended.out, ended.err);
    assert_eq!(row("aws_skip_signature").as_deref(), Some("false"), "{}", ended.out);
    assert_eq!(row("aws_endpoint").as_deref(), Some("https://h:9000"), "{}", ended.out);
    assert_eq!(row("aws_access_key_id").as_deref(), Some("***"), "{}", ended.out);
    assert!(!ended.out.contains(SECRET), "{}", ended.out);
}
