//! `#[external(key)]` on a field, and the name of that field in a body, as serde reads it.

use proc_macro2::TokenStream;
use syn::ext::IdentExt;
use syn::meta::ParseNestedMeta;
use syn::parse::{Parse, ParseStream};
use syn::token::Paren;
use syn::{Attribute, Data, DeriveInput, Field, Fields, Ident, LitStr, Meta, Token, parenthesized};

use super::is_ours;
use crate::errors::{Errors, mistake};

/// The field that is the key of an item.
pub(crate) struct KeyField {
    /// The word `key`.
    pub(crate) word: Ident,
    /// The pointer to it, if serde says how it is called.
    pub(crate) pointer: Option<String>,
}

/// Reads the attributes of all fields and variants. A second key is a mistake.
pub(super) fn read(input: &DeriveInput, errors: &mut Errors) -> Option<KeyField> {
    let mut found: Option<(KeyField, Option<&Field>)> = None;
    let (fields, variants): (Vec<&Field>, Vec<&Attribute>) = match &input.data {
        Data::Struct(data) => (data.fields.iter().collect(), Vec::new()),
        Data::Union(data) => (data.fields.named.iter().collect(), Vec::new()),
        Data::Enum(data) => (
            data.variants.iter().flat_map(|variant| &variant.fields).collect(),
            data.variants.iter().flat_map(|variant| &variant.attrs).collect(),
        ),
    };
    for attribute in variants.into_iter().filter(|attribute| is_ours(attribute)) {
        let message = "`external` does not stand on a variant";
        errors.push(mistake(attribute.path(), message, "write it above the type"));
    }
    for field in fields {
        for attribute in field.attrs.iter().filter(|attribute| is_ours(attribute)) {
            let Some(word) = errors.ok(word(attribute)) else { continue };
            if let Some((_, before)) = &found {
                errors.push(two(&word, *before, field));
                continue;
            }
            let pointer = errors.ok(pointer(input, field, &word));
            found = Some((KeyField { word, pointer }, Some(field)));
        }
    }
    found.map(|(key, _)| key)
}

/// The word `key`.
fn word(attribute: &Attribute) -> syn::Result<Ident> {
    let help = "write `#[external(key)]` on the field that tells items apart; settings stand above the type";
    let refused = || mistake(attribute.path(), "`external` on a field takes `key`", help);
    let Meta::List(list) = &attribute.meta else { return Err(refused()) };
    let parse = |input: ParseStream<'_>| {
        let word = input.call(Ident::parse_any)?;
        input.parse::<Option<Token![,]>>()?;
        Ok((word, input.is_empty()))
    };
    match list.parse_args_with(parse) {
        Ok((word, true)) if word == "key" => Ok(word),
        Ok((word, _)) if word != "key" => {
            Err(mistake(word, "`external` on a field takes `key`", help))
        }
        _ => Err(refused()),
    }
}

fn two(word: &Ident, before: Option<&Field>, field: &Field) -> syn::Error {
    let name = |field: &Field| field.ident.as_ref().map(|ident| format!("`{}`", ident.unraw()));
    let message = match (before.and_then(name), name(field)) {
        (Some(before), Some(this)) if before != this => {
            format!("{before} and {this} are both the key")
        }
        _ => "the key is given twice".to_owned(),
    };
    mistake(word, message, "keep one of them")
}

/// Where the field stands in an item.
fn pointer(input: &DeriveInput, field: &Field, word: &Ident) -> syn::Result<String> {
    let help = "write `key = \"/…\"` in `items(…)`, with a JSON pointer to it";
    let named = match &input.data {
        Data::Struct(data) => matches!(data.fields, Fields::Named(_)),
        _ => false,
    };
    let Some(ident) = field.ident.as_ref().filter(|_| named) else {
        return Err(mistake(word, "the key is a named field of a struct", help));
    };
    let (container, own) = (Names::of(&input.attrs), Names::of(&field.attrs));
    if let Some(other) = container.foreign {
        let message = format!("with `serde({other})` the fields are not those of the body");
        return Err(mistake(word, message, help));
    }
    if let Some(other) = own.foreign {
        let message = format!("a field with `serde({other})` is not in the body by its name");
        return Err(mistake(word, message, help));
    }
    let plain = ident.unraw().to_string();
    let name = own.rename.unwrap_or_else(|| match container.rename_all {
        Some(rule) => renamed(&plain, &rule),
        None => plain,
    });
    Ok(format!("/{}", name.replace('~', "~0").replace('/', "~1")))
}

/// What serde is told of names.
#[derive(Default)]
struct Names {
    rename: Option<String>,
    rename_all: Option<String>,
    /// What makes names say nothing.
    foreign: Option<&'static str>,
}

impl Names {
    const FOREIGN: [&'static str; 6] =
        ["flatten", "skip", "skip_deserializing", "from", "try_from", "transparent"];

    fn of(attributes: &[Attribute]) -> Self {
        let mut names = Self::default();
        for attribute in attributes.iter().filter(|attribute| attribute.path().is_ident("serde")) {
            // What serde does not understand it reports itself.
            let _ = attribute.parse_nested_meta(|meta| names.read(&meta));
        }
        names
    }

    fn read(&mut self, meta: &ParseNestedMeta<'_>) -> syn::Result<()> {
        if meta.path.is_ident("rename") {
            self.rename = deserialize_name(meta)?.or(self.rename.take());
        } else if meta.path.is_ident("rename_all") {
            self.rename_all = deserialize_name(meta)?.or(self.rename_all.take());
        } else {
            let foreign = Self::FOREIGN.into_iter().find(|word| meta.path.is_ident(word));
            self.foreign = self.foreign.or(foreign);
            skip_value(meta)?;
        }
        Ok(())
    }
}

/// `= "name"`, or that of `(deserialize = "name")`.
fn deserialize_name(meta: &ParseNestedMeta<'_>) -> syn::Result<Option<String>> {
    if meta.input.peek(Token![=]) {
        return Ok(Some(meta.value()?.parse::<LitStr>()?.value()));
    }
    let mut name = None;
    meta.parse_nested_meta(|meta| {
        let text = meta.value()?.parse::<LitStr>()?.value();
        name = name.take().or(meta.path.is_ident("deserialize").then_some(text));
        Ok(())
    })?;
    Ok(name)
}

fn skip_value(meta: &ParseNestedMeta<'_>) -> syn::Result<()> {
    if meta.input.peek(Paren) {
        let content;
        parenthesized!(content in meta.input);
        TokenStream::parse(&content)?;
    } else if meta.input.peek(Token![=]) {
        meta.value()?.parse::<syn::Lit>()?;
    }
    Ok(())
}

/// A field under a rule of `rename_all`, as serde applies it: a name is taken for `snake_case`.
fn renamed(name: &str, rule: &str) -> String {
    let pascal = || -> String {
        let capital = |word: &str| {
            let (head, tail) = word.split_at(word.chars().next().map_or(0, char::len_utf8));
            head.to_ascii_uppercase() + tail
        };
        name.split('_').map(capital).collect()
    };
    match rule {
        "UPPERCASE" | "SCREAMING_SNAKE_CASE" => name.to_ascii_uppercase(),
        "PascalCase" => pascal(),
        "camelCase" => {
            let pascal = pascal();
            let (head, tail) = pascal.split_at(pascal.chars().next().map_or(0, char::len_utf8));
            head.to_ascii_lowercase() + tail
        }
        "kebab-case" => name.replace('_', "-"),
        "SCREAMING-KEBAB-CASE" => name.to_ascii_uppercase().replace('_', "-"),
        _ => name.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pointer(declaration: &str) -> String {
        let input = syn::parse_str(declaration).unwrap();
        let mut errors = Errors::default();
        let key = read(&input, &mut errors);
        let messages = errors.messages().into_iter();
        let messages = messages.map(|text| text.lines().next().unwrap_or_default().to_owned());
        let key = key.and_then(|key| key.pointer);
        key.into_iter().chain(messages).collect::<Vec<_>>().join("; ")
    }

    #[test]
    fn the_key_has_the_name_that_serde_reads() {
        let rules = [
            ("lowercase", "/plan_id2"),
            ("UPPERCASE", "/PLAN_ID2"),
            ("PascalCase", "/PlanId2"),
            ("camelCase", "/planId2"),
            ("snake_case", "/plan_id2"),
            ("SCREAMING_SNAKE_CASE", "/PLAN_ID2"),
            ("kebab-case", "/plan-id2"),
            ("SCREAMING-KEBAB-CASE", "/PLAN-ID2"),
        ];
        for (rule, expected) in rules {
            for rename in [
                format!("rename_all = \"{rule}\""),
                format!(
                    "deny_unknown_fields, rename_all(serialize = \"lowercase\", deserialize = \"{rule}\")"
                ),
            ] {
                let declaration =
                    format!("#[serde({rename})] struct S {{ #[external(key)] plan_id2: u8 }}");
                assert_eq!(pointer(&declaration), expected, "{declaration}");
            }
        }
        let fields = [
            ("#[external(key)] id: u8", "/id"),
            ("#[external(key,)] r#type: u8", "/type"),
            ("other: u8, #[external(key)] #[serde(rename = \"a/b~c\")] id: u8", "/a~1b~0c"),
            ("#[external(key)] #[serde(default, rename(deserialize = \"Id\"))] id: u8", "/Id"),
            ("#[external(key)] #[serde(rename(serialize = \"Id\"))] id: u8", "/id"),
            (
                "#[external(key)] #[serde(default = \"f\", with = \"m\", rename = \"x\")] id: u8",
                "/x",
            ),
            ("#[external(key)] #[serde(skip_serializing_if = \"f\", alias = \"y\")] id: u8", "/id"),
            (
                "#[external(key)] #[serde(bound(deserialize = \"T: X\"), rename = \"x\")] id: u8",
                "/x",
            ),
        ];
        for (fields, expected) in fields {
            assert_eq!(pointer(&format!("struct S {{ {fields} }}")), expected, "{fields}");
        }
        let both = "#[serde(rename_all = \"camelCase\")] struct S { #[external(key)] #[serde(rename = \"a_b\")] c_d: u8 }";
        assert_eq!(pointer(both), "/a_b");
    }

    #[test]
    fn what_cannot_be_the_key_is_refused() {
        let named = "the key is a named field of a struct";
        let takes = "`external` on a field takes `key`";
        let cases = [
            ("struct S { id: u8 }", ""),
            ("struct S(#[external(key)] u8);", named),
            ("enum S { A { #[external(key)] id: u8 } }", named),
            ("enum S { #[external(key)] A }", "`external` does not stand on a variant"),
            ("struct S { #[external] id: u8 }", takes),
            ("struct S { #[external(id)] id: u8 }", takes),
            ("struct S { #[external(key = 1)] id: u8 }", takes),
            ("struct S { #[external()] id: u8 }", takes),
            (
                "struct S { #[external(key)] a: u8, #[external(key)] b: u8 }",
                "/a; `a` and `b` are both the key",
            ),
            ("struct S { #[external(key)] #[external(key)] a: u8 }", "/a; the key is given twice"),
            (
                "struct S { #[external(key)] #[serde(flatten)] a: u8 }",
                "a field with `serde(flatten)` is not in the body by its name",
            ),
            (
                "struct S { #[external(key)] #[serde(skip)] a: u8 }",
                "a field with `serde(skip)` is not in the body by its name",
            ),
            (
                "#[serde(from = \"R\")] struct S { #[external(key)] a: u8 }",
                "with `serde(from)` the fields are not those of the body",
            ),
        ];
        for (declaration, told) in cases {
            assert_eq!(pointer(declaration), told, "{declaration}");
        }
    }
}
