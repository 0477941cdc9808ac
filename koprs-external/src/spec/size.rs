//! Sizes as they are written in declarations: bytes, or a number and a unit, `8MiB`, `512KiB`.

use super::Invalid;

/// Reads `8MiB`, `512 KiB`, `10MB`, `4096`.
pub(crate) fn parse(setting: &str, text: &str) -> Result<u64, Invalid> {
    text.parse::<bytesize::ByteSize>().map(|size| size.as_u64()).map_err(|_| {
        Invalid::new(setting, "bad-size", format!("`{text}` is not a size"))
            .help("write bytes, or a number and a unit: `8MiB`, `512KiB`")
    })
}
