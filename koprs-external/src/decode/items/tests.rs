use serde::Deserialize;

use super::*;

fn path(pointer: &str) -> Vec<String> {
    pointer.split('/').skip(1).map(str::to_owned).collect()
}

fn text(encoding: Encoding, body: &str) -> Result<Text<'_>, Refused> {
    let format = BodyFormat {
        encoding: Some(encoding),
        body_limit: 10_000,
        walk_limit: 1 << 20,
        has_items: true,
    };
    Text::new(format, None, body.as_bytes())
}

/// Takes each item as it comes, but for those that it knows.
struct Taker<'a> {
    known: &'a [&'a str],
    take: &'a mut dyn FnMut(Item<'_>),
}

impl Cutter for Taker<'_> {
    fn begins(&mut self, _: bool) -> Result<(), String> {
        Ok(())
    }

    fn expects(&self) -> Option<usize> {
        self.known.first().map(|known| known.len())
    }

    fn is_expected(&mut self, item: Item<'_>) -> bool {
        let Item::Json { text, .. } = item else { return false };
        let is = self.known.first() == Some(&text);
        if is {
            self.known = &self.known[1..];
        }
        is
    }

    fn item(&mut self, item: Item<'_>) -> bool {
        (self.take)(item);
        true
    }
}

/// The items, by key where there is one, and the error if that is what it comes to.
fn cut(encoding: Encoding, body: &str, at: &str, key: Option<&str>) -> Vec<String> {
    let mut seen = Vec::new();
    let key = key.map(path);
    let mut take = |item: Item<'_>| {
        let shown = match item {
            Item::Json { text, .. } => text.to_owned(),
            #[cfg(feature = "yaml")]
            Item::Yaml { .. } => item.decode::<serde_json::Value>().unwrap().to_string(),
            #[cfg(feature = "csv")]
            Item::Csv(_) => String::new(),
        };
        let key =
            item.key(key.as_deref()).unwrap_or_else(|refused| format!("!{}", refused.message));
        seen.push(format!("{key}={shown}"));
    };
    let mut taker = Taker { known: &[], take: &mut take };
    match text(encoding, body).and_then(|text| text.items(&path(at), key.as_deref(), &mut taker)) {
        Ok(()) => seen,
        Err(refused) => vec![refused.path + ": " + &refused.message],
    }
}

#[test]
fn an_item_that_is_expected_is_not_measured() {
    let body = r#"[ {"id":1} , {"id":2}, 12, 123, "]", {"id":3} ]"#;
    let cases: [(&[&str], usize); 4] = [
        (&[r#"{"id":1}"#, r#"{"id":2}"#, "12", "123", r#""]""#], 1),
        (&[r#"{"id":2}"#], 5),
        (&[r#"{"id":1}"#, r#"{"id":2}"#, "1"], 4),
        (&[r#"{"id":1}"#, r#"{"id":2}"#, "12", "12"], 3),
    ];
    for (known, left) in cases {
        let mut taken = 0;
        let mut take = |_: Item<'_>| taken += 1;
        let mut taker = Taker { known, take: &mut take };
        text(Encoding::Json, body).unwrap().items(&[], None, &mut taker).unwrap();
        assert_eq!(taken, left, "{known:?}");
    }
}

#[test]
fn json_is_cut_where_it_stands() {
    let cases = [
        (r#"[{"id": 1}, {"id":"b"} ]"#, "", vec![r#"1={"id": 1}"#, r#"b={"id":"b"}"#]),
        (r#"{"x":[],"data":{"items":[{"id":true}]}}"#, "/data/items", vec![r#"true={"id":true}"#]),
        (r#"[[],[{"id":1}]]"#, "/1", vec![r#"1={"id":1}"#]),
        (r#"{"a":{"id":7},"b":{"id":8}}"#, "", vec![r#"7={"id":7}"#, r#"8={"id":8}"#]),
        ("[]", "", vec![]),
        ("{}", "", vec![]),
    ];
    for (body, at, items) in cases {
        assert_eq!(cut(Encoding::Json, body, at, Some("/id")), items, "{body}");
    }
}

#[test]
fn members_of_an_object_have_their_names_for_keys() {
    assert_eq!(cut(Encoding::Json, r#"{"a":1,"\u0062":[2]}"#, "", None), ["a=1", "b=[2]"]);
    assert_eq!(cut(Encoding::Json, "[1]", "", None), ["!items of an array need a `key`=1"]);
}

#[test]
fn an_item_without_a_key_is_handed_over_as_one() {
    let body = r#"[{"id":null},{},{"id":""},{"id":{}},7,"x"]"#;
    let keys = cut(Encoding::Json, body, "", Some("/id"));
    let why: Vec<_> = keys.iter().map(|it| it.split('=').next().unwrap()).collect();
    assert_eq!(
        why,
        [
            "!its key at `/id` is `null`",
            "!it has no key at `/id`; it is an empty object",
            "!its key is empty",
            "!expected a text or a number, found an empty object",
            "!expected an object with `id`, found a number",
            "!expected an object with `id`, found a text",
        ]
    );
}

#[test]
fn a_list_that_is_not_there_is_an_error_and_never_an_empty_list() {
    let cases = [
        (
            "{}",
            "/data",
            "data: there is nothing at `/data`, where the items should be: the body is an empty object",
        ),
        (
            r#"{"data":null}"#,
            "/data/items",
            "data.items: there is nothing at `/data/items`, where the items should be: `/data` is `null`",
        ),
        (
            r#"{"data":{"results":[1],"s3cr3t":"s3cr3t_value"},"next":7}"#,
            "/data/items",
            "data.items: there is nothing at `/data/items`, where the items should be: `/data` is an object with \
             `results`, `s3cr3t`; is the list at `/data/results`?",
        ),
        (
            r#"{"data":[1,2]}"#,
            "/data/items",
            "data: expected an object with `items` at `/data`, found an array of 2",
        ),
        (
            r#"{"data":[1,2]}"#,
            "/data/7/items",
            "data.7.items: there is nothing at `/data/7/items`, where the items should be: `/data` is an array of 2",
        ),
        (
            r#"{"data":null}"#,
            "/data",
            "data: expected an array or an object of items at `/data`, found `null`",
        ),
        (
            r#"{"data":"maintenance"}"#,
            "/data",
            "data: expected an array or an object of items at `/data`, found a text",
        ),
        (
            r#"{"error":"no"}"#,
            "/data/0",
            "data.0: there is nothing at `/data/0`, where the items should be: the body is an object with `error`",
        ),
        (r#"{"data":[],"data":[1]}"#, "/data", "data: `data` is there twice"),
        ("[1,2", "", ": not JSON: it ends too early at line 1 column 5"),
        ("[1] 2", "", ": not JSON: trailing characters at line 1 column 5"),
        ("", "", ": the body is empty"),
        ("7", "", ": expected an array or an object of items, found a number"),
    ];
    for (body, at, why) in cases {
        let seen = cut(Encoding::Json, body, at, Some("/id"));
        assert_eq!(seen.len(), 1, "{body}: {seen:?}");
        assert_eq!(seen[0].split(" at line").next(), why.split(" at line").next(), "{body}");
        #[cfg(feature = "yaml")]
        if !why.contains("not JSON") && !why.contains("twice") {
            assert_eq!(cut(Encoding::Yaml, body, at, Some("/id")), seen, "{body}");
        }
    }
}

#[test]
fn a_line_of_ndjson_is_an_item() {
    let body = "{\"id\":1}\n\r\n {\"id\":2} \r\nnot json\n";
    let seen = cut(Encoding::Ndjson, body, "", Some("/id"));
    assert_eq!(seen[..2], [r#"1={"id":1}"#, r#"2={"id":2}"#]);
    assert!(seen[2].starts_with("!not JSON") && seen[2].contains("at line 4 column"), "{seen:?}");
    let seen = cut(Encoding::Ndjson, "\n{\"id\":1}\n\n{\"name\":1}\n", "", Some("/id"));
    assert!(seen[1].starts_with("!it has no key at `/id`; it is an object with `name` (line 4)"));
    assert!(cut(Encoding::Ndjson, "", "", Some("/id")).is_empty());
}

#[cfg(feature = "yaml")]
#[test]
fn yaml_is_cut_by_the_nodes_of_its_tree() {
    let body = "data:\n  - id: one # the first\n    n: 1\n  - { id: 2 }\n";
    assert_eq!(
        cut(Encoding::Yaml, body, "/data", Some("/id")),
        [r#"one={"id":"one","n":1}"#, r#"2={"id":2}"#]
    );
}

#[test]
fn a_scalar_is_read_at_its_place() {
    let text = text(
        Encoding::Json,
        r#"{"meta":{"next":"a\"b","n":17,"none":null},"list":[1,"x"],"nothing":null}"#,
    )
    .unwrap();
    let cases = [
        ("/meta/next", Some("a\"b")),
        ("/meta/n", Some("17")),
        ("/meta/none", None),
        ("/meta/other", None),
        ("/other/next", None),
        ("/nothing/next", None),
        ("/list/1", Some("x")),
        ("/list/7", None),
    ];
    for (at, scalar) in cases {
        assert_eq!(text.scalar(&path(at)).unwrap().as_deref(), scalar, "{at}");
    }
    assert!(text.scalar(&path("/meta")).is_err());
}

/// An array that is not empty has no names: what is asked for may be in it in another way.
#[test]
fn a_name_below_an_array_is_an_error() {
    const BODY: &str = r#"{"list":["next","x"],"empty":[]}"#;
    let encodings = [
        Encoding::Json,
        #[cfg(feature = "yaml")]
        Encoding::Yaml,
    ];
    for encoding in encodings {
        let text = text(encoding, BODY).unwrap();
        for at in ["/list/next", "/list/01", "/list/-", "/list/+1", "/list/"] {
            let refused = text.scalar(&path(at)).unwrap_err();
            assert!(refused.message.contains("found a"), "{at}: {}", refused.message);
        }
        assert_eq!(text.scalar(&path("/list/1")).unwrap().as_deref(), Some("x"));
        for at in ["/list/2", "/empty/next", "/empty/0"] {
            assert_eq!(text.scalar(&path(at)).unwrap(), None, "{at}");
        }
    }
}

#[test]
fn what_is_ignored_is_no_part() {
    let parts = |text: &str, ignored: &[&str]| {
        let ignored = PointerTree::new(ignored.iter().map(|it| path(it).into()));
        let mut parts = String::new();
        super::json::without(text, &ignored, &mut |part| {
            parts += &(String::from_utf8_lossy(part).replace('\0', "") + "|")
        })
        .unwrap();
        parts
    };
    let text = r#"{"id": 1, "meta": {"seen": "today", "by": [1, 2]}, "n": 1.50}"#;
    assert_eq!(parts(text, &[]), format!("{text}|"));
    assert_eq!(parts(text, &["/meta"]), "{|id|1|n|1.50|}|");
    assert_eq!(parts(text, &["/meta/seen", "/id"]), r#"{|meta|{|by|[1, 2]|}|n|1.50|}|"#);
    assert_eq!(
        parts(text, &["/meta/by/1", "/no/such"]),
        r#"{|id|1|meta|{|seen|"today"|by|[||1|]|}|n|1.50|}|"#
    );
    assert_eq!(parts("7", &["/x"]), "7|");
}

#[cfg(feature = "csv")]
#[test]
fn a_record_of_csv_is_an_item_with_the_names_above() {
    #[derive(Debug, Deserialize, PartialEq)]
    struct Tenant {
        id: String,
        seats: u32,
        note: Option<String>,
    }

    let body = "id,seats,note\r\na,7,\"one, two\"\nb,x,\n";
    let text = text(Encoding::Csv, body).unwrap();
    let mut seen = Vec::new();
    let mut take = |item: Item<'_>| {
        let mut parts = 0;
        item.without(&PointerTree::new([path("/note").into()]), &mut |_| parts += 1).unwrap();
        assert_eq!(parts, 4);
        seen.push((item.key(Some(&path("/id"))).unwrap(), item.decode::<Tenant>()));
    };
    text.items(&[], Some(&path("/id")), &mut Taker { known: &[], take: &mut take }).unwrap();
    let good = Tenant { id: "a".into(), seats: 7, note: Some("one, two".into()) };
    let bad = Refused::at(&path("/seats"), r#"expected u32, found "x" (line 3)"#.into());
    assert_eq!(seen, [("a".into(), Ok(good)), ("b".into(), Err(bad))]);
}

/// The records of a body as a type.
#[cfg(feature = "csv")]
fn records<T: serde::de::DeserializeOwned>(body: &str) -> Vec<T> {
    let text = text(Encoding::Csv, body).unwrap();
    let mut seen = Vec::new();
    let mut take = |item: Item<'_>| seen.push(item.decode().unwrap());
    text.items(&[], Some(&path("/id")), &mut Taker { known: &[], take: &mut take }).unwrap();
    seen
}

#[cfg(feature = "csv")]
#[test]
fn a_type_that_takes_anything_gets_the_whole_record_of_csv() {
    use serde_json::{Value, json};

    #[derive(Debug, Deserialize, PartialEq)]
    #[serde(untagged)]
    enum Either {
        Seats { id: String, seats: u32 },
        Name { id: String, name: String },
    }

    #[derive(Debug, Deserialize, PartialEq)]
    struct Any(Value);

    let body = "id,name\nu1,x\n2,y\n";
    let values = [json!({ "id": "u1", "name": "x" }), json!({ "id": "2", "name": "y" })];
    assert_eq!(records::<Value>(body), values);
    assert_eq!(records::<Any>(body), values.clone().map(Any));
    assert_eq!(
        records::<Option<Value>>("name,id\n,u1\n"),
        [Some(json!({ "name": "", "id": "u1" }))]
    );
    assert_eq!(records::<Either>("id,seats\na,7\n"), [Either::Seats { id: "a".into(), seats: 7 }]);
    assert_eq!(
        records::<Either>("id,name\na,b\n"),
        [Either::Name { id: "a".into(), name: "b".into() }]
    );
    assert_eq!(records::<(String, String)>("id,name\na,b\n"), [("a".into(), "b".into())]);
    assert_eq!(records::<u32>("id\n7\n"), [7]);
}

#[cfg(feature = "csv")]
#[test]
fn csv_that_is_broken_or_empty_is_an_error() {
    for (body, why) in [
        ("id,n\n1,2\na\n", "not CSV: the record at line 3 has 1 fields, and there are 2 columns"),
        ("", "the body is empty"),
        ("\u{feff} \n", "the body is empty"),
        (
            "name;down for maintenance\n",
            "there is no column `id` for the key; the columns are `name;down for maintenanc…`",
        ),
        ("id,n,n\n1,2,3\n", "the column `n` is there twice"),
        ("id,n\n1,\"2\n3,4\n", "a quote in the record at line 2 is never closed"),
        ("id,n\n1,\"2\"\n\"3,4\n5,6\n", "not CSV"),
        ("id,\"n\n1,2\n", "a quote in the record at line 1 is never closed"),
    ] {
        let seen = cut(Encoding::Csv, body, "", Some("/id"));
        assert!(seen.last().unwrap().contains(why), "{body}: {seen:?}");
    }
    for body in ["id,n", "id,n\n", "\"id\",n\r\n", "id,n\n\n"] {
        assert!(cut(Encoding::Csv, body, "", Some("/id")).is_empty(), "{body}");
    }
}

#[cfg(feature = "csv")]
#[test]
fn a_field_of_csv_is_the_text_that_stands_there_unless_a_type_asks_for_more() {
    use std::collections::BTreeMap;

    use serde_json::{Value, json};

    #[derive(Debug, Deserialize, PartialEq)]
    struct Flat {
        id: String,
        #[serde(flatten)]
        rest: BTreeMap<String, Value>,
    }

    #[derive(Debug, Deserialize, PartialEq)]
    #[serde(rename_all = "lowercase")]
    enum Light {
        Green,
    }

    #[derive(Debug, Deserialize, PartialEq)]
    struct Typed {
        id: u64,
        on: bool,
        share: f64,
        none: Option<u8>,
        light: Light,
        wide: i128,
    }

    let fields = ["007", "1.10", "1e5", "NaN", "true", "+1", "", "null", "0x1F", " 1", "-", "NO"];
    for field in fields {
        let body = format!("id,v\n{field}x,{field}\n");
        assert_eq!(records::<Value>(&body), [json!({ "id": format!("{field}x"), "v": field })]);
        let rest = BTreeMap::from([("v".to_owned(), json!(field))]);
        assert_eq!(records::<Flat>(&body), [Flat { id: format!("{field}x"), rest }]);
        assert_eq!(records::<(String, Value)>(&body), [(format!("{field}x"), json!(field))]);
        let maybe = (!field.is_empty()).then(|| json!(field));
        assert_eq!(records::<(String, Option<Value>)>(&body)[0].1, maybe);
    }
    // What a flattened type asks for is not seen at first; beside it, what is no usual number stays text.
    #[derive(Debug, Deserialize, PartialEq)]
    struct Size {
        cpu: u32,
        share: f64,
    }
    #[derive(Debug, Deserialize, PartialEq)]
    struct Sized {
        id: String,
        #[serde(flatten)]
        size: Size,
        #[serde(flatten)]
        rest: BTreeMap<String, Value>,
    }
    let sized = &records::<Sized>("id,cpu,share,zip,n\n7,4,0.5,007,1\n")[0];
    assert_eq!((sized.id.as_str(), &sized.size), ("7", &Size { cpu: 4, share: 0.5 }));
    assert_eq!((&sized.rest["zip"], &sized.rest["n"]), (&json!("007"), &json!(1)));

    let body = "id,on,share,none,light,wide\n007,true,1e5,,green,-18446744073709551616\n";
    let typed = Typed {
        id: 7,
        on: true,
        share: 100_000.0,
        none: None,
        light: Light::Green,
        wide: -18_446_744_073_709_551_616,
    };
    assert_eq!(records::<Typed>(body), [typed]);
}

#[cfg(feature = "csv")]
proptest::proptest! {
    #[test]
    fn any_text_arrives_in_a_field_of_csv_as_it_stands(
        fields in proptest::collection::vec("[ -~\r\nä]{0,12}", 1..12),
    ) {
        let quoted = |field: &String| format!("\"{}\"", field.replace('"', "\"\""));
        let rows: Vec<_> = fields.iter().map(|field| format!("k,{}\n", quoted(field))).collect();
        let read = records::<std::collections::BTreeMap<String, serde_json::Value>>(&format!("id,v\n{}", rows.concat()));
        let read: Vec<_> = read.iter().map(|record| record["v"].as_str().unwrap()).collect();
        proptest::prop_assert_eq!(read, fields);
    }

    /// A body that is cut is fewer records or an error, and no record is made of others.
    #[test]
    fn a_csv_that_is_cut_has_no_other_records(
        fields in proptest::collection::vec("[ -~\nä]{0,8}", 1..8), at in proptest::prelude::any::<proptest::sample::Index>(),
    ) {
        let rows: Vec<_> = (fields.iter().enumerate())
            .map(|(n, field)| format!("{n},\"{}\"\n", field.replace('"', "\"\"")))
            .collect();
        let body = format!("id,v\n{}", rows.concat());
        let cuts: Vec<_> = body.char_indices().map(|(at, _)| at).skip(5).collect();
        let seen = cut(Encoding::Csv, &body[..cuts[at.index(cuts.len())]], "", Some("/id"));
        let whole = cut(Encoding::Csv, &body, "", Some("/id"));
        let is_error = seen.first().is_some_and(|it| it.starts_with(": "));
        proptest::prop_assert!(is_error || seen.len() <= whole.len());
    }
}

#[test]
fn a_long_item_that_has_gone_is_not_looked_for_at_each_short_one() {
    struct Expects(usize, usize);

    impl Cutter for Expects {
        fn begins(&mut self, _: bool) -> Result<(), String> {
            Ok(())
        }

        fn expects(&self) -> Option<usize> {
            Some(self.0)
        }

        fn is_expected(&mut self, item: Item<'_>) -> bool {
            self.1 += item.length();
            false
        }

        fn item(&mut self, _: Item<'_>) -> bool {
            true
        }
    }

    let body = format!("[{}0]", "0,".repeat(4999));
    for expects in [1, 101, 1001, 4001] {
        let mut expects = Expects(expects, 0);
        text(Encoding::Json, &body).unwrap().items(&[], None, &mut expects).unwrap();
        assert!(expects.1 <= 2 * body.len() + 4096, "{}", expects.1);
    }
}
