//! `ignore`: what may change without being a change.

use super::{Invalid, Pointer, Written};

pub(super) fn check(written: &Written, mut refuse: impl FnMut(Invalid)) -> Option<Vec<Pointer>> {
    let mut pointers = Vec::with_capacity(written.ignore.len());
    for (n, text) in written.ignore.iter().enumerate() {
        match one(&format!("ignore.{n}"), text) {
            Ok(pointer) => pointers.push(pointer),
            Err(invalid) => refuse(invalid),
        }
    }
    if let Some(format) = written.decode.filter(|format| format.is_plain())
        && !written.ignore.is_empty()
    {
        refuse(
            Invalid::no_use("ignore", format.word()).help("it has no parts: leave `ignore` out"),
        );
    }
    Some(pointers)
}

fn one(setting: &str, text: &str) -> Result<Pointer, Invalid> {
    let pointer = Pointer::parse(setting, text)?;
    if pointer.is_root() {
        return Err(Invalid::new(
            setting,
            "bad-pointer",
            "`ignore` of the whole value ignores all",
        )
        .help("name a part of it, as `/updated_at`"));
    }
    Ok(pointer)
}
