//! The block `object_store(…)` as it is written.

use proc_macro2::TokenStream;
use syn::parse::{Parse, ParseStream};
use syn::{Ident, Lit, LitStr, Token, parenthesized};

use super::Texts;
use crate::errors::mistake;
use crate::quantity::bare;
use crate::read::{Block, Entry, Key};

/// `object_store(…)`.
pub(crate) struct ObjectStore {
    pub(crate) at: Ident,
    /// Whether all of it could be read.
    pub(crate) whole: bool,
    pub(crate) url: Option<LitStr>,
    pub(crate) options: Vec<StoreOption>,
    pub(crate) include: Vec<LitStr>,
    pub(crate) exclude: Vec<LitStr>,
    pub(crate) settle: Option<LitStr>,
    pub(crate) concurrency: Option<LitStr>,
    pub(crate) listing_concurrency: Option<LitStr>,
    pub(crate) object_limit: Option<LitStr>,
    pub(crate) body_limit: Option<LitStr>,
}

/// `"name" = "value"`, or `"name" = env("VARIABLE")`.
pub(crate) struct StoreOption {
    pub(crate) name: LitStr,
    /// One of them.
    pub(crate) value: Texts,
}

impl ObjectStore {
    pub(super) fn read(mut entry: Entry<'_, '_>) -> syn::Result<Self> {
        let mistakes = entry.errors.len();
        let mut store = entry.block(Self {
            at: entry.key.clone(),
            whole: false,
            url: None,
            options: Vec::new(),
            include: Vec::new(),
            exclude: Vec::new(),
            settle: None,
            concurrency: None,
            listing_concurrency: None,
            object_limit: None,
            body_limit: None,
        })?;
        store.whole = entry.errors.len() == mistakes;
        Ok(store)
    }
}

impl Block for ObjectStore {
    const NAME: &'static str = "object_store";
    const KEYS: &'static [Key<Self>] = &[
        Key {
            name: "url",
            form: "url = \"s3://bucket/models/\"",
            read: |store, mut entry| entry.text().map(|text| store.url = Some(text)),
        },
        Key {
            name: "option",
            form: OPTION,
            read: |store, mut entry| {
                entry.each(|input| option(input).map(|option| store.options.push(option)))
            },
        },
        Key {
            name: "include",
            form: "include(\"**/*.yaml\")",
            read: |store, mut entry| entry.texts().map(|texts| store.include = texts),
        },
        Key {
            name: "exclude",
            form: "exclude(\"tmp/**\")",
            read: |store, mut entry| entry.texts().map(|texts| store.exclude = texts),
        },
        Key {
            name: "settle",
            form: "settle = \"5s\"",
            read: |store, mut entry| {
                entry.quantity(bare::duration).map(|text| store.settle = Some(text))
            },
        },
        Key {
            name: "concurrency",
            form: "concurrency = 16",
            read: |store, mut entry| entry.number().map(|text| store.concurrency = Some(text)),
        },
        Key {
            name: "listing_concurrency",
            form: "listing_concurrency = 8",
            read: |store, mut entry| {
                entry.number().map(|text| store.listing_concurrency = Some(text))
            },
        },
        Key {
            name: "object_limit",
            form: "object_limit = 100000",
            read: |store, mut entry| entry.number().map(|text| store.object_limit = Some(text)),
        },
        Key {
            name: "body_limit",
            form: "body_limit = \"8MiB\"",
            read: |store, mut entry| {
                entry.quantity(bare::size).map(|text| store.body_limit = Some(text))
            },
        },
    ];
}

const OPTION: &str = "option(\"aws_region\" = \"eu-west-1\", \"aws_token\" = env(\"TOKEN\"))";
const WRITE: &str =
    "write `option(\"aws_region\" = \"eu-west-1\", \"aws_token\" = env(\"TOKEN\"))`";

fn option(input: ParseStream<'_>) -> syn::Result<StoreOption> {
    let name: LitStr = expected(input, "the name of an option stands in quotes")?;
    if !input.peek(Token![=]) {
        let message = format!("`{}` has no value", name.value());
        return Err(mistake(name, message, WRITE));
    }
    input.parse::<Token![=]>()?;
    Ok(StoreOption { name, value: value(input)? })
}

/// A string or a scalar, or where it comes from.
fn value(input: ParseStream<'_>) -> syn::Result<Texts> {
    const KINDS: &str = "an option is a string, `env(…)` or `file(…)`";
    if !input.peek(Ident) {
        return Ok(Texts {
            value: Some(scalar(expected(input, KINDS)?, KINDS)?),
            ..Texts::default()
        });
    }
    let kind: Ident = input.parse()?;
    let text = |input: ParseStream<'_>| -> syn::Result<Option<LitStr>> {
        let content;
        parenthesized!(content in input);
        let text = expected(&content, "one string is expected here");
        // What is left unread would be a second mistake.
        let rest: TokenStream = content.parse()?;
        match text {
            Ok(text) if rest.is_empty() => Ok(Some(text)),
            Ok(_) => Err(mistake(rest, "one string is expected here", WRITE)),
            Err(error) => Err(error),
        }
    };
    let is = |word: &str| kind == word && input.peek(syn::token::Paren);
    Ok(if is("env") {
        Texts { env: text(input)?, ..Texts::default() }
    } else if is("file") {
        Texts { file: text(input)?, ..Texts::default() }
    } else if is("value") {
        Texts { value: text(input)?, ..Texts::default() }
    } else {
        let message = format!("{KINDS}: constants and macros cannot be read here");
        return Err(mistake(kind, message, WRITE));
    })
}

/// The text of a literal that may have lost its quotes.
fn scalar(literal: Lit, message: &str) -> syn::Result<LitStr> {
    let text = match &literal {
        Lit::Str(text) => return Ok(text.clone()),
        Lit::Bool(flag) => flag.value.to_string(),
        Lit::Int(number) => number.base10_digits().to_owned() + number.suffix(),
        Lit::Float(number) => number.base10_digits().to_owned() + number.suffix(),
        _ => return Err(mistake(literal, message, WRITE)),
    };
    Ok(LitStr::new(&text, literal.span()))
}

fn expected<T: Parse>(input: ParseStream<'_>, message: &str) -> syn::Result<T> {
    let ahead = input.fork();
    if ahead.parse::<T>().is_ok() { input.parse() } else { Err(refused(input, message)) }
}

fn refused(input: ParseStream<'_>, message: &str) -> syn::Error {
    syn::Error::new(input.span(), format!("{message}\nhelp: {WRITE}"))
}
