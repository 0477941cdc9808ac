//! What is visible of each kind of content.

use super::*;

fn shown(content: Content, text: &str) -> String {
    visible(content, text).map_or_else(|| "***".to_owned(), Cow::into_owned)
}

#[test]
fn a_value_is_visible_only_when_it_reads_as_what_its_setting_holds() {
    use Content::*;
    let harmless = [
        (
            Quantity,
            vec![
                "30",
                "30s",
                "1h 30m",
                "five minutes",
                "-1",
                "1.5",
                "120%",
                "8 MiB",
                "PT30S",
                "1e3",
                "@hourly",
            ],
        ),
        (
            Quantity,
            vec![
                "99999999999999999999s",
                "4294967296",
                "",
                "${INTERVAL:-30s}",
                "{{ .Values.interval }}",
            ],
        ),
        (
            Word,
            vec![
                "json",
                "GET",
                "application/json",
                "text/csv; charset=utf-8",
                "jsno",
                "jsn",
                "toml",
                "yes",
                "drop",
            ],
        ),
        (Name, vec!["flags", "Feature_Flags", "X-Api-Key", "${NAME}", ""]),
        (Version, vec!["koprs-external/v1", "v1", "monitoring.coreos.com/v1"]),
        (Pointer, vec!["/data/items/0", "$.data[*]", "data.items", "/a~1b"]),
        (Path, vec!["/etc/tls/tls.key", "ca.pem", "~/x"]),
        (Glob, vec!["**/*.{yaml,yml}", "tmp/**", "[!a]*"]),
        (
            Url,
            vec!["https://api.example.com/v1/flags", "https://[::1]:8080/", "http://10.0.0.1:80/x"],
        ),
        (
            Url,
            vec![
                "https://{region}.example.com/x",
                "https://${HOST}/x",
                "api.example.com/v1",
                "https://h/*.yaml",
            ],
        ),
    ];
    for (content, texts) in harmless {
        for text in texts {
            assert_eq!(shown(content, text), text, "{content:?}");
        }
    }
    let hidden = [
        (
            Quantity,
            vec![
                "s3cr3t",
                "3s  password: s3cr3t",
                "hunter",
                "30 s3cr3t",
                "5d3b9e0d7b1d2e8d",
                "48213s9d7f",
                "1s2m3h4s",
                "5b6d7e8",
            ],
        ),
        (Word, vec!["s3cr3t", "hunter", "json s3cr3t", "Zq7Xw9Kp3Lm5"]),
        (
            Name,
            vec![
                "s3cr3t",
                "Zq7Xw9Kp3Lm5",
                "X-Key s3cr3t",
                "X-Key: x",
                "9f86d081884c7d65",
                "${s3cr3t}",
            ],
        ),
        (Pointer, vec!["/Zq7Xw9Kp3Lm5", "/data/s3cr3t", "correct horse"]),
        (Path, vec!["MIIEvQIBADANBgkqhkiG9w0B", "-----BEGIN PRIVATE KEY-----\nx", "/run/s3cr3t"]),
        (Glob, vec!["s3cr3t", "*.s3cr3t"]),
        (Url, vec!["s3cr3t", "s3cr3t:x@", "s3cr3t://h/x"]),
    ];
    for (content, texts) in hidden {
        for text in texts {
            assert_eq!(shown(content, text), "***", "{content:?} {text}");
            assert!(!quoted(content, text).contains(text), "{text}");
        }
    }
}

#[test]
fn of_a_url_what_may_be_a_secret_is_replaced() {
    let cases = [
        ("https://u:s3cr3t@h/x?k=s3cr3t#s3cr3t", "https://h/x"),
        (
            "https://hooks.example.com/services/T024BE7LD/Zq7Xw9Kp",
            "https://hooks.example.com/services/…/…",
        ),
        ("https://Zq7Xw9Kp3Lm5.example.com/v1", "https://….example.com/v1"),
        ("https://us3cr3th/x", "https://…/x"),
        ("https://[s3cr3t]/x", "https://…/x"),
        ("https://h/s3cr3t%20x/v1", "https://h/…/v1"),
    ];
    for (url, visible) in cases {
        assert_eq!(shown(Content::Url, url), visible, "{url}");
    }
}

#[test]
fn a_message_keeps_its_words_when_its_value_is_hidden() {
    let message = |text: &str| format!("`{text}` begins with a `/`");
    assert_eq!(veil(message("/a"), Content::Glob, "/a"), "`/a` begins with a `/`");
    assert_eq!(veil(message("/s3cr3t"), Content::Glob, "/s3cr3t"), "the glob begins with a `/`");
    assert_eq!(quoted(Content::Quantity, "30"), "`30`");
    assert_eq!(quoted(Content::Quantity, "1000000d"), "`1000000d`");
    assert_eq!(quoted(Content::Quantity, "4d317563344554377149307a"), "the value");
    assert_eq!(quoted(Content::Quantity, "18446744073709551616"), "`18446744073709551616`");
    assert_eq!(quoted(Content::Url, "https://h/s3cr3t"), "`https://h/…`");
}

#[test]
fn a_variable_or_a_file_in_whose_place_the_secret_stands_is_not_named() {
    assert_eq!(variable("FLAGS_TOKEN"), "the environment variable `FLAGS_TOKEN`");
    assert_eq!(variable("ghp_16C7e42F292c69"), "the environment variable that `env` names");
    assert_eq!(file(Path::new("/run/secrets/token")), "/run/secrets/token");
    assert_eq!(file(Path::new("/tmp/.tmpXy12Zq/token.txt")), "/tmp/.tmpXy12Zq/token.txt");
    assert_eq!(file(Path::new("deploy/ghp_16C7e42F292c69")), "deploy/…");
    assert_eq!(file(Path::new("s3cr3t")), "…");
    assert_eq!(file(Path::new("deploy/wJalrXUtnFEMIK7MDENGbPxRfiCYEXAMPLE/KEY")), "deploy/…/KEY");
    assert_eq!(
        file(Path::new("/etc/K7MDENG1/bPxRfiCYEXAMPLEKEY1/../tls.key")),
        "/etc/…/…/../tls.key"
    );
}
