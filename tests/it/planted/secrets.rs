//! Secrets that look as secrets do, and the search for their pieces.

use std::collections::HashSet;

use fastrand::Rng;

/// So many characters of a secret in a row are too many.
const RUN: usize = 8;

/// The secrets of one file.
#[derive(Default)]
pub(super) struct Planted {
    pub(super) secrets: Vec<String>,
    /// Every piece of so many bytes, in every spelling.
    pieces: HashSet<u64>,
}

impl Planted {
    /// Puts a new secret in the place of each `§`.
    pub(super) fn fill(&mut self, template: &str, rng: &mut Rng) -> String {
        let mut text = String::new();
        for (n, part) in template.split('§').enumerate() {
            if n > 0 {
                let secret = secret(rng);
                self.add(&secret);
                text += &secret;
            }
            text += part;
        }
        text
    }

    fn add(&mut self, secret: &str) {
        let spelled = [
            secret.to_owned(),
            base64(secret.as_bytes()),
            base64(format!("x{secret}").as_bytes()),
            base64(format!("xy{secret}").as_bytes()),
            percent(secret),
            hex(secret),
        ];
        for spelled in spelled {
            // The first piece of base64 may begin in what is before it.
            self.pieces.extend(spelled.as_bytes().windows(RUN).skip(2).map(piece));
        }
        self.pieces.extend(secret.as_bytes().windows(RUN).map(piece));
        self.secrets.push(secret.to_owned());
    }

    /// One of them, or another text where there is none.
    pub(super) fn any(&self) -> String {
        self.secrets.last().cloned().unwrap_or_else(|| "x".to_owned())
    }

    /// The first piece of a secret in a text.
    pub(super) fn find(&self, text: &str) -> Option<String> {
        let found = text.as_bytes().windows(RUN).find(|run| self.pieces.contains(&piece(run)));
        found.map(|run| String::from_utf8_lossy(run).into_owned())
    }
}

fn piece(run: &[u8]) -> u64 {
    run.iter().fold(0, |piece, byte| piece << 8 | u64::from(*byte))
}

/// A secret of any kind that is not made of words.
fn secret(rng: &mut Rng) -> String {
    const ALPHANUMERIC: &[u8] = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
    const PUNCTUATION: &[u8] = b"!$%&()*+,-./:;<=>?@[]^_`{|}~#'\"\\ ";
    let pick = |rng: &mut Rng, from: &[u8]| char::from(from[rng.usize(..from.len())]);
    let random = |rng: &mut Rng, length: usize| -> String {
        (0..length).map(|_| pick(rng, ALPHANUMERIC)).collect()
    };
    // Some random letters are words; a digit in each few of them makes sure that they are none.
    let token = |rng: &mut Rng, length: usize| -> String {
        let letters = random(rng, length);
        let digit = |(n, c)| {
            if n % 3 == 1 { ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9'][n % 10] } else { c }
        };
        letters.chars().enumerate().map(digit).collect()
    };
    match rng.u8(..10) {
        0 => token(rng, 12),
        1 => token(rng, 40),
        2 => format!("{}=", base64(token(rng, 23).as_bytes()).trim_end_matches('=')),
        3 => format!("{}==", base64(token(rng, 31).as_bytes()).trim_end_matches('=')),
        4 => (0..32).map(|_| pick(rng, b"0123456789abcdef")).collect(),
        5 => {
            let part = |rng: &mut Rng, length| -> String {
                (0..length).map(|_| pick(rng, b"0123456789abcdef")).collect()
            };
            [8, 4, 4, 4, 12].map(|length| part(rng, length)).join("-")
        }
        6 => format!("eyJhbGci{}.eyJzdWIi{}.{}", token(rng, 12), token(rng, 20), token(rng, 43)),
        7 => format!("ghp_{}", token(rng, 36)),
        8 => {
            let mixed = |rng: &mut Rng| {
                let part = token(rng, 4);
                format!("{part}{}", pick(rng, PUNCTUATION))
            };
            (0..5).map(|_| mixed(rng)).collect::<String>() + &token(rng, 3)
        }
        _ => format!("{}/{}+{}", token(rng, 13), token(rng, 10), token(rng, 16)),
    }
}

pub(super) fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let byte = |n: usize| u32::from(chunk.get(n).copied().unwrap_or_default());
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        for n in 0..4 {
            let digit = DIGITS[(bits >> (18 - 6 * n) & 63) as usize];
            text.push(if n > chunk.len() { '=' } else { char::from(digit) });
        }
    }
    text
}

pub(super) fn percent(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

pub(super) fn hex(text: &str) -> String {
    text.bytes().map(|byte| format!("{byte:02x}")).collect()
}
