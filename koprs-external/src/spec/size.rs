//! Sizes as they are written in declarations: bytes, or a number and a unit, `8MiB`, `512KiB`.

#[cfg(feature = "yaml")]
use bytesize::ByteSize;

#[cfg(feature = "yaml")]
use super::Invalid;
#[cfg(feature = "yaml")]
use super::quote::{Content, quoted};

/// Reads `8MiB`, `512 KiB`, `10MB`, `4096`.
#[cfg(feature = "yaml")]
pub(crate) fn parse(setting: &str, text: &str) -> Result<u64, Invalid> {
    let refused = |what| {
        Invalid::new(setting, "bad-size", format!("{} is {what}", quoted(Content::Quantity, text)))
            .help("write bytes, or a number and a unit: `8MiB`, `512KiB`")
    };
    match text.parse() {
        // It saturates.
        Ok(ByteSize(u64::MAX)) => Err(refused("too large")),
        Ok(ByteSize(bytes)) => Ok(bytes),
        Err(_) => Err(refused("not a size")),
    }
}

/// A size as a person would write it: in the largest unit that it is a multiple of.
pub(crate) fn show(bytes: u64) -> String {
    const UNITS: [(u64, &str); 4] =
        [(1 << 40, "TiB"), (1 << 30, "GiB"), (1 << 20, "MiB"), (1 << 10, "KiB")];
    let unit = UNITS.iter().find(|(unit, _)| bytes > 0 && bytes.is_multiple_of(*unit));
    unit.map_or_else(|| bytes.to_string(), |(unit, name)| format!("{}{name}", bytes / unit))
}

#[cfg(all(test, feature = "yaml"))]
mod tests {
    use super::*;

    #[test]
    fn a_size_is_bytes_or_has_a_unit_and_fits() {
        let cases = [
            ("4096", Ok(4096)),
            ("8MiB", Ok(8 << 20)),
            ("512 KiB", Ok(512 << 10)),
            ("1.5KiB", Ok(1536)),
            ("10MB", Ok(10_000_000)),
            ("999999999999TiB", Err("`999999999999TiB` is too large")),
            ("16EiB", Err("`16EiB` is too large")),
            ("99999999999999999999", Err("`99999999999999999999` is not a size")),
            ("-1", Err("`-1` is not a size")),
            ("large", Err("`large` is not a size")),
            ("", Err("`` is not a size")),
        ];
        for (text, size) in cases {
            let parsed = parse("http.body_limit", text).map_err(|invalid| invalid.message);
            assert_eq!(parsed, size.map_err(str::to_owned), "{text}");
        }
    }

    #[test]
    fn what_is_shown_is_read() {
        for text in ["0", "1", "1000", "1KiB", "1025", "8MiB", "1025KiB", "3GiB", "2TiB"] {
            assert_eq!(parse("http.body_limit", text).map(show).as_deref(), Ok(text));
        }
        assert_eq!(parse("http.body_limit", &show(u64::MAX - 1)), Ok(u64::MAX - 1));
    }
}
