use std::collections::BTreeMap;

use proptest::prelude::{
    Just, Strategy, prop, prop_assert, prop_assert_eq, prop_assume, prop_oneof, proptest,
};
use serde::Deserialize;
use serde_json::{Value as Any, json};

use super::load::load;
use super::scalar::Kind;
use super::*;
use crate::decode::BodyFormat;

const LIMIT: usize = 10_000;

fn format(limit: usize) -> BodyFormat {
    let body_limit = limit as u64;
    BodyFormat { encoding: None, body_limit, walk_limit: 1 << 30, has_items: true }
}

fn read<T: DeserializeOwned>(text: &str) -> Result<T, String> {
    let shown = |refused: Refused| match refused.path.is_empty() {
        true => refused.message,
        false => format!("{}: {}", refused.path, refused.message),
    };
    load(text, format(LIMIT)).and_then(|node| decode(&node)).map_err(shown)
}

fn any(text: &str) -> Any {
    read(text).unwrap_or_else(|why| panic!("{text}: {why}"))
}

#[test]
fn a_plain_scalar_is_what_the_core_schema_says() {
    let texts = [
        "NO",
        "no",
        "yes",
        "Yes",
        "on",
        "off",
        "y",
        "n",
        "0b11",
        "0B1",
        "0o8",
        "0O7",
        "0X1F",
        "1_000",
        "1:30",
        "190:20:30",
        "2001-12-14",
        "2001-12-14t21:59:43Z",
        "1e",
        ".",
        "-",
        "+",
        "e5",
        "1.2.3",
        "-0x1F",
        "+0o7",
        "inf",
        "Infinity",
        "nan",
        "NaN",
        "-.nan",
        "tRUE",
        "nULL",
        "~~",
        "=",
        "0x",
        "1e5e5",
        "1 2",
        "١",
    ];
    for text in texts {
        let text = if text == "-" { "'-'" } else { text };
        assert_eq!(any(&format!("v: {text}\n")), json!({ "v": text.trim_matches('\'') }), "{text}");
        assert_eq!(read::<BTreeMap<String, String>>(&format!("v: {text}\n")).unwrap().len(), 1);
    }
    let others = [
        ("", json!(null)),
        ("~", json!(null)),
        ("null", json!(null)),
        ("Null", json!(null)),
        ("NULL", json!(null)),
        ("true", json!(true)),
        ("True", json!(true)),
        ("FALSE", json!(false)),
        ("0123", json!(123)),
        ("-007", json!(-7)),
        ("+12", json!(12)),
        ("0o14", json!(12)),
        ("0x1F", json!(31)),
        ("18446744073709551615", json!(18_446_744_073_709_551_615_u64)),
        ("1.10", json!(1.1)),
        ("1.", json!(1.0)),
        (".5", json!(0.5)),
        ("-.5e-1", json!(-0.05)),
        ("1e5", json!(100_000.0)),
        ("!!str 12", json!("12")),
        ("! 12", json!("12")),
        ("'12'", json!("12")),
        ("\"\\x31\"", json!("1")),
        ("!!int '12'", json!(12)),
        ("!!float 1", json!(1.0)),
        ("!!null ''", json!(null)),
        ("|\n  12\n", json!("12\n")),
    ];
    for (text, value) in others {
        assert_eq!(any(&format!("v: {text}\n")), json!({ "v": value }), "{text}");
    }
}

#[test]
fn a_number_that_would_lose_digits_stays_as_it_stands_where_no_type_asks_for_one() {
    for text in ["18446744073709551616", "-9223372036854775809", "1e400", ".inf", "-.Inf", ".nan"] {
        assert_eq!(any(text), json!(text));
    }
    assert_eq!(read::<i128>("18446744073709551616"), Ok(18_446_744_073_709_551_616));
    assert_eq!(read(&u128::MAX.to_string()), Ok(u128::MAX));
    assert_eq!(read(&i128::MIN.to_string()), Ok(i128::MIN));
    assert_eq!(read::<f64>("18446744073709551616"), Ok(18_446_744_073_709_551_616.0));
    assert_eq!(read::<f64>("-.inf"), Ok(f64::NEG_INFINITY));
    assert!(read::<f64>(".nan").unwrap().is_nan());
    assert_eq!(read::<f64>("0x10"), Ok(16.0));
    assert!(read::<u64>("18446744073709551616").is_err());
    assert!(read::<f64>("1e400").is_err());
}

#[derive(Debug, Deserialize, PartialEq)]
struct Typed {
    text: String,
    number: Option<u16>,
    on: bool,
    #[serde(default)]
    list: Vec<f32>,
    light: Light,
}

#[derive(Debug, Deserialize, PartialEq)]
#[serde(rename_all = "lowercase")]
enum Light {
    Green,
    No,
    Dim(u8),
    Hue { of: u8 },
    Null,
}

#[derive(Debug, Deserialize, PartialEq)]
struct Flat {
    id: String,
    #[serde(flatten)]
    rest: BTreeMap<String, Any>,
}

#[derive(Debug, Deserialize, PartialEq)]
#[serde(untagged)]
enum Either {
    Number(u32),
    Text(String),
}

#[test]
fn a_type_gets_what_it_asks_for() {
    let typed = |text: &str| {
        read::<Typed>(&format!("number: 0123\non: true\nlight: green\ntext: {text}\n"))
    };
    for text in ["NO", "0123", "1.10", "true", "1e5", ".nan", "0x1F", "'null'", "!!str"] {
        let expected = text.trim_matches('\'').trim_start_matches("!!str");
        let Typed { text, number, on, .. } = typed(text).unwrap();
        assert_eq!((text.as_str(), number, on), (expected, Some(123), true));
    }
    for (text, why) in [
        ("", "text: expected a string, found `null`"),
        ("null", "text: expected a string, found `null`"),
        ("[a]", "text: expected a string, found an array of 1"),
    ] {
        let refused = typed(text).unwrap_err();
        assert_eq!(refused.replace("invalid type: ", ""), why, "{text}");
    }
    for wrong in
        ["on: yes", "on: 'true'", "number: '12'", "number: 1.0", "number: 1_0", "light: off"]
    {
        let (key, _) = wrong.split_once(':').unwrap();
        let text = "text: a\nnumber: 1\non: true\nlight: green\n";
        let text: String = text
            .lines()
            .filter(|line| !line.starts_with(key))
            .map(|it| format!("{it}\n"))
            .collect();
        let refused = read::<Typed>(&format!("{text}{wrong}\n")).unwrap_err();
        assert!(refused.starts_with(&format!("{key}: ")), "{wrong}: {refused}");
    }
    let lights = [
        ("no", Light::No),
        ("null", Light::Null),
        ("dim: 3", Light::Dim(3)),
        ("hue: { of: 0o7 }", Light::Hue { of: 7 }),
    ];
    for (text, light) in lights {
        assert_eq!(read(text), Ok(light));
    }
    assert!(read::<Light>("{ dim: 3, hue: 2 }").unwrap_err().contains("single key"));
    assert_eq!(read::<Option<String>>("~"), Ok(None));
    assert_eq!(read::<()>("null"), Ok(()));
    let rest = BTreeMap::from([("a".to_owned(), json!("NO")), ("b".to_owned(), json!(7))]);
    assert_eq!(read("id: 0123\na: NO\nb: 007\n"), Ok(Flat { id: "0123".into(), rest }));
    assert_eq!(
        read("[7, NO, '7']"),
        Ok([Either::Number(7), Either::Text("NO".into()), Either::Text("7".into())])
    );
}

#[test]
fn keys_are_texts_or_what_a_type_asks_for() {
    assert_eq!(
        any("{ 1: a, true: b, NO: c, 1.10: d }"),
        json!({ "1": "a", "true": "b", "NO": "c", "1.10": "d" })
    );
    assert_eq!(read("{ 1: a, 0x2: b }"), Ok(BTreeMap::from([(1_u8, 'a'), (2, 'b')])));
    assert_eq!(read("{ true: a }"), Ok(BTreeMap::from([(true, 'a')])));
    let quoted = r#"{ "1": "a", '0x2': "b" }"#;
    assert_eq!(read(quoted), Ok(BTreeMap::from([(1_u8, 'a'), (2, 'b')])));
    assert_eq!(read(quoted), Ok(BTreeMap::from([(1_u128, 'a'), (2, 'b')])));
    assert_eq!(read(r#"{ "true": "a" }"#), Ok(BTreeMap::from([(true, 'a')])));
    for (text, why) in [
        ("1: a\n'1': b\n", "the key `1` is there twice (line 2 column 1)"),
        ("1: a\n0x1: b\n", "the key `1` is there twice (line 2 column 1)"),
        ("a:\n  - b: 1\n    b: 1\n", "a[0]: the key `b` is there twice (line 3 column 5)"),
        ("? [a]\n: b\n", "a key is a list or a mapping, and no text (line 1 column 5)"),
    ] {
        assert_eq!(read::<Any>(text), Err(why.to_owned()), "{text}");
    }
}

#[test]
fn a_tag_that_is_not_known_is_an_error_with_its_name_and_place() {
    let tags = [
        "!vault",
        "!Sub",
        "!int",
        "!!binary",
        "!!timestamp",
        "!!set",
        "!!python/name:x",
        "!<tag:x,2000:y>",
    ];
    for tag in tags {
        for value in ["x", "[x]", "{ x: y }", "'x'", "|\n  x", ""] {
            let refused = read::<Any>(&format!("a:\n- b: {tag} {value}\n")).unwrap_err();
            let expected = format!("a[0].b: nothing here knows the tag `{tag}`");
            assert!(refused.starts_with(&expected), "{value}: {refused}");
            assert!(refused.ends_with("(line 2 column 6)"), "{value}: {refused}");
        }
        assert!(read::<Any>(&format!("{tag} a: b\n")).is_err(), "{tag}");
        assert!(read::<()>(&format!("x: &x {{ a: {tag} b }}\n")).is_err(), "{tag}");
    }
    for (text, says) in [
        ("!!int x", "`x` is not what its tag `!!int` says"),
        ("!!bool yes", "`yes` is not"),
        ("!!null x", "`x` is not"),
        ("!!seq x", "`x` is not"),
        ("!!map [x]", "the tag `!!map`"),
        ("!!merge x", "the tag `!!merge`"),
    ] {
        assert!(read::<Any>(text).unwrap_err().contains(says), "{text}");
    }
    assert_eq!(any("!!map { a: !!seq [b], c: ! [d] }"), json!({ "a": ["b"], "c": ["d"] }));
}

#[test]
fn a_body_without_content_is_an_error_for_every_type() {
    let bodies = [
        "",
        " \n",
        "# c\n",
        "---\n",
        "--- # c\n",
        "...\n",
        "---\n...\n",
        "---\n---\n# c\n---\n",
        "%YAML 1.2\n---\n",
        "&a\n",
    ];
    for body in bodies {
        for refused in [
            read::<Any>(body).unwrap_err(),
            read::<()>(body).unwrap_err(),
            read::<Option<u8>>(body).unwrap_err(),
            read::<BTreeMap<String, u8>>(body).unwrap_err(),
        ] {
            assert_eq!(
                refused, "the body has no content: only comments, or empty documents",
                "{body:?}"
            );
        }
    }
    for body in ["null", "~", "--- ~\n", "---\nnull # c\n...\n", "---\n---\n~\n---\n"] {
        assert_eq!(any(body), json!(null), "{body:?}");
    }
    assert_eq!(any("!!str"), json!(""));
    assert_eq!(any("''"), json!(""));
    assert_eq!(any("---\na: 1\n---\n"), json!({ "a": 1 }));
    assert!(read::<Any>("a: 1\n---\nb: 2\n").unwrap_err().contains("more than one document"));
}

#[test]
fn merge_keys_are_followed_and_own_keys_win() {
    let text = "x: &x { p: 1, q: 2 }\ny: &y { q: 3, r: 4 }\na: { <<: *x, q: 0 }\nb: { r: 0, <<: [*x, *y] }\nc: ['<<', <<]\nd: { '<<': 1 }\ne: { !!merge <<: *x }\n";
    let value = any(text);
    assert_eq!(value["a"], json!({ "q": 0, "p": 1 }));
    assert_eq!(value["b"], json!({ "r": 0, "p": 1, "q": 2 }));
    assert_eq!(value["c"], json!(["<<", "<<"]));
    assert_eq!(value["d"], json!({ "<<": 1 }));
    assert_eq!(value["e"], json!({ "p": 1, "q": 2 }));
    let numbers = "x: &x { 0x1: a, 02: b }\ny: { <<: *x, 0x1: c, 2: d }\nz: { <<: [{ 02: a }, *x, { 1: d }] }\n";
    let value = any(numbers);
    assert_eq!(value["y"], json!({ "0x1": "c", "2": "d" }));
    assert_eq!(value["z"], json!({ "02": "a", "0x1": "a" }));
    assert!(read::<Any>("a: { <<: 1 }").unwrap_err().contains("wants a mapping"));
    assert!(read::<Any>("a: { <<: {}, <<: {} }").unwrap_err().contains("is there twice"));
}

#[test]
fn aliases_are_bounded_by_the_limit_of_the_body() {
    let mut shared = "x: &x { driver: json }\ny:\n".to_owned();
    (0..200).for_each(|n| shared += &format!("  s{n}: *x\n"));
    assert_eq!(any(&shared)["y"]["s199"], json!({ "driver": "json" }));
    let bomb = (1..12).fold("a0: &a0 [x]\n".to_owned(), |text, n| {
        text + &format!("a{n}: &a{n} [{}]\n", vec![format!("*a{}", n - 1); 10].join(", "))
    });
    let merges = "a: &a { x: 1, y: 2 }\n".to_owned()
        + &"- { <<: *a }\n".repeat(3_000).replace('-', "  -").replacen("  -", "b:\n  -", 1);
    for text in [bomb, merges] {
        let refused = read::<Any>(&text).unwrap_err();
        assert!(
            refused.contains(
                "with its aliases followed, the body is larger than `body_limit`, 10000 bytes"
            ),
            "{refused}"
        );
    }
    for (text, says) in [
        ("a: &a [*a]", "a part of what it stands for"),
        ("a: *b", "an anchor that is not defined above"),
        ("- &a 1\n---\n- *a\n", ""),
    ] {
        assert!(read::<Any>(text).unwrap_err().contains(says), "{text}");
    }
}

#[test]
fn nesting_is_bounded() {
    let deep = |levels: usize| "[".repeat(levels) + &"]".repeat(levels);
    assert!(read::<Any>(&deep(128)).is_ok());
    let aliases = format!("- &a {}\n- {}*a{}\n", deep(70), "[".repeat(70), "]".repeat(70));
    for text in [deep(129), deep(5_000), aliases] {
        assert!(read::<Any>(&text).unwrap_err().contains("nested more than 128 deep"));
    }
}

#[test]
fn broken_yaml_is_an_error_with_its_place() {
    let refused = read::<Any>("a: [b\nc: d\n").unwrap_err();
    assert!(refused.starts_with("not YAML: ") && refused.contains(" at line "), "{refused}");
}

/// As many nodes as an index of charts has, with long texts.
#[test]
fn a_large_index_is_read() {
    let mut text = "entries:\n".to_owned();
    for n in 0..10_000 {
        text += &format!(
            "  c{n}:\n  - {{ name: c{n}, urls: [a, b], description: '{}' }}\n",
            "x".repeat(200)
        );
    }
    let node = load(&text, format(text.len())).unwrap();
    let value: Any = decode(&node).unwrap();
    assert_eq!(value["entries"].as_object().unwrap().len(), 10_000);
}

/// What is text by the core schema, written down a second time: all that its regular expressions do not match.
fn is_text(text: &str) -> bool {
    let digits = |text: &str, of: &str| !text.is_empty() && text.chars().all(|c| of.contains(c));
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let decimal = "0123456789";
    let split = unsigned
        .find(['e', 'E'])
        .map_or((unsigned, None), |at| (&unsigned[..at], Some(&unsigned[at + 1..])));
    let mantissa = split.0.replacen('.', "", 1);
    let exponent =
        split.1.is_none_or(|it| digits(it.strip_prefix(['+', '-']).unwrap_or(it), decimal));
    let is_number = digits(&mantissa, decimal) && exponent;
    let is_radix = text.strip_prefix("0x").is_some_and(|it| digits(it, "0123456789abcdefABCDEF"))
        || text.strip_prefix("0o").is_some_and(|it| digits(it, "01234567"));
    let words = [
        "", "~", "null", "Null", "NULL", "true", "True", "TRUE", "false", "False", "FALSE", ".nan",
        ".NaN", ".NAN",
    ];
    !is_number
        && !is_radix
        && !words.contains(&text)
        && ![".inf", ".Inf", ".INF"].contains(&unsigned)
}

fn document() -> impl Strategy<Value = Any> {
    let leaf = prop_oneof![
        Just(json!(null)),
        proptest::arbitrary::any::<bool>().prop_map(Any::from),
        proptest::arbitrary::any::<i64>().prop_map(Any::from),
        "[ -~äß\n]{0,12}".prop_map(Any::from),
        "[0-9a-fxobeE.+_:-]{1,6}".prop_map(Any::from),
    ];
    leaf.prop_recursive(3, 24, 4, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Any::from),
            proptest::collection::btree_map("[a-z0-9]{1,4}", inner, 0..4)
                .prop_map(|map| map.into_iter().collect::<serde_json::Map<_, _>>().into()),
        ]
    })
}

/// Where a value or a key begins in a body of YAML whose values are JSON, before its spaces.
fn beginnings(body: &str) -> Vec<usize> {
    let (mut places, mut is_quoted) = (Vec::new(), false);
    let mut bytes = body.bytes().enumerate();
    while let Some((at, byte)) = bytes.next() {
        match byte {
            b'"' => is_quoted = !is_quoted,
            b'\\' if is_quoted => drop(bytes.next()),
            b':' | b'[' | b',' if !is_quoted && !body[at + 1..].starts_with(']') => {
                places.push(at + 1);
            }
            _ => {}
        }
    }
    places
}

#[test]
fn no_value_begins_in_a_text() {
    assert_eq!(beginnings(r#"v: ["\\",":"]"#), [2, 4, 9]);
    assert_eq!(beginnings(r#"v: {"a\"[":[],"b":"\\\",:"}"#), [2, 11, 14, 18]);
    assert_eq!(beginnings(r#"v: ",:[""#), [2]);
}

proptest! {
    #[test]
    fn a_plain_text_arrives_as_it_stands(
        text in "([0-9a-zA-Z.+_:]|-){1,8}|[0-9]{1,3}[xobeE_.:][0-9a-f]{0,4}|(yes|no|on|off|NO|Yes|y|n|null|true)[a-z]?",
    ) {
        prop_assume!(!text.starts_with('-') || text.len() > 1 && !text.starts_with("--"));
        prop_assume!(!text.ends_with(':') && !text.starts_with(':'));
        prop_assert_eq!(Kind::of_plain(&text) == Kind::Text, is_text(&text), "{}", text);
        let read_any = any(&format!("v: {text}\n"));
        if is_text(&text) {
            prop_assert_eq!(&read_any["v"], &json!(text));
        } else {
            prop_assert!(Kind::of_plain(&text) == Kind::Null || !read_any["v"].is_null());
        }
        if Kind::of_plain(&text) != Kind::Null {
            let typed: BTreeMap<String, String> = read(&format!("v: {text}\n")).unwrap();
            prop_assert_eq!(&typed["v"], &text);
        }
    }

    #[test]
    fn json_is_yaml(value in document()) {
        prop_assert_eq!(any(&value.to_string()), value);
    }

    /// What is cut off, commented out or tagged is never another value, and never none.
    #[test]
    fn what_is_not_understood_is_never_absent(value in document(), at in proptest::arbitrary::any::<prop::sample::Index>()) {
        let text = value.to_string();
        let body = format!("v: {text}\n");
        for emptied in [String::new(), format!("# {}", body.trim_end()), format!("---\n# {}\n...\n", body.trim_end())] {
            prop_assert!(read::<Any>(&emptied).is_err());
            prop_assert!(read::<Option<()>>(&emptied).is_err());
        }
        let places = beginnings(&body);
        let (before, after) = body.split_at(places[at.index(places.len())]);
        let tagged = format!("{before} !vault {after}");
        let refused = read::<Any>(&tagged).unwrap_err();
        prop_assert!(refused.contains("`!vault`"), "{}: {}", tagged, refused);
    }

    #[test]
    fn anything_is_read_or_refused(text in "[\\[\\]{}:,#&*!|>'\"%@ab1~\n -]{0,40}") {
        if let Ok(value) = read::<Any>(&text) {
            prop_assert!(text.contains(|c: char| !c.is_whitespace()), "{}", value);
        }
    }
}
