#![forbid(unsafe_code)]
#![cfg_attr(test, allow(clippy::unwrap_used))]
//! The derive macro of `koprs-external`. Use it through that crate.

use proc_macro::TokenStream;
use syn::{DeriveInput, parse_macro_input};

mod attr;
mod check;
mod derive;
mod errors;
mod expand;
mod fallback;
mod model;
mod read;
mod suggest;
mod template;

/// x
#[proc_macro_derive(ExternalSource, attributes(external))]
pub fn external_source(input: TokenStream) -> TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    derive::derive(&input).into()
}
