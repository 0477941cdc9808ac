//! Golden file: what `golden/flags.rs` expands to is `golden/flags.expanded.rs`. `UPDATE=1` writes it.

use std::path::Path;
use std::{env, fs};

use crate::derive::derive;

#[test]
fn the_expansion_is_the_golden_file() {
    let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("golden");
    let declaration = fs::read_to_string(golden.join("flags.rs")).unwrap();
    let expansion = derive(&syn::parse_str(&declaration).unwrap());
    let expanded = prettyplease::unparse(&syn::parse2(expansion).unwrap());
    let path = golden.join("flags.expanded.rs");
    if env::var_os("UPDATE").is_some() {
        fs::write(&path, &expanded).unwrap();
    }
    assert_eq!(expanded, fs::read_to_string(&path).unwrap());
}
