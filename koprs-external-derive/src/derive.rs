//! The pipeline: `attr → check → expand`, with `fallback` for what has mistakes.

use proc_macro2::TokenStream;
use syn::DeriveInput;

use crate::errors::Errors;
use crate::{attr, check, expand, fallback};

/// The items for a declaration, or its mistakes.
pub(crate) fn derive(input: &DeriveInput) -> TokenStream {
    let mut errors = Errors::default();
    let external = attr::read(input, &mut errors);
    let (face, source) = check::check(input, external, &mut errors);
    match (face, source, errors.finish()) {
        (Some(face), Some(source), None) => expand::expand(&face, &source),
        (face, _, error) => fallback::fallback(face.as_ref(), error),
    }
}
