use base64::prelude::{BASE64_STANDARD_NO_PAD, Engine};

use super::*;

const SECRET: &str = "s3cr3t/of+mine & \"yours\"=%41";

fn knowing(secrets: &[&str]) -> Redactor {
    let redactor = Redactor::isolated();
    secrets.iter().for_each(|secret| redactor.declare(&Secret::new(*secret)));
    redactor
}

fn redacted(secrets: &[&str], text: &str) -> String {
    knowing(secrets).redact(text).into_owned()
}

fn percent(text: &str, upper: bool, all: bool) -> String {
    let byte = |byte: u8| match (byte.is_ascii_alphanumeric() && !all, upper) {
        (true, _) => char::from(byte).to_string(),
        (false, true) => format!("%{byte:02X}"),
        (false, false) => format!("%{byte:02x}"),
    };
    text.bytes().map(byte).collect()
}

fn base64(text: &str) -> Vec<String> {
    use base64::prelude::*;

    let encoded = |text: &str| {
        [
            BASE64_STANDARD.encode(text),
            BASE64_STANDARD_NO_PAD.encode(text),
            BASE64_URL_SAFE.encode(text),
            BASE64_URL_SAFE_NO_PAD.encode(text),
        ]
    };
    let around = ["", "u:", "us:", "use:"].map(|user| encoded(&format!("{user}{text}")));
    let behind = ["\n", "&b=1"].map(|behind| encoded(&format!("u:{text}{behind}")));
    around.into_iter().chain(behind).flatten().collect()
}

fn xml(text: &str) -> String {
    text.replace('&', "&amp;").replace('"', "&quot;").replace('/', "&#47;").replace('+', "&#x2B;")
}

fn json(text: &str) -> String {
    serde_json::to_string(text).unwrap().trim_matches('"').to_owned()
}

fn form(text: &str) -> String {
    url::form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

#[test]
fn a_secret_is_found_in_every_spelling() {
    let mut spellings = vec![
        SECRET.to_owned(),
        percent(SECRET, true, false),
        percent(SECRET, false, false),
        percent(SECRET, false, true),
        percent(&percent(SECRET, true, true), false, true),
        form(SECRET),
        form(SECRET).to_lowercase(),
        xml(SECRET),
        xml(&xml(SECRET)),
        json(SECRET),
        json(&json(SECRET)),
        xml(&json(SECRET)),
        format!("{SECRET:?}").trim_matches('"').to_owned(),
        SECRET.to_uppercase(),
        SECRET.replace("of", "o\r\n f"),
        SECRET.replace("of", "o\u{200b}f"),
    ];
    spellings.extend(base64(SECRET));
    spellings.extend(base64(&form(SECRET)));
    spellings.extend(base64(SECRET).iter().map(|it| form(it)));
    spellings.extend(base64(SECRET).iter().map(|it| format!("{}\r\n {}", &it[..9], &it[9..])));
    for spelling in spellings {
        for (before, behind) in [("", ""), ("the key <", "> is wrong"), ("a=", "&b=1")] {
            let text = redacted(&[SECRET], &format!("{before}{spelling}{behind}"));
            let rest = text.strip_prefix(before).and_then(|text| text.strip_suffix(behind));
            let rest = rest.unwrap_or_else(|| panic!("{text}: {spelling}"));
            let left = rest.replace(HIDDEN, "");
            // Characters of padding, and of what was encoded before a wrapped line.
            assert!(rest.contains(HIDDEN) && left.len() <= 9, "{rest}: {spelling}");
            assert!(left.len() <= 2 || spelling.contains("\r\n "), "{rest}: {spelling}");
        }
    }
}

#[test]
fn what_a_cut_has_left_of_a_secret_is_found() {
    let token = (0..1500).map(|n| char::from(b'a' + u8::try_from((n * n + n / 7) % 26).unwrap()));
    let token: String = token.collect();
    let cases = [
        (token[..300].to_owned(), "***"),
        (token[700..712].to_owned(), "***"),
        (format!("{}…", &token[..6]), "***…"),
        (format!("{}...", &token[..6]), "***..."),
        (format!("…{}", &token[1494..]), "…***"),
        (format!("{}\n{}", &token[..900], &token[900..]), "***"),
    ];
    for (text, shown) in cases {
        assert_eq!(redacted(&[&token], &format!("<{text}>")), format!("<{shown}>"));
    }
    let short = format!("<{}>", &token[700..706]);
    assert_eq!(redacted(&[&token], &short), short, "a few letters may be anything");
}

#[test]
fn a_short_secret_is_found_as_a_word_only() {
    let cases = [
        ("abcd", "an abcd, abcde and xabcd", "an ***, abcde and xabcd"),
        ("pass12", "pass12 pass123 (pass12)", "*** pass123 (***)"),
        ("abc", "abc", "abc"),
        ("12345678", "a123456789", "a***9"),
        ("", "nothing", "nothing"),
    ];
    for (secret, text, shown) in cases {
        assert_eq!(redacted(&[secret], text), shown, "{secret}");
    }
}

#[test]
fn texts_without_secrets_are_as_they_were() {
    let redactor = knowing(&["s3cr3t-of-mine", "another-one-of-these", "word"]);
    for text in
        ["", "…", "a %zz & b \\u{110000} \\", "größer als „alles“", "%E2%82", "words, sword"]
    {
        assert!(matches!(redactor.redact(text), Cow::Borrowed(_)), "{text}");
    }
    assert_eq!(redactor.redact("„s3cr3t-of-mine“"), "„***“");
}

#[test]
fn of_a_document_the_secret_members_are_hidden() {
    let pem = "-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG9w0BAQEFAASC\nBKcwggSjAgEAAoIBAQC7VJTUt9Us8cKj\n\
               -----END PRIVATE KEY-----\n";
    let account = serde_json::json!({
        "type": "service_account",
        "client_email": "me@project.example",
        "private_key_id": "0123456789abcdef0123",
        "private_key": pem,
    });
    let once = account.to_string();
    let twice = serde_json::to_string(&once).unwrap();
    for known in [&once, &twice] {
        let quoted = format!("invalid type: string {twice:?}, expected a struct");
        for text in [&once, &twice, &quoted] {
            let shown = redacted(&[known], text);
            assert!(shown.contains("me@project.example"), "{shown}");
            assert!(!shown.contains("MIIEvQ") && !shown.contains("BKcwgg"), "{shown}");
            assert!(!shown.contains("0123456789abcdef"), "{shown}");
        }
    }
    for known in [pem, &pem.replace('\n', "\\n")] {
        let shown = redacted(&[known], &format!("{pem:?}"));
        assert!(shown.contains("BEGIN PRIVATE KEY") && !shown.contains("MIIEvQ"), "{shown}");
    }
    let shown =
        redacted(&["http://user-name:pass-word@proxy:3128"], "proxy:3128 user-name pass-word");
    assert_eq!(shown, "proxy:3128 *** ***");
    let hook = "https://user:pass-word@hooks.example/services/team/XXXXXXXXXXXXXXXXXXXXXXXX0";
    let shown = redacted(&[hook], &hook.replace("user:pass-word@", ""));
    assert_eq!(shown, "https://hooks.example/services/team/***");
}

#[test]
fn trusted_sources_know_each_others_secrets_while_they_live_and_untrusted_ones_do_not() {
    let secret = "0f-tru5ted-s0urces";
    let (one, other) = (Redactor::trusted(), Redactor::trusted());
    let tenant = Redactor::isolated();
    one.declare(&Secret::new(secret));
    other.learn(&Secret::new(secret));
    tenant.declare(&Secret::new("0f-a-tenant-al0ne"));
    let third = Redactor::trusted();
    assert_eq!(third.redact(secret), HIDDEN);
    assert_eq!(tenant.redact(secret), secret);
    assert_eq!(third.redact("0f-a-tenant-al0ne"), "0f-a-tenant-al0ne");
    drop(one);
    assert_eq!(third.redact(secret), HIDDEN);
    drop(other);
    assert_eq!(third.redact(secret), secret);
}

#[test]
fn old_values_stay_known_for_a_while_and_are_bounded() {
    let redactor = knowing(&["declared-secret"]);
    let token = |n: usize| format!("{n:04}-rotated-t0ken-{:04}", n * 7);
    for n in 0..1000 {
        redactor.learn(&Secret::new(token(n)));
    }
    assert_eq!(redactor.redact(&token(999)), HIDDEN);
    assert_eq!(redactor.redact(&token(1000 - MOST_CHANGED)), HIDDEN);
    assert_ne!(redactor.redact(&token(10)), HIDDEN);
    assert_eq!(redactor.redact("declared-secret"), HIDDEN);
    for n in 0..10_000 {
        redactor.declare(&Secret::new(format!("{n}-{}", "x".repeat(1000))));
    }
    assert!(redactor.0.known().declared_bytes <= MOST_DECLARED_BYTES);
    // However much is known, the newest one is.
    let pair = "Zq3-".repeat(22 * 1024);
    redactor.learn(&Secret::new(pair.as_str()));
    assert!(!redactor.redact(&pair[..50_000]).contains("Zq3"));
    let token = |n: usize| format!("{n:04}-{}", "rotated-t0ken".repeat(100));
    for n in 0..100 {
        redactor.learn(&Secret::new(token(n)));
    }
    let known = redactor.0.known().changed_bytes;
    assert!(known <= MOST_CHANGED_BYTES && known > MOST_CHANGED_BYTES / 2, "{known}");
    assert_eq!(redactor.redact(&token(99)), HIDDEN);
}

#[test]
fn what_sources_know_of_each_other_is_bounded() {
    let one = Redactor::trusted();
    for n in 0..MOST_DECLARED {
        one.learn(&Secret::new(format!("{n:04}-{}", "sh4red-".repeat(1000))));
    }
    let others: Vec<_> = (0..200).map(|_| Redactor::trusted()).collect();
    for (n, other) in others.iter().enumerate() {
        other.declare(&Secret::new(format!("{n:04}-{}", "0f-0thers-".repeat(1000))));
    }
    let shared = SHARED.read().unwrap();
    assert!(shared.bytes <= MOST_SHARED_BYTES, "{}", shared.bytes);
    assert!(shared.bytes >= shared.secrets.keys().map(|it| it.expose().len()).sum());
}

#[test]
fn a_text_is_bounded_before_it_is_looked_at() {
    let text = format!("{}s3cr3t-of-mine", "x".repeat(LONGEST_TEXT - 7));
    let shown = redacted(&["s3cr3t-of-mine"], &text);
    assert!(shown.ends_with("x***-…"), "{}", &shown[shown.len() - 20..]);
}

/// A secret of one letter, and texts of it: neither takes long.
#[test]
fn repetitions_are_bounded() {
    let (secret, text) = ("a".repeat(8_000), "a".repeat(8_000));
    assert_eq!(redacted(&[&secret], &text), HIDDEN);
    assert_eq!(redacted(&[&format!("{secret}b")], &format!("{text}c")), "***c");
}

#[test]
fn one_failure_builds_one_index_and_a_new_secret_another() {
    let redactor = knowing(&["s3cr3t-of-mine"]);
    let index = || redactor.0.known().index();
    let first = index();
    assert_eq!(redactor.redact("s3cr3t-of-mine"), HIDDEN);
    assert!(Arc::ptr_eq(&first, &index()));
    redactor.learn(&Secret::new("an0ther-s3cr3t"));
    assert!(!Arc::ptr_eq(&first, &index()));
    assert_eq!(redactor.redact("s3cr3t-of-mine an0ther-s3cr3t"), format!("{HIDDEN} {HIDDEN}"));
    let weak = Arc::downgrade(&index());
    drop(redactor);
    assert!(weak.upgrade().is_none(), "its secrets are kept by nobody");
    let others: Vec<_> =
        (0..MOST_RECENT + 2).map(|n| knowing(&[&format!("s3cr3t-of-{n}")])).collect();
    let kept = || others.iter().filter(|it| it.0.known().index.upgrade().is_some()).count();
    others.iter().for_each(|it| _ = it.redact("text"));
    assert!(kept() <= MOST_RECENT, "{}", kept());
}

#[test]
fn of_the_base64_around_a_secret_so_much_is_hidden_and_no_more() {
    let secret = "s3cr3t-of-mine-alone";
    let encoded = BASE64_STANDARD_NO_PAD.encode(secret);
    let text = format!("{}{encoded}", "A".repeat(4_000));
    let shown = redacted(&[secret], &text);
    assert!(shown.ends_with(HIDDEN) && shown.len() < 2_100, "{}", shown.len());
}

#[test]
fn a_debug_output_shows_nothing() {
    assert_eq!(format!("{:?}", knowing(&["s3cr3t-of-mine"])), "Redactor");
}
