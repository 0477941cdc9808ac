//! The fault table, its rows: what servers do, and what each of three polls comes to. See `fault_table`.

use koprs_external_tests::Reply;

use super::fault_subjects::{Good, Place, cursor};
use super::faults::encoded;
use super::shelf::item;

/// A behaviour of a server.
pub(super) struct Row {
    pub(super) name: &'static str,
    /// What it answers in place of what is right.
    pub(super) answer: Answer,
    /// What polls come to, wherever it strikes.
    pub(super) meets: &'static [(&'static [Place], &'static str)],
}

pub(super) type Answer = fn(&Good) -> Reply;

use Place::{
    BareList, BareValue, CsvList, CursorLast, CursorMiddle, HeaderLast, HeaderMiddle, Last, List,
    Middle, NdjsonList, NumberMiddle, Value, YamlList, YamlValue,
};

/// A value, a list, and pages in the middle and at the end.
const ALL: &[Place] = &[Value, List, Middle, Last];
const LISTS: &[Place] = &[List, Middle, Last, NumberMiddle, HeaderMiddle, HeaderLast];
const PAGES: &[Place] = &[Middle, Last];

const fn row(
    name: &'static str,
    answer: Answer,
    meets: &'static [(&'static [Place], &'static str)],
) -> Row {
    Row { name, answer, meets }
}

/// A page for people, with a status.
fn page(code: u16) -> Reply {
    Reply::bytes("text/html", "<h1>Sorry</h1>").status_code(code)
}

fn json(body: &'static str) -> Reply {
    Reply::json(body)
}

fn link(good: &Good, link: &[u8]) -> Reply {
    good.reply().header("link", link)
}

pub(super) fn rows() -> impl Iterator<Item = &'static Row> {
    [STATUSES, BODIES, SHAPES, EMPTY, LINKS, CURSORS, MORE, HEADERS].into_iter().flatten()
}

const STATUSES: &[Row] = &[
    row("202, there is no value yet", |_| page(202), &[(ALL, "!202")]),
    row(
        "206, a part of it",
        |good| good.reply().unconditional().status_code(206),
        &[(ALL, "!206")],
    ),
    row("300, a choice", |_| page(300), &[(ALL, "!300")]),
    row(
        "304 to an unconditional request",
        |_| Reply::status(304),
        &[(&[BareValue, BareList], "!304")],
    ),
    row("400, the request is wrong", |_| page(400), &[(ALL, "!400"), (&[CursorMiddle], "!400")]),
    row("401, the credential is wrong", |_| page(401), &[(ALL, "!401")]),
    row("402, it is not paid for", |_| page(402), &[(ALL, "!402")]),
    row("403, it is not allowed", |_| page(403), &[(ALL, "!403")]),
    row(
        "403, the token has expired",
        |_| page(403).header("www-authenticate", "Bearer error=\"invalid_token\""),
        &[(ALL, "!403")],
    ),
    row("404, a page that is not there", |_| page(404), &[(PAGES, "!404")]),
    row("405, the method is wrong", |_| page(405), &[(ALL, "!405")]),
    row("406, there is no such format", |_| page(406), &[(ALL, "!406")]),
    row("407, the proxy wants a credential", |_| page(407), &[(ALL, "!407")]),
    row("408, the server has waited too long", |_| page(408), &[(ALL, "!408")]),
    row("409, a conflict", |_| page(409), &[(ALL, "!409")]),
    row(
        "410, a cursor that has expired",
        |_| page(410),
        &[(PAGES, "!410"), (&[CursorMiddle], "!410")],
    ),
    row("412, a condition that does not hold", |_| page(412), &[(ALL, "!412")]),
    row("418, a teapot", |_| page(418), &[(ALL, "!418")]),
    row("421, another server's", |_| page(421), &[(ALL, "!421")]),
    row("425, too early", |_| page(425), &[(ALL, "!425")]),
    row("429 without a delay", |_| page(429), &[(ALL, "!429")]),
    row(
        "429 with an unreadable delay",
        |_| page(429).header("retry-after", "soon"),
        &[(ALL, "!429")],
    ),
    row(
        "429 with a delay of raw bytes",
        |_| page(429).header("retry-after", b"\xffbald"),
        &[(ALL, "!429")],
    ),
    row("431, headers that are too large", |_| page(431), &[(ALL, "!431")]),
    row("451, a court has said so", |_| page(451), &[(ALL, "!451")]),
    row("500, a bug", |_| page(500), &[(ALL, "!500"), (&[CursorMiddle, HeaderMiddle], "!500")]),
    row("501, it cannot do that", |_| page(501), &[(ALL, "!501")]),
    row("502, a gateway without its server", |_| page(502), &[(ALL, "!502")]),
    row("503, an overload", |_| page(503), &[(ALL, "!503"), (&[CursorMiddle], "!503")]),
    row(
        "503 with an unreadable delay",
        |_| page(503).header("retry-after", "in a while"),
        &[(ALL, "!503")],
    ),
    row("504, a gateway that has waited", |_| page(504), &[(ALL, "!504")]),
    row("507, a full disk", |_| page(507), &[(ALL, "!507")]),
    row("511, a captive portal", |_| page(511), &[(ALL, "!511")]),
    row("599, a status of nobody's", |_| page(599), &[(ALL, "!599")]),
];

const BODIES: &[Row] = &[
    row("an array that is cut", |_| json("[{\"id\":\"x\",\"n\":1},"), &[(ALL, "!decode")]),
    row("two documents", |_| json("[] []"), &[(ALL, "!decode")]),
    row(
        "another content type",
        |good| good.reply().unconditional().header("content-type", "text/html"),
        &[(ALL, ".")],
    ),
    row(
        "an error in CSV",
        |_| Reply::bytes("text/csv", "error\nunauthorized\n"),
        &[(&[CsvList], "!decode")],
    ),
    row(
        "an error in NDJSON",
        |_| Reply::bytes("application/x-ndjson", "{\"error\":\"unauthorized\"}\n"),
        &[(&[NdjsonList], "!decode")],
    ),
    row(
        "an error in JSON, where lines were",
        |_| json("{\n  \"error\": \"unauthorized\"\n}\n"),
        &[(&[CsvList, NdjsonList], "!decode")],
    ),
    row("a maintenance page with 200", |_| page(200), &[(ALL, "!decode")]),
    row(
        "a maintenance page that calls itself JSON",
        |_| json("<h1>Down for maintenance</h1>"),
        &[(ALL, "!decode")],
    ),
    row("a text", |_| json("\"soon\""), &[(ALL, "!decode")]),
    row("`null`", |_| json("null"), &[(ALL, "!decode")]),
    row("UTF-16", |_| Reply::json(wide("\u{feff}[]")), &[(ALL, "!decode")]),
    row("bytes that are no text", |_| json("[\"\u{0}\"]"), &[(ALL, "!decode")]),
    row(
        "headers that are too large",
        |_| json("[]").header("x-padding", "x".repeat(65 * 1024)),
        &[(ALL, "!headers")],
    ),
    row("a redirect loop", |_| Reply::redirect(302, "/loop"), &[(ALL, "!redirect")]),
    row("a redirect to nowhere in particular", |_| Reply::status(302), &[(ALL, "!redirect")]),
    row(
        "a name that does not resolve",
        |_| Reply::redirect(302, &format!("http://{}.invalid/v", "x".repeat(64))),
        &[(ALL, "!connect")],
    ),
    row(
        "a tag that nothing resolves",
        |_| Reply::bytes("application/yaml", "!vault 1\n"),
        &[(&[YamlValue], "!decode")],
    ),
    row(
        "a list with a tag that nothing resolves",
        |good| Reply::bytes("application/yaml", format!("!Sub\n- {}\n", item(&good.items[..2]))),
        &[(&[YamlList], "!decode")],
    ),
    row(
        "a body that is cut within a line",
        |_| Reply::bytes("application/x-ndjson", "{\"id\":\"a\",\"n\":1}\n{\"id\":\"b\""),
        &[(&[NdjsonList], ".hb .hb")],
    ),
];

const SHAPES: &[Row] = &[
    row(
        "an error with 200",
        |_| json(r#"{"error": "the database is down"}"#),
        &[(&[Value], "!decode"), (LISTS, "!decode")],
    ),
    row(
        "an error that has a key, with 200",
        |_| json(r#"{"error": {"id": "Unauthorized", "n": 401}}"#),
        &[(&[Value], "!decode"), (LISTS, "!decode"), (&[CursorMiddle, CursorLast], "!decode")],
    ),
    row(
        "an error in place of the items",
        |_| json(r#"{"data": {"error": {"id": "Unauthorized", "n": 401}}, "next": null}"#),
        &[(&[CursorMiddle, CursorLast], "!decode")],
    ),
    row("one item as it is, in no array", |_| Reply::json(item("a1")), &[(LISTS, "!decode")]),
    row(
        "`null` in place of the items",
        |_| json(r#"{"data": null, "next": null}"#),
        &[(&[CursorMiddle, CursorLast], "!decode")],
    ),
    row(
        "no items at all",
        |_| json(r#"{"next": null}"#),
        &[(&[CursorMiddle, CursorLast], "!decode")],
    ),
    row(
        "an error in YAML",
        |_| Reply::bytes("application/yaml", "error: {id: Unauthorized, n: 401}\n"),
        &[(&[YamlValue, YamlList], "!decode")],
    ),
    row(
        "an identical duplicate",
        |good| good.with(&format!("{} {}", good.items, &good.items[..2])),
        &[
            (LISTS, "."),
            (&[YamlList, CsvList, NdjsonList], "."),
            (&[CursorMiddle, CursorLast], "."),
        ],
    ),
    row(
        "a duplicate that contradicts",
        |good| good.with(&format!("{} {}9", good.items, &good.items[..1])),
        &[(LISTS, ".b"), (&[YamlList, CsvList, NdjsonList], ".b"), (&[CursorMiddle], ".b")],
    ),
];

const EMPTY: &[Row] = &[
    row("nothing, compressed", |_| encoded("gzip", b""), &[(ALL, "!decode")]),
    row(
        "an empty list in YAML",
        |_| Reply::bytes("application/yaml", "[]\n"),
        &[(&[YamlList], ".h .h")],
    ),
    row("nothing with 200", |_| json(""), &[(ALL, "!decode")]),
    row(
        "204, no content",
        |_| Reply::status(204),
        &[(ALL, "!decode"), (&[YamlValue, YamlList, CsvList], "!decode")],
    ),
    row("white space", |_| json(" \r\n\t\n"), &[(ALL, "!decode")]),
    row("a byte order mark alone", |_| json("\u{feff}"), &[(ALL, "!decode")]),
    row(
        "no YAML",
        |_| Reply::bytes("application/yaml", ""),
        &[(&[YamlValue, YamlList], "!decode")],
    ),
    row(
        "comments alone",
        |_| Reply::bytes("application/yaml", "# to be written\n---\n# soon\n"),
        &[(&[YamlValue, YamlList], "!decode")],
    ),
    row("no CSV, not even a head", |_| Reply::bytes("text/csv", ""), &[(&[CsvList], "!decode")]),
    row("an empty list", |good| good.with(""), &[(&[List, BareList, CsvList], ".h .h")]),
    row("an end that comes too soon", |good| good.with(""), &[(&[NumberMiddle], ".h .h")]),
];

const LINKS: &[Row] = &[
    row(
        "raw UTF-8 in another link",
        |good| good.reply().append("link", "</a>; rel=\"author\"; title=\"Über uns\""),
        &[(PAGES, "."), (&[Value, List], ".")],
    ),
    row(
        "raw UTF-8 in the same field",
        |good| link(good, "</v?page=4>; rel=\"next\", </a>; title=\"Über uns\"".as_bytes()),
        &[(&[Middle], ".")],
    ),
    row(
        "Latin-1 in a title before it",
        |good| link(good, b"</a>; title=\"\xdcber, uns\", </v?page=4>; rel=\"next\""),
        &[(&[Middle], ".")],
    ),
    row("no angle brackets", |good| link(good, b"/v?page=4; rel=\"next\""), &[(&[Middle], ".")]),
    row("no semicolon", |good| link(good, b"</v?page=4> rel=\"next\""), &[(&[Middle], ".")]),
    row("single quotes", |good| link(good, b"</v?page=4>; rel='next'"), &[(&[Middle], ".")]),
    row("no closing quote", |good| link(good, b"</v?page=4>; rel=\"next"), &[(&[Middle], ".")]),
    row("capitals", |good| link(good, b"</v?page=4>; REL=NEXT"), &[(&[Middle], ".")]),
    row(
        "two next pages",
        |good| link(good, b"</v?page=4>; rel=\"next\", </v?page=5>; rel=\"next\""),
        &[(&[Middle], "!pages")],
    ),
    row(
        "a next page without a target",
        |good| link(good, b"; rel=\"next\""),
        &[(&[Middle], "!pages")],
    ),
    row("a link back", |good| link(good, b"</v?page=6>; rel=\"prev\""), &[(&[Last], ".")]),
    row("an empty link", |good| link(good, b""), &[(&[Last], ".")]),
];

const CURSORS: &[Row] = &[
    row(
        "a cursor that is an object",
        |good| cursor(good.items, "{\"c\": 3}").unconditional(),
        &[(&[CursorMiddle, CursorLast], "!decode")],
    ),
    row(
        "a cursor that is an array",
        |good| cursor(good.items, "[3]").unconditional(),
        &[(&[CursorMiddle, CursorLast], "!decode")],
    ),
    row(
        "a cursor that is a number",
        |good| cursor(good.items, "3").unconditional(),
        &[(&[CursorMiddle], ".")],
    ),
    row(
        "a cursor that is empty",
        |good| cursor(good.items, "\"\"").unconditional(),
        &[(&[CursorLast], ".")],
    ),
    row(
        "a cursor of raw bytes",
        |good| good.reply().unconditional().header("x-next", b"\xff3"),
        &[(&[HeaderMiddle, HeaderLast], "!pages")],
    ),
    row(
        "two cursors that differ",
        |good| good.reply().unconditional().header("x-next", "3").append("x-next", "1"),
        &[(&[HeaderMiddle], "!pages")],
    ),
    row(
        "a cursor that leads back",
        |good| good.leading_to("2").unconditional(),
        &[(&[CursorMiddle, HeaderMiddle], "!pages")],
    ),
];

/// The server itself says that there is more, and no pages are declared.
const MORE: &[Row] = &[
    row(
        "a first page, with a link to the next",
        |good| good.with(&good.items[..20]).header("link", "</v?page=2>; rel=\"next\""),
        &[(&[List], ".h")],
    ),
    row(
        "a first page, of a range",
        |good| good.with(&good.items[..20]).header("content-range", "items 0-6/12"),
        &[(&[List], ".h")],
    ),
    row(
        "the whole list, with a link to a next page",
        |good| good.reply().unconditional().header("link", "</v?page=2>; rel=\"next\""),
        &[(&[List, BareList, YamlList, CsvList], ".")],
    ),
];

/// Headers that say something in a way that is not understood, over what is right.
const HEADERS: &[Row] = &[
    row(
        "`Last-Modified` without `Date`",
        |good| good.reply().unconditional().last_modified("Mon, 01 Jan 2024 00:00:00 GMT"),
        &[(ALL, ".")],
    ),
    row(
        "an unreadable `Last-Modified`",
        |good| good.reply().unconditional().last_modified("yesterday"),
        &[(ALL, ".")],
    ),
    row(
        "an `ETag` of raw bytes",
        |good| good.reply().unconditional().header("etag", b"\"\xff\""),
        &[(ALL, ".")],
    ),
    row(
        "an `ETag` without quotes",
        |good| good.reply().unconditional().header("etag", "abc"),
        &[(ALL, ".")],
    ),
    row(
        "nothing left, until nobody knows when",
        |good| {
            good.reply().header("x-ratelimit-remaining", "0").header("x-ratelimit-reset", "later")
        },
        &[(ALL, ".")],
    ),
    row(
        "an unreadable `Date`",
        |good| good.reply().unconditional().header("date", "today"),
        &[(ALL, ".")],
    ),
    row(
        "a length of nothing",
        |good| good.reply().unconditional().header("content-range", "nonsense"),
        &[(&[Value], ".")],
    ),
    row(
        "an empty content type",
        |good| good.reply().unconditional().header("content-type", ""),
        &[(ALL, ".")],
    ),
];

fn wide(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_le_bytes).collect()
}
