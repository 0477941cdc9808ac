//! The body of `spec`: the settings as calls of the builder.

use std::time::Duration;

use proc_macro2::{Ident, TokenStream};
use quote::{quote, quote_spanned};
use syn::ext::IdentExt;
use syn::spanned::Spanned;

use super::local;
use crate::attr::Param;
use crate::model::{Endpoint, Face, Format, Http, Secret, Source};
use crate::template::Template;

/// The statements that build the declaration from the arguments.
pub(super) fn body(face: &Face, source: &Source) -> TokenStream {
    let Source { name, interval, max_backoff, jitter, decode, endpoint } = source;
    let private = face.private();
    let params = local("params");
    let spec = local("spec");
    let declared = (!face.params.is_empty()).then(|| declare(face, &params));
    let Endpoint::Http(http) = endpoint;
    let filler = Filler { private: &private, params };
    let endpoint = filler.http(name, http);
    let interval = duration(*interval);
    let max_backoff = max_backoff.map(duration).map(|value| quote!(.max_backoff(#value)));
    let jitter = jitter.map(|ratio| quote!(.jitter(#ratio)));
    let decode = decode.map(format).map(|format| quote!(.decode(#private::Format::#format)));
    quote! {
        #declared
        let #spec = #endpoint .interval(#interval) #max_backoff #jitter #decode .build()?;
        ::core::result::Result::Ok(#spec)
    }
}

fn declare(face: &Face, params: &Ident) -> TokenStream {
    let private = face.private();
    let with = face.params.iter().map(|Param { name, ty }| {
        let plain = name.unraw().to_string();
        let mut argument = name.clone();
        argument.set_span(name.span().located_at(ty.span()));
        quote_spanned!(ty.span()=> .with(#plain, &#argument))
    });
    quote!(let #params = #private::Params::new() #(#with)*;)
}

struct Filler<'a> {
    private: &'a TokenStream,
    params: Ident,
}

impl Filler<'_> {
    fn http(&self, name: &str, http: &Http) -> TokenStream {
        let Http { url, query, header, bearer, timeout, body_limit } = http;
        let private = self.private;
        let url = self.url("http.url", url);
        let query = query.iter().map(|(name, value)| {
            let value = self.text(&format!("http.query.{name}"), value);
            quote!(.query(#name, #value))
        });
        let header = header.iter().map(|(name, value)| {
            let value = self.text(&format!("http.header.{name}"), value);
            quote!(.header(#name, #value))
        });
        let bearer = bearer.as_ref().map(|secret| {
            let secret = self.secret("http.auth.bearer.value", secret);
            quote!(.bearer(#private::SecretSource::#secret))
        });
        let timeout = timeout.map(duration).map(|value| quote!(.timeout(#value)));
        let body_limit = body_limit.map(|bytes| quote!(.body_limit(#bytes)));
        quote! {
            #private::WatcherSpec::http(#name, #url)
                #(#query)* #(#header)* #bearer #timeout #body_limit
        }
    }

    fn url(&self, setting: &str, url: &Template) -> TokenStream {
        let params = &self.params;
        match url.literal() {
            Some(url) => quote!(#url),
            None => {
                let url = url.written.value();
                quote!(#params.url(#setting, #url)?)
            }
        }
    }

    fn text(&self, setting: &str, text: &Template) -> TokenStream {
        let params = &self.params;
        match text.literal() {
            Some(text) => quote!(#text),
            None => {
                let text = text.written.value();
                quote!(#params.text(#setting, #text)?)
            }
        }
    }

    fn secret(&self, setting: &str, secret: &Secret) -> TokenStream {
        match secret {
            Secret::Env(name) => quote!(Env(::std::string::String::from(#name))),
            Secret::File(path) => quote!(File(::std::path::PathBuf::from(#path))),
            Secret::Value(value) => {
                let value = self.text(setting, value);
                quote!(Value(::core::convert::Into::into(#value)))
            }
        }
    }
}

fn duration(duration: Duration) -> TokenStream {
    let (seconds, nanos) = (duration.as_secs(), duration.subsec_nanos());
    quote!(::core::time::Duration::new(#seconds, #nanos))
}

fn format(format: Format) -> TokenStream {
    match format {
        Format::Json => quote!(Json),
        Format::Yaml => quote!(Yaml),
        Format::Text => quote!(Text),
        Format::Bytes => quote!(Bytes),
    }
}
