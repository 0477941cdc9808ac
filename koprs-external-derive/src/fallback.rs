//! What a declaration with mistakes expands to: the mistakes, and the items that others may use.
//!
//! Without the items each use of `Flags::source` would be one more error, and none of them the cause.

use proc_macro2::TokenStream;
use quote::quote;

use crate::expand;
use crate::model::Face;

/// The mistakes, and stand-ins with the same signatures.
pub(crate) fn fallback(face: Option<&Face>, error: Option<syn::Error>) -> TokenStream {
    let mistakes = error.map(syn::Error::into_compile_error);
    let stand_ins = face.map(|face| {
        let names = face.params.iter().map(|param| &param.name);
        expand::items(
            face,
            &quote! {
                let _ = (#(#names,)*);
                ::core::unreachable!()
            },
        )
    });
    quote!(#mistakes #stand_ins)
}
