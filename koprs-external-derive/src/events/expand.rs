//! The enum as an `impl WatcherEvents`.
//!
//! What can fail to type-check, the events, carries the user's spans.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::ext::IdentExt;
use syn::spanned::Spanned;

use super::check::{Events, Followed};

/// The impl of a checked enum.
pub(super) fn expand(events: &Events) -> TokenStream {
    let private = private(events, Span::call_site());
    let variants = events.variants.iter().map(|variant| followed(events, variant));
    let body = quote! {
        #[allow(unused_imports)]
        use #private::NotComparing as _;
        <[_]>::into_vec(::std::boxed::Box::new([#(#variants),*]))
    };
    implementation(events, &events.ident.to_string(), &body)
}

/// What stands in for an enum with mistakes, so that its uses are no more of them.
pub(super) fn stand_in(events: &Events) -> Option<TokenStream> {
    events.is_whole.then(|| implementation(events, "", &quote!(::core::unreachable!())))
}

fn implementation(events: &Events, name: &str, variants: &TokenStream) -> TokenStream {
    let (private, ident) = (private(events, Span::call_site()), &events.ident);
    quote! {
        #[automatically_derived]
        #[allow(unused_qualifications)]
        impl #private::WatcherEvents for #ident {
            const NAME: &'static str = #name;

            fn variants() -> ::std::vec::Vec<#private::Variant<Self>> {
                #variants
            }
        }
    }
}

/// All of it stands where the event does: there the compiler points when it is none.
fn followed(events: &Events, Followed { ident, watcher, event }: &Followed) -> TokenStream {
    let span = event.span();
    let private = private(events, span);
    let name = ident.unraw().to_string();
    let mut make = ident.clone();
    make.set_span(ident.span().located_at(span));
    quote_spanned! {span=>
        #private::Variant::from(
            #private::follow::<#event, Self>(#watcher, #name, Self::#make).comparing(),
        )
    }
}

/// `::koprs_external::private`, seen at a place of the user's.
fn private(events: &Events, span: Span) -> TokenStream {
    let Some(path) = &events.krate else {
        return quote_spanned!(span=> ::koprs_external::private);
    };
    let path = path.to_token_stream().into_iter().map(|mut token| {
        token.set_span(token.span().located_at(span));
        token
    });
    let path: TokenStream = path.collect();
    quote_spanned!(span=> #path::private)
}
