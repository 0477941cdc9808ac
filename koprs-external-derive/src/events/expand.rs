//! The enum as an `impl WatcherEvents`.
//!
//! What can fail to type-check, the events, carries the user's spans.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote, quote_spanned};
use syn::spanned::Spanned;

use super::check::{Events, Followed};

/// The impl of a checked enum.
pub(super) fn expand(events: &Events) -> TokenStream {
    let Events { krate, ident, .. } = events;
    let variants = events.variants.iter().map(|variant| followed(events, variant));
    let body = quote! {
        #[allow(unused_imports)]
        use #krate::private::NotComparing as _;
        <[_]>::into_vec(::std::boxed::Box::new([#(#variants),*]))
    };
    implementation(events, &ident.to_string(), &body)
}

/// What stands in for an enum with mistakes, so that its uses are no more of them.
pub(super) fn stand_in(events: &Events) -> Option<TokenStream> {
    events.is_whole.then(|| implementation(events, "", &quote!(::core::unreachable!())))
}

fn implementation(events: &Events, name: &str, variants: &TokenStream) -> TokenStream {
    let Events { krate, ident, .. } = events;
    quote! {
        #[automatically_derived]
        impl #krate::private::WatcherEvents for #ident {
            const NAME: &'static str = #name;

            fn variants() -> ::std::vec::Vec<#krate::private::Variant<Self>> {
                #variants
            }
        }
    }
}

fn followed(events: &Events, followed: &Followed) -> TokenStream {
    let Followed { ident, watcher, event } = followed;
    let krate = &events.krate;
    let span = event.span();
    let path: TokenStream = krate
        .to_token_stream()
        .into_iter()
        .map(|mut token| {
            token.set_span(token.span().located_at(span));
            token
        })
        .collect();
    let name = ident.to_string();
    let name = name.trim_start_matches("r#");
    let follow = quote_spanned!(span=> #path::private::follow::<#event, Self>);
    quote!(#krate::private::Variant::from(#follow(#watcher, #name, Self::#ident).comparing()))
}
