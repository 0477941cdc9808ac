//! `http.method` and `http.body`: what is asked.

use serde::de::IgnoredAny;

use super::{Invalid, word};

/// The method of the requests (RFC 9110 §9.3).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Method {
    /// The value is the body of the answer.
    #[default]
    Get,
    /// The value is the head of the answer: `etag`, `last_modified`, `content_length` and so on.
    Head,
    /// The value is the body of the answer to a `body`: searches, GraphQL.
    Post,
}

/// What is sent with a POST.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Body {
    /// `application/json`; it is JSON, and is sent as it is written.
    Json(String),
    /// `text/plain; charset=utf-8`, unless a header says otherwise.
    Text(String),
}

impl Method {
    const WORDS: [(&'static str, Self); 3] =
        [("get", Self::Get), ("head", Self::Head), ("post", Self::Post)];

    /// The words of all.
    pub(super) fn words() -> Vec<&'static str> {
        word::all(&Self::WORDS)
    }

    /// Reads the word of a method.
    #[cfg(feature = "yaml")]
    pub(crate) fn parse(setting: &str, text: &str) -> Result<Self, Invalid> {
        word::parse(setting, text, &Self::WORDS, ("bad-method", "a method"))
    }

    pub(crate) fn word(self) -> &'static str {
        word::of(&self, &Self::WORDS)
    }
}

/// The method: of a body it is `post`.
pub(super) fn check(method: Option<Method>, body: Option<&Body>) -> Result<Method, Invalid> {
    match (method, body) {
        (None, Some(_)) => Ok(Method::Post),
        (Some(method @ (Method::Get | Method::Head)), Some(_)) => {
            Err(Invalid::no_use("http.body", method.word())
                .help("write `post`, or leave `method` out"))
        }
        (method, _) => Ok(method.unwrap_or_default()),
    }
}

/// The body. What it holds is not shown.
pub(super) fn check_body(body: Option<&Body>) -> Result<Option<Body>, Invalid> {
    if let Some(Body::Json(text)) = body
        && let Err(error) = serde_json::from_str::<IgnoredAny>(text)
    {
        let message = format!("the body is not JSON: {error}");
        return Err(Invalid::new("http.body.json", "bad-json", message)
            .help("JSON has its names and texts in `\"`; other bodies are `text`"));
    }
    Ok(body.cloned())
}
