//! Whether a text consists of words, and does not look random.

/// A longer text is not judged.
const LONGEST: usize = 160;
/// A longer part is no word.
const LONGEST_WORD: usize = 24;
/// Longer ones are not several, written together.
const LONGEST_WORDS: usize = 40;
/// A longer part in capitals is an identifier of a key, as `AKIA…`.
const LONGEST_CAPITALS: usize = 14;
/// The most digits in a row: those of a time in milliseconds.
const MOST_DIGITS: usize = 13;
const MOST_DIGITS_IN_ALL: usize = 20;
/// The most parts with a number behind their letters (`v1`), and the most other short ones (`k8s`).
const MOST_NUMBERED: usize = 2;
const MOST_SHORT: usize = 1;
const LONGEST_SHORT: usize = 4;
/// The most digits of numbers beside a short part.
const MOST_DIGITS_BESIDE_SHORT: usize = 2;

/// How tokens of well-known services begin: with that, few letters are enough to be a part of one.
const TOKENS: [&str; 25] = [
    "ghp_",
    "gho_",
    "ghu_",
    "ghs_",
    "ghr_",
    "github_pat_",
    "glpat-",
    "xoxa-",
    "xoxb-",
    "xoxp-",
    "xoxs-",
    "xapp-",
    "sk_live_",
    "sk_test_",
    "rk_live_",
    "pk_live_",
    "hvs.",
    "hvb.",
    "dop_v1_",
    "shpat_",
    "pypi-",
    "ya29.",
    "AIza",
    "AKIA",
    "eyJ",
];

/// Whether a text consists of letters, digits, `marks` and what is not ASCII, and its parts between these are words and
/// numbers.
pub(crate) fn is_plain(text: &str, marks: &str) -> bool {
    let (mut numbered, mut short, mut digits) = (0, 0, 0);
    let mut is_good = |part: &str| {
        match Part::of(part) {
            Part::Word => {}
            Part::Number => digits += part.len(),
            Part::Numbered => numbered += 1,
            Part::Short => short += 1,
            Part::Random => return false,
        }
        // Several of them may be the pieces of one secret.
        numbered <= MOST_NUMBERED
            && short <= MOST_SHORT
            && (short == 0 || (numbered == 0 && digits <= MOST_DIGITS_BESIDE_SHORT))
    };
    text.len() <= LONGEST
        && !TOKENS.iter().any(|token| text.contains(token))
        && text.chars().all(|c| c.is_alphanumeric() || !c.is_ascii() || marks.contains(c))
        && text.split(|c: char| !c.is_alphanumeric()).filter(|it| !it.is_empty()).all(&mut is_good)
        && text.chars().filter(char::is_ascii_digit).count() <= MOST_DIGITS_IN_ALL
}

/// The fewest hexadecimal digits that are taken for a part of a hash.
const SHORTEST_HASH: usize = 8;

/// Letters and digits without anything between them.
#[derive(Debug, PartialEq, Eq)]
enum Part {
    Word,
    Number,
    /// A word with a few digits behind it.
    Numbered,
    /// Letters and digits in any order, but few.
    Short,
    Random,
}

impl Part {
    fn of(part: &str) -> Self {
        let letters = part.trim_end_matches(|c: char| c.is_ascii_digit());
        let digits = part.len() - letters.len();
        let length = part.chars().count();
        if letters.is_empty() {
            return if digits <= MOST_DIGITS { Self::Number } else { Self::Random };
        }
        if length >= SHORTEST_HASH && digits > 0 && part.chars().all(|c| c.is_ascii_hexdigit()) {
            return Self::Random;
        }
        let is_word = is_word(letters);
        if is_time(part) {
            return Self::Number;
        }
        match digits {
            0 if is_word => Self::Word,
            1 if letters == "v" => Self::Number,
            1 if is_word => Self::Numbered,
            2..=4 if is_word && letters.len() > 2 => Self::Numbered,
            _ if length <= LONGEST_SHORT && is_of_one_case(letters) => Self::Short,
            _ => Self::Random,
        }
    }
}

fn is_of_one_case(part: &str) -> bool {
    let has = |is: fn(char) -> bool| part.contains(is);
    !(has(char::is_lowercase) && has(char::is_uppercase))
}

/// Of a point in time what has a letter in it: `01T00`, `000Z`, `20240101T000000Z`.
fn is_time(part: &str) -> bool {
    let digits = |text: &str| text.len() <= MOST_DIGITS && text.chars().all(|c| c.is_ascii_digit());
    let (day, rest) = part.split_once('T').unwrap_or(("", part));
    part.starts_with(|c: char| c.is_ascii_digit())
        && digits(day)
        && digits(rest.trim_end_matches('Z'))
}

/// Letters whose case changes as in words: `flags`, `Flags`, `FLAGS`, `maxBackoff`.
fn is_word(letters: &str) -> bool {
    let letters: Vec<_> = letters.chars().collect();
    let length = letters.len();
    if letters.iter().any(|c| !c.is_alphabetic()) {
        return false;
    }
    let capitals = letters.iter().filter(|c| c.is_uppercase()).count();
    if capitals == length {
        return length <= LONGEST_CAPITALS;
    }
    let is_hump = |pair: &&[char]| matches!(pair, [a, b] if !a.is_uppercase() && b.is_uppercase());
    let humps = letters.windows(2).filter(is_hump).count();
    // Words begin with a capital, and have more letters than that.
    let fewest = if length < 8 { 2 } else { 3 };
    let longest = if humps > 1 { LONGEST_WORDS } else { LONGEST_WORD };
    humps * 4 < length && capitals * fewest <= length && length <= longest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_plain_and_what_looks_random_is_not() {
        let plain = [
            "",
            "flags",
            "Feature_Flags",
            "X-Api-Key",
            "X-B3-TraceId",
            "maxBackoff",
            "2024-01-01T00-00-00.000Z",
            "v1",
            "oauth2",
            "k8s",
            "tenant-42",
            "AWS_ACCESS_KEY_ID",
            "2024-01-01",
            "名前",
            "über",
            "api.example.com",
            "ETag",
            "k8s-1",
            "facade",
            "deadbeef",
        ];
        for text in plain {
            assert!(is_plain(text, "-_."), "{text}");
        }
        let random = [
            "s3cr3t",
            "ghp_u1uO",
            "ghp_41jq",
            "ghp_r1uc",
            "eyJhbGcif1",
            "a-ghp_flags",
            "NzFVYjQzVjdia",
            "n1vW.0119",
            "E15O.B156",
            "Zq7_e15o",
            "Zq7Xw9Kp3Lm5",
            "AKIAIOSFODNN7EXAMPLE",
            "9f86d081884c7d65",
            "dGhpcyBp",
            "a b",
            "x=y",
            "k8s-e2e",
            "1173-i1ga",
            "i1ga-1173",
            "deadbee1",
            "wJalrXUtnFEMI",
            "Zq7-Xw9-Kp3",
            "123456789012345678",
            "eyJhbGciOiJIUzI1NiJ9",
        ];
        for text in random {
            assert!(!is_plain(text, "-_."), "{text}");
        }
    }
}
