//! Any tokens in `#[external(…)]` and `#[watcher(…)]` are a declaration or mistakes, and what they expand to is Rust.

#![no_main]

use koprs_external_derive_tokens::tokens;
use libfuzzer_sys::fuzz_target;
use proc_macro2::TokenStream;
use quote::quote;

fuzz_target!(|text: &str| {
    let Ok(tokens) = text.parse::<TokenStream>() else { return };
    let payload = quote! {
        #[external(#tokens)]
        struct Flags {
            #[external(key)]
            id: String,
        }
    };
    let field = quote! {
        #[external(http(url = "https://h/v1"), interval = "30s", items(at = "/data"))]
        struct Flags {
            #[external(#tokens)]
            id: String,
        }
    };
    let events = quote! {
        enum Change {
            #[watcher(#tokens)]
            Flags(ExternalEvent<Flags>),
        }
    };
    let expands = |item, expand: fn(&syn::DeriveInput) -> TokenStream| {
        if let Ok(input) = syn::parse2(item) {
            let expanded = expand(&input);
            assert!(!expanded.is_empty());
            syn::parse2::<syn::File>(expanded).expect("it is Rust");
        }
    };
    expands(payload, tokens::external_source);
    expands(field, tokens::external_source);
    expands(events, tokens::watcher_events);
});
