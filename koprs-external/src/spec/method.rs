//! `http.method` and `http.body`: what is asked.

use super::settings::{Settings, Value};
use super::table::row;
use super::word;

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

    /// The method of a word.
    fn of_word(word: &str) -> Option<Self> {
        word::value(word, &Self::WORDS)
    }

    pub(crate) fn word(self) -> &'static str {
        word::of(&self, &Self::WORDS)
    }
}

impl Body {
    pub(super) fn from_settings(settings: &Settings) -> Option<Self> {
        let json = settings.get(row!("http.body.json")).map(Self::Json);
        json.or_else(|| settings.get(row!("http.body.text")).map(Self::Text))
    }
}

impl Method {
    /// The method; with a body it is `post`.
    pub(super) fn from_settings(settings: &Settings) -> Self {
        let declared = settings.get(row!("http.method")).and_then(Self::of_word);
        let is_posted = matches!(settings.value(row!("http.body")), Some(Value::Block));
        declared.unwrap_or(if is_posted { Self::Post } else { Self::Get })
    }
}
