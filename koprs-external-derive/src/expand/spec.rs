//! The body of `spec`: the settings as calls of the builder.

use std::time::Duration;

use proc_macro2::{Ident, Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::ext::IdentExt;
use syn::spanned::Spanned;

use super::local;
use crate::attr::Param;
use crate::model::{
    Auth, Backend, Body, Endpoint, Face, Format, Http, Method, OAuth2, ObjectStore, OnBadItem,
    Pages, Secret, Source, Way,
};
use crate::template::Template;

/// The statements that build the declaration from the arguments.
pub(super) fn body(face: &Face, source: &Source) -> TokenStream {
    let private = face.private();
    let params = local("params");
    let spec = local("spec");
    let declared = (!face.params.is_empty()).then(|| declare(face, &params));
    let filler = Filler { private: &private, params };
    let endpoint = match &source.endpoint {
        Endpoint::Http(http) => filler.http(face, &source.name, http),
        Endpoint::ObjectStore(store) => filler.object_store(face, &source.name, store),
    };
    let settings = filler.settings(face, source);
    // Last, when they have been filled in.
    let hidden = (!face.params.is_empty()).then(|| {
        let params = &filler.params;
        quote!(.hide(&#params))
    });
    quote! {
        #declared
        let #spec = #endpoint #settings #hidden .build()?;
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
    /// The settings beside `http`.
    fn settings(&self, face: &Face, source: &Source) -> TokenStream {
        let private = self.private;
        let Source { interval, max_backoff, jitter, deadline, decode, items, removal, .. } = source;
        let Source { memory_limit, walk_limit, .. } = source;
        let ignore = source.ignore.iter().map(|pointer| quote!(.ignore(#pointer)));
        let calls = [
            Some(duration(*interval)).map(|value| quote!(.interval(#value))),
            max_backoff.map(duration).map(|value| quote!(.max_backoff(#value))),
            jitter.map(|ratio| quote!(.jitter(#ratio))),
            deadline.map(duration).map(|value| quote!(.deadline(#value))),
            decode.map(|(format, at)| decoded(face, format, at)),
            items.at.as_ref().map(|at| quote!(.items(#at))),
            items.key.as_ref().map(|key| quote!(.key(#key))),
            items.limit.map(|limit| quote!(.item_limit(#limit))),
            items.on_bad.map(|on_bad| {
                let on_bad = on_bad_item(on_bad);
                quote!(.on_bad_item(#private::OnBadItem::#on_bad))
            }),
            face.distinct.then(|| quote!(.distinct())),
            removal.confirm.map(|polls| quote!(.confirm(#polls))),
            removal.hold_above.map(|ratio| quote!(.hold_above(#ratio))),
            removal.hold_min.map(|items| quote!(.hold_min(#items))),
            memory_limit.map(|bytes| quote!(.memory_limit(#bytes))),
            walk_limit.map(|bytes| quote!(.walk_limit(#bytes))),
        ];
        calls.into_iter().flatten().chain(ignore).collect()
    }

    fn http(&self, face: &Face, name: &str, http: &Http) -> TokenStream {
        let private = self.private;
        let url = self.url("http.url", &http.url);
        let query = http.query.iter().map(|(name, value)| {
            let value = self.text(&format!("http.query.{name}"), value);
            quote!(.query(#name, #value))
        });
        let header = http.header.iter().map(|(name, value)| {
            let value = self.text(&format!("http.header.{name}"), value);
            quote!(.header(#name, #value))
        });
        let method = http.method.map(method);
        let calls = [
            method.map(|method| quote!(.method(#private::Method::#method))),
            http.body.as_ref().map(|body| self.body(body)),
            http.auth.as_ref().map(|auth| self.auth(face, auth)),
            http.tls.ca.as_ref().map(|path| quote!(.tls_ca(#path))),
            http.tls.identity.as_ref().map(|(cert, key)| quote!(.tls_identity(#cert, #key))),
            http.unix_socket.as_ref().map(|path| quote!(.unix_socket(#path))),
            http.pages.as_ref().map(|pages| self.pages(pages)),
            http.timeout.map(duration).map(|value| quote!(.timeout(#value))),
            http.retries.map(|retries| quote!(.retries(#retries))),
            http.respect_max_age.then(|| quote!(.respect_max_age())),
            http.max_in_flight.map(|requests| quote!(.max_in_flight(#requests))),
            http.body_limit.map(|bytes| quote!(.body_limit(#bytes))),
            http.header_limit.map(|bytes| quote!(.header_limit(#bytes))),
            http.redirect_limit.map(|redirects| quote!(.redirect_limit(#redirects))),
        ];
        let calls = query.chain(header).chain(calls.into_iter().flatten());
        let begun = match http.url.written.value().get(..6) {
            Some(scheme) if scheme.eq_ignore_ascii_case("https:") => {
                needing(face, "https", http.url.written.span(), &quote!(#name, #url))
            }
            _ => quote!(#private::WatcherSpec::http(#name, #url)),
        };
        quote!(#begun #(#calls)*)
    }

    /// The compiler points to the URL when the library does not follow this kind of store.
    fn object_store(&self, face: &Face, name: &str, store: &ObjectStore) -> TokenStream {
        let url = self.url("object_store.url", &store.url);
        let (include, exclude) = (&store.include, &store.exclude);
        let options = store.options.iter().map(|(name, value)| {
            let value = self.secret(&format!("object_store.option.{name}"), value);
            quote!(.option(#name, #value))
        });
        let calls = [
            store.settle.map(duration).map(|value| quote!(.settle(#value))),
            store.concurrency.map(|objects| quote!(.concurrency(#objects))),
            store.listing_concurrency.map(|parts| quote!(.listing_concurrency(#parts))),
            store.object_limit.map(|objects| quote!(.object_limit(#objects))),
            store.body_limit.map(|bytes| quote!(.body_limit(#bytes))),
        ];
        let calls = options.chain(calls.into_iter().flatten());
        let function = match store.backend {
            Some(Backend::S3) => "s3",
            Some(Backend::Gcs) => "gcs",
            Some(Backend::Azure) => "azure",
            Some(Backend::Http) => "webdav",
            Some(Backend::Local) | None => "object_store",
        };
        let begun = needing(face, function, store.url.written.span(), &quote!(#name, #url));
        quote! {
            #begun
                #(.include(#include))* #(.exclude(#exclude))* #(#calls)*
        }
    }

    fn body(&self, body: &Body) -> TokenStream {
        let params = &self.params;
        let (json, template) = match body {
            Body::Json(template) => (true, template),
            Body::Text(template) => (false, template),
        };
        let written = template.written.value();
        match (template.literal(), json) {
            (Some(text), true) => quote!(.json_body(#text)),
            (Some(text), false) => quote!(.text_body(#text)),
            (None, true) => quote!(.json_body(#params.json("http.body.json", #written)?)),
            (None, false) => quote!(.text_body(#params.body_text("http.body.text", #written)?)),
        }
    }

    fn auth(&self, face: &Face, auth: &Auth) -> TokenStream {
        match auth {
            Auth::Bearer(secret) => {
                let secret = self.secret("http.auth.bearer.value", secret);
                quote!(.bearer(#secret))
            }
            Auth::Basic { username, password } => {
                let username = self.text("http.auth.basic.username", username);
                let password = self.secret("http.auth.basic.password.value", password);
                quote!(.basic(#username, #password))
            }
            Auth::Header { name, prefix, secret } => {
                let secret = self.secret("http.auth.header.value", secret);
                quote!(.auth_header(#name, #prefix, #secret))
            }
            Auth::Query { name, secret } => {
                let secret = self.secret("http.auth.query.value", secret);
                quote!(.auth_query(#name, #secret))
            }
            Auth::OAuth2(oauth2) => self.oauth2(face, oauth2),
        }
    }

    fn oauth2(&self, face: &Face, oauth2: &OAuth2) -> TokenStream {
        let private = self.private;
        let OAuth2 { at, token_url, client_id, client_secret, scopes, audience, margin } = oauth2;
        let token_url = self.url("http.auth.oauth2.token_url", token_url);
        let client_id = self.text("http.auth.oauth2.client_id", client_id);
        let secret = self.secret("http.auth.oauth2.client_secret.value", client_secret);
        let audience = audience.as_ref().map(|audience| {
            let audience = self.text("http.auth.oauth2.audience", audience);
            quote!(.audience(#audience))
        });
        let margin = margin.map(duration).map(|margin| quote!(.margin(#margin)));
        let credentials = quote! {
            #private::ClientCredentials::new(#token_url, #client_id, #secret)
                #(.scope(#scopes))* #audience #margin
        };
        let credentials = needing(face, "oauth2", *at, &credentials);
        quote!(.oauth2(#credentials))
    }

    fn pages(&self, pages: &Pages) -> TokenStream {
        let private = self.private;
        let Pages { way, limit, origins } = pages;
        let into = |param: &Option<String>| param.as_ref().map(|param| quote!(.param(#param)));
        let way = match way {
            Way::Link => quote!(link_header()),
            Way::CursorAt { pointer, param } => {
                let param = into(param);
                quote!(cursor_at(#pointer) #param)
            }
            Way::CursorHeader { name, param } => {
                let param = into(param);
                quote!(cursor_header(#name) #param)
            }
            Way::Number { param, first } => {
                let first = first.map(|first| quote!(.first(#first)));
                quote!(number(#param) #first)
            }
            Way::Offset { param } => quote!(offset(#param)),
        };
        let limit = limit.map(|limit| quote!(.limit(#limit)));
        quote!(.pages(#private::Paging::#way #limit #(.origin(#origins))*))
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
        let private = self.private;
        let secret = match secret {
            Secret::Env(name) => quote!(Env(::std::string::String::from(#name))),
            Secret::File(path) => quote!(File(::std::path::PathBuf::from(#path))),
            Secret::Value(value) => {
                let value = self.text(setting, value);
                quote!(Value(::core::convert::Into::into(#value)))
            }
        };
        quote!(#private::SecretSource::#secret)
    }
}

fn duration(duration: Duration) -> TokenStream {
    let (seconds, nanos) = (duration.as_secs(), duration.subsec_nanos());
    quote!(::core::time::Duration::new(#seconds, #nanos))
}

/// A call of a function of the library that compiles only with a feature; the compiler points to `span` without it.
fn needing(face: &Face, function: &str, span: Span, args: &TokenStream) -> TokenStream {
    let private = face.private_at(span);
    let function = Ident::new(function, span);
    quote_spanned!(span=> #private::#function::<Self>(#args))
}

fn decoded(face: &Face, format: Format, at: Span) -> TokenStream {
    let private = face.private();
    let format = match format {
        Format::Json => quote!(#private::Format::Json),
        Format::Yaml => needing(face, "yaml", at, &TokenStream::new()),
        Format::Text => quote!(#private::Format::Text),
        Format::Bytes => quote!(#private::Format::Bytes),
        Format::Ndjson => quote!(#private::Format::Ndjson),
        Format::Csv => needing(face, "csv", at, &TokenStream::new()),
    };
    quote!(.decode(#format))
}

fn method(method: Method) -> TokenStream {
    match method {
        Method::Get => quote!(Get),
        Method::Head => quote!(Head),
        Method::Post => quote!(Post),
    }
}

fn on_bad_item(on_bad_item: OnBadItem) -> TokenStream {
    match on_bad_item {
        OnBadItem::Keep => quote!(Keep),
        OnBadItem::Fail => quote!(Fail),
    }
}
