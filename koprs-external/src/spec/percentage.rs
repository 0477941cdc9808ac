//! Percentages as they are written in declarations: `5%`.

use super::Invalid;
use super::quote::{Content, quoted};

/// Reads `5%`, as a ratio. `most` and `default` are in percent.
pub(crate) fn parse(setting: &str, text: &str, most: f64, default: f64) -> Result<f64, Invalid> {
    let percent = text.trim().strip_suffix('%').and_then(|n| n.trim_end().parse::<f64>().ok());
    percent.map(|percent| percent / 100.0).ok_or_else(|| {
        let meant = meant(text, most, default);
        let shown = quoted(Content::Quantity, text);
        Invalid::new(setting, "bad-percentage", format!("{shown} is not a percentage"))
            .help(format!("write a number from 0 to {most} and a percent sign: `{meant}%`"))
    })
}

/// A ratio as a person would write it.
pub(crate) fn show(ratio: f64) -> String {
    let percent = ratio * 100.0;
    let rounded = (percent * 1e4).round() / 1e4;
    // What is read from it is the ratio again, wherever a number of percents is.
    let near = [rounded, percent, percent.next_up(), percent.next_down()];
    let exact = near.into_iter().find(|percent| percent / 100.0 == ratio);
    format!("{}%", exact.unwrap_or(percent))
}

/// The percentage that a number without its sign was to be: below 1 it is a ratio.
fn meant(text: &str, most: f64, default: f64) -> f64 {
    let number = text.trim().parse::<f64>().unwrap_or(f64::NAN);
    let percent = if number < 1.0 { (number * 1e6).round() / 1e4 } else { number };
    if (0.0..=most).contains(&percent) { percent } else { default }
}

#[cfg(test)]
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
            let refused = parse("jitter", text, 50.0, 5.0).unwrap_err();
            let help = refused.help.unwrap_or_default();
            assert!(help.ends_with(meant), "{text}: {help}");
        }
        assert_eq!(parse("jitter", " 12.5 % ", 50.0, 5.0), Ok(0.125));
    }

    #[test]
    fn what_is_shown_is_read() {
        for (ratio, shown) in
            [(0.05, "5%"), (0.07, "7%"), (0.125, "12.5%"), (0.0, "0%"), (0.5, "50%")]
        {
            assert_eq!(show(ratio), shown);
        }
        for n in 0..=10_000 {
            let ratio = f64::from(n) / 100.0 / 100.0;
            assert_eq!(parse("jitter", &show(ratio), 50.0, 5.0), Ok(ratio));
        }
    }
}
