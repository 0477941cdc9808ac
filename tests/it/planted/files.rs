//! The files: ours, those of the fixtures, and those of the documentation. A `§` stands for a secret.

use std::fs;
use std::path::Path;

use fastrand::Rng;

use crate::yaml::fixtures;

/// All of them.
pub(super) fn all() -> Vec<String> {
    let folders = ["valid", "invalid", "unwise", "variables", "several/all-mistakes"];
    let fixtures = folders.iter().flat_map(|folder| fixtures(folder));
    let fixtures = fixtures.filter_map(|file| fs::read_to_string(file).ok());
    // Bombs and very long files would be all that is done.
    let fixtures = fixtures.filter(|text| text.len() < 4_000 && !text.contains("x-g:"));
    let fixtures = fixtures.map(|text| text.replace("s3cr3t", "§").replace("t0ken", "§"));
    let documents = ["../README.md", "../docs/reference.md", "../docs/migration.md"];
    let documents = documents.iter().filter_map(|file| fs::read_to_string(Path::new(file)).ok());
    let blocks = documents.flat_map(|text| {
        let blocks = text.split("```yaml\n").skip(1).filter_map(|rest| rest.split("```").next());
        blocks.map(str::to_owned).collect::<Vec<_>>()
    });
    // Ours have the most secrets, and count for more.
    let ours = ours().into_iter().cycle().take(120);
    ours.chain(fixtures).chain(blocks).collect()
}

/// Files with a secret in every place where one may stand.
pub(super) fn ours() -> Vec<String> {
    [BLOCKS, FLOW, JSON, ANCHORS, STORES, PEOPLE, TEXTS].map(str::to_owned).into()
}

const BLOCKS: &str = r#"apiVersion: koprs-external/v1
# old password: §
defaults:
  interval: 30s
  http:
    timeout: 10s
    header:
      X-Api-Key: "§"
watchers:
  - name: flags            # token § until May
    interval: 1m
    items:
      at: /data
      key: /id
    http:
      url: https://operator:pw@api.example.com/v1/flags?api_key=§
      query:
        token: "§"
        page_size: 100
      header:
        Authorization: "Bearer §"
        X-Team: "§"
      auth:
        bearer:
          value: "§"
      pages:
        cursor:
          at: /meta/next
          param: cursor
      retries: 2
      bodyLimit: 8MiB
  - name: tenants
    interval: 5m
    http:
      url: https://api.example.com/v1/tenants
      method: post
      body:
        json: '{ "password": "§", "plan": "premium" }'
      auth:
        basic:
          username: operator
          password:
            value: "§"
  - name: others
    http:
      url: "https://api.example.com/v1/others#§"
      auth:
        header:
          name: X-Api-Key
          prefix: "Token §"
          value: "§"
"#;

const FLOW: &str = r#"{ apiVersion: koprs-external/v1,
  watchers: [
    { name: flags, interval: 30s, http: { url: "https://u:§@api.example.com/v1?k=§", timeout: 3s, auth: { header: { name: X-Api-Key, value: "§" } } } },
    { name: tenants, interval: 1m, http: { url: https://h/x, header: { X-Key: "§", Cookie: "a=§" }, query: { q: "§" }, body: { text: "§" } } },
    { name: models, interval: 1m, http: { url: https://h/x, auth: { oauth2: { tokenUrl: "https://c:§@login.example.com/token?s=§", clientId: "§", clientSecret: { value: "§" }, scopes: ["§", read], audience: "§", margin: 30s } } } },
    { name: pages, interval: 1m, items: { at: /data, key: /id }, http: { url: https://h/x, tls: { ca: ca.pem, cert: tls.crt, key: tls.key }, pages: { linkHeader: {}, origins: ["https://cdn.example.com"] }, auth: { query: { name: api_key, value: "§" } } } }
  ] } # §
"#;

const JSON: &str = r#"{
  "apiVersion": "koprs-external/v1",
  "watchers": [
    {
      "name": "flags",
      "interval": "30s",
      "decode": "json",
      "ignore": ["/updated_at"],
      "http": {
        "url": "https://hooks.example.com/services?sig=§",
        "header": { "X-Api-Key": "§" },
        "query": { "access_token": "§" },
        "auth": { "bearer": { "value": "§" } },
        "timeout": "5s"
      }
    },
    { "name": "more", "interval": "1m", "http": { "url": "https://h/", "body": { "json": "{\"secret\":\"§\"}" } } }
  ]
}
"#;

const ANCHORS: &str = r#"apiVersion: koprs-external/v1
x-token: &token "§"
x-http: &http
  timeout: 3s
  header: { X-Key: &key "§" }
  auth: &auth { bearer: { value: *token } }
x-list: [&a "§", &b 30s]
watchers:
  - name: flags
    interval: *b
    http:
      <<: *http
      url: https://h/x
      query: { k: *key, l: *a }
  - name: tenants
    interval: &i 30s
    maxBackoff: 5m
    http: { <<: { timeout: 4s, header: { A: "§" } }, url: https://h/y, auth: *auth }
  - { name: others, interval: *i, http: { <<: *http, url: "https://h/z?k=§" } }
"#;

const STORES: &str = r#"apiVersion: koprs-external/v1
watchers:
  - name: models
    interval: 30s
    objectStore:
      url: s3://bucket/models/
      option:
        aws_region: eu-west-1
        aws_access_key_id: "§"
        aws_secret_access_key: { value: "§" }
        aws_session_token: "§"
        aws_endpoint: "https://u:§@s3.example.com"
      include: ["**/*.yaml"]
      exclude: ["tmp/**"]
      settle: 5s
      bodyLimit: 8MiB
  - name: blobs
    interval: 30s
    objectStore: { url: "abfss://c@account.dfs.core.windows.net/x/", option: { azure_storage_sas_key: "sv=1&sig=§", azure_storage_client_secret: "§" } }
  - name: gcs
    interval: 30s
    objectStore:
      url: gs://bucket/x/
      option:
        google_service_account_key: '{ "private_key": "§", "client_email": "a@b" }'
"#;

/// What people write who have read no documentation.
const PEOPLE: &str = r#"apiVersion: koprs-external/v1
token: "§"
secrets:
  api: "§"
watchers:
  - name: flags
    interval: 30
    password: §
    http:
      url: https://hooks.example.com/services/T000/§
      headers: { Authorization: "Bearer §" }
      apiKey: §
      token: §
      auth:
        token: §
        type: bearer
        bearer: §
      proxy: http://user:§@proxy:3128
      tls: { key: §, ca: "§" }
      curl: "curl -u user:§ https://h/"
  - name: tenants
    http: { uri: "https://h/?§", auth: { username: u, password: § }, header: [ "X-Key: §" ] }
  - name: X-Api-Key, value: §
  - timeout: 3s  password: §
"#;

const TEXTS: &str = r#"apiVersion: koprs-external/v1
watchers:
  - name: flags
    interval: 30s
    http:
      url: https://h/x
      method: post
      body:
        json: |
          { "name": "flags",
            "password": "§",
            "timeout": "3s" }
      auth:
        bearer:
          value: >-
            §
  - name: tenants
    interval: 30s
    http:
      url: https://h/y
      body:
        text: "first line
          name: §
          interval: § and more"
      header:
        X-Key: '§'
      auth:
        basic: { username: operator, password: { value: |-
          § } }
  - name: keys
    interval: 30s
    http:
      url: https://h/z
      tls:
        ca: ca.pem
        cert: tls.crt
        key: |
          -----BEGIN PRIVATE KEY-----
          §
          §
          -----END PRIVATE KEY-----
"#;

/// What is put into any file.
const MORE: [&str; 30] = [
    "# old password: §",
    "#password: §",
    "password: §",
    "value: §",
    "- §",
    "token: \"§\"",
    "X-Api-Key: §",
    "Authorization: Bearer §",
    "? §",
    "§: x",
    "\"§\": 1",
    "key: |\n    §",
    "json: '{\"password\": \"§\"}'",
    "url: https://u:§@h/x",
    "url: https://h/x?k=§",
    "url: https://hooks.example.com/services/§",
    "name: X-Api-Key, value: §",
    "timeout: 3s  password: §",
    "auth: { bearer: { value: § } }",
    "auth: { header: { name: X, value: '§'",
    "tls: { key: § }",
    "name: &t §",
    "interval: &i §",
    "option: { aws_secret_access_key: § }",
    "scopes: [§, 'a §']",
    "env: §",
    "username: 'u:§'",
    "decode: §",
    "!vault §",
    "interval: ${§}",
];

/// A file with up to three more secrets, somewhere.
pub(super) fn with_more_places(template: &str, rng: &mut Rng) -> String {
    let mut lines: Vec<String> = template.lines().map(str::to_owned).collect();
    for _ in 0..rng.usize(..4) {
        let at = rng.usize(..=lines.len());
        let before = lines.get(at.saturating_sub(1)).cloned().unwrap_or_default();
        let indent = before.len() - before.trim_start_matches([' ', '-']).len();
        let line = format!("{}{}", " ".repeat(indent), MORE[rng.usize(..MORE.len())]);
        lines.insert(at, line);
    }
    lines.join("\n") + "\n"
}
