//! x
/// x
#[proc_macro_derive(ExternalSource, attributes(external))]
pub fn external_source(_input: proc_macro::TokenStream) -> proc_macro::TokenStream {
    proc_macro::TokenStream::new()
}
