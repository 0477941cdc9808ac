//! Whole numbers.

use super::Invalid;
use super::quote::{Content, quoted};

/// Reads `10`.
pub(crate) fn parse(setting: &str, text: &str) -> Result<u64, Invalid> {
    let digits = !text.is_empty() && text.chars().all(|c| c.is_ascii_digit());
    text.parse().ok().filter(|_| digits).ok_or_else(|| {
        let what = if digits { "too large" } else { "not a whole number" };
        Invalid::new(
            setting,
            "bad-number",
            format!("{} is {what}", quoted(Content::Quantity, text)),
        )
        .help("write digits, as `10`")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_digits_and_fits() {
        let cases = [
            ("0", Ok(0)),
            ("007", Ok(7)),
            ("18446744073709551615", Ok(u64::MAX)),
            ("18446744073709551616", Err("`18446744073709551616` is too large")),
            ("", Err("`` is not a whole number")),
            ("+1", Err("`+1` is not a whole number")),
            ("-1", Err("`-1` is not a whole number")),
            ("1.5", Err("`1.5` is not a whole number")),
            ("1e3", Err("`1e3` is not a whole number")),
            ("many", Err("`many` is not a whole number")),
        ];
        for (text, number) in cases {
            let read = parse("retries", text).map_err(|invalid| invalid.message);
            assert_eq!(read, number.map_err(str::to_owned), "{text}");
        }
    }
}
