//! Whether a listing comes nearer to its end, page by page.

use std::collections::HashSet;
use std::error::Error;
use std::fmt;

use xxhash_rust::xxh3::xxh3_64;

/// More empty pages than this in a row come from a server that does not get on.
const MOST_EMPTY: usize = 200;

/// The pages of a listing so far.
#[derive(Debug, Default)]
pub(super) struct Progress {
    /// The digests of contents and of tokens.
    contents: HashSet<u64>,
    tokens: HashSet<u64>,
    empty: usize,
    said_complete: bool,
}

/// Why a listing would never end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stuck {
    /// A page was there before.
    Page,
    /// A token was there before.
    Token,
    Empty,
}

impl Progress {
    /// Takes a page, with the digest of its content, unless that is empty. Returns the token to continue with, if
    /// the page is not the last one. A server that says that a page is the last one, and gives a token, is asked
    /// once more.
    pub(super) fn next(
        &mut self,
        content: Option<u64>,
        token: Option<String>,
        says_complete: bool,
    ) -> Result<Option<String>, Stuck> {
        if content.is_some_and(|content| !self.contents.insert(content)) {
            return Err(Stuck::Page);
        }
        let said_complete = std::mem::replace(&mut self.said_complete, says_complete);
        let is_end = says_complete && said_complete && content.is_none();
        let Some(token) = token.filter(|token| !token.is_empty() && !is_end) else {
            return Ok(None);
        };
        self.empty = if content.is_none() { self.empty + 1 } else { 0 };
        if self.empty > MOST_EMPTY {
            return Err(Stuck::Empty);
        }
        match self.tokens.insert(xxh3_64(token.as_bytes())) {
            true => Ok(Some(token)),
            false => Err(Stuck::Token),
        }
    }
}

impl fmt::Display for Stuck {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Page => f.write_str(
                "the store answered with a page of the listing that it had given before: does the server, or a \
                 cache in between, ignore the continuation token?",
            ),
            Self::Token => f.write_str(
                "the store gave a continuation token that it had given before, so the listing would never end: \
                 does the server, or a cache in between, ignore the continuation token?",
            ),
            Self::Empty => write!(
                f,
                "the store answered with {MOST_EMPTY} empty pages in a row, and each of them says that there is \
                 more; follow a longer path"
            ),
        }
    }
}

impl Error for Stuck {}

#[cfg(test)]
mod tests {
    use super::*;

    /// Plays pages: a content, or `_` for none, a token, or `_` for none, and `.` where the page says that it is the
    /// last one. Returns what the last of them came to.
    fn play(pages: &[&str]) -> Result<Option<String>, Stuck> {
        let mut progress = Progress::default();
        let mut last = Ok(None);
        for page in pages {
            assert!(matches!(last, Ok(None | Some(_))), "{pages:?}");
            let mut words =
                page.trim_end_matches('.').split(' ').map(|it| (it != "_").then_some(it));
            let content = words.next().flatten().map(|it| xxh3_64(it.as_bytes()));
            let token = words.next().flatten().map(str::to_owned);
            last = progress.next(content, token, page.ends_with('.'));
        }
        last
    }

    #[test]
    fn a_listing_goes_on_while_it_comes_nearer_to_its_end() {
        let token = |token: &str| Ok(Some(token.to_owned()));
        for (pages, expected) in [
            (&["a _"][..], Ok(None)),
            (&["a 1"], token("1")),
            (&["a 1", "b 2", "c _"], Ok(None)),
            (&["_ 1", "_ 2", "c 3"], token("3")),
            (&["a 1", "b 1"], Err(Stuck::Token)),
            (&["a 1", "b 2", "c 1"], Err(Stuck::Token)),
            (&["a 1", "a 2"], Err(Stuck::Page)),
            (&["a 1", "b 2", "a 3"], Err(Stuck::Page)),
            (&["a 1", "a _"], Err(Stuck::Page)),
            (&["a 1."], token("1")),
            (&["a 1.", "b 2."], token("2")),
            (&["a 1.", "_ 1."], Ok(None)),
            (&["_ 1."], token("1")),
            (&["a 1", "_ 2."], token("2")),
        ] {
            assert_eq!(play(pages), expected, "{pages:?}");
        }
    }

    #[test]
    fn empty_pages_are_no_progress() {
        let pages = |count| (0..count).map(|n| format!("_ {n}")).collect::<Vec<_>>();
        let play = |pages: Vec<String>| play(&pages.iter().map(String::as_str).collect::<Vec<_>>());
        assert_eq!(play(pages(MOST_EMPTY)), Ok(Some((MOST_EMPTY - 1).to_string())));
        assert_eq!(play(pages(MOST_EMPTY + 1)), Err(Stuck::Empty));
        let mut some = pages(MOST_EMPTY);
        some.extend(["a x".to_owned(), "_ y".to_owned()]);
        assert_eq!(play(some), Ok(Some("y".to_owned())));
    }
}
