//! "Did you mean": the known word nearest to an unknown one.

/// Longer words are not compared: nobody misspells those.
const LONGEST: usize = 64;

/// The known word that was probably meant.
pub(super) fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    if word.chars().nth(LONGEST).is_some() {
        return None;
    }
    let tolerated = (word.chars().count() / 3).max(1);
    known
        .into_iter()
        .map(|candidate| (distance(word, candidate), candidate))
        .filter(|(distance, _)| *distance <= tolerated)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// How many characters differ; two that are swapped are one difference.
fn distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let at = |row: &[usize], n: usize| row.get(n).copied().unwrap_or_default();
    let mut before: Vec<usize> = Vec::new();
    let mut above: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.iter().enumerate() {
        let mut row = vec![i + 1];
        for (j, y) in b.iter().enumerate() {
            let least = (at(&above, j) + usize::from(x != y)).min(at(&above, j + 1) + 1);
            let least = least.min(at(&row, j) + 1);
            let swapped = j > 0 && i > 0 && a.get(i - 1) == Some(y) && b.get(j - 1) == Some(x);
            row.push(if swapped { least.min(at(&before, j - 1) + 1) } else { least });
        }
        before = std::mem::replace(&mut above, row);
    }
    above.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_typing_error_finds_its_word_and_another_word_finds_none() {
        let known = ["s3", "s3a", "gs", "azure", "aws_region", "aws_endpoint"];
        let cases = [
            ("s3n", Some("s3")),
            ("gcs", Some("gs")),
            ("auzre", Some("azure")),
            ("aws_regoin", Some("aws_region")),
            ("aws-endpoint", Some("aws_endpoint")),
            ("sftp", None),
            ("", None),
        ];
        for (word, meant) in cases {
            assert_eq!(nearest(word, known), meant, "{word}");
        }
    }
}
