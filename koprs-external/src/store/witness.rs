//! What a listing did not show is asked for, so that a listing that is not whole is not believed.

use object_store::ObjectMeta;

use super::listing::Listed;
use super::walk::View;
use super::{StoredObject, failure, mark};
use crate::change::Snapshot;
use crate::change::entity_tag::weakly_equal;
use crate::error::{StoreError, StoreErrorKind};
use crate::printable::printable;

/// So many are asked for.
const WITNESSES: usize = 16;

/// What is there of what a listing did not show.
pub(super) enum Found {
    Nothing,
    /// It is listed again: these may have been put there since.
    First(Vec<ObjectMeta>),
    /// Something else was taken for the end of the listing, as the page of a proxy.
    Again(String),
}

/// Asks for what a listing did not show: up to sixteen of it. What is there makes it doubtful. It is in error
/// when that was there before it began: as it was last listed, or as it was found after the listing `before`. What
/// the view does not follow, and a predecessor did, is not asked for.
pub(super) async fn contradictions(
    listed: &Listed,
    view: &View,
    snapshot: &Snapshot,
    before: &[ObjectMeta],
) -> Result<Found, StoreError> {
    let find = async |key: &str| {
        let found = listed.head(key).await;
        found.map_err(|error| failure::reading(key, &error, &listed.redactor))
    };
    for known in before.iter().filter(|it| snapshot.is_unseen(it.location.as_ref())) {
        let key = known.location.as_ref();
        if find(key).await?.is_some_and(|found| is_as_it_was(known, &found)) {
            return Ok(Found::Again(key.to_owned()));
        }
    }
    let mut all = Vec::new();
    for (key, mark) in snapshot.unseen_sample(WITNESSES, |key| view.follows(key)) {
        let known = mark::unpack(&key, &mark).map(StoredObject::meta);
        let found = find(&key).await?;
        if !before.is_empty()
            && let (Some(found), Some(known)) = (&found, &known)
            && is_as_it_was(known, found)
        {
            return Ok(Found::Again(key));
        }
        all.extend(found);
    }
    Ok(if all.is_empty() || !before.is_empty() { Found::Nothing } else { Found::First(all) })
}

/// Whether an object is what a listing said. The answer for one object may spell it otherwise: the ETag with quotes or
/// as a weak one, the time without its fractions.
fn is_as_it_was(known: &ObjectMeta, found: &ObjectMeta) -> bool {
    known.size == found.size
        && match (&known.e_tag, &found.e_tag) {
            (Some(known), Some(found)) => weakly_equal(known.as_bytes(), found.as_bytes()),
            _ => known.last_modified.timestamp() == found.last_modified.timestamp(),
        }
}

pub(super) fn contradicted(key: &str) -> StoreError {
    let key = printable(key);
    let message = format!(
        "the listing does not show `{key}`, which is there: it came to its end too early, or changes faster \
         than it is listed"
    );
    StoreError::new(StoreErrorKind::Truncated, message)
}
