//! What an enum of events may be.

use quote::ToTokens;
use syn::{Data, DeriveInput, Field, Fields, Ident, Path, Type, Variant};

use super::attr::{self, OnEnum, OnVariant};
use crate::check::name;
use crate::errors::{Errors, mistake};

/// An enum of events, as far as it was understood.
pub(super) struct Events {
    /// The path of the library, where it is given.
    pub(super) krate: Option<Path>,
    pub(super) ident: Ident,
    /// Without generic parameters, of a known crate: others may use it.
    pub(super) is_whole: bool,
    pub(super) variants: Vec<Followed>,
}

/// A variant, and the watcher that it is of.
pub(super) struct Followed {
    pub(super) ident: Ident,
    pub(super) watcher: String,
    pub(super) event: Type,
}

/// Checks a declaration, collecting every mistake.
pub(super) fn check(input: &DeriveInput, errors: &mut Errors) -> Events {
    let ident = input.ident.clone();
    let shaped = errors.ok(shape(input)).is_some();
    let on_enum = attr::read::<OnEnum>(&input.attrs, errors);
    let is_whole = shaped && on_enum.is_some();
    let krate = on_enum.and_then(|on_enum| on_enum.krate);
    let mut variants = Vec::new();
    if let Data::Enum(data) = &input.data {
        for variant in &data.variants {
            variants.extend(followed(variant, &ident, errors));
        }
        no_name_twice(&variants, errors);
    }
    Events { krate, ident, is_whole, variants }
}

/// An enum, with variants, of types that are known.
fn shape(input: &DeriveInput) -> syn::Result<()> {
    let DeriveInput { ident, generics, data, .. } = input;
    let help = "write `enum Change { Flags(ExternalEvent<Flags>) }`";
    match data {
        Data::Struct(data) => {
            return Err(mistake(data.struct_token, "`WatcherEvents` is for an enum", help));
        }
        Data::Union(data) => {
            return Err(mistake(data.union_token, "`WatcherEvents` is for an enum", help));
        }
        Data::Enum(data) if data.variants.is_empty() => {
            return Err(mistake(ident, format!("`{ident}` has no variants"), help));
        }
        Data::Enum(_) => {}
    }
    if !generics.params.is_empty() {
        let message = format!("`{ident}` has generic parameters: a set has events of known types");
        return Err(mistake(generics, message, "name the types in the variants"));
    }
    Ok(())
}

/// What a variant follows.
fn followed(variant: &Variant, of: &Ident, errors: &mut Errors) -> Option<Followed> {
    let event = errors.ok(event(variant, of));
    let on_variant = attr::read::<OnVariant>(&variant.attrs, errors);
    let watcher = on_variant.and_then(|on| errors.ok(name(&variant.ident, on.name.as_ref())));
    Some(Followed { ident: variant.ident.clone(), watcher: watcher?, event: event?.ty.clone() })
}

/// The one field of a variant.
fn event<'a>(variant: &'a Variant, of: &Ident) -> syn::Result<&'a Field> {
    let ident = &variant.ident;
    let help = format!("write `{ident}({})`", advised(variant));
    match &variant.fields {
        Fields::Unnamed(fields) => {
            let mut all = fields.unnamed.iter();
            match (all.next(), all.next()) {
                (Some(field), None) => field_alone(field),
                _ => {
                    let message = format!("`{of}::{ident}` has not one field: it holds an event");
                    Err(mistake(fields, message, help))
                }
            }
        }
        Fields::Named(fields) => {
            let message = format!("`{of}::{ident}` has named fields: it holds an event");
            Err(mistake(fields, message, help))
        }
        Fields::Unit => {
            let message = format!("`{of}::{ident}` has no field: it holds an event");
            Err(mistake(ident, message, help))
        }
    }
}

/// The event that a variant was meant to hold: the one that it has, else one of its field, else one of its name.
fn advised(variant: &Variant) -> String {
    let shown = |ty: &Type| ty.to_token_stream().to_string().replace(' ', "");
    let is_event = |ty: &&Type| matches!(ty, Type::Path(path) if path.path.segments.last().is_some_and(|last| last.ident == "ExternalEvent"));
    let mut types = variant.fields.iter().map(|field| &field.ty);
    match types.clone().find(is_event).map(shown) {
        Some(event) => event,
        None => {
            let payload = types.next().map_or_else(|| variant.ident.to_string(), shown);
            format!("ExternalEvent<{payload}>")
        }
    }
}

/// A field without `#[watcher(…)]`, which stands on the variant.
fn field_alone(field: &Field) -> syn::Result<&Field> {
    match field.attrs.iter().find(|attribute| attr::is_ours(attribute)) {
        None => Ok(field),
        Some(attribute) => Err(mistake(
            attribute,
            "`#[watcher(…)]` does not stand on a field",
            "write it above the variant",
        )),
    }
}

/// A watcher has one variant.
fn no_name_twice(variants: &[Followed], errors: &mut Errors) {
    for (index, Followed { ident, watcher, .. }) in variants.iter().enumerate() {
        let same = |other: &&Followed| other.watcher == *watcher;
        if let Some(first) = variants.iter().take(index).find(same) {
            let first = &first.ident;
            let message = format!("`{ident}` and `{first}` are both of the watcher `{watcher}`");
            let help = "keep one of them, or name its watcher: `#[watcher(name = \"…\")]`";
            errors.push(mistake(ident, message, help));
        }
    }
}
