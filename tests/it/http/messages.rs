//! Errors as they are read: what happened, to what, and what to do about it.

use koprs_external::http::HttpPoller;
use koprs_external::spec::{SecretSource, WatcherBuilder};
use koprs_external::watcher::ExternalSource;
use koprs_external_tests::{Reply, Server};

use super::stage::{declare, source};

/// What a poll of this answer says, behind the watcher and its URL.
async fn said(reply: Reply, declaration: impl FnOnce(String) -> WatcherBuilder) -> String {
    let server = Server::start().await;
    server.set("/v", reply);
    let mut source = source::<u32>(declaration(server.url("/v")));
    let error = source.poll().await.unwrap_err().to_string();
    let asked = format!("watcher `flags` ({}): ", server.url("/v"));
    let (_, said) = error.split_once(&asked).unwrap_or_else(|| panic!("{asked}: {error}"));
    said.to_owned()
}

#[tokio::test]
async fn a_status_says_what_it_means_and_what_it_wants() {
    let cases = [
        (Reply::status(400), "the server answered 400 Bad Request"),
        (
            Reply::status(401),
            "the server answered 401 Unauthorized: it wants a credential, or another one (`auth`)",
        ),
        (
            Reply::status(403),
            "the server answered 403 Forbidden: it does not allow this with the credential, or without one",
        ),
        (
            Reply::status(407),
            "the server answered 407 Proxy Authentication Required: the proxy wants a credential",
        ),
        (Reply::status(418), "the server answered 418 I'm a teapot"),
        (
            Reply::status(429).header("retry-after", "7"),
            "the server answered 429 Too Many Requests; the server asks to wait 7 s",
        ),
        (Reply::status(500), "the server answered 500 Internal Server Error"),
        (Reply::status(202), "the server answered 202 Accepted: there is no value yet"),
        (
            Reply::status(206),
            "the server answered 206 Partial Content: a part of the value, which was not asked for",
        ),
        (Reply::status(304), "the server answered 304, and there is nothing to compare with"),
        (Reply::json("12").no_length().status_code(599), "the server answered 599"),
    ];
    for (reply, message) in cases {
        assert_eq!(said(reply, declare).await, message);
    }
}

#[tokio::test]
async fn a_redirect_says_why_it_is_not_followed() {
    let cases = [
        (Reply::status(302), "the redirect is not followed: it has no `Location`"),
        (
            Reply::redirect(302, "/v"),
            "the redirect is not followed: more than `redirect_limit`, 5, in a row, as in a loop",
        ),
        (
            Reply::redirect(302, "http://["),
            "the redirect is not followed: its `Location` is no URL",
        ),
        (
            Reply::redirect(302, "ftp://h/v"),
            "the redirect is not followed: it leads to `ftp://h/v`, which is not on the web",
        ),
    ];
    for (reply, message) in cases {
        assert_eq!(said(reply, declare).await, message);
    }
}

/// The words behind the colon are the system's and the client's.
#[tokio::test]
async fn a_broken_answer_says_how_it_broke() {
    let cases = [
        (Reply::redirect(302, "http://127.0.0.1:1/v"), "cannot connect: Connection refused"),
        (Reply::reset(), "the answer broke off: Connection reset by peer"),
        (Reply::close(), "the answer broke off: connection closed before message completed"),
        (Reply::garbage("\x01"), "the answer broke off: invalid HTTP version parsed"),
        (
            Reply::json("12").truncate(1),
            "the body is broken: end of file before message length reached",
        ),
        (
            Reply::json("12").chunked().truncate(1),
            "the body is broken: unexpected EOF during chunk size line",
        ),
        (
            Reply::json("12").header("content-encoding", "gzip"),
            "the body is broken: Invalid gzip header",
        ),
        (Reply::json(" ").endless(), "the body is larger than `body_limit`, 8388608 bytes"),
        (
            Reply::redirect(302, &format!("http://{}.test/", "x".repeat(64))),
            "cannot connect: failed to lookup address information",
        ),
    ];
    for (reply, message) in cases {
        let said = said(reply, declare).await;
        assert!(said.starts_with(message), "{said}");
    }
}

#[tokio::test]
async fn a_body_that_is_no_value_says_why() {
    let cases = [
        (Reply::json("{}"), "expected u32, found an empty object"),
        (Reply::json("["), "expected u32, found an empty array"),
        (Reply::json(""), "the body is empty"),
        (
            Reply::bytes("text/html", ""),
            "the body is an HTML page (`text/html`), such as a login or maintenance page; declare `decode: text` if the \
             page is the value",
        ),
        (
            Reply::text("one"),
            "the body is read as text because its content type is `text/plain`, and the type expects u32; declare \
             another format, for example `decode: json`",
        ),
        (
            Reply::bytes("application/octet-stream", "a: 1\n"),
            "not JSON: expected value at line 1 column 1; it was read as JSON, since the content type \
             `application/octet-stream` does not say what it is: declare its format, for example `decode: yaml`",
        ),
        (Reply::bytes("application/yaml", "one"), r#"expected u32, found "one""#),
        (
            Reply::bytes("application/yaml", "# one"),
            "the body has no content: only comments, or empty documents",
        ),
    ];
    for (reply, message) in cases {
        assert_eq!(said(reply, declare).await, message);
    }
}

/// Neither the pointer nor a name is a value, and no value is shown.
#[tokio::test]
async fn a_list_that_is_not_where_it_should_be_says_what_is_there() {
    let at = |url: String| declare(url).items("/data/items").key("/id");
    let keyed = |url: String| declare(url).items("").key("/id");
    let yaml = |body: &str| Reply::bytes("application/yaml", body.to_owned());
    let elsewhere = "data.items: there is nothing at `/data/items`, where the items should be: `/data` is an object \
                     with `results`, `token`; is the list at `/data/results`?";
    for reply in [
        Reply::json(r#"{"data":{"results":[1],"token":"s3cr3t"}}"#),
        yaml("data:\n  results: [1]\n  token: s3cr3t\n"),
    ] {
        assert_eq!(said(reply, at).await, elsewhere);
    }
    let member = "data: not an item of the object: expected an object with `id`, found an array of 1; is the list at \
                  `/data`?";
    assert_eq!(said(Reply::json(r#"{"data":[{"id":1}],"next":7}"#), keyed).await, member);
    assert_eq!(
        said(Reply::bytes("text/csv", "name,plan\na,b\n"), keyed).await,
        "there is no column `id` for the key; the columns are `name`, `plan`"
    );
}

#[tokio::test]
async fn an_error_behind_a_redirect_says_where_it_happened() {
    let elsewhere = Server::start().await;
    elsewhere.set("/v", Reply::status(503).header("retry-after", "7"));
    let url = elsewhere.url("/v");
    let redirect = Reply::redirect(302, &format!("{url}?token=t"));
    assert_eq!(
        said(redirect.clone(), declare).await,
        format!(
            "the server answered 503 Service Unavailable (redirected to `{url}`); the server asks to wait 7 s"
        )
    );
    elsewhere.stop().await;
    let down = said(redirect.clone(), declare).await;
    assert!(down.starts_with("cannot connect: "), "{down}");
    assert!(down.ends_with(&format!("(redirected to `{url}`)")), "{down}");
    let bearer = |url| declare(url).bearer(SecretSource::Value("t".into()));
    assert_eq!(
        said(redirect, bearer).await,
        format!(
            "the redirect is not followed: it leads to another origin, `{url}`, and the request carries credentials or a body; poll that URL itself"
        )
    );
}

#[tokio::test]
async fn a_poller_without_a_name_is_called_by_its_url_once() {
    let server = Server::start().await;
    server.set("/v", Reply::status(500));
    let mut poller = HttpPoller::new(server.url("/v"));
    assert_eq!(
        poller.poll().await.unwrap_err().to_string(),
        format!("HTTP error: {}: the server answered 500 Internal Server Error", server.url("/v"))
    );
}
