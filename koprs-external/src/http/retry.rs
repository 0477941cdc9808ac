//! Which failures are tried again within a poll, and after what pause.

use std::error::Error;
use std::io;
use std::iter::successors;
use std::time::Duration;

use crate::error::{HttpError, HttpErrorKind};

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
    let cause = failed.cause.as_ref().map(|cause| &**cause as &(dyn Error + 'static));
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
