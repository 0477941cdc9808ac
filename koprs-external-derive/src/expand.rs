//! The model as items.
//!
//! All paths are absolute, and locals are out of the reach of the user's names. What can fail to
//! type-check (the payload, the parameters) carries the user's spans, so that the compiler points there.

mod spec;

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::Type;
use syn::spanned::Spanned;

use crate::attr::Param;
use crate::model::{Face, Source};

/// The items of a checked declaration.
pub(crate) fn expand(face: &Face, source: &Source) -> TokenStream {
    items(face, &spec::body(face, source))
}

/// The items, with the body of `spec`.
pub(crate) fn items(face: &Face, spec: &TokenStream) -> TokenStream {
    let inherent = inherent(face, spec);
    let source = source(face);
    let external_source = external_source(face);
    quote!(#inherent #source #external_source)
}

impl Face {
    /// The generated type, `FlagsSource`.
    fn source(&self) -> Ident {
        format_ident!("{}Source", self.ident)
    }

    /// `::koprs_external::private`. A path of the user's keeps its place, where the compiler points when
    /// nothing is found there.
    fn private(&self) -> TokenStream {
        let path = &self.krate;
        quote!(#path::private)
    }

    fn private_at(&self, span: Span) -> TokenStream {
        let path = self.krate.to_token_stream().into_iter().map(|mut token| {
            token.set_span(token.span().located_at(span));
            token
        });
        let path: TokenStream = path.collect();
        quote_spanned!(span=> #path::private)
    }

    /// What a payload must be able to do. As a bound it is checked once, on the payload's own tokens,
    /// and not in each body again. (Of a bound `for<'de> …` the compiler would believe anything.)
    fn bound(&self) -> TokenStream {
        let payload = &self.payload;
        let private = self.private_at(payload.span());
        let equal =
            self.distinct.then(|| quote_spanned!(payload.span()=> + ::core::cmp::PartialEq));
        quote_spanned! {payload.span()=>
            #payload: #private::DeserializeOwned
                + ::core::clone::Clone
                + ::core::fmt::Debug
                + ::core::marker::Send
                + 'static
                #equal
        }
    }

    /// What a poll yields: the payload, or the objects that hold it.
    fn item(&self) -> TokenStream {
        let (private, payload) = (self.private(), &self.payload);
        if self.of_objects { quote!(#private::Object<#payload>) } else { quote!(#payload) }
    }

    /// The same in words.
    fn shown_item(&self) -> String {
        let payload = show(&self.payload);
        if self.of_objects { format!("Object<{payload}>") } else { payload }
    }

    fn args(&self) -> TokenStream {
        let args = self.params.iter().map(|Param { name, ty }| quote!(#name: #ty));
        quote!(#(#args),*)
    }
}

fn inherent(face: &Face, spec: &TokenStream) -> TokenStream {
    let Face { vis, ident, .. } = face;
    let (private, bound, args) = (face.private(), face.bound(), face.args());
    let makers = makers(face);
    quote! {
        #[automatically_derived]
        #[allow(dead_code, unused_qualifications, clippy::too_many_arguments)]
        impl #ident
        where
            #bound,
        {
            /// The declaration, checked.
            ///
            /// # Errors
            ///
            /// When an argument cannot stand in its place.
            #vis fn spec(#args) -> #private::Result<#private::WatcherSpec> {
                #spec
            }

            #makers
        }
    }
}

/// `source` and `watch`.
fn makers(face: &Face) -> TokenStream {
    let Face { vis, params, .. } = face;
    let (private, source, args) = (face.private(), face.source(), face.args());
    let item = face.item();
    let names: Vec<_> = params.iter().map(|param| &param.name).collect();
    let (made, config) = (local("made"), local("config"));
    let make = if face.distinct { quote!(distinct) } else { quote!(new) };
    let doc = format!("A source of `{}`, to be watched.", face.shown_item());
    quote! {
        #[doc = #doc]
        ///
        /// # Errors
        ///
        /// When an argument cannot stand in its place, or the credential cannot be read.
        #vis fn source(#args) -> #private::Result<#source> {
            let #made = #private::DeclaredSource::#make(Self::spec(#(#names),*)?)?;
            ::core::result::Result::Ok(#source(#made))
        }

        /// Polls as declared, and yields what changes.
        ///
        /// # Errors
        ///
        /// When an argument cannot stand in its place, or the credential cannot be read.
        ///
        /// # Panics
        ///
        /// Outside of a tokio runtime with its timer enabled.
        #vis fn watch(#args) -> #private::Result<#private::Watch<#item>> {
            let #made = Self::source(#(#names),*)?;
            let #config = #made.config();
            ::core::result::Result::Ok(#private::watch(#made, #config))
        }
    }
}

fn source(face: &Face) -> TokenStream {
    let Face { vis, ident, .. } = face;
    let (private, bound, source) = (face.private(), face.bound(), face.source());
    let item = face.item();
    let doc = format!("Polls as [`{ident}`] declares, and yields `{}`.", face.shown_item());
    quote! {
        #[doc = #doc]
        #[allow(dead_code, unused_qualifications)]
        #vis struct #source(#private::DeclaredSource<#item>);

        #[automatically_derived]
        #[allow(dead_code, unused_qualifications)]
        impl #source
        where
            #bound,
        {
            /// The declared schedule.
            #[must_use]
            #vis fn config(&self) -> #private::WatchConfig {
                self.0.config()
            }

            /// The declaration, with its arguments filled in.
            #[must_use]
            #vis fn spec(&self) -> &#private::WatcherSpec {
                self.0.spec()
            }
        }

        #[automatically_derived]
        impl ::core::fmt::Debug for #source {
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                ::core::fmt::Debug::fmt(&self.0, f)
            }
        }
    }
}

fn external_source(face: &Face) -> TokenStream {
    let item = face.item();
    let (private, bound, source) = (face.private(), face.bound(), face.source());
    quote! {
        #[automatically_derived]
        #[allow(unused_qualifications)]
        impl #private::ExternalSource for #source
        where
            #bound,
        {
            type Item = #item;

            fn poll(
                &mut self,
            ) -> #private::BoxFuture<
                '_,
                #private::Result<::std::vec::Vec<#private::ExternalEvent<#item>>>,
            > {
                #private::ExternalSource::poll(&mut self.0)
            }

            fn name(&self) -> &str {
                #private::ExternalSource::name(&self.0)
            }

            fn pace(&self) -> #private::Pace {
                #private::ExternalSource::pace(&self.0)
            }

            fn complete(&self) -> bool {
                #private::ExternalSource::complete(&self.0)
            }

            fn report(&self) -> #private::Report {
                #private::ExternalSource::report(&self.0)
            }

            fn release_removals(&mut self) {
                #private::ExternalSource::release_removals(&mut self.0);
            }

            fn retract(&mut self) -> ::std::vec::Vec<#private::ExternalEvent<#item>> {
                #private::ExternalSource::retract(&mut self.0)
            }

            fn idle(&mut self) -> #private::BoxFuture<'_, ()> {
                #private::ExternalSource::idle(&mut self.0)
            }

            fn undelivered(&mut self) -> ::std::vec::Vec<#private::ExternalEvent<#item>> {
                #private::ExternalSource::undelivered(&mut self.0)
            }

            fn hand_over(&mut self) -> ::std::option::Option<#private::KnownItems> {
                #private::ExternalSource::hand_over(&mut self.0)
            }

            fn inherit(
                &mut self,
                known: #private::KnownItems,
            ) -> ::std::result::Result<(), #private::KnownItems> {
                #private::ExternalSource::inherit(&mut self.0, known)
            }

            fn delivered(&mut self) -> #private::BoxFuture<'_, #private::Result<()>> {
                #private::ExternalSource::delivered(&mut self.0)
            }
        }
    }
}

/// A local that no name of the user's can be or hide.
fn local(name: &str) -> Ident {
    Ident::new(name, Span::mixed_site())
}

fn show(ty: &Type) -> String {
    ty.to_token_stream().to_string().replace(' ', "")
}

#[cfg(test)]
mod tests;
