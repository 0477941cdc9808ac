//! Which failures are tried again within a poll, and after what pause.
//!
//! A blip is tried again soon, a few times. In the middle of a walk over pages, a server that asks to wait is waited
//! for as long as the deadline of the poll allows, so that the walk goes on where it was.

use std::error::Error;
use std::io;
use std::iter::successors;
use std::time::Duration;

use super::pacing::spread;
use crate::error::{ExternalError, HttpError, HttpErrorKind, Underlying};

/// The most that is waited before the first time; twice that before each further one.
const FIRST: Duration = Duration::from_millis(500);
const LONGEST: Duration = Duration::from_secs(8);

/// The pause before the request is sent again, if it is: `tried` says how often it was already, `most` how
/// often it may be. `ratio`, from 0 to 1, is by chance, so that watchers that failed together do not come
/// back together.
pub(super) fn pause(tried: u32, most: u32, failed: &HttpError, ratio: f64) -> Option<Duration> {
    if tried >= most || !is_transient(failed) {
        return None;
    }
    let longest = FIRST.saturating_mul(1u32.checked_shl(tried).unwrap_or(u32::MAX)).min(LONGEST);
    Some(longest.mul_f64(ratio.clamp(0.0, 1.0)))
}

/// The least wait in the middle of a walk before a page is asked for again; twice that after each further refusal.
const LEAST: Duration = Duration::from_secs(1);
/// What the least wait grows to.
const MOST_LEAST: Duration = Duration::from_secs(60);
/// How often a page is asked for again whose server says that these are too many requests, and not until when.
const UNTOLD: u32 = 5;
/// A longer delay is not honoured.
const HOUR: Duration = Duration::from_secs(3600);
/// What is left for the page after the wait, at least.
const ROOM: Duration = Duration::from_secs(1);

/// The wait before a page is asked for again that the server refused in the middle of a walk, if it asked to wait
/// and the wait ends within what is `left` of the poll. `refused` says how often the page was refused so far;
/// `ratio`, from 0 to 1, is by chance.
pub(super) fn wait_in_walk(
    refused: u32,
    failed: &ExternalError,
    left: Duration,
    ratio: f64,
) -> Option<Duration> {
    let requested = match failed.retry_after() {
        Some(wait) => wait.min(HOUR),
        None if failed.status() == Some(429) && refused < UNTOLD => Duration::ZERO,
        None => return None,
    };
    let factor = 1u32.checked_shl(refused).unwrap_or(u32::MAX);
    let wait = requested.max(LEAST.saturating_mul(factor).min(MOST_LEAST));
    let wait = spread(wait, ratio);
    (wait + ROOM <= left).then_some(wait)
}

/// Whether a second is enough to mend it. Not for a timeout, which has had its time, nor where the server
/// says when to come back.
fn is_transient(failed: &HttpError) -> bool {
    match failed.kind {
        HttpErrorKind::Connect | HttpErrorKind::Interrupted => !is_nonsense(failed),
        HttpErrorKind::Status(502..=504) => failed.retry_after.is_none(),
        _ => false,
    }
}

/// Whether what came is of no use: a certificate that is not trusted, no TLS at all, a body that is not in
/// its coding. The last is an [`io::Error`] itself; what broke the way to it is buried in one of the client.
fn is_nonsense(failed: &HttpError) -> bool {
    let cause = failed.cause.as_ref().map(Underlying::error);
    let io = |link: &(dyn Error + 'static)| link.downcast_ref::<io::Error>().map(io::Error::kind);
    if let Some(kind) = cause.and_then(io) {
        return kind != io::ErrorKind::UnexpectedEof;
    }
    successors(cause, |&link| below(link)).any(|link| io(link) == Some(io::ErrorKind::InvalidData))
}

/// The next link of a chain; [`io::Error`] leaves out the one that it was made of.
fn below<'a>(link: &'a (dyn Error + 'static)) -> Option<&'a (dyn Error + 'static)> {
    match link.downcast_ref::<io::Error>() {
        Some(io) => io.get_ref().map(|made_of| made_of as _),
        None => link.source(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn status(status: u16) -> HttpError {
        HttpError::from_status(status)
    }

    fn broken(kind: HttpErrorKind, cause: io::ErrorKind) -> HttpError {
        // As deep as a client buries it.
        let cause = io::Error::other(io::Error::from(cause));
        let cause = Buried(io::Error::other(cause));
        HttpError { cause: Some(cause.into()), ..HttpError::new(kind, "broken") }
    }

    fn undecodable(cause: io::ErrorKind) -> HttpError {
        let cause = io::Error::from(cause);
        HttpError {
            cause: Some(cause.into()),
            ..HttpError::new(HttpErrorKind::Interrupted, "broken")
        }
    }

    #[derive(Debug)]
    struct Buried(io::Error);

    impl std::fmt::Display for Buried {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("deep down")
        }
    }

    impl Error for Buried {
        fn source(&self) -> Option<&(dyn Error + 'static)> {
            Some(&self.0)
        }
    }

    #[test]
    fn the_pause_is_a_part_of_half_a_second_that_doubles_up_to_eight() {
        let millis = |tried, ratio| {
            pause(tried, u32::MAX, &status(503), ratio).map(|pause| pause.as_millis())
        };
        let longest = [500, 1000, 2000, 4000, 8000, 8000];
        for (tried, longest) in (0..).zip(longest) {
            assert_eq!(millis(tried, 1.0), Some(longest));
            assert_eq!(millis(tried, 0.5), Some(longest / 2));
            assert_eq!(millis(tried, 0.0), Some(0));
        }
        assert_eq!(millis(99, 1.0), Some(8000));
    }

    #[test]
    fn a_walk_waits_as_long_as_the_server_asks_and_time_is_left() {
        let asks = |status, millis| {
            HttpError::from_status(status).with_retry_after(Duration::from_millis(millis)).into()
        };
        let too_many: ExternalError = HttpError::from_status(429).into();
        // Refused so often, the failure, what is left, and the wait in milliseconds.
        let cases: [(u32, ExternalError, u64, Option<u128>); 14] = [
            (0, asks(429, 8000), 120, Some(8000)),
            (0, asks(503, 8000), 120, Some(8000)),
            (0, asks(403, 8000), 120, Some(8000)),
            (0, asks(429, 8000), 9, Some(8000)),
            (0, asks(429, 8001), 9, None),
            (0, asks(429, u64::MAX), 60, None),
            (0, asks(429, 7_200_000), 4000, Some(3_600_000)),
            // The less it asks, the more it is waited for each time.
            (0, asks(429, 0), 120, Some(1000)),
            (3, asks(429, 0), 120, Some(8000)),
            (99, asks(429, 0), 120, Some(60_000)),
            (0, too_many, 120, Some(1000)),
            (5, HttpError::from_status(429).into(), 120, None),
            (0, HttpError::from_status(503).into(), 120, None),
            (0, HttpError::from_status(500).into(), 120, None),
        ];
        for (refused, failed, left, millis) in cases {
            let wait = wait_in_walk(refused, &failed, Duration::from_secs(left), 0.0);
            assert_eq!(wait.map(|wait| wait.as_millis()), millis, "{refused} {failed:?}");
        }
        let all = wait_in_walk(0, &asks(429, 8000), Duration::from_secs(60), 1.0);
        assert_eq!(all, Some(Duration::from_millis(8400)));
    }

    #[test]
    fn it_is_tried_so_often_and_no_more() {
        let tries =
            |most| (0..9).take_while(move |tried| pause(*tried, most, &status(502), 0.5).is_some());
        for most in [0, 1, 2, 5] {
            assert_eq!(tries(most).count(), usize::try_from(most).unwrap());
        }
    }

    #[test]
    fn only_what_may_be_mended_in_a_second_is_tried_again() {
        use HttpErrorKind as Kind;
        let plain = |kind| HttpError::new(kind, "broken");
        let cases = [
            (status(502), true),
            (status(503), true),
            (status(504), true),
            (status(503).with_retry_after(Duration::ZERO), false),
            (status(408), false),
            (status(425), false),
            (status(429), false),
            (status(500), false),
            (status(403), false),
            (plain(Kind::Connect), true),
            (plain(Kind::Interrupted), true),
            (plain(Kind::Timeout), false),
            (plain(Kind::Throttled).with_retry_after(Duration::from_secs(9)), false),
            (plain(Kind::UnexpectedNotModified), false),
            (plain(Kind::Redirect), false),
            (plain(Kind::Pages), false),
            (plain(Kind::ContentCoding), false),
            (plain(Kind::Client), false),
            (plain(Kind::BodyTooLarge { limit: 1 }), false),
            (plain(Kind::HeadersTooLarge { limit: 1 }), false),
            (broken(Kind::Connect, io::ErrorKind::ConnectionRefused), true),
            (broken(Kind::Connect, io::ErrorKind::UnexpectedEof), true),
            (broken(Kind::Connect, io::ErrorKind::InvalidData), false),
            (broken(Kind::Interrupted, io::ErrorKind::ConnectionReset), true),
            (broken(Kind::Interrupted, io::ErrorKind::InvalidData), false),
            (undecodable(io::ErrorKind::InvalidData), false),
            (undecodable(io::ErrorKind::Other), false),
            (undecodable(io::ErrorKind::UnexpectedEof), true),
        ];
        for (failed, again) in cases {
            assert_eq!(pause(0, 2, &failed, 0.5).is_some(), again, "{failed:?}");
        }
    }
}
