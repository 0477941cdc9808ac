//! Secrets that are planted, and whether a text holds a part of one.

use std::collections::HashMap;

use base64::prelude::{BASE64_STANDARD_NO_PAD, BASE64_URL_SAFE_NO_PAD, Engine};

/// A part of so many characters gives a secret away.
const PART: usize = 11;

/// The secrets of a stage.
#[derive(Default)]
pub struct Marks {
    planted: Vec<(String, String)>,
    /// Each part of each secret, in each spelling, with its place.
    parts: HashMap<Vec<u8>, usize>,
}

impl Marks {
    /// A secret for a place: letters and digits that stand nowhere else, and then what is spelled otherwise when it is
    /// encoded.
    pub fn plant(&mut self, place: &str) -> String {
        let secret = format!("{}/+&=%22<", self.plain(place));
        let at = self.planted.len() - 1;
        self.know(&secret, at);
        secret
    }

    /// The same of letters and digits alone, for places that take no others.
    pub fn plain(&mut self, place: &str) -> String {
        let at = self.planted.len();
        let letters = |n: usize| {
            // By SplitMix64.
            let mut state = (at as u64 * 1000 + n as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
            state = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            state = (state ^ (state >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            let alphabet = b"ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz23456789";
            char::from(alphabet[(state >> 33) as usize % alphabet.len()])
        };
        let secret: String = (0..28).map(letters).collect();
        self.planted.push((place.to_owned(), secret.clone()));
        self.know(&secret, at);
        secret
    }

    /// One that is as long as a session token.
    pub fn long(&mut self, place: &str) -> String {
        (0..50).map(|n| self.plain(&format!("{place}, part {n}"))).collect()
    }

    /// How many secrets are planted.
    #[must_use]
    pub fn count(&self) -> usize {
        self.planted.len()
    }

    /// A secret that comes in an answer.
    #[must_use]
    pub fn token(&self) -> String {
        let planted = self.planted.iter().find(|(place, _)| place == "token answer");
        planted.map(|(_, secret)| secret.clone()).unwrap()
    }

    fn know(&mut self, secret: &str, at: usize) {
        let mut spellings = vec![secret.to_lowercase().into_bytes()];
        for before in 0..3 {
            let bytes = [&b"ab:"[..before], secret.as_bytes()].concat();
            let cut = |text: String| text.into_bytes()[4..].to_vec();
            spellings.push(cut(BASE64_STANDARD_NO_PAD.encode(&bytes)));
            spellings.push(cut(BASE64_URL_SAFE_NO_PAD.encode(&bytes)));
        }
        for spelling in spellings {
            for part in spelling.windows(PART) {
                self.parts.entry(part.to_vec()).or_insert(at);
            }
        }
    }

    /// The first secret that a text holds a part of, with that part. White space and quotes between do not help.
    #[must_use]
    pub fn find(&self, text: &str) -> Option<(&str, String)> {
        let text: Vec<u8> = text.bytes().filter(|byte| !byte.is_ascii_whitespace()).collect();
        let lower = text.to_ascii_lowercase();
        let mut parts = text.windows(PART).chain(lower.windows(PART));
        let part = parts.find(|part| self.parts.contains_key(*part))?;
        let (place, _) = &self.planted[self.parts[part]];
        Some((place, String::from_utf8_lossy(part).into_owned()))
    }
}

#[test]
fn a_mark_is_found_in_its_spellings() {
    let mut marks = Marks::default();
    let secret = marks.plant("a place");
    assert_eq!(marks.find("nothing of the kind, /+&=%22<"), None);
    let encoded = BASE64_STANDARD_NO_PAD.encode(format!("user:{secret}"));
    for text in [secret.clone(), secret.to_uppercase(), secret[..12].to_owned(), encoded] {
        assert!(marks.find(&format!("<{text}>")).is_some(), "{text}");
    }
}
