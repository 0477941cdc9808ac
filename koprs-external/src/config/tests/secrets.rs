//! No secret of a file is shown.

use super::*;

#[test]
fn no_secret_of_an_object_store_is_shown() {
    let settings = [
        "option: { aws_region: s3cr3t }",
        "option: { aws_regoin: s3cr3t }",
        "option: { 'aws_token=s3cr3t': 1 }",
        "option: { 'aws_token=s3cr3t': '' }",
        "option: { s3cr3t: '' }",
        "option: { s3cr3t }",
        "option: { token: { s3cr3t: '' } }",
        "option: { token: { value: s3cr3t, env: s3cr3t } }",
        "option: { token: { env: 's3cr3t=' } }",
        "option: { token: [s3cr3t] }",
        "option: s3cr3t",
        "option: [s3cr3t]",
        "options: { token: s3cr3t }",
        "auth: { bearer: { value: s3cr3t } }",
        "settle: x, token: s3cr3t # s3cr3t",
    ];
    let urls = [
        "s3://b/x",
        "s3://k:s3cr3t@b/x",
        "s3://b/x?s3cr3t#s3cr3t",
        "s3n://k:s3cr3t@b",
        "k:s3cr3t@b",
        "s3://{s3cr3t}@b",
        "memory:s3cr3t@",
    ];
    for (setting, url) in settings.iter().flat_map(|it| urls.map(|url| (it, url))) {
        let text = format!(
            "apiVersion: koprs-external/v1\nwatchers:\n  - name: A\n    objectStore: {{ url: \"{url}\", {setting}\n }}\n"
        );
        let error = refused(&text);
        let shown = format!("{error}{error:?}");
        assert!(!shown.contains("s3cr3t"), "{text}\n{error}");
    }
}

#[test]
fn no_secret_is_shown_whatever_is_wrong_beside_it() {
    let settings = [
        "auth: { bearer: { value: s3cr3t }, x: 1 }",
        "auth: { bearer: { value: s3cr3t, env: s3cr3t } }",
        "auth: { bearer: s3cr3t }",
        "auth: s3cr3t",
        "auth: [ s3cr3t ]",
        "auht: { bearer: { value: s3cr3t } }",
        "auth: { token: s3cr3t }",
        "auth: { bearer: { value: { x: s3cr3t } } }",
        "auth: { bearer: { value: s3cr3t } }, header: { Authorization: s3cr3t }",
        "header: { Authorization: \"s3cr3t\\n\" }",
        "header: { Range: s3cr3t }",
        "header: s3cr3t",
        "headers: { name: s3cr3t }",
        "query: { k: [ s3cr3t ] }",
        "query: s3cr3t",
        "token: s3cr3t # s3cr3t",
        "url: https://user:s3cr3t@h, url: 'https://h?s3cr3t'",
        "auth: { bearer: { value: s3cr3t }",
        "auth: { bearer: { value: \"s3cr3t } } }",
        "header: { X: s3cr3t: x } }",
        "query: { s3cr3t, s3cr3t }",
        "header: { 'X-Key=s3cr3t': '' }",
        "header: { 'X-Key=s3cr3t': x }",
        "header: { 'Authorization: Bearer s3cr3t': x }",
        "header: { Bearer s3cr3t: [] }",
        "header: { Bearer s3cr3t: { x: 1 } }",
        "auth: { bearer: { s3cr3t: '' } }",
        "auth: { bearer: { s3cr3t: {} } }",
        "code: s3cr3t, internal: s3cr3t",
        "auth: { basic: { username: \"u:s3cr3t\", password: { value: s3cr3t } } }",
        "auth: { basic: { username: s3cr3t, password: s3cr3t } }",
        "auth: { basic: s3cr3t }",
        "auth: { header: { name: s3cr3t, value: s3cr3t, prefix: s3cr3t, env: s3cr3t } }",
        "auth: { header: { name: X, prefix: \"s3cr3t\\n\", value: s3cr3t } }",
        "auth: { header: { X-Key: s3cr3t } }",
        "auth: { query: { name: k, value: s3cr3t } }, query: { k: s3cr3t }",
        "auth: { query: { s3cr3t: '' } }",
        "auth: { oauth2: { tokenUrl: 'https://u:s3cr3t@h?s3cr3t', clientId: '', clientSecret: { value: s3cr3t } } }",
        "auth: { oauth2: { tokenUrl: 's3cr3t@h', clientId: s3cr3t, clientSecret: s3cr3t } }",
        "key: s3cr3t, secret: s3cr3t",
        "body: { json: 's3cr3t: {' }",
        "body: { json: { x: s3cr3t } }",
        "body: { form: s3cr3t }",
        "body: s3cr3t",
        "method: get, body: { text: s3cr3t }",
        "pages: { linkHeader: {}, origins: ['https://u:s3cr3t@h/?s3cr3t'] }",
        "tls: { token: s3cr3t }",
    ];
    let urls = [
        "https://h/x",
        "ftp://u:s3cr3t@h/x?s3cr3t#s3cr3t",
        "u:s3cr3t@h",
        "https://u:s3cr3t@h/{x}?s3cr3t",
        "https://u:{s3cr3t}@h/",
        "https://h/?k={s3cr3t}",
        "https://u:s3cr3t@/x",
    ];
    for setting in settings {
        for url in urls {
            for newline in ["", "\n       "] {
                let text = format!(
                    "apiVersion: koprs-external/v1\nwatchers:\n  - name: A\n    http: {{ url: \"{url}\", {newline}{setting} }}\n"
                );
                let error = refused(&text);
                let shown = format!("{error}{error:?}");
                assert!(!shown.contains("s3cr3t"), "{text}\n{error}");
            }
        }
    }
}

#[test]
fn a_file_with_a_typing_error_anywhere_shows_no_secret() {
    let text = "apiVersion: koprs-external/v1
x-common: &common { header: { X-Key: s3cr3t } }
watchers:
  - name: é
    interval: 30
    http:
      <<: *common
      url: https://u:s3cr3t@h/x?k=s3cr3t
      query: { k: 's3cr3t' }
      auth:
        bearer:
          value: \"s3cr3t\" # s3cr3t
";
    let places: Vec<_> = text.char_indices().collect();
    for (at, c) in places {
        let rest = &text[at + c.len_utf8()..];
        for typed in
            ["", " ", "\t", "\n", "'", "\"", ":", "#", "{", "]", "-", "&", "*", "\\", "x", "\r"]
        {
            let text = format!("{}{typed}{rest}", &text[..at]);
            let Err(error) = load(Path::new("watchers.yaml"), &text) else { continue };
            let shown = error.to_string();
            assert!(!shown.contains("s3cr3t"), "{typed:?} at {at}\n{text}\n{shown}");
        }
    }
}

#[test]
fn a_key_in_the_place_of_its_path_is_refused_and_not_shown() {
    let key = "\"-----BEGIN PRIVATE KEY-----\\ns3cr3t\"";
    let blocks = [
        format!("tls: {{ cert: a.pem, key: {key} }}, intervall: 1"),
        format!("auth: {{ bearer: {{ file: {key} }} }}"),
    ];
    for block in blocks {
        let text = format!(
            "{{ apiVersion: koprs-external/v1, watchers: [ {{ name: a, interval: 30s, http: {{ url: https://h/, {block} }} }} ] }}"
        );
        let error = refused(&text);
        assert!(error.diagnostics().iter().any(|it| it.code() == "bad-path"), "{error}");
        assert!(!format!("{error} {error:?}").contains("s3cr3t"), "{error}");
    }
}
