use http::HeaderValue;
use proptest::prelude::*;

use super::*;

const PAGE: &str = "https://h/list?page=3";
const NEXT: &str = "https://h/list?page=4";

fn after(values: &[&[u8]]) -> Result<Option<String>, String> {
    let values = values.iter().map(|value| (LINK, HeaderValue::from_bytes(value).unwrap()));
    let mut headers = HeaderMap::new();
    for (name, value) in values {
        headers.append(name, value);
    }
    next(&headers, &Url::parse(PAGE).unwrap()).map(|url| url.map(String::from))
}

/// Each bracket may begin a link; that it does not end is not looked for to the end of the header.
#[test]
fn a_header_full_of_brackets_is_read_once() {
    let header = |brackets: usize| format!("{}<?page=4>; rel=next", "<".repeat(brackets));
    assert!(after(&[header(0).as_bytes()]).is_ok());
    // The message ends in what it shows of the header.
    let why = |brackets| {
        let refused = after(&[header(brackets).as_bytes()]).unwrap_err();
        refused.split_once(", in `").map(|(why, _)| why.to_owned())
    };
    assert!(why(2).is_some());
    assert_eq!(why(100_000), why(2));
}

/// A link without a bracket ends where it ends: no other is looked for.
#[test]
fn a_header_full_of_bare_links_is_read_once() {
    let header = |links: usize| format!("next{}", ";,a".repeat(links));
    let why = |links| {
        let refused = after(&[header(links).as_bytes()]).unwrap_err();
        refused.split_once(", in `").map(|(why, _)| why.to_owned())
    };
    assert!(why(2).is_some());
    assert_eq!(why(1_000_000), why(2));
}

#[test]
fn the_next_page_is_found_however_the_header_is_written() {
    let spellings: [&[u8]; 41] = [
        br#"<https://h/list?page=4>; rel="next""#,
        br#"<https://h/list?page=4>;rel=next"#,
        br#"<https://h/list?page=2>; rel="prev", <https://h/list?page=4>; rel="next""#,
        br#"<https://h/list?page=4>; title="a, b; rel=last"; REL="last NEXT""#,
        br#"<?page=4>; rel=next; type="text/html""#,
        br#"</x>; rel="prev"; title="quo\"te, <y>",</list?page=4>;rel="next" , </z>; rel=last"#,
        br#"<https://h/list?page=4#part>; crossorigin; rel=next"#,
        br#"</other>; rel=next; anchor="/else", <?page=4>; rel=next"#,
        // The anchor is this list.
        br##"<?page=4>; rel=next; anchor="#items""##,
        br#"<?page=4>; rel=next; anchor="https://h/list""#,
        // The same page twice.
        br#"<?page=4>; rel=next, <https://h/list?page=4>; rel="next""#,
        // Raw bytes, of UTF-8 and of ISO 8859-1.
        "<?page=4>; rel=\"next\", </a>; title=\"Über uns\"".as_bytes(),
        "</a>; title=\"Über uns\"; rel=author, <?page=4>; rel=\"next\"".as_bytes(),
        b"<?page=4>; title=\"\xdcber uns\"; rel=\"next\"",
        b"<?page=4>; title=\xdcber; rel=\"next\"",
        b"</a>; rel=author; \xfc=\"\xff\", <?page=4>; rel=\"next\"",
        // Without `<>`, or with one of them.
        b"?page=4; rel=\"next\"",
        b"https://h/list?page=4; rel=next",
        b"</a>; rel=prev, ?page=4; rel=next",
        b"?page=2; rel=prev, ?page=4; rel=next, ?page=9; rel=last",
        b"<?page=4; rel=\"next\"",
        b"<?page=4; rel=\"next\", <?page=9>; rel=\"last\"",
        b"?page=4>; rel=\"next\"",
        // Without `;`, `,` or with more of them.
        b"<?page=4> rel=\"next\"",
        b"<?page=4> rel=next title=x",
        b"<?page=4>; title=\"x\" rel=\"next\"",
        b"<?page=2>; rel=\"prev\" <?page=4>; rel=\"next\"",
        b"<?page=2>; rel=\"prev\"; <?page=4>; rel=\"next\";",
        b",, <?page=4>;; rel=\"next\",,",
        // Quotes.
        b"<?page=4>; rel='next'",
        b"<?page=4>; rel=\"next",
        b"<?page=4>; rel=next\t",
        b"<?page=4>; rel=\"next, <?page=9>; rel=\"last\"",
        b"<?page=4>; rel=\"next; title=\"x\"",
        b"<?page=2>; rel=\"prev, <?page=4>; rel=\"next\"",
        b"<?page=4>; rel=\"next\"; title=\"no end",
        b"<?page=4>; title=It's; rel=next",
        // Words.
        b"<?page=4>; rel=last next",
        b"<?page=4>; rel=\"last,next\"",
        b"\t<  ?page=4\t> ; rel\t= \"  next  last \"",
        b"<?page=4>; rel=\"http://h/rels#x next\"; results=\"true\"",
    ];
    for spelling in spellings {
        let shown = String::from_utf8_lossy(spelling);
        assert_eq!(after(&[spelling]), Ok(Some(NEXT.into())), "{shown}");
    }
    let two = |one, other| after(&[one, other]);
    assert_eq!(two(b"</x>; rel=prev", b"<?page=4>; rel=next"), Ok(Some(NEXT.into())));
    assert_eq!(two(b"<?page=4>; rel=next", b"\xff\xfe"), Ok(Some(NEXT.into())));
    assert_eq!(two(b"next", b"<?page=4>; rel=next"), Ok(Some(NEXT.into())));
}

#[test]
fn a_target_may_hold_any_bytes() {
    for (target, url) in [
        ("/ü?q=ö".as_bytes(), "https://h/%C3%BC?q=%C3%B6"),
        (b"/\xfc?q=\xf6", "https://h/%FC?q=%F6"),
        (b"/a b", "https://h/a%20b"),
        (b"/%20?q=%2C,;", "https://h/%20?q=%2C,;"),
        (b"/p?f={\"a\":1}", "https://h/p?f={%22a%22:1}"),
        ("https://bücher.example/x".as_bytes(), "https://xn--bcher-kva.example/x"),
        (b"//other/x", "https://other/x"),
    ] {
        let link = [b"<", target, b">; rel=next"].concat();
        assert_eq!(after(&[&link]), Ok(Some(url.into())), "{}", String::from_utf8_lossy(target));
    }
}

#[test]
fn a_value_that_says_nothing_of_a_next_page_says_that_there_is_none() {
    assert_eq!(after(&[]), Ok(None));
    let values: [&[u8]; 18] = [
        b"",
        b" , ",
        b"<",
        b"\xff\x80",
        b"</x>",
        b"</x>; rel=prev",
        b"</x>; rel=\"prev",
        b"</x>; rel=\"nextish\"",
        b"</x>; rel=\"next-archive\"",
        b"</x>; rel=\"context\"",
        b"</x>; rel=\"https://next.example.com/rels/prev\"",
        b"</x>; rel=\"https://h/rels#next-archive\"",
        b"</p?next=2>; rel=\"prev\"",
        b"/p?next=2; rel=\"prev\"",
        b"</x>; rel=prev; title=\"What is next, <y>; rel=next\"",
        b"</x>; rel=\"first\"; title=\"next",
        b"</_next/static/a.css>; rel=preload; as=\"style\"",
        b"</x>; rel=next; results=\"false\"; cursor=\"0:0:0\"",
    ];
    for value in values {
        let shown = String::from_utf8_lossy(value);
        // A title without an end may hide anything.
        let expected = if value.ends_with(b"\"next") { Err(()) } else { Ok(None) };
        assert_eq!(after(&[value]).map_err(drop), expected, "{shown}");
    }
    assert_eq!(after(&[b"</x>; rel=next; anchor=\"/else\""]), Ok(None));
}

#[test]
fn the_word_next_without_a_clear_meaning_is_an_error() {
    let values: [&[u8]; 31] = [
        b"next",
        b"<?page=4>; next",
        b"<?page=4>; re\xfc=\"next\"",
        b"<?page=4>; rel*=UTF-8''next",
        b"<?page=4>; rel\"next\"",
        b"<?page=4>; rel:next",
        b"<?page=4>; rel=\"next\xff\"",
        b"<?page=4>; rel=\xffnext",
        b"<?page=4>; rel=next\"x",
        b"<?page=4>; rel=\"next-\"",
        b"<?page=4>; rel=\"next_page\"",
        b"<?page=4>; rel=nextPage",
        b"<?page=4>; rel=getNext",
        b"<?page=4>; rel=next2",
        b"<?page=4>; rel=\"https://h/rels/next\"",
        b"<?page=4>; rel=\"https://h/rels#nextPage\"",
        b"<?page=4>; rel=\"prev\"; rel=\"next\"",
        b"<?page=2>; rel=\"prev\" /list?page=4>; rel=\"next\"",
        b"<?page=2>; rel=\"prev\"/list?page=4>; rel=\"next\"",
        b"<?page=4>; title=\"a; rel=\"next\"",
        b"<?pa>ge=4>; rel=\"next\"",
        b"<?pa<ge=4>; rel=\"next\"",
        b"?a=1,2&page=4; rel=\"next\"",
        b"/list;v=1?page=4; rel=\"next\"",
        b"<>; rel=next",
        b"; rel=next",
        b"<https://[/x>; rel=next",
        b"<?page=4>; rel=next; anchor=\"https://[\"",
        b"<?page=\t4>; rel=next",
        b"<?page=4>; rel=next, <?page=5>; rel=next",
        b"</p2;rel=next;title='>'",
    ];
    for value in values {
        let shown = String::from_utf8_lossy(value);
        let error = after(&[value]).expect_err(&shown);
        assert!(error.contains("`Link` header") && error.contains("`cursor`"), "{error}");
    }
}

#[test]
fn an_error_shows_the_form_of_the_header_and_nothing_that_may_be_a_secret() {
    let error = after(&[b"<https://h/s3cr3t?token=T0KEN>; rel*=next; title=\"P4SS\""]).unwrap_err();
    assert!(error.contains("`<…=…>; …=next; title=\"…\"`"), "{error}");
    let long = [b"<?page=4>; rel:next".to_vec(), b",<x>;rel=last".repeat(100)].concat();
    assert!(after(&[&long]).unwrap_err().len() < 400);
}

/// Headers with one next page, and where in them its target and the word `next` are.
fn wellformed() -> Vec<(Vec<u8>, [std::ops::Range<usize>; 2])> {
    let values = [
        r#"<?page=4>; rel="next""#,
        r#"<?page=4>; rel=next"#,
        r#"<?page=2>; rel="prev", <?page=4>; rel="next", <?page=9>; rel="last""#,
        r#"<?page=2>; rel=prev,<?page=4>; rel=next,<?page=9>; rel=last"#,
        r#"<?page=4>; rel="next"; title="Über uns", </about>; rel="author"; title="a, b""#,
        r#"</about>; title="Über, uns; <x>"; rel="author", <?page=4>; title="four"; rel="next last""#,
        r#"<?page=4>; type="text/html"; rel="next", <?page=9>; type="text/html"; rel="last""#,
    ];
    let find = |value: &str, part: &str| {
        let at = value.find(part).unwrap();
        at..at + part.len()
    };
    let parts = |value: &str| [find(value, "?page=4"), find(value, "next")];
    values.map(|value| (value.as_bytes().to_vec(), parts(value))).to_vec()
}

#[test]
fn a_header_with_one_byte_wrong_is_read_right_or_is_an_error() {
    for (value, [target, next]) in wellformed() {
        assert_eq!(after(&[&value]), Ok(Some(NEXT.into())));
        let check = |at: usize, damaged: &[u8]| {
            let found = after(&[damaged]);
            let shown = String::from_utf8_lossy(damaged);
            assert_ne!(found, Ok(None), "{shown}");
            // Beside the target, it is another target.
            let is_exact = at + 1 < target.start || at > target.end;
            let url = found.ok().flatten().filter(|_| is_exact);
            assert!(url.as_deref().is_none_or(|url| url == NEXT), "{shown}: {url:?}");
        };
        let is_target = |at: usize| target.contains(&at);
        for at in (0..value.len()).filter(|at| !next.contains(at) && !is_target(*at)) {
            // Beside the word `next` a letter makes another word of it.
            let is_beside = at + 1 == next.start || at == next.end;
            let bytes = b"\t !\"#%&'()*+,-./:;<=>?@[\\]_az09\x80\xc3\xff".iter().copied();
            for byte in bytes.filter(|byte| !is_beside || !byte.is_ascii_alphanumeric()) {
                let (mut inserted, mut replaced) = (value.clone(), value.clone());
                inserted.insert(at, byte);
                check(at, &inserted);
                replaced[at] = byte;
                check(at, &replaced);
            }
            if !is_beside || value[at] != b' ' {
                let mut deleted = value.clone();
                deleted.remove(at);
                check(at, &deleted);
            }
        }
    }
}

proptest! {
    /// With several bytes wrong a header may say something else, but never that there is no next page.
    #[test]
    fn what_is_damaged_anywhere_but_in_the_word_next_is_never_no_next_page(
        which in 0..7_usize,
        damage in prop::collection::vec((any::<prop::sample::Index>(), 0..3_u8, 128..=255_u8), 1..4),
    ) {
        let (mut value, [_, next]) = wellformed().swap_remove(which);
        let mut next = next;
        for (at, kind, byte) in damage {
            let at = at.index(value.len());
            if (next.start..=next.end).contains(&at) {
                continue;
            }
            match kind {
                0 => value.insert(at, byte),
                1 => value[at] = byte,
                _ => drop(value.remove(at)),
            }
            match kind {
                0 if at < next.start => next = next.start + 1..next.end + 1,
                2 if at < next.start => next = next.start - 1..next.end - 1,
                _ => {}
            }
        }
        prop_assert_ne!(after(&[&value]), Ok(None), "{}", String::from_utf8_lossy(&value));
    }

    /// Nothing that a server sends stops the watcher.
    #[test]
    fn any_bytes_are_read(value in prop::collection::vec(prop_oneof![
        Just(b"<".to_vec()), Just(b">".to_vec()), Just(b";".to_vec()), Just(b",".to_vec()),
        Just(b"\"".to_vec()), Just(b"'".to_vec()), Just(b"=".to_vec()), Just(b" ".to_vec()),
        Just(b"\\".to_vec()), Just(b"rel".to_vec()), Just(b"next".to_vec()), Just(b"/p".to_vec()),
        (128..=255_u8).prop_map(|byte| vec![byte]),
    ], 0..24)) {
        let value = value.concat();
        if !contains_next(&value) {
            prop_assert_eq!(after(&[&value]), Ok(None));
        }
        let _ = after(&[&value]);
    }
}
