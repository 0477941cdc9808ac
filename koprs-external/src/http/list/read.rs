//! What is on a page: cut, compared and decoded, as a job.

use std::ops::Range;

use super::fault::of_item;
use super::taker::Taker;
use super::{Content, Page, ReadsList};
use crate::change::{Fingerprint, Keyed, Round, Shape};
use crate::error::DecodeError;
use crate::memory::Full;
use crate::offload::Stop;
use crate::spec::{OnBadItem, Pointer};

/// How a page is read, and what is known of it and of those before it.
pub(super) struct Reader {
    known: Option<Known>,
    /// The shape of the pages before, in this walk and in earlier ones.
    before: [Option<Shape>; 2],
    /// The body of the page before.
    last: Option<Fingerprint>,
    limit: usize,
    on_bad: OnBadItem,
    /// Where the cursor is.
    cursor: Option<Pointer>,
}

/// The page in this place of the last whole walk.
struct Known {
    body: Option<Fingerprint>,
    items: Range<usize>,
    shape: Option<Shape>,
}

/// What is on a page.
pub(super) struct Holds {
    pub(super) body: Fingerprint,
    pub(super) items: Range<usize>,
    /// How many items were seen before it, and with it.
    pub(super) seen: [usize; 2],
    pub(super) shape: Option<Shape>,
    pub(super) is_blank: bool,
    pub(super) cursor: Option<String>,
}

/// Why a page cannot be read.
pub(super) enum Unread {
    TooMany,
    /// There is no room for its items.
    Full(Full),
    /// It is the same as the one before it.
    Again,
    Bad(DecodeError),
}

impl Reader {
    pub(super) fn new(
        known: Option<&Page>,
        before: [Option<Shape>; 2],
        last: Option<&Page>,
        limit: usize,
        on_bad: OnBadItem,
        cursor: Option<&Pointer>,
    ) -> Self {
        let known = known.map(|page| Known {
            body: page.body,
            items: page.items.clone(),
            shape: page.shape,
        });
        let last = last.and_then(|page| page.body);
        Self { known, before, last, limit, on_bad, cursor: cursor.cloned() }
    }

    /// Reads a page. Where it is to stop, it says anything.
    pub(super) fn read<T: Clone>(
        self,
        content: &Content,
        reads: &impl ReadsList<T>,
        keyed: &mut Keyed<T>,
        round: &mut Round<T, DecodeError>,
        stop: &Stop,
    ) -> Result<Holds, Unread> {
        let Self { known, before, last, limit, on_bad, cursor } = self;
        let body = Fingerprint::of(&content.body);
        let (begin, so_far) = (round.position(), round.len());
        let shape = match known {
            Some(known) if known.body == Some(body) => {
                keyed.kept(round, known.items);
                known.shape
            }
            known => {
                keyed.changed(round, known.map(|page| page.items));
                let (shape, too_many) = (None, false);
                let mut taker = Taker { keyed, round, limit, before, shape, too_many, stop };
                let read = reads.items(content, &mut taker);
                let (shape, too_many) = (taker.shape, taker.too_many);
                if too_many {
                    return Err(Unread::TooMany);
                }
                if let Some(full) = round.full() {
                    return Err(Unread::Full(full));
                }
                read.map_err(Unread::Bad)?;
                shape
            }
        };
        let is_blank = is_blank(&content.body);
        if is_blank {
            round.has_blank_body();
        }
        if on_bad == OnBadItem::Fail
            && let Some(bad) = round.news().0.into_iter().next()
        {
            return Err(Unread::Bad(of_item(bad)));
        }
        let items = begin..round.position();
        if !items.is_empty() && last == Some(body) {
            return Err(Unread::Again);
        }
        let cursor = cursor.map(|at| reads.scalar(content, &at)).transpose();
        let cursor = cursor.map_err(Unread::Bad)?.flatten();
        Ok(Holds { body, items, seen: [so_far, round.len()], shape, is_blank, cursor })
    }
}

/// Whether a body has no content. In most formats that is no list at all.
fn is_blank(body: &[u8]) -> bool {
    body.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(body).trim_ascii().is_empty()
}
