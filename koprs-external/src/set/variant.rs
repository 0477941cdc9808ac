//! Enums of events: which watcher each variant is of, and how its source is made.

use super::prepared::{Bind, Prepared};
use crate::declared::{DeclaredSource, Payload};
use crate::error::Result;
use crate::spec::{Invalid, InvalidSpec, WatcherSpec};
use crate::watcher::ExternalEvent;

/// An enum of the events of a set; made by `#[derive(WatcherEvents)]`, and not for you to implement.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no enum of events",
    label = "the events of a set are of an enum",
    note = "write `#[derive(WatcherEvents)]` on an enum with a variant for each watcher"
)]
pub trait WatcherEvents: Sized + Send + 'static {
    #[doc(hidden)]
    const NAME: &'static str;

    #[doc(hidden)]
    fn variants() -> Vec<Variant<Self>>;
}

/// A variant of an enum of events.
pub struct Variant<E> {
    /// The name of its watcher.
    pub(super) watcher: &'static str,
    /// Its own name.
    pub(super) variant: &'static str,
    bind: Bind<E>,
}

impl<E> Variant<E> {
    pub(super) fn bind(&self, spec: &WatcherSpec) -> Result<Prepared<E>> {
        (self.bind)(spec)
    }
}

/// What a variant holds.
#[diagnostic::on_unimplemented(
    message = "a variant of `WatcherEvents` holds an `ExternalEvent`, and `{Self}` is none",
    label = "not an `ExternalEvent`",
    note = "write `ExternalEvent<{Self}>`"
)]
pub trait Event {
    /// What the event is about.
    type Item;

    #[doc(hidden)]
    fn of(event: ExternalEvent<Self::Item>) -> Self;
}

impl<T> Event for ExternalEvent<T> {
    type Item = T;

    fn of(event: Self) -> Self {
        event
    }
}

/// A variant in the making: of an event `F`, in an enum `E`.
pub struct Follow<F, E> {
    variant: Variant<E>,
    make: fn(F) -> E,
}

/// A variant whose values cannot be compared, unless `Follow::comparing` is there for it.
pub fn follow<F, E>(watcher: &'static str, variant: &'static str, make: fn(F) -> E) -> Follow<F, E>
where
    F: Event<Item: Payload> + 'static,
    E: WatcherEvents,
{
    let bind: Bind<E> = Box::new(move |spec| {
        if spec.distinct() {
            return Err(incomparable(spec, &format!("{}::{variant}", E::NAME)).into());
        }
        let source = DeclaredSource::new(spec.clone())?;
        Ok(Prepared::new(source, move |event| make(F::of(event))))
    });
    Follow { variant: Variant { watcher, variant, bind }, make }
}

impl<T, E> Follow<ExternalEvent<T>, E>
where
    T: Payload<Value: PartialEq>,
    E: WatcherEvents,
{
    /// The same, with values that can be compared: the compiler takes this method before that of
    /// [`NotComparing`], where it can.
    #[must_use]
    pub fn comparing(self) -> Self {
        let Self { variant: Variant { watcher, variant, .. }, make } = self;
        let bind: Bind<E> =
            Box::new(move |spec| Ok(Prepared::new(DeclaredSource::distinct(spec.clone())?, make)));
        Self { variant: Variant { watcher, variant, bind }, make }
    }
}

/// What the compiler takes where values cannot be compared.
pub trait NotComparing: Sized {
    /// Changes nothing.
    #[must_use]
    fn comparing(self) -> Self {
        self
    }
}

impl<F, E> NotComparing for Follow<F, E> {}

impl<F, E> From<Follow<F, E>> for Variant<E> {
    fn from(follow: Follow<F, E>) -> Self {
        follow.variant
    }
}

fn incomparable(spec: &WatcherSpec, variant: &str) -> InvalidSpec {
    let message = format!("`distinct` compares values, and those of `{variant}` cannot be");
    let mistake = Invalid::new("distinct", "distinct", message)
        .help("derive `PartialEq` for their type, or leave `distinct` out");
    InvalidSpec { watcher: spec.name().to_owned(), mistakes: vec![mistake] }
}
