//! `http.method` and `http.body`: what is asked.

/// The method of the requests (RFC 9110 §9.3).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
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
