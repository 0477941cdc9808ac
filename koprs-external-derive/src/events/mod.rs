//! `#[derive(WatcherEvents)]`: an enum of the events of a set, by the same way of `attr → check → expand`.

mod attr;
mod check;
mod expand;

use proc_macro2::TokenStream;
use syn::DeriveInput;

use crate::errors::Errors;

/// The impl for an enum, or its mistakes.
pub(crate) fn derive(input: &DeriveInput) -> TokenStream {
    let mut errors = Errors::default();
    let events = check::check(input, &mut errors);
    match errors.finish() {
        None => expand::expand(&events),
        Some(error) => {
            let mistakes = error.into_compile_error();
            let stand_in = expand::stand_in(&events);
            quote::quote!(#mistakes #stand_in)
        }
    }
}
