//! The attribute as it is written: every value keeps its tokens, nothing is checked yet.
//!
//! Each block is a struct with a table of its keys. A new setting is a field and a row; a new block is a
//! struct, its table, and a row in the block around it.

mod auth;
mod field;
mod http;
mod items;
mod object_store;
mod pages;

use proc_macro2::{TokenStream, TokenTree};
use quote::{ToTokens, format_ident};
use syn::ext::IdentExt;
use syn::parse::{Parse, ParseStream};
use syn::{Attribute, DeriveInput, Ident, Lifetime, LitStr, Meta, Path, Token, Type, parse_quote};

pub(crate) use self::auth::{Auth, AuthHeader, AuthQuery, Basic, OAuth2, Texts};
use self::auth::{OfBearer, OfClientSecret, OfPassword, Secret};
pub(crate) use self::field::KeyField;
pub(crate) use self::http::{Body, Http, Tls};
pub(crate) use self::items::{Items, Removal};
pub(crate) use self::object_store::{ObjectStore, StoreOption};
pub(crate) use self::pages::{Cursor, Number, Offset, Pages};
use crate::errors::{Errors, mistake};
use crate::quantity::bare;
use crate::read::{self, Block, Entry, Key, Word};

/// `#[external(…)]`.
#[derive(Default)]
pub(crate) struct External {
    /// The first attribute's name, for mistakes that have no token of their own.
    pub(crate) at: Option<Path>,
    pub(crate) http: Option<Http>,
    pub(crate) object_store: Option<ObjectStore>,
    pub(crate) params: Params,
    pub(crate) item: Option<Type>,
    pub(crate) krate: Option<Path>,
    pub(crate) name: Option<LitStr>,
    pub(crate) interval: Option<LitStr>,
    pub(crate) max_backoff: Option<LitStr>,
    pub(crate) jitter: Option<LitStr>,
    pub(crate) deadline: Option<LitStr>,
    pub(crate) decode: Option<Word>,
    pub(crate) items: Option<Items>,
    /// `#[external(key)]`.
    pub(crate) key: Option<KeyField>,
    pub(crate) on_bad_item: Option<Word>,
    pub(crate) ignore: Vec<LitStr>,
    pub(crate) distinct: bool,
    pub(crate) removal: Removal,
    pub(crate) memory_limit: Option<LitStr>,
    pub(crate) walk_limit: Option<LitStr>,
    /// Every text of the attributes.
    pub(crate) texts: Vec<Text>,
}

/// A text, and the name before its `=`.
pub(crate) struct Text {
    pub(crate) of: Option<String>,
    pub(crate) literal: LitStr,
}

/// All texts among tokens.
fn texts(tokens: TokenStream, into: &mut Vec<Text>) {
    let mut before: [Option<TokenTree>; 2] = [None, None];
    for token in tokens {
        match &token {
            TokenTree::Group(group) => {
                // `env("NAME")` of an option.
                let of = before[1].as_ref().map(|name| format!("{name}()"));
                let first = into.len();
                texts(group.stream(), into);
                let alone = into.len() == first + 1;
                if let Some(text) = into.get_mut(first).filter(|text| alone && text.of.is_none()) {
                    text.of = of;
                }
            }
            TokenTree::Literal(_) => {
                if let Ok(literal) = syn::parse2::<LitStr>(token.to_token_stream()) {
                    let [name, equals] = &before;
                    let is_assigned =
                        matches!(equals, Some(TokenTree::Punct(punct)) if punct.as_char() == '=');
                    let name = name.as_ref().filter(|_| is_assigned);
                    into.push(Text { of: name.map(ToString::to_string), literal });
                }
            }
            _ => {}
        }
        before = [before[1].take(), Some(token)];
    }
}

impl Block for External {
    const NAME: &'static str = "";
    const KEYS: &'static [Key<Self>] = &[
        Key {
            name: "http",
            form: "http(url = \"https://…\")",
            read: |external, entry| Http::read(entry).map(|http| external.http = Some(http)),
        },
        Key {
            name: "object_store",
            form: "object_store(url = \"s3://…\")",
            read: |external, entry| {
                ObjectStore::read(entry).map(|store| external.object_store = Some(store))
            },
        },
        Key {
            name: "params",
            form: "params(name: Type)",
            read: |external, entry| external.params.read(entry),
        },
        Key {
            name: "item",
            form: "item = path::To::Type",
            read: |external, mut entry| {
                entry.syntax("a type", Type::parse).map(|item| external.item = Some(item))
            },
        },
        Key {
            name: "crate",
            form: "crate = path::to::koprs_external",
            read: |external, mut entry| {
                entry.syntax("a path", path).map(|path| external.krate = Some(path))
            },
        },
        Key {
            name: "name",
            form: "name = \"flags\"",
            read: |external, mut entry| entry.text().map(|text| external.name = Some(text)),
        },
        Key {
            name: "interval",
            form: "interval = \"30s\"",
            read: |external, mut entry| {
                entry.quantity(bare::duration).map(|text| external.interval = Some(text))
            },
        },
        Key {
            name: "max_backoff",
            form: "max_backoff = \"5m\"",
            read: |external, mut entry| {
                entry.quantity(bare::duration).map(|text| external.max_backoff = Some(text))
            },
        },
        Key {
            name: "jitter",
            form: "jitter = \"5%\"",
            read: |external, mut entry| {
                entry.quantity(bare::jitter).map(|text| external.jitter = Some(text))
            },
        },
        Key {
            name: "deadline",
            form: "deadline = \"5m\"",
            read: |external, mut entry| {
                entry.quantity(bare::duration).map(|text| external.deadline = Some(text))
            },
        },
        Key {
            name: "decode",
            form: "decode = json",
            read: |external, mut entry| entry.word().map(|word| external.decode = Some(word)),
        },
        Key {
            name: "items",
            form: "items = \"/data\"",
            read: |external, entry| Items::read(entry).map(|items| external.items = Some(items)),
        },
        Key {
            name: "on_bad_item",
            form: "on_bad_item = keep",
            read: |external, mut entry| entry.word().map(|word| external.on_bad_item = Some(word)),
        },
        Key {
            name: "ignore",
            form: "ignore(\"/updated_at\")",
            read: |external, mut entry| entry.texts().map(|texts| external.ignore = texts),
        },
        Key {
            name: "distinct",
            form: "distinct",
            read: |external, mut entry| entry.flag().map(|on| external.distinct = on),
        },
        Key {
            name: "removal",
            form: "removal(confirm = 2)",
            read: |external, mut entry| {
                entry.block(Removal::default()).map(|removal| external.removal = removal)
            },
        },
        Key {
            name: "memory_limit",
            form: "memory_limit = \"1GiB\"",
            read: |external, mut entry| {
                entry.quantity(bare::size).map(|text| external.memory_limit = Some(text))
            },
        },
        Key {
            name: "walk_limit",
            form: "walk_limit = \"512MiB\"",
            read: |external, mut entry| {
                entry.quantity(bare::size).map(|text| external.walk_limit = Some(text))
            },
        },
    ];
}

/// Every known key with the block it stands in.
pub(crate) fn keys() -> Vec<(&'static str, &'static str)> {
    fn of<B: Block>() -> Vec<(&'static str, &'static str)> {
        B::KEYS.iter().map(|key| (B::NAME, key.name)).collect()
    }
    let blocks = [
        of::<External>(),
        of::<Items>(),
        of::<Removal>(),
        of::<Http>(),
        of::<Body>(),
        of::<Auth>(),
        of::<Secret<OfBearer>>(),
        of::<Basic>(),
        of::<Secret<OfPassword>>(),
        of::<AuthHeader>(),
        of::<AuthQuery>(),
        of::<OAuth2>(),
        of::<Secret<OfClientSecret>>(),
        of::<Tls>(),
        of::<Pages>(),
        of::<Cursor>(),
        of::<Number>(),
        of::<Offset>(),
        of::<ObjectStore>(),
    ];
    blocks.concat()
}

/// `params(…)`.
#[derive(Default)]
pub(crate) struct Params {
    pub(crate) list: Vec<Param>,
    /// Whether one of them could not be read.
    pub(crate) broken: bool,
}

impl Params {
    fn read(&mut self, mut entry: Entry<'_, '_>) -> syn::Result<()> {
        let mistakes = entry.errors.len();
        self.broken = true;
        entry.each(|input| {
            let (param, read) = match param(input) {
                Ok(param) => (param, Ok(())),
                Err(error) => (Param::unread(), Err(error)),
            };
            self.list.push(param);
            read
        })?;
        self.broken = entry.errors.len() > mistakes;
        Ok(())
    }
}

/// `name: Type`.
pub(crate) struct Param {
    pub(crate) name: Ident,
    pub(crate) ty: Type,
}

impl Param {
    /// Stands in the list for one that could not be read, so that the others keep their places.
    fn unread() -> Self {
        Self { name: format_ident!("_"), ty: parse_quote!(impl Sized) }
    }

    pub(crate) fn is_read(&self) -> bool {
        self.name != "_"
    }
}

fn param(input: ParseStream<'_>) -> syn::Result<Param> {
    let refused = |error: syn::Error, message: &str| {
        syn::Error::new(error.span(), format!("{message}\nhelp: write `params(name: Type)`"))
    };
    if input.peek(Token![mut]) {
        let message = "a parameter is not `mut`";
        return Err(mistake(input.parse::<Token![mut]>()?, message, "leave `mut` out"));
    }
    let name = (input.call(Ident::parse_any))
        .map_err(|error| refused(error, "a parameter is expected here"))?;
    if syn::parse2::<Ident>(name.to_token_stream()).is_err() {
        let message = format!("`{name}` is a keyword");
        let raw = format!("r#{name}");
        let help = match syn::parse_str::<Ident>(&raw) {
            Ok(_) => format!("write `{raw}: String`"),
            Err(_) => "take another name".to_owned(),
        };
        return Err(mistake(name, message, help));
    }
    if !input.peek(Token![:]) {
        let message = format!("the parameter `{name}` has no type");
        let help = format!("write `{name}: String`");
        return Err(mistake(name, message, help));
    }
    input.parse::<Token![:]>()?;
    let ty: Type = input.parse().map_err(|error| refused(error, "a type is expected here"))?;
    if input.peek(Token![=]) {
        let message = format!("the parameter `{name}` has a default");
        return Err(mistake(ty, message, "leave it out: every call gives each argument"));
    }
    match lifetime(ty.to_token_stream()) {
        Some(lifetime) => {
            let message = format!("the lifetime `{lifetime}` is declared nowhere");
            Err(mistake(lifetime, message, "leave it out: `&str`, `Cow<'_, str>`"))
        }
        None => Ok(Param { name, ty }),
    }
}

/// The first lifetime that has a name; one of a `for<'a>` is declared there.
fn lifetime(ty: TokenStream) -> Option<Lifetime> {
    let mut tokens = ty.into_iter().peekable();
    while let Some(token) = tokens.next() {
        match token {
            TokenTree::Ident(word) if word == "for" => return None,
            TokenTree::Punct(quote) if quote.as_char() == '\'' => {
                let Some(TokenTree::Ident(name)) = tokens.peek() else { continue };
                if name != "static" && name != "_" {
                    return Some(Lifetime { apostrophe: quote.span(), ident: name.clone() });
                }
            }
            TokenTree::Group(group) => {
                if let Some(found) = lifetime(group.stream()) {
                    return Some(found);
                }
            }
            _ => {}
        }
    }
    None
}

/// Reads all `#[external(…)]` of a type; several are one.
pub(crate) fn read(input: &DeriveInput, errors: &mut Errors) -> External {
    let mut external = External::default();
    let mut seen = Vec::new();
    for attribute in input.attrs.iter().filter(|attribute| is_ours(attribute)) {
        external.at.get_or_insert_with(|| attribute.path().clone());
        let Meta::List(list) = &attribute.meta else {
            errors.excuse("", "http");
            errors.excuse("", "interval");
            errors.push(mistake(
                attribute.path(),
                "`external` takes a list",
                "write `#[external(http(url = \"https://…\"), interval = \"30s\")]`",
            ));
            continue;
        };
        texts(list.tokens.clone(), &mut external.texts);
        let read = attribute.parse_args_with(|input: ParseStream<'_>| {
            read::block(input, &mut external, &mut seen, errors);
            Ok(())
        });
        errors.ok(read);
    }
    external.key = field::read(input, errors);
    external
}

fn is_ours(attribute: &Attribute) -> bool {
    attribute.path().is_ident("external")
}

pub(crate) fn path(input: ParseStream<'_>) -> syn::Result<Path> {
    if input.peek(LitStr) {
        return input.parse::<LitStr>()?.parse_with(Path::parse_mod_style);
    }
    input.call(Path::parse_mod_style)
}

#[cfg(test)]
mod tests;
