//! Conditional requests (RFC 9110 §13), without IO.
//!
//! Validators are kept verbatim, weak ones too: `If-None-Match` compares weakly (§13.1.2). They belong to
//! the URL that answered, the `Accept` that was sent and the credential; a change of any of them drops
//! them. They are committed by the caller, after decode and diff have succeeded: a body that could not be
//! decoded is asked for again.
//!
//! A date is a weak validator. A `Last-Modified` of the very second of the answer is none: the content may change
//! again within that second and keep its date (§8.8.2.2). An answer without (a readable) `Date` counts as made when
//! it was received (§6.6.1); since our clock may differ from the server's, `Last-Modified` then has to be a minute
//! older. And servers answer 304 to a date that is later than theirs (§13.1.3), so that an older file put back in
//! place would never be seen: on a date alone, every tenth poll asks in full. The `ETag` of nginx is such a date, and
//! the length: it is no validator either while its second is not over.
//!
//! What cannot be read is no validator, nor is what a server gives to every content: an empty `ETag`, several of
//! them, a `Last-Modified` of 1970. The next request is then unconditional, which costs a transfer and no change.

use std::time::{Duration, SystemTime};

use http::header::{DATE, ETAG, IF_MODIFIED_SINCE, IF_NONE_MATCH, LAST_MODIFIED};
use http::{HeaderMap, HeaderName, HeaderValue};
use url::Url;

use super::timestamp::parse_timestamp;
use crate::change::Fingerprint;
use crate::change::entity_tag::{opaque, weakly_equal};

/// By how much `Last-Modified` is older than the `Date` of its answer, at least.
const SETTLED: Duration = Duration::from_secs(1);
/// The same, where the time of receipt takes the place of `Date`: our clock may differ from the server's.
const SETTLED_BY_OUR_CLOCK: Duration = Duration::from_secs(60);
/// What was modified in the first days of 1970 has no date: archives and reproducible builds write one of these.
const NO_DATE: Duration = Duration::from_secs(2 * 86_400);
/// A longer value is no validator. Those of many pages are kept, and an entity tag of a digest has about a hundred bytes.
const LONGEST: usize = 1024;
/// So many answers in a row are believed on a date alone.
const DATED: u8 = 9;

/// What a server gave to recognise a content by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Validators {
    /// Where the content came from, if not from the URL that is polled.
    from: Option<Box<Url>>,
    /// The credential that they were given for.
    pub(super) given_for: Fingerprint,
    etag: Option<HeaderValue>,
    last_modified: Option<HeaderValue>,
    /// Answers in a row that said, by the date alone, that nothing has changed.
    dated: u8,
}

impl Validators {
    /// The validators of an answer that was received at this time; `from` is the URL that gave it, if another than
    /// the polled one.
    pub(super) fn of(
        headers: &HeaderMap,
        received: SystemTime,
        from: Option<Box<Url>>,
        given_for: Fingerprint,
    ) -> Self {
        Self {
            from,
            given_for,
            etag: etag(headers, received).map(copied),
            last_modified: last_modified(headers, received).map(copied),
            dated: 0,
        }
    }

    /// Writes them on a request to `polled` or, after redirects, to `to`. Returns whether there were any.
    pub(super) fn write(&self, to: Option<&Url>, headers: &mut HeaderMap) -> bool {
        if self.from.as_deref() != to || self.dated >= DATED {
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

    /// Where the content came from, if not from the URL that is polled.
    pub(super) fn from(&self) -> Option<&Url> {
        self.from.as_deref()
    }

    /// The bytes that they take.
    pub(super) fn size(&self) -> u64 {
        let from = self.from.as_ref().map_or(0, |url| url.as_str().len());
        let values = [&self.etag, &self.last_modified].into_iter().flatten();
        from.saturating_add(values.map(HeaderValue::len).sum()) as u64
    }

    /// Whether the content came from there; `None` is the URL that is polled.
    pub(super) fn are_of(&self, url: Option<&Url>) -> bool {
        self.from.as_deref() == url
    }

    /// A 304 says that the content is still this. It may renew what it names by the same entity tag; of
    /// another one it speaks too late, for the content may have changed since it compared (RFC 9111
    /// §4.3.4).
    pub(super) fn renew(&mut self, headers: &HeaderMap, received: SystemTime) {
        let (known, told) = (self.etag.as_ref(), single(headers, ETAG));
        if known.is_none() {
            self.dated = self.dated.saturating_add(1);
        } else if let Some(told) = told
            && known.is_some_and(|known| weakly_equal(known.as_bytes(), told.as_bytes()))
        {
            renew(&mut self.etag, Some(told));
            renew(&mut self.last_modified, last_modified(headers, received));
        }
    }
}

fn renew(known: &mut Option<HeaderValue>, new: Option<&HeaderValue>) {
    if new.is_some() && known.as_ref() != new {
        *known = new.map(copied);
    }
}

/// `ETag`, where it is one that tells this content from the next.
fn etag(headers: &HeaderMap, received: SystemTime) -> Option<&HeaderValue> {
    let settled = last_modified(headers, received).is_some();
    single(headers, ETAG).filter(|tag| is_entity_tag(tag) && (settled || !is_second(tag, headers)))
}

/// The value of a header that is there once, or several times with the same value, if it is not too long.
fn single(headers: &HeaderMap, name: HeaderName) -> Option<&HeaderValue> {
    let mut values = headers.get_all(name).into_iter();
    let first = values.next().filter(|first| first.len() <= LONGEST)?;
    values.all(|value| value == first).then_some(first)
}

/// Whether an entity tag is made of the second of `Last-Modified`, as nginx makes it.
fn is_second(tag: &HeaderValue, headers: &HeaderMap) -> bool {
    let modified = single(headers, LAST_MODIFIED).and_then(date);
    let second = modified.and_then(|time| time.duration_since(SystemTime::UNIX_EPOCH).ok());
    let begins = |second: Duration| format!("\"{:x}-", second.as_secs());
    second.is_some_and(|second| opaque(tag.as_bytes()).starts_with(begins(second).as_bytes()))
}

/// Whether this is one entity tag, if only in the spelling of a server that forgets the quotes. Neither `*`, which
/// any content matches, nor an empty one, nor several.
fn is_entity_tag(value: &HeaderValue) -> bool {
    let tag = opaque(value.as_bytes());
    let quoted = tag.strip_prefix(b"\"").and_then(|tag| tag.strip_suffix(b"\""));
    match quoted {
        Some(inner) => !inner.is_empty() && !inner.contains(&b'"'),
        None => !tag.is_empty() && tag != b"*" && !tag.iter().any(|byte| b"\",".contains(byte)),
    }
}

/// In a buffer of its own: a header as it came is a slice of the connection's, and keeps that alive.
fn copied(value: &HeaderValue) -> HeaderValue {
    HeaderValue::from_bytes(value.as_bytes()).unwrap_or_else(|_| value.clone())
}

/// `Last-Modified`, where it is old enough for the content not to change again under the same date.
fn last_modified(headers: &HeaderMap, received: SystemTime) -> Option<&HeaderValue> {
    let value = single(headers, LAST_MODIFIED)?;
    let modified = date(value)?;
    let (now, settled) = match single(headers, DATE).and_then(date) {
        Some(date) => (date, SETTLED),
        None => (received, SETTLED_BY_OUR_CLOCK),
    };
    let is_settled = now.duration_since(modified).is_ok_and(|age| age >= settled);
    let is_date = modified.duration_since(SystemTime::UNIX_EPOCH).is_ok_and(|at| at >= NO_DATE);
    (is_settled && is_date).then_some(value)
}

fn date(value: &HeaderValue) -> Option<SystemTime> {
    parse_timestamp(value.to_str().ok()?.trim())
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;

    /// 1994-11-07T08:49:37Z.
    fn received() -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_secs(784_198_177)
    }

    fn of(headers: &HeaderMap, from: Option<Box<Url>>) -> Validators {
        Validators::of(headers, received(), from, Fingerprint::default())
    }

    fn headers(pairs: &[(http::HeaderName, &str)]) -> HeaderMap {
        pairs.iter().map(|(name, value)| (name.clone(), value.parse().unwrap())).collect()
    }

    fn written(validators: &Validators, to: Option<&Url>) -> Option<HeaderMap> {
        let mut request = HeaderMap::new();
        validators.write(to, &mut request).then_some(request)
    }

    #[test]
    fn validators_are_sent_back_verbatim_weak_ones_too() {
        let answer = headers(&[
            (ETAG, "W/\"v1\""),
            (LAST_MODIFIED, "Sun, 06 Nov 1994 08:49:37 GMT"),
            (DATE, "Mon, 07 Nov 1994 08:49:37 GMT"),
        ]);
        let request = written(&of(&answer, None), None).unwrap();
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
            // The time of receipt counts, which is a day later.
            ("today", true),
        ];
        for (now, counts) in cases {
            let answer = headers(&[(LAST_MODIFIED, then), (DATE, now)]);
            assert_eq!(written(&of(&answer, None), None).is_some(), counts, "{now}");
        }
    }

    #[test]
    fn without_a_date_the_time_of_receipt_counts_once_a_minute_is_over() {
        let cases = [
            ("Mon, 07 Nov 1994 08:48:37 GMT", true),
            ("Mon, 07 Nov 1994 08:48:38 GMT", false),
            ("Mon, 07 Nov 1994 08:49:37 GMT", false),
            ("Mon, 07 Nov 1994 09:49:37 GMT", false),
            ("Monday, 07-Nov-94 08:48:37 GMT", true),
            ("Mon Nov  7 08:48:37 1994", true),
            ("Mon, 07 Nov 1994 08:48:37 UTC", true),
            ("1994-11-07T08:48:37Z", true),
            ("0", false),
            ("-1", false),
            ("", false),
            ("yesterday", false),
            ("Thu, 01 Jan 1970 00:00:01 GMT", false),
            ("Thu, 01 Jan 1970 00:00:00 GMT", false),
        ];
        for (modified, counts) in cases {
            let plain = of(&headers(&[(LAST_MODIFIED, modified)]), None);
            let unreadable = of(&headers(&[(LAST_MODIFIED, modified), (DATE, "now")]), None);
            for validators in [plain, unreadable] {
                let sent = written(&validators, None);
                assert_eq!(sent.is_some(), counts, "{modified}");
                assert!(sent.is_none_or(|sent| sent[IF_MODIFIED_SINCE] == modified), "verbatim");
            }
        }
    }

    #[test]
    fn of_several_that_differ_none_is_a_validator() {
        let (one, other) = ("Sun, 06 Nov 1994 08:49:37 GMT", "Sun, 06 Nov 1994 09:00:00 GMT");
        let cases = [
            (vec![(ETAG, "\"a\""), (ETAG, "\"b\"")], false),
            (vec![(ETAG, "\"a\""), (ETAG, "\"a\"")], true),
            (vec![(LAST_MODIFIED, one), (LAST_MODIFIED, other)], false),
            (vec![(LAST_MODIFIED, one), (LAST_MODIFIED, one)], true),
        ];
        for (lines, counts) in cases {
            let mut headers = HeaderMap::new();
            for (name, value) in &lines {
                headers.append(name, value.parse().unwrap());
            }
            assert_eq!(written(&of(&headers, None), None).is_some(), counts, "{lines:?}");
        }
    }

    #[test]
    fn raw_bytes_are_sent_back_as_they_came_or_not_at_all() {
        let raw = |bytes: &[u8]| HeaderValue::from_bytes(bytes).unwrap();
        let tag = HeaderMap::from_iter([(ETAG, raw(b"\"v\xFC1\""))]);
        assert_eq!(written(&of(&tag, None), None).unwrap()[IF_NONE_MATCH], raw(b"\"v\xFC1\""));
        let date = HeaderMap::from_iter([(LAST_MODIFIED, raw(b"06. M\xE4rz 1994"))]);
        assert!(written(&of(&date, None), None).is_none());
    }

    #[test]
    fn an_entity_tag_that_is_a_second_is_a_validator_once_it_is_over() {
        let then = "Sun, 06 Nov 1994 08:49:37 GMT";
        let cases = [
            ("\"2ebc98a1-1\"", then, false),
            ("W/\"2ebc98a1-1\"", then, false),
            ("\"2ebc98a1-1\"", "Sun, 06 Nov 1994 08:49:38 GMT", true),
            ("\"2ebc98a2-1\"", then, true),
            ("\"v1\"", then, true),
        ];
        for (etag, now, counts) in cases {
            let answer = headers(&[(ETAG, etag), (LAST_MODIFIED, then), (DATE, now)]);
            assert_eq!(written(&of(&answer, None), None).is_some(), counts, "{etag} {now}");
        }
        // Of some other server, there is no date to compare with.
        assert!(written(&of(&headers(&[(ETAG, "\"2ebc98a1-1\"")]), None), None).is_some());
    }

    #[test]
    fn a_validator_has_at_most_a_kibibyte() {
        let tag = |length: usize| format!("\"{}\"", "x".repeat(length - 2));
        assert!(written(&of(&headers(&[(ETAG, &tag(LONGEST))]), None), None).is_some());
        let long = of(&headers(&[(ETAG, &tag(LONGEST + 1))]), None);
        assert!(written(&long, None).is_none());
        assert_eq!(long, of(&HeaderMap::new(), None), "as if there was none");
        let mut short = of(&headers(&[(ETAG, "\"v1\"")]), None);
        short.renew(&headers(&[(ETAG, &tag(LONGEST + 1))]), received());
        assert_eq!(written(&short, None).unwrap()[IF_NONE_MATCH], "\"v1\"");
        assert_eq!(short.size(), 4);
    }

    #[test]
    fn an_answer_without_validators_makes_no_conditional_request() {
        assert_eq!(written(&of(&HeaderMap::new(), None), None), None);
    }

    #[test]
    fn validators_belong_to_the_url_that_answered() {
        let there = Url::parse("https://h/there").unwrap();
        let elsewhere = Url::parse("https://h/elsewhere").unwrap();
        let validators = of(&headers(&[(ETAG, "\"v1\"")]), Some(there.clone().into()));
        assert!(written(&validators, Some(&there)).is_some());
        assert!(written(&validators, Some(&elsewhere)).is_none());
        assert!(written(&validators, None).is_none());
    }

    #[test]
    fn validators_do_not_keep_the_buffer_of_the_connection_alive() {
        let buffer = Bytes::from("\"v1\"W/\"v1\"".repeat(1000));
        let etag = |range| HeaderValue::from_maybe_shared(buffer.slice(range)).unwrap();
        let mut validators = of(&HeaderMap::from_iter([(ETAG, etag(0..4))]), None);
        validators.renew(&HeaderMap::from_iter([(ETAG, etag(4..10))]), received());
        assert_eq!(written(&validators, None).unwrap()[IF_NONE_MATCH], "W/\"v1\"");
        assert!(buffer.is_unique());
    }

    #[test]
    fn a_304_may_renew_what_it_names_by_the_same_entity_tag_and_no_other() {
        let (then, later) = ("Sun, 06 Nov 1994 08:49:37 GMT", "Sun, 06 Nov 1994 09:00:00 GMT");
        let answer = |etag, modified| {
            headers(&[
                (ETAG, etag),
                (LAST_MODIFIED, modified),
                (DATE, "Mon, 07 Nov 1994 08:00:00 GMT"),
            ])
        };
        let mut validators = of(&answer("\"v1\"", then), None);
        validators.renew(&answer("\"v2\"", later), received());
        validators.renew(&headers(&[(LAST_MODIFIED, later)]), received());
        assert_eq!(validators, of(&answer("\"v1\"", then), None));
        validators.renew(&answer("W/\"v1\"", later), received());
        assert_eq!(validators, of(&answer("W/\"v1\"", later), None));
    }

    #[test]
    fn on_a_date_alone_every_tenth_poll_asks_in_full() {
        let dated = headers(&[
            (LAST_MODIFIED, "Sun, 06 Nov 1994 08:49:37 GMT"),
            (DATE, "Mon, 07 Nov 1994 08:49:37 GMT"),
        ]);
        let mut validators = of(&dated, None);
        for _ in 0..9 {
            assert!(written(&validators, None).is_some());
            validators.renew(&dated, received());
        }
        assert!(written(&validators, None).is_none());
    }

    #[test]
    fn only_one_entity_tag_is_a_validator() {
        for (tag, counts) in [
            ("\"v1\"", true),
            ("W/\"v,1\"", true),
            ("v1", true),
            ("w/\"v1\"", true),
            ("\"\"", false),
            ("W/\"\"", false),
            ("\"a\"b\"", false),
            ("", false),
            ("*", false),
            ("W/", false),
            ("\"a\", \"b\"", false),
            ("a, b", false),
        ] {
            let validators = of(&headers(&[(ETAG, tag)]), None);
            assert_eq!(written(&validators, None).is_some(), counts, "{tag}");
        }
    }
}
