//! Objects that are listed and not read yet: when each is read, and whose fault it is when it cannot be. No IO.

use std::time::Duration;

use tokio::time::Instant;

use super::super::StoredObject;
use super::super::scope::Scope;
use crate::error::{StoreError, StoreErrorKind};

/// A bad item is read again after at most so many rounds.
const MOST_ROUNDS: u64 = 32;
/// A read that takes longer holds up the poll.
const LONG: Duration = Duration::from_secs(2);
/// After such a read a bad item rests for so many times as long, so that its reads are a small part of all time.
const REST: u32 = 16;

/// An object that is to be read.
#[derive(Debug)]
pub(super) struct Wanted {
    pub(super) object: StoredObject,
    /// The round in which it was read last; 0 is none.
    pub(super) asked: u64,
    /// Whether a read is under way.
    pub(super) is_reading: bool,
    /// How often in a row it was not there,
    pub(super) missing: u32,
    /// was another one than was listed,
    pub(super) changed: u32,
    /// or could not be read.
    pub(super) failures: u32,
    /// It cannot be read although others can: when it is read again.
    pub(super) bad: Option<Retry>,
}

/// When a bad item is read again: not before both.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Retry {
    round: u64,
    at: Instant,
}

impl Wanted {
    pub(super) fn new(object: StoredObject) -> Self {
        let (asked, is_reading, missing, changed, failures) = (0, false, 0, 0, 0);
        Self { object, asked, is_reading, missing, changed, failures, bad: None }
    }

    /// Whether it is to be read in a round that began at this time.
    pub(super) fn is_due(&self, round: u64, began: Instant) -> bool {
        let rests = |retry: Retry| retry.round > round || retry.at > began;
        self.asked != round && !self.is_reading && !self.bad.is_some_and(rests)
    }

    /// Whether it is a bad item, and not only because of one failure that may have passed.
    pub(super) fn is_given_up(&self) -> bool {
        self.bad.is_some() && (self.failures > 1 || self.missing > 1)
    }

    /// It is a bad item: it rests for 1, 2, 4, … up to 32 rounds, and longer when its read took long.
    pub(super) fn rest(&mut self, times: u32, round: u64, now: Instant, took: Duration) {
        let rounds = 2_u64.saturating_pow(times.saturating_sub(1)).min(MOST_ROUNDS);
        let rest = if took > LONG { took.saturating_mul(REST) } else { Duration::ZERO };
        let at = now.checked_add(rest).unwrap_or(now);
        self.bad = Some(Retry { round: round + rounds, at });
    }
}

/// An object that could not be read, and was no bad item before.
#[derive(Debug)]
pub(super) struct Suspect {
    pub(super) path: String,
    pub(super) scope: Scope,
    /// In a row.
    pub(super) failures: u32,
    pub(super) took: Duration,
    pub(super) error: StoreError,
}

/// Whose fault it is that objects could not be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// Their own: they are bad items, and the poll is none the worse.
    Objects,
    /// The store's: the poll fails.
    Store,
    /// It is theirs if an object that was read before still can be.
    Unknown,
}

/// Judges objects that could not be read in a round. `served`: whether others could.
///
/// - An archived object, or one that cannot be decoded, is its own fault.
/// - Several that are refused for the credentials or for overload at once are the store's fault, even if others were
///   served: a credential expires in the middle of a round. An object for which this happens again, after the store has
///   listed its objects once more, is judged as any other.
/// - Else they are their own fault where others were served.
pub(super) fn verdict(served: bool, suspects: &[Suspect]) -> Verdict {
    let is_sudden = |suspect: &&Suspect| {
        suspect.failures == 1 && matches!(suspect.scope, Scope::Credentials | Scope::Overload)
    };
    if suspects.iter().all(|suspect| suspect.scope == Scope::Object) {
        Verdict::Objects
    } else if suspects.iter().filter(is_sudden).count() > 1 {
        Verdict::Store
    } else if served {
        Verdict::Objects
    } else {
        Verdict::Unknown
    }
}

/// Whether such a failure takes the time or the strength of the store, so that a round must not have many of them.
pub(super) fn is_costly(kind: StoreErrorKind) -> bool {
    !matches!(
        kind,
        StoreErrorKind::Status(400..=428 | 430..=499)
            | StoreErrorKind::NotFound
            | StoreErrorKind::Key
            | StoreErrorKind::ContentEncoding
    )
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::*;

    #[test]
    fn a_bad_item_is_read_again_ever_more_rarely_and_never_given_up() {
        let last_modified = DateTime::UNIX_EPOCH;
        let (etag, version) = (None, None);
        let object = StoredObject { path: String::new(), etag, size: 1, last_modified, version };
        let mut wanted = Wanted::new(object);
        let now = Instant::now();
        assert!(wanted.is_due(1, now) && wanted.is_due(2, now));
        let mut waits = Vec::new();
        for times in 1..=9 {
            wanted.asked = 100;
            wanted.rest(times, 100, now, Duration::ZERO);
            waits.push((101..).find(|round| wanted.is_due(*round, now)).unwrap() - 100);
        }
        assert_eq!(waits, [1, 2, 4, 8, 16, 32, 32, 32, 32]);
        wanted.rest(u32::MAX, 100, now, Duration::ZERO);
        assert!(wanted.is_due(132, now));
        wanted.rest(1, 100, now, Duration::from_secs(2));
        assert!(wanted.is_due(101, now));
        wanted.rest(1, 100, now, Duration::from_secs(20));
        assert!(!wanted.is_due(1000, now + Duration::from_secs(319)));
        assert!(wanted.is_due(1000, now + Duration::from_secs(320)));
    }

    #[test]
    fn whose_fault_a_failure_is() {
        use Scope::{Credentials, Object, Overload, Unclear};
        use Verdict::{Objects, Store, Unknown};

        type Case<'a> = (&'a str, bool, &'a [(Scope, u32)], Verdict);

        let cases: [Case<'_>; 14] = [
            ("one archived, alone", false, &[(Object, 1)], Objects),
            ("many archived, alone", false, &[(Object, 1), (Object, 1)], Objects),
            ("one fails, others do not", true, &[(Unclear, 1)], Objects),
            ("many fail, others do not", true, &[(Unclear, 1), (Unclear, 1)], Objects),
            ("one fails, alone", false, &[(Unclear, 1)], Unknown),
            ("all fail", false, &[(Unclear, 1), (Unclear, 1)], Unknown),
            (
                "an archived one does not speak for others",
                false,
                &[(Object, 1), (Unclear, 1)],
                Unknown,
            ),
            ("credentials of one, others are served", true, &[(Credentials, 1)], Objects),
            ("credentials of one, alone", false, &[(Credentials, 1)], Unknown),
            ("credentials expire in a round", true, &[(Credentials, 1), (Credentials, 1)], Store),
            ("a rate limit in a round", true, &[(Overload, 1), (Overload, 1)], Store),
            ("credentials of some, again", true, &[(Credentials, 2), (Credentials, 2)], Objects),
            ("credentials of all, again", false, &[(Credentials, 2), (Credentials, 2)], Unknown),
            ("a rate limit, again", true, &[(Overload, 2), (Overload, 1)], Objects),
        ];
        for (what, served, suspects, expected) in cases {
            let suspect = |&(scope, failures)| Suspect {
                path: String::new(),
                scope,
                failures,
                took: Duration::ZERO,
                error: StoreError::new(StoreErrorKind::Other, ""),
            };
            let suspects: Vec<_> = suspects.iter().map(suspect).collect();
            assert_eq!(verdict(served, &suspects), expected, "{what}");
        }
    }
}
