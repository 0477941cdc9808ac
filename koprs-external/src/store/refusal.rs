//! The answer of a store that does not serve a request.
//!
//! `object_store` keeps the body of such an answer as text. Of a redirect it keeps nothing, although this is how S3 says
//! that a bucket is in another region: [`CheckedConnector`](super::CheckedConnector) keeps that.

use std::error::Error;
use std::fmt;

use http::header::LOCATION;
use http::{HeaderMap, Response, StatusCode};
use object_store::client::{HttpError, HttpErrorKind, HttpResponseBody};
use serde_json::Value;
use url::Url;

use super::xml;

/// What an answer says that has another status than success.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Refusal {
    pub(super) status: u16,
    pub(super) code: Option<String>,
    pub(super) message: Option<String>,
    /// Where the bucket is, as S3 says it in the body or in a header.
    pub(super) region: Option<String>,
    /// The host that serves the bucket.
    pub(super) endpoint: Option<String>,
    /// When the server answered, by its own clock.
    pub(super) server_time: Option<String>,
    /// The server does not list folders with all that is below them.
    pub(super) refuses_depth: bool,
    /// Where a redirect leads that is not followed.
    pub(super) moved: Option<Moved>,
}

/// Where a redirect leads that is not followed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Moved {
    /// To this origin, which is not that of the request.
    Elsewhere(String),
    /// Within the origin, as in a loop.
    TooOften,
}

impl Moved {
    pub(super) fn read(status: StatusCode, headers: &HeaderMap, from: &Url) -> Option<Self> {
        let location = headers.get(LOCATION).filter(|_| status.is_redirection())?;
        let to = from.join(std::str::from_utf8(location.as_bytes()).ok()?).ok()?;
        Some(match to.origin() == from.origin() {
            true => Self::TooOften,
            false => Self::Elsewhere(to.origin().ascii_serialization()),
        })
    }
}

impl Refusal {
    pub(super) fn read(status: u16, body: &str) -> Self {
        let refuses_depth = mentions_depth(body);
        let mut refusal = Self { status, refuses_depth, ..Self::default() };
        // The documents of object stores, and of AWS's token service.
        for root in ["Error", "ErrorResponse"] {
            // What can be read of a document that is cut is better than nothing.
            let _ = xml::read(body.as_bytes(), root, "Error", |element| {
                refusal.field(&element.name, element.text.trim());
            });
        }
        if refusal.code.is_none() {
            refusal.read_json(body);
        }
        refusal
    }

    fn field(&mut self, name: &str, text: &str) {
        let field = match name {
            "Code" => &mut self.code,
            "Message" => &mut self.message,
            "Region" => &mut self.region,
            "Endpoint" => &mut self.endpoint,
            "ServerTime" => &mut self.server_time,
            // Google's and Azure's messages do not say which permission is missing.
            "Details" | "AuthenticationErrorDetail" => {
                if let Some(message) = &mut self.message {
                    *message = format!("{message} {text}");
                }
                return;
            }
            _ => return,
        };
        // Azure ends its messages with what differs from one request to the next.
        let text = text.split_once("\nRequestId:").map_or(text, |(text, _)| text);
        if !text.is_empty() {
            field.get_or_insert_with(|| text.to_owned());
        }
    }

    /// The errors of OAuth (RFC 6749 §5.2) and of Google's APIs.
    fn read_json(&mut self, body: &str) {
        let Ok(body) = serde_json::from_str::<Value>(body) else { return };
        let text = |pointer: &str| body.pointer(pointer)?.as_str().map(str::to_owned);
        self.code =
            text("/error").or_else(|| text("/error/status")).or_else(|| text("/error/code"));
        self.message = text("/error_description").or_else(|| text("/error/message"));
    }
}

/// Whether a server refuses `Depth: infinity`: by the element of RFC 4918 §9.1, or in a text for people.
fn mentions_depth(body: &str) -> bool {
    let body = body.to_ascii_lowercase();
    body.contains("propfind-finite-depth") || (body.contains("depth") && body.contains("infinity"))
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the store answered {}", self.status)?;
        if let Some(code) = &self.code {
            write!(f, " {code}")?;
        }
        if let Some(message) = &self.message {
            write!(f, ": {message}")?;
        }
        Ok(())
    }
}

impl Error for Refusal {}

/// Passes an answer on, unless it is a redirect: that is an error which keeps what the answer says.
pub(super) async fn checked(
    response: Response<HttpResponseBody>,
) -> Result<Response<HttpResponseBody>, HttpError> {
    let status = response.status();
    if !status.is_redirection() || status == StatusCode::NOT_MODIFIED {
        return Ok(response);
    }
    let (head, body) = response.into_parts();
    let body = body.bytes().await.unwrap_or_default();
    let mut refusal = Refusal::read(status.as_u16(), &String::from_utf8_lossy(&body));
    if let Some(Ok(region)) = head.headers.get("x-amz-bucket-region").map(|it| it.to_str()) {
        refusal.region.get_or_insert_with(|| region.to_owned());
    }
    refusal.moved = head.extensions.get().cloned();
    Err(HttpError::new(HttpErrorKind::Unknown, refusal))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_of_any_depth_is_read_or_passed_over() {
        let test = || {
            for levels in [126, 127, 100_000] {
                let nested = "[".repeat(levels) + &"]".repeat(levels);
                let body = format!(r#"{{"error":"A","x":{nested}}}"#);
                let shown = Refusal::read(403, &body).to_string();
                let code = if levels == 126 { " A" } else { "" };
                assert_eq!(shown, format!("the store answered 403{code}"), "{levels}");
            }
        };
        let thread = std::thread::Builder::new().stack_size(512 * 1024).spawn(test).unwrap();
        thread.join().unwrap();
    }

    #[test]
    fn a_refusal_is_shown_by_its_status_its_code_and_its_message() {
        for (body, expected) in [
            ("", "the store answered 403"),
            ("<html><body>No</body></html>", "the store answered 403"),
            (
                "<Error><Code>A</Code><Message>&lt;b&gt; &#34;c&#34;</Message></Error>",
                "the store answered 403 A: <b> \"c\"",
            ),
            (
                "<Error><Message><![CDATA[a & b]]></Message></Error>",
                "the store answered 403: a & b",
            ),
            ("<Error><Code> A </Code><Message/></Error>", "the store answered 403 A"),
            ("<Error><Code>A</Code><Message>cut", "the store answered 403 A"),
            (
                "\u{feff}<?xml version=\"1.0\"?>\n<x:Error xmlns:x=\"y\"><x:Code>A</x:Code></x:Error>",
                "the store answered 403 A",
            ),
            // Azure.
            (
                "<Error><Code>A</Code><Message>b.\nRequestId:1\nTime:2</Message></Error>",
                "the store answered 403 A: b.",
            ),
            (
                "<Error><Code>A</Code><Message>b.\nRequestId:1</Message><AuthenticationErrorDetail>c</AuthenticationErrorDetail></Error>",
                "the store answered 403 A: b. c",
            ),
            // Google.
            (
                "<Error><Code>A</Code><Message>b.</Message><Details>c</Details></Error>",
                "the store answered 403 A: b. c",
            ),
            // The token service of AWS.
            (
                "<ErrorResponse xmlns=\"x\"><Error><Type>Sender</Type><Code>A</Code><Message>b</Message></Error>\
                 <RequestId>1</RequestId></ErrorResponse>",
                "the store answered 403 A: b",
            ),
            // OAuth, and the APIs of Google.
            ("{\"error\": \"A\", \"error_description\": \"b\"}", "the store answered 403 A: b"),
            (
                "{\"error\": {\"code\": 403, \"message\": \"b\", \"status\": \"A\"}}",
                "the store answered 403 A: b",
            ),
            ("[1]", "the store answered 403"),
        ] {
            assert_eq!(Refusal::read(403, body).to_string(), expected, "{body}");
        }
    }
}
