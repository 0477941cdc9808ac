//! Reading `key = value` and `key(…)` by a table, one mistake at a time.
//!
//! A block of settings is a struct with a table of [`Key`]s. [`block`] walks the entries: a known key is
//! handed to its row, and after a mistake the walk goes on behind the next comma.

mod unknown;

use proc_macro2::TokenTree;
use syn::ext::IdentExt;
use syn::parse::discouraged::Speculative;
use syn::parse::{ParseBuffer, ParseStream};
use syn::token::Paren;
use syn::{Ident, Lit, LitBool, LitInt, LitStr, Token, parenthesized};

use crate::errors::{Errors, mistake};
use crate::meant;
use crate::quantity::bare;
use crate::suggest;

/// A struct that is filled by a table of keys.
pub(crate) trait Block: Sized + 'static {
    /// Where the keys stand, as `http.auth`; `""` for the attribute itself.
    const NAME: &'static str;
    /// Whether exactly one key is needed, so that an unknown one stands for a known one.
    const ONE_OF: bool = false;
    /// Whether its keys have nothing to do with those of `#[external(…)]`.
    const ALONE: bool = false;
    /// The known keys.
    const KEYS: &'static [Key<Self>];
}

/// A known key of a block.
pub(crate) struct Key<B> {
    /// Its name.
    pub(crate) name: &'static str,
    /// How it is written, for those who wrote it otherwise.
    pub(crate) form: &'static str,
    /// Reads what follows the name.
    pub(crate) read: fn(&mut B, Entry<'_, '_>) -> syn::Result<()>,
}

/// A known key that was just read; its value comes next.
pub(crate) struct Entry<'a, 'p> {
    pub(crate) key: Ident,
    form: &'static str,
    input: &'a ParseBuffer<'p>,
    pub(crate) errors: &'a mut Errors,
}

/// Reads entries into a block. `seen` are the keys that were given before.
pub(crate) fn block<B: Block>(
    input: ParseStream<'_>,
    into: &mut B,
    seen: &mut Vec<&'static str>,
    errors: &mut Errors,
) {
    entries(input, errors, |input, errors| {
        if input.peek(LitStr) {
            return Err(quoted::<B>(input, errors)?);
        }
        let Ok(key) = input.call(Ident::parse_any) else {
            if B::ONE_OF {
                errors.excuse(B::NAME, B::KEYS.first().map_or("", |row| row.name));
            }
            return Err(shape(&next(input), "a setting is expected here".to_owned(), first::<B>()));
        };
        let row = unknown::known::<B>(&key, seen, errors)?;
        if seen.contains(&row.name) {
            let message = format!("`{}` is given twice", row.name);
            return Err(mistake(&key, message, "keep one of them"));
        }
        seen.push(row.name);
        errors.excuse(B::NAME, row.name);
        (row.read)(into, Entry { key, form: row.form, input, errors })
    });
}

/// A string where a setting is expected: a name in quotes, or a value without its name.
fn quoted<B: Block>(input: ParseStream<'_>, errors: &mut Errors) -> syn::Result<syn::Error> {
    let quoted: LitStr = input.parse()?;
    if !begins_value(input) {
        errors.excuse(B::NAME, B::KEYS.first().map_or("", |row| row.name));
        let message = "a value stands behind its name".to_owned();
        return Ok(shape(&quoted, message, &with_value(first::<B>(), &quoted)));
    }
    let name = quoted.value();
    let names = B::KEYS.iter().map(|row| row.name);
    let nearest = suggest::nearest(&name, names.clone());
    let known = B::KEYS.iter().find(|row| nearest == Some(row.name));
    errors.excuse(B::NAME, known.map_or("", |row| row.name));
    if let Some(row) = known {
        return Ok(shape(&quoted, "a setting is written without quotes".to_owned(), row.form));
    }
    let message = format!("unknown setting `{name}`");
    if ["http.auth.header", "http.auth.query"].contains(&B::NAME) {
        errors.excuse_block(B::NAME, names);
        return Ok(shape(&quoted, message, &format!("name = \"{name}\", env = \"KEY\"")));
    }
    Ok(mistake(&quoted, message, suggest::instead(&name, names)))
}

/// How a setting is written, with the value that was given in the place of the example.
fn with_value(form: &str, given: &LitStr) -> String {
    const BLOCKS: [&str; 9] = [
        "url = ",
        "http(",
        "object_store(",
        "cursor(",
        "at = ",
        "number(",
        "offset(",
        "tls(",
        "param = ",
    ];
    const LISTS: [&str; 4] = ["include(", "exclude(", "ignore(", "origins("];
    let value = given.value();
    let is_echoed = BLOCKS.iter().chain(&LISTS).any(|begin| form.starts_with(begin));
    // Behind `@` and `?` may be a secret.
    let example = form.split('"').nth(1).filter(|_| is_echoed && !value.contains(['@', '?', '"']));
    match example {
        Some(example) => {
            let is_pointer = form.starts_with("cursor(") || form.starts_with("at = ");
            let pointer = meant::pointer(&value).filter(|_| is_pointer && !value.starts_with('/'));
            let value = pointer.unwrap_or(value);
            form.replace(&format!("\"{example}\""), &format!("\"{value}\""))
        }
        None => form.to_owned(),
    }
}

/// How the first setting of a block is written.
fn first<B: Block>() -> &'static str {
    B::KEYS.first().map_or("", |row| row.form)
}

/// Whether what comes next belongs to a name before it.
fn begins_value(input: ParseStream<'_>) -> bool {
    input.peek(Token![=]) || input.peek(Token![:]) || input.peek(Paren)
}

/// Reads comma-separated entries; after a mistake it goes on behind the next comma, and after a missing
/// comma at the next name with a value.
pub(crate) fn entries(
    input: ParseStream<'_>,
    errors: &mut Errors,
    mut entry: impl FnMut(ParseStream<'_>, &mut Errors) -> syn::Result<()>,
) {
    while !input.is_empty() {
        match entry(input, errors) {
            Ok(()) if ends(input) => {}
            Ok(()) => {
                let message = "a comma is missing before this";
                errors.push(mistake(next(input), message, "separate settings by `,`"));
                while !ends(input) && !begins_entry(input) {
                    errors.ok(input.parse::<TokenTree>());
                }
                if begins_entry(input) {
                    continue;
                }
            }
            Err(error) => errors.push(error),
        }
        while !ends(input) {
            errors.ok(input.parse::<TokenTree>());
        }
        errors.ok(input.parse::<Option<Token![,]>>());
    }
}

/// Whether an entry ends here.
fn ends(input: ParseStream<'_>) -> bool {
    input.is_empty() || input.peek(Token![,])
}

/// Whether a name with its value comes next.
fn begins_entry(input: ParseStream<'_>) -> bool {
    let ahead = input.fork();
    let name = match ahead.parse() {
        Ok(TokenTree::Ident(_)) => true,
        Ok(TokenTree::Literal(_)) => input.peek(LitStr),
        _ => false,
    };
    name && begins_value(&ahead)
}

fn shape(tokens: &impl quote::ToTokens, message: String, form: &str) -> syn::Error {
    mistake(tokens, message, format!("write `{form}`"))
}

impl<'p> Entry<'_, 'p> {
    /// `= "text"`.
    pub(crate) fn text(&mut self) -> syn::Result<LitStr> {
        self.quantity(bare::text)
    }

    /// `= "30s"`; `meant` says what a literal without quotes was to be.
    pub(crate) fn quantity(&mut self, meant: Meant) -> syn::Result<LitStr> {
        self.assign()?;
        literal(self.input, &format!("`{}` takes a string", self.key.unraw()), self.form, meant)
    }

    /// `= word`, or the word in quotes.
    pub(crate) fn word(&mut self) -> syn::Result<Word> {
        self.assign()?;
        if self.input.peek(LitStr) {
            let text: LitStr = self.input.parse()?;
            return Ok(Word { text: text.value(), token: text.token().into() });
        }
        match self.input.call(Ident::parse_any) {
            Ok(ident) => {
                let mut text = ident.unraw().to_string();
                // A media type, as `application/json`.
                while self.input.peek(Token![/]) {
                    self.input.parse::<Token![/]>()?;
                    let part: TokenTree = self.input.parse()?;
                    text = format!("{text}/{part}");
                }
                Ok(Word { text, token: ident.into() })
            }
            Err(_) => Err(self.unlike(format!("`{}` takes a word", self.key.unraw()))),
        }
    }

    /// `= 50` or `= "50"`.
    pub(crate) fn number(&mut self) -> syn::Result<LitStr> {
        self.assign()?;
        if self.input.peek(LitInt) {
            let number: LitInt = self.input.parse()?;
            let text = number.base10_digits().to_owned() + number.suffix();
            return Ok(LitStr::new(&text, number.span()));
        }
        let message = format!("`{}` takes a whole number", self.key.unraw());
        literal(self.input, &message, self.form, |_| None)
    }

    /// The name alone, or `= true` and `= false`.
    pub(crate) fn flag(&mut self) -> syn::Result<bool> {
        if ends(self.input) {
            return Ok(true);
        }
        let message = format!("`{}` takes `true` or `false`", self.key.unraw());
        if !self.input.peek(Token![=]) {
            return Err(self.unlike(message));
        }
        self.input.parse::<Token![=]>()?;
        if self.input.peek(LitBool) {
            return self.input.parse::<LitBool>().map(|flag| flag.value);
        }
        Err(shape(&next(self.input), message, self.form))
    }

    /// The name alone, or with an empty list.
    pub(crate) fn bare(&mut self) -> syn::Result<()> {
        if ends(self.input) {
            return Ok(());
        }
        let message = format!("`{}` takes nothing", self.key.unraw());
        if !self.input.peek(Paren) {
            return Err(self.unlike(message));
        }
        let content = self.list()?;
        if content.is_empty() { Ok(()) } else { Err(shape(&next(&content), message, self.form)) }
    }

    /// Whether a value comes next, and not a list.
    pub(crate) fn is_assigned(&self) -> bool {
        self.input.peek(Token![=])
    }

    /// `("text", …)`.
    pub(crate) fn texts(&mut self) -> syn::Result<Vec<LitStr>> {
        let message = format!("`{}` takes strings", self.key.unraw());
        let form = self.form;
        let mut texts = Vec::new();
        self.each(|input| {
            texts.push(literal(input, &message, form, bare::text)?);
            Ok(())
        })?;
        Ok(texts)
    }

    /// `= path::To::Something`, which is `what`, read by `parse`.
    pub(crate) fn syntax<T>(
        &mut self,
        what: &str,
        parse: impl FnOnce(ParseStream<'_>) -> syn::Result<T>,
    ) -> syn::Result<T> {
        self.assign()?;
        parse(self.input).map_err(|error| {
            let message = format!("`{}` takes {what}", self.key.unraw());
            syn::Error::new(error.span(), with_help(&message, self.form))
        })
    }

    /// `(…)` with keys of its own.
    pub(crate) fn block<B: Block>(&mut self, mut into: B) -> syn::Result<B> {
        let content = self.list()?;
        block(&content, &mut into, &mut Vec::new(), self.errors);
        Ok(into)
    }

    /// `("name" = "value", …)`.
    pub(crate) fn pairs(&mut self) -> syn::Result<Vec<Pair>> {
        let content = self.list()?;
        let message = format!("`{}` takes strings", self.key.unraw());
        let form = self.form;
        let mut pairs = Vec::new();
        entries(&content, self.errors, |input, _| {
            if let Some(error) = bare_name(input) {
                return Err(error);
            }
            let name = literal(input, &message, form, bare::text)?;
            if !input.peek(Token![=]) {
                let ahead = input.fork();
                let two = ahead.parse::<Token![,]>().and_then(|_| ahead.parse::<LitStr>());
                if two.is_ok() && ends(&ahead) {
                    // A name and its value, with a comma between.
                    input.advance_to(&ahead);
                }
                return Err(shape(&name, format!("`{}` has no value", name.value()), form));
            }
            input.parse::<Token![=]>()?;
            pairs.push(Pair { name, value: literal(input, &message, form, bare::text)? });
            Ok(())
        });
        Ok(pairs)
    }

    /// `(…)`; each entry is read by `read`.
    pub(crate) fn each(
        &mut self,
        mut read: impl FnMut(ParseStream<'_>) -> syn::Result<()>,
    ) -> syn::Result<()> {
        let content = self.list()?;
        entries(&content, self.errors, |input, _| read(input));
        Ok(())
    }

    fn list(&self) -> syn::Result<ParseBuffer<'p>> {
        let content;
        if !self.input.peek(Paren) {
            let message = format!("`{}` takes a list", self.key.unraw());
            let ahead = self.input.fork();
            let given = ahead.parse::<Token![=]>().and_then(|_| ahead.parse::<LitStr>());
            let form = given.map_or_else(|_| self.form.to_owned(), |it| with_value(self.form, &it));
            return Err(shape(&self.key, message, &form));
        }
        parenthesized!(content in self.input);
        Ok(content)
    }

    fn assign(&self) -> syn::Result<()> {
        if self.input.peek(Token![=]) {
            return self.input.parse::<Token![=]>().map(drop);
        }
        Err(self.unlike(format!("`{}` takes a value", self.key.unraw())))
    }

    fn unlike(&self, message: String) -> syn::Error {
        shape(&self.key, message, self.form)
    }
}

/// A name of a pair that is written as a setting.
fn bare_name(input: ParseStream<'_>) -> Option<syn::Error> {
    let ahead = input.fork();
    let name = ahead.call(Ident::parse_any).ok().filter(|_| ahead.peek(Token![=]))?;
    let message = format!("the name `{name}` stands in quotes");
    Some(mistake(&name, message, format!("write `\"{name}\" = \"…\"`")))
}

/// A word of a fixed list.
pub(crate) struct Word {
    pub(crate) text: String,
    pub(crate) token: TokenTree,
}

/// `"name" = "value"`.
pub(crate) struct Pair {
    pub(crate) name: LitStr,
    pub(crate) value: LitStr,
}

/// What a literal without quotes was to be.
type Meant = fn(&str) -> Option<String>;

fn literal(input: ParseStream<'_>, message: &str, form: &str, meant: Meant) -> syn::Result<LitStr> {
    let next = next(input);
    let value = match input.parse::<Lit>() {
        Ok(Lit::Str(text)) => return Ok(text),
        Ok(lit) => lit,
        Err(_) if matches!(next, Some(TokenTree::Ident(_))) => {
            let message = format!("{message}: constants and macros cannot be read here");
            return Err(shape(&next, message, form));
        }
        Err(_) => return Err(syn::Error::new(input.span(), with_help(message, form))),
    };
    let digits = match &value {
        Lit::Int(number) => Some(number.base10_digits().to_owned() + number.suffix()),
        Lit::Float(number) => Some(number.base10_digits().to_owned() + number.suffix()),
        Lit::Bool(bool) => Some(bool.value.to_string()),
        _ => None,
    };
    let is_calculated = input.peek(Token![*]) || input.peek(Token![+]) || input.peek(Token![/]);
    let text = digits.filter(|_| !is_calculated).and_then(|digits| meant(&digits));
    let form = text.map_or_else(|| form.to_owned(), |text| format!("\"{text}\""));
    Err(shape(&value, message.to_owned(), &form))
}

fn next(input: ParseStream<'_>) -> Option<TokenTree> {
    input.cursor().token_tree().map(|(next, _)| next)
}

fn with_help(message: &str, form: &str) -> String {
    format!("{message}\nhelp: write `{form}`")
}
