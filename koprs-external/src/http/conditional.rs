//! Conditional requests (RFC 9110 §13), without IO.
//!
//! Validators are kept verbatim, weak ones too: `If-None-Match` compares weakly (§13.1.2). They belong to
//! the URL that answered, the `Accept` that was sent and the credential; a change of any of them drops
//! them. A `Last-Modified` of the very second of the answer is none: the content may change again within
//! that second and keep its date (§8.8.2.2). They are committed by the caller, after decode and diff have
//! succeeded: a body that could not be decoded is asked for again.

use std::time::Duration;

use http::header::{DATE, ETAG, IF_MODIFIED_SINCE, IF_NONE_MATCH, LAST_MODIFIED};
use http::{HeaderMap, HeaderName, HeaderValue};
use url::Url;

/// What a server gave to recognise a content by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Validators {
    /// Where the content came from, if not from the URL that is polled.
    from: Option<Box<Url>>,
    etag: Option<HeaderValue>,
    last_modified: Option<HeaderValue>,
}

impl Validators {
    /// The validators of an answer; `from` is the URL that gave it, if another than the polled one.
    pub(super) fn of(headers: &HeaderMap, from: Option<Box<Url>>) -> Self {
        Self {
            from,
            etag: headers.get(ETAG).map(copied),
            last_modified: last_modified(headers).map(copied),
        }
    }

    /// Writes them on a request to `polled` or, after redirects, to `to`. Returns whether there were any.
    pub(super) fn write(&self, to: Option<&Url>, headers: &mut HeaderMap) -> bool {
        if self.from.as_deref() != to {
            return false;
        }
        if let Some(etag) = &self.etag {
            headers.insert(IF_NONE_MATCH, etag.clone());
        }
        if let Some(date) = &self.last_modified {
            headers.insert(IF_MODIFIED_SINCE, date.clone());
        }
        self.etag.is_some() || self.last_modified.is_some()
    }

    /// A 304 may carry newer ones (RFC 9111 §4.3.4).
    pub(super) fn renew(&mut self, headers: &HeaderMap) {
        renew(&mut self.etag, headers.get(ETAG));
        renew(&mut self.last_modified, last_modified(headers));
    }
}

fn renew(known: &mut Option<HeaderValue>, new: Option<&HeaderValue>) {
    if new.is_some() && known.as_ref() != new {
        *known = new.map(copied);
    }
}

/// In a buffer of its own: a header as it came is a slice of the connection's, and keeps that alive.
fn copied(value: &HeaderValue) -> HeaderValue {
    HeaderValue::from_bytes(value.as_bytes()).unwrap_or_else(|_| value.clone())
}

/// `Last-Modified`, where it is a second older than the answer, or the answer does not tell its age.
fn last_modified(headers: &HeaderMap) -> Option<&HeaderValue> {
    let date = |name: HeaderName| httpdate::parse_http_date(headers.get(name)?.to_str().ok()?).ok();
    let age = date(DATE).zip(date(LAST_MODIFIED)).map(|(now, then)| now.duration_since(then));
    let settled = age.is_none_or(|age| age.is_ok_and(|age| age >= Duration::from_secs(1)));
    headers.get(LAST_MODIFIED).filter(|_| settled)
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;

    fn headers(pairs: &[(http::HeaderName, &str)]) -> HeaderMap {
        pairs.iter().map(|(name, value)| (name.clone(), value.parse().unwrap())).collect()
    }

    fn written(validators: &Validators, to: Option<&Url>) -> Option<HeaderMap> {
        let mut request = HeaderMap::new();
        validators.write(to, &mut request).then_some(request)
    }

    #[test]
    fn validators_are_sent_back_verbatim_weak_ones_too() {
        let answer =
            headers(&[(ETAG, "W/\"v1\""), (LAST_MODIFIED, "Sun, 06 Nov 1994 08:49:37 GMT")]);
        let request = written(&Validators::of(&answer, None), None).unwrap();
        assert_eq!(request[IF_NONE_MATCH], "W/\"v1\"");
        assert_eq!(request[IF_MODIFIED_SINCE], "Sun, 06 Nov 1994 08:49:37 GMT");
    }

    #[test]
    fn a_date_is_a_validator_once_its_second_is_over() {
        let then = "Sun, 06 Nov 1994 08:49:37 GMT";
        let cases = [
            ("Sun, 06 Nov 1994 08:49:36 GMT", false),
            (then, false),
            ("Sun, 06 Nov 1994 08:49:38 GMT", true),
            ("today", true),
        ];
        for (now, counts) in cases {
            let answer = headers(&[(LAST_MODIFIED, then), (DATE, now)]);
            assert_eq!(written(&Validators::of(&answer, None), None).is_some(), counts, "{now}");
        }
    }

    #[test]
    fn an_answer_without_validators_makes_no_conditional_request() {
        assert_eq!(written(&Validators::of(&HeaderMap::new(), None), None), None);
    }

    #[test]
    fn validators_belong_to_the_url_that_answered() {
        let there = Url::parse("https://h/there").unwrap();
        let elsewhere = Url::parse("https://h/elsewhere").unwrap();
        let validators = Validators::of(&headers(&[(ETAG, "\"v1\"")]), Some(there.clone().into()));
        assert!(written(&validators, Some(&there)).is_some());
        assert!(written(&validators, Some(&elsewhere)).is_none());
        assert!(written(&validators, None).is_none());
    }

    #[test]
    fn validators_do_not_keep_the_buffer_of_the_connection_alive() {
        let buffer = Bytes::from("\"v1\"\"v2\"".repeat(1000));
        let etag = |range| HeaderValue::from_maybe_shared(buffer.slice(range)).unwrap();
        let mut validators = Validators::of(&HeaderMap::from_iter([(ETAG, etag(0..4))]), None);
        validators.renew(&HeaderMap::from_iter([(ETAG, etag(4..8))]));
        assert_eq!(written(&validators, None).unwrap()[IF_NONE_MATCH], "\"v2\"");
        assert!(buffer.is_unique());
    }

    #[test]
    fn a_304_may_renew_them() {
        let mut validators = Validators::of(&headers(&[(ETAG, "\"v1\"")]), None);
        validators.renew(&headers(&[(ETAG, "\"v1-gzip\"")]));
        assert_eq!(written(&validators, None).unwrap()[IF_NONE_MATCH], "\"v1-gzip\"");
        validators.renew(&HeaderMap::new());
        assert_eq!(written(&validators, None).unwrap()[IF_NONE_MATCH], "\"v1-gzip\"");
    }
}
