//! Conditional requests (RFC 9110 §13), without IO.
//!
//! Validators are kept verbatim, weak ones too: `If-None-Match` compares weakly (§13.1.2). They belong to
//! the URL that answered, the `Accept` that was sent and the credential; a change of any of them drops
//! them. They are committed by the caller, after decode and diff have succeeded: a body that could not be
//! decoded is asked for again.

use http::header::{ETAG, IF_MODIFIED_SINCE, IF_NONE_MATCH, LAST_MODIFIED};
use http::{HeaderMap, HeaderValue};
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
    pub(super) fn of(headers: &HeaderMap, from: Option<Url>) -> Self {
        Self {
            from: from.map(Box::new),
            etag: headers.get(ETAG).cloned(),
            last_modified: headers.get(LAST_MODIFIED).cloned(),
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
        if let Some(etag) = headers.get(ETAG) {
            self.etag = Some(etag.clone());
        }
        if let Some(date) = headers.get(LAST_MODIFIED) {
            self.last_modified = Some(date.clone());
        }
    }
}

#[cfg(test)]
mod tests {
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
    fn an_answer_without_validators_makes_no_conditional_request() {
        assert_eq!(written(&Validators::of(&HeaderMap::new(), None), None), None);
    }

    #[test]
    fn validators_belong_to_the_url_that_answered() {
        let there = Url::parse("https://h/there").unwrap();
        let elsewhere = Url::parse("https://h/elsewhere").unwrap();
        let validators = Validators::of(&headers(&[(ETAG, "\"v1\"")]), Some(there.clone()));
        assert!(written(&validators, Some(&there)).is_some());
        assert!(written(&validators, Some(&elsewhere)).is_none());
        assert!(written(&validators, None).is_none());
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
