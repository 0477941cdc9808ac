//! What leads from a page to the next, in the spellings of servers: it is found, or it is an error. Taken for the
//! end of the list, it would remove the items of all further pages.

use koprs_external::spec::Paging;
use koprs_external_tests::{Reply, Server};
use proptest::prelude::*;

use super::shelf::{Item, With, array, linked, list, page, page_before};
use super::stage::{poll, source};

/// As a page is written that names the next one in raw bytes, in a way that is wrong and in use.
#[tokio::test]
async fn a_next_page_is_found_in_headers_with_raw_bytes_and_in_wrong_spellings() {
    let server = Server::start().await;
    server.set("/v", page_before("/w", "a1"));
    server.set("/w", page("b1"));
    let mut source = source::<Item>(linked(server.url("/v")));
    assert_eq!(poll(&mut source).await, "+a1+b1");
    let links: [&[u8]; 6] = [
        "</w>; rel=\"next\", </a>; rel=author; title=\"Über uns\"".as_bytes(),
        b"</w>; title=\"\xdcber uns\"; rel=\"next\"",
        b"/w; rel=\"next\"",
        b"</w> rel=\"next\"",
        b"</w>; rel='next'",
        b"</w>; rel=\"next",
    ];
    for link in links {
        server.set("/v", page("a1").unconditional().header("link", link));
        for _ in 0..2 {
            assert_eq!(poll(&mut source).await, ".", "{}", String::from_utf8_lossy(link));
        }
    }
}

/// A list of `a1` and `b1`, and what takes the place of a page of it.
struct Case {
    what: &'static str,
    declare: With,
    pages: Vec<(&'static str, Reply)>,
    at: &'static str,
    instead: Vec<Reply>,
}

fn cases() -> Vec<Case> {
    let body =
        |items: &str, meta: &str| Reply::json(format!(r#"{{"r":{},"meta":{meta}}}"#, array(items)));
    let linked = |link: &[u8]| page("a1").unconditional().header("link", link);
    let headed = |cursor: &[u8]| page("a1").unconditional().header("x-next", cursor);
    vec![
        Case {
            what: "a link",
            declare: |list| list.pages(Paging::link_header()),
            pages: vec![("/v", linked(b"</w>; rel=next")), ("/w", page("b1"))],
            at: "/v",
            instead: vec![
                linked(b"</w>; re\xfc=next"),
                linked(b"</w>; rel=\xffnext"),
                linked(b"</w>, next"),
                linked(b"<>; rel=next"),
            ],
        },
        Case {
            what: "a cursor",
            declare: |list| list.items("/r").pages(Paging::cursor_at("/meta/next").param("c")),
            pages: vec![("/v", body("a1", r#"{"next":3}"#)), ("/v?c=3", body("b1", "{}"))],
            at: "/v",
            instead: [
                r#"{"next":{"c":3}}"#,
                r#"{"next":[3]}"#,
                r#"{"next":true}"#,
                r#"{"next":"3","next":null}"#,
                r#"{"next":null,"next":"3"}"#,
                r#"null,"meta":{"next":"3"}"#,
                r#"["next","3"]"#,
                r#"[{"next":"3"}]"#,
                r#""3""#,
                "7",
                "true",
            ]
            .map(|meta| body("a1", meta))
            .into(),
        },
        Case {
            what: "a URL",
            declare: |list| list.items("/r").pages(Paging::cursor_at("/meta/next")),
            pages: vec![("/v", body("a1", r#"{"next":"/w"}"#)), ("/w", body("b1", "null"))],
            at: "/v",
            instead: [r#"{"next":"https://["}"#, r#"{"next":"ftp://h/"}"#]
                .map(|meta| body("a1", meta))
                .into(),
        },
        Case {
            what: "a cursor in a header",
            declare: |list| list.pages(Paging::cursor_header("x-next").param("c")),
            pages: vec![("/v", headed(b"3")), ("/v?c=3", page("b1"))],
            at: "/v",
            instead: vec![
                headed(b"\xff3"),
                headed(b"true"),
                headed(b"3").append("x-next", "4"),
                headed(b"3").append("x-next", ""),
            ],
        },
        Case {
            what: "a page after the last",
            declare: |list| list.pages(Paging::number("n")),
            pages: vec![("/v?n=1", page("a1 b1")), ("/v?n=2", page(""))],
            at: "/v?n=2",
            instead: ["null", "\"\"", "7", "{}", " "]
                .map(Reply::json)
                .into_iter()
                .chain([Reply::status(204)])
                .collect(),
        },
    ]
}

#[tokio::test]
async fn what_may_name_the_next_page_and_cannot_be_read_fails_the_poll() {
    for Case { what, declare, pages, at, instead } in cases() {
        for (n, reply) in instead.into_iter().enumerate() {
            let server = Server::start().await;
            for (at, reply) in &pages {
                server.set(at, reply.clone());
            }
            let mut source = source::<Item>(declare(list(server.url("/v"))));
            assert_eq!(poll(&mut source).await, "+a1+b1", "{what}");
            server.set(at, reply);
            for _ in 0..2 {
                let word = poll(&mut source).await;
                assert!(["!pages", "!decode"].contains(&word.as_str()), "{what} {n}: {word}");
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

    /// A cursor of any bytes leads somewhere or is an error: it is the end only if it says so.
    #[test]
    fn a_cursor_that_is_not_understood_is_never_the_end(
        value in prop::collection::vec(prop_oneof![0x20..=0x7e_u8, 0x80..=0xff_u8], 0..6),
        other in any::<i8>(),
        kind in 0..4_usize,
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let server = Server::start().await;
            let in_body = |cursor: &str| {
                Reply::json(format!(r#"{{"r":{},"next":{cursor}}}"#, array("a1")))
            };
            let text = String::from_utf8_lossy(&value).into_owned();
            let quoted = serde_json::to_string(&text).unwrap();
            let json = [quoted.clone(), other.to_string(), format!("[{quoted}]"), format!("{{{quoted}:1}}")];
            let (declared, good, reply, is_end) = if kind == 0 {
                let header = |value: &[u8]| page("a1").unconditional().header("x-next", value);
                let paging = Paging::cursor_header("x-next").param("c");
                let is_end = ["", "false"].contains(&text.trim());
                (list(server.url("/v")).pages(paging), header(b"good"), header(&value), is_end)
            } else {
                let paging = Paging::cursor_at("/next").param("c");
                let json = &json[kind - 1];
                let is_end = ["\"\"", "\"false\""].contains(&json.as_str());
                let declared = list(server.url("/v")).items("/r").pages(paging);
                (declared, in_body("\"good\""), in_body(json), is_end)
            };
            let last = if kind == 0 { page("b1") } else {
                Reply::json(format!(r#"{{"r":{}}}"#, array("b1")))
            };
            server.set("/v", good);
            server.set("/v?c=good", last);
            let mut source = source::<Item>(declared);
            prop_assert_eq!(poll(&mut source).await, "+a1+b1");
            server.set("/v", reply);
            let word = poll(&mut source).await;
            match is_end {
                true => prop_assert_eq!(word, "-b1"),
                // To a page that is not there, or nowhere.
                false => prop_assert!(["!404", "!pages", "!decode"].contains(&word.as_str()), "{}", word),
            }
            Ok(())
        })?;
    }
}
