//! Whole numbers, and the ranges they have.

use std::fmt::Display;
#[cfg(feature = "yaml")]
use std::str::FromStr;

use super::Invalid;
#[cfg(feature = "yaml")]
use super::quote::{Content, quoted};

/// Reads `10`.
#[cfg(feature = "yaml")]
pub(crate) fn parse<T: FromStr>(setting: &str, text: &str) -> Result<T, Invalid> {
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

/// A number in its range; most settings have no upper end.
pub(super) fn within<T: PartialOrd + Display>(
    setting: &str,
    number: T,
    least: T,
    most: Option<T>,
) -> Result<T, Invalid> {
    if number >= least && most.as_ref().is_none_or(|most| number <= *most) {
        return Ok(number);
    }
    let name = setting.rsplit('.').next().unwrap_or(setting);
    let range = match most {
        Some(most) => format!("from `{least}` to `{most}`"),
        None => format!("at least `{least}`"),
    };
    Err(Invalid::new(setting, "out-of-range", format!("`{number}` is out of range"))
        .help(format!("`{name}` is {range}")))
}

#[cfg(all(test, feature = "yaml"))]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_digits_and_fits() {
        let cases = [
            ("0", Ok(0_u32)),
            ("007", Ok(7)),
            ("4294967295", Ok(u32::MAX)),
            ("4294967296", Err("`4294967296` is too large")),
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

    #[test]
    fn the_help_names_the_range() {
        let help = |most| within("http.retries", 11, 12, most).unwrap_err().help.unwrap();
        assert_eq!(help(None), "`retries` is at least `12`");
        assert_eq!(help(Some(20)), "`retries` is from `12` to `20`");
        assert_eq!(within("http.retries", 12, 12, Some(12)), Ok(12));
    }
}
