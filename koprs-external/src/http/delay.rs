//! How long a server asks to be left alone, in the spellings that servers use. Pure.
//!
//! | header | where | value |
//! |---|---|---|
//! | `Retry-After`, `X-Retry-After`, `Retry-After-Ms`, `X-Ms-Retry-After-Ms`, … | 403, 429, 503 | a delay or a time |
//! | `RateLimit-Remaining` and `-Reset`, with `X-`, as `Rate-Limit`, with a vendor's name, for requests or tokens | any status, where nothing remains | a delay or a time |
//! | `RateLimit` (IETF drafts) with `RateLimit-Policy` | any status, where nothing remains | `"default";r=0;t=60`, `limit=10, remaining=0, reset=60` |
//! | `X-Poll-Interval` | any status | a delay |
//!
//! A delay is a number of seconds, of milliseconds where the name of the header ends so, or a duration with units
//! (`6m0s`). A time is an HTTP date, ISO 8601, or a number of seconds (or milliseconds, …) since 1970. It is
//! compared with the `Date` of the answer, so that a clock that is off does not matter. Without `Date`, a number
//! counts only if it lies within an hour of our clock.
//!
//! `Retry-After` and the like take precedence over limits; of several values the longest counts. On 403, 429 and
//! 503, a delay that cannot be read is a minute: the server asked for one. On any other answer it is none: the
//! server did not refuse, and says so when it does.

use std::cell::LazyCell;
use std::collections::BTreeMap;
use std::time::{Duration, SystemTime};

use http::header::DATE;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};

use super::timestamp::{from_seconds, parse_duration, parse_number, parse_timestamp};

/// The delay after a refusal whose own cannot be read.
const UNREADABLE: Duration = Duration::from_secs(60);
/// Larger numbers are seconds since 1970 and no delay, which would be more than 30 years.
const EPOCH_FROM: f64 = 1e9;
/// Larger numbers are milliseconds since 1970, or even smaller units.
const EPOCH_TO: f64 = 1e11;
/// How far our clock is trusted.
const NEAR: Duration = Duration::from_secs(3600);

const X_POLL_INTERVAL: HeaderName = HeaderName::from_static("x-poll-interval");

/// What an answer says of a delay, from the least to the most.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Delay<'a> {
    None,
    /// This header asks for one that cannot be read.
    Unreadable(&'a str),
    Wait(Duration),
}

impl<'a> Delay<'a> {
    fn new(name: &'a str, read: Option<Duration>) -> Self {
        read.map_or(Self::Unreadable(name), Self::Wait)
    }

    /// How long to wait after an answer with this status.
    pub(super) fn wait(self, status: StatusCode) -> Option<Duration> {
        match self {
            Self::None => None,
            Self::Unreadable(_) => is_refusal(status).then_some(UNREADABLE),
            Self::Wait(wait) => Some(wait),
        }
    }
}

/// Whether a status may mean that the server wants to be left alone. GitHub says so with a 403, too.
fn is_refusal(status: StatusCode) -> bool {
    matches!(status.as_u16(), 403 | 429 | 503)
}

/// How long an answer asks all requests with the same credential to stay away; `now` is our clock.
pub(super) fn requested(status: StatusCode, headers: &HeaderMap, now: SystemTime) -> Delay<'_> {
    let mut names = headers.keys().map(HeaderName::as_str);
    if !names.any(|name| is_retry_after(name) || is_limit(name)) {
        return Delay::None;
    }
    let clock = Clock::of(headers, now);
    let explicit = match is_refusal(status) {
        true => retry_after(headers, &clock),
        false => Delay::None,
    };
    match explicit {
        Delay::Wait(_) => explicit,
        other => other.max(limits(status, headers, &clock)).max(structured(headers, &clock)),
    }
}

/// The interval between polls that the server asks for with `X-Poll-Interval`, as GitHub does.
pub(super) fn poll_interval(headers: &HeaderMap) -> Delay<'_> {
    let read = |value| {
        let text = unquoted(text(value)?);
        parse_number(text).and_then(from_seconds).or_else(|| parse_duration(text))
    };
    let values = headers.get_all(X_POLL_INTERVAL).into_iter();
    values.map(|value| Delay::new("X-Poll-Interval", read(value))).max().unwrap_or(Delay::None)
}

/// The clock that times are compared with.
struct Clock {
    now: SystemTime,
    /// Whether it is the server's own.
    is_servers: bool,
}

impl Clock {
    fn of(headers: &HeaderMap, ours: SystemTime) -> Self {
        let date = headers.get(DATE).and_then(text).and_then(parse_timestamp);
        Self { now: date.unwrap_or(ours), is_servers: date.is_some() }
    }

    /// The time until a number of seconds since 1970, or of a smaller unit. One that is not near counts only by
    /// the server's clock.
    fn until_epoch(&self, mut epoch: f64, must_be_near: bool) -> Option<Duration> {
        while (EPOCH_TO..1e30).contains(&epoch) {
            epoch /= 1000.0;
        }
        let at = SystemTime::UNIX_EPOCH.checked_add(from_seconds(epoch)?)?;
        let (ahead, behind) = self.distance(at);
        let counts = self.is_servers && !must_be_near || ahead.max(behind) <= NEAR;
        counts.then_some(ahead)
    }

    /// The time until a date. One that is long over is from a clock that is off.
    fn until_date(&self, at: SystemTime) -> Option<Duration> {
        let (ahead, behind) = self.distance(at);
        (self.is_servers || behind <= NEAR).then_some(ahead)
    }

    /// How far a time lies ahead, and how far behind.
    fn distance(&self, at: SystemTime) -> (Duration, Duration) {
        match at.duration_since(self.now) {
            Ok(ahead) => (ahead, Duration::ZERO),
            Err(behind) => (Duration::ZERO, behind.duration()),
        }
    }

    /// Reads a delay or a time; the name of the header says in which unit a number is.
    fn read(&self, name: &str, value: &str) -> Option<Duration> {
        let value = unquoted(value);
        let Some(number) = parse_number(value) else {
            return parse_duration(value).or_else(|| self.until_date(parse_timestamp(value)?));
        };
        let number = if is_in_millis(name) { number / 1000.0 } else { number };
        match number < EPOCH_FROM {
            true => from_seconds(number),
            // What is usually a delay may be absurd as one, and no time either.
            false => self.until_epoch(number, is_retry_after(name)),
        }
    }

    /// Reads each value of a header: those of a field that is no value as a whole are separated by commas.
    fn read_all<'a>(&self, headers: &'a HeaderMap, name: &'a str) -> Vec<Delay<'a>> {
        let delay = |value| Delay::new(name, self.read(name, value));
        let mut delays = Vec::new();
        for value in headers.get_all(name) {
            match text(value) {
                None => delays.push(Delay::Unreadable(name)),
                Some(value) => match delay(value) {
                    Delay::Unreadable(_) => delays.extend(value.split(',').map(delay)),
                    read => delays.push(read),
                },
            }
        }
        delays
    }
}

fn is_retry_after(name: &str) -> bool {
    name.contains("retry-after")
}

fn is_limit(name: &str) -> bool {
    name.contains("ratelimit") || name.contains("rate-limit")
}

fn is_in_millis(name: &str) -> bool {
    name.rsplit('-').next().is_some_and(|unit| matches!(unit, "ms" | "millis" | "milliseconds"))
}

fn text(value: &HeaderValue) -> Option<&str> {
    std::str::from_utf8(value.as_bytes()).ok().map(str::trim)
}

fn unquoted(value: &str) -> &str {
    value.trim().trim_matches(['"', '\'']).trim()
}

/// `Retry-After` (RFC 9110 §10.2.3) and what resembles it. A number that is absurd as a time is for ever.
fn retry_after<'a>(headers: &'a HeaderMap, clock: &Clock) -> Delay<'a> {
    let names = headers.keys().map(HeaderName::as_str).filter(|name| is_retry_after(name));
    let delays = names.flat_map(|name| clock.read_all(headers, name));
    match delays.max().unwrap_or(Delay::None) {
        Delay::Unreadable(name) => {
            let text = headers.get(name).and_then(text).map(unquoted);
            Delay::new(name, text.and_then(parse_number).and_then(from_seconds))
        }
        read => read,
    }
}

/// Headers with what remains, and when that is reset.
fn limits<'a>(status: StatusCode, headers: &'a HeaderMap, clock: &Clock) -> Delay<'a> {
    let mut limits: BTreeMap<String, Limit<'a>> = BTreeMap::new();
    for name in headers.keys().map(HeaderName::as_str).filter(|name| is_limit(name)) {
        let is = |role| name.split('-').any(|token| token == role);
        if is("remaining") {
            let limit = limits.entry(group(name)).or_default();
            limit.remaining.extend(remaining(headers, name).map(|left| (name, left)));
        } else if is("reset") {
            let limit = limits.entry(group(name)).or_default();
            limit.resets.extend(clock.read_all(headers, name));
        }
    }
    limits.values().map(|limit| limit.delay(status)).max().unwrap_or(Delay::None)
}

/// What the headers of one limit say, those whose names are the same but for their role.
#[derive(Default)]
struct Limit<'a> {
    remaining: Vec<(&'a str, Remaining)>,
    resets: Vec<Delay<'a>>,
}

impl<'a> Limit<'a> {
    fn delay(&self, status: StatusCode) -> Delay<'a> {
        let longest = self.resets.iter().max().copied();
        let used_up = |(_, left): &(&str, Remaining)| left.is_used_up(status);
        match self.remaining.iter().find(|left| used_up(left)) {
            // The refusal says itself that nothing remains.
            None if self.remaining.is_empty() && status == StatusCode::TOO_MANY_REQUESTS => {
                longest.unwrap_or(Delay::None)
            }
            None => Delay::None,
            // Of as many resets, those of what is used up count.
            Some(_) if self.remaining.len() == self.resets.len() => {
                let both = self.remaining.iter().zip(&self.resets);
                let resets = both.filter(|(left, _)| used_up(left)).map(|(_, reset)| *reset);
                resets.max().unwrap_or(Delay::None)
            }
            Some((name, _)) => longest.unwrap_or(Delay::Unreadable(name)),
        }
    }
}

/// The name of a limit without what tells its headers from each other.
fn group(name: &str) -> String {
    const ROLES: [&str; 7] = ["remaining", "reset", "after", "at", "in", "ms", "seconds"];
    name.split('-').filter(|token| !ROLES.contains(token)).collect()
}

/// How many requests remain.
#[derive(Clone, Copy)]
enum Remaining {
    Some,
    None,
    /// It cannot be read, or is negative, as with no limit.
    Unclear,
}

impl Remaining {
    fn of(value: &str) -> Self {
        match parse_number(unquoted(value)) {
            Some(left) if left < 1.0 => Self::None,
            Some(_) => Self::Some,
            None => Self::Unclear,
        }
    }

    fn is_used_up(self, status: StatusCode) -> bool {
        match self {
            Self::Some => false,
            Self::None => true,
            Self::Unclear => matches!(status.as_u16(), 429 | 503),
        }
    }
}

fn remaining(headers: &HeaderMap, name: &str) -> impl Iterator<Item = Remaining> {
    let values = headers.get_all(name).into_iter();
    let texts = values.map(|value| text(value).unwrap_or_default());
    texts.flat_map(|text| text.split(',').map(Remaining::of))
}

const RATE_LIMIT: [&str; 4] = ["ratelimit", "x-ratelimit", "rate-limit", "x-rate-limit"];

/// The structured fields of the IETF's drafts: items with parameters, or (up to the seventh) a dictionary.
fn structured<'a>(headers: &'a HeaderMap, clock: &Clock) -> Delay<'a> {
    let fields = RATE_LIMIT.into_iter().flat_map(|name| {
        let values = headers.get_all(name).into_iter();
        values.filter_map(text).flat_map(members).map(move |member| (name, member))
    });
    let used_up = fields.filter(|(_, member)| {
        let left = member.get(["r", "remaining"]).map(Remaining::of);
        matches!(left, Some(Remaining::None))
    });
    let windows = LazyCell::new(|| windows(headers));
    let delays = used_up.map(|(name, member)| {
        let reset = member.get(["t", "reset"]).and_then(|reset| clock.read(name, reset));
        Delay::new(name, reset.or_else(|| windows.get(member.name).copied()))
    });
    delays.max().unwrap_or(Delay::None)
}

/// The window of each policy, which a reset never exceeds.
fn windows(headers: &HeaderMap) -> BTreeMap<&str, Duration> {
    let policies = headers.get_all("ratelimit-policy").into_iter();
    let policies = policies.filter_map(text).flat_map(members);
    let window = |policy: Member<'_>| from_seconds(parse_number(policy.get(["w", "window"])?)?);
    policies.filter_map(|policy| Some((policy.name, window(policy)?))).collect()
}

/// A member of a structured field.
struct Member<'a> {
    name: &'a str,
    parameters: Vec<(&'a str, &'a str)>,
}

impl<'a> Member<'a> {
    fn get(&self, names: [&str; 2]) -> Option<&'a str> {
        let named =
            |(name, _): &&(&str, &str)| names.iter().any(|it| name.eq_ignore_ascii_case(it));
        self.parameters.iter().find(named).map(|(_, value)| *value)
    }
}

fn members(field: &str) -> Vec<Member<'_>> {
    let mut members: Vec<Member<'_>> = Vec::new();
    for member in split_unquoted(field, ',') {
        let mut parts = split_unquoted(member, ';').map(str::trim).peekable();
        let name = parts.next_if(|first| !first.contains('='));
        let parameters = parts.filter_map(|part| part.split_once('='));
        let parameters = parameters.map(|(name, value)| (name.trim(), unquoted(value)));
        match (name, members.last_mut()) {
            // A dictionary: all of it is one limit.
            (None, Some(last)) => last.parameters.extend(parameters),
            _ => members.push(Member {
                name: unquoted(name.unwrap_or_default()),
                parameters: parameters.collect(),
            }),
        }
    }
    members
}

/// Splits a field where a separator is not inside quotes.
pub(super) fn split_unquoted(field: &str, separator: char) -> impl Iterator<Item = &str> {
    let mut quoted = false;
    field.split(move |c| {
        quoted ^= c == '"';
        c == separator && !quoted
    })
}

#[cfg(test)]
mod tests;
