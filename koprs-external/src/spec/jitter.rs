//! `jitter`: by how much a wait may be lengthened or shortened, so that watchers do not march in step.

use super::Invalid;

/// ± 5 %: what Flux settled on after ± 10 % proved too wide (fluxcd/pkg#624).
pub(crate) const DEFAULT: f64 = 0.05;
const MOST: f64 = 0.5;

/// Reads `5%`.
#[cfg(feature = "yaml")]
pub(crate) fn parse(setting: &str, text: &str) -> Result<f64, Invalid> {
    let percent = text.trim().strip_suffix('%').and_then(|n| n.trim_end().parse::<f64>().ok());
    percent.map(|percent| percent / 100.0).ok_or_else(|| {
        Invalid::new(setting, "bad-percentage", format!("`{text}` is not a percentage"))
            .help(format!("write a number from 0 to 50 and a percent sign: `{}%`", meant(text)))
    })
}

/// The percentage that a number without its sign was to be: below 1 it is a ratio.
#[cfg(feature = "yaml")]
fn meant(text: &str) -> f64 {
    let number = text.trim().parse::<f64>().unwrap_or(f64::NAN);
    let percent = if number < 1.0 { (number * 1e6).round() / 1e4 } else { number };
    if (0.0..=MOST * 100.0).contains(&percent) { percent } else { DEFAULT * 100.0 }
}

pub(super) fn check(ratio: f64) -> Result<f64, Invalid> {
    if (0.0..=MOST).contains(&ratio) {
        return Ok(ratio);
    }
    Err(Invalid::new("jitter", "bad-jitter", format!("`{}%` is out of range", ratio * 100.0))
        .help("`jitter` is from `0%` to `50%`"))
}

#[cfg(all(test, feature = "yaml"))]
mod tests {
    use super::*;

    #[test]
    fn a_number_without_its_sign_is_told_what_it_was_to_be() {
        let cases = [
            ("5", "`5%`"),
            ("12.5", "`12.5%`"),
            ("0.05", "`5%`"),
            ("0.07", "`7%`"),
            ("0.125", "`12.5%`"),
            ("0", "`0%`"),
            ("51", "`5%`"),
            ("0.9", "`5%`"),
            ("-1", "`5%`"),
            ("nan", "`5%`"),
            ("little", "`5%`"),
        ];
        for (text, meant) in cases {
            let help = parse("jitter", text).unwrap_err().help.unwrap_or_default();
            assert!(help.ends_with(meant), "{text}: {help}");
        }
        assert_eq!(parse("jitter", " 12.5 % "), Ok(0.125));
    }
}
