//! The sink of mistakes: they are collected, so that one build shows them all.

use quote::ToTokens;

/// One mistake: the caret on `tokens`, what is wrong, and the way out.
///
/// The message is a lower-case fragment with values in backticks, in the words of `spec`.
pub(crate) fn mistake(
    tokens: impl ToTokens,
    message: impl AsRef<str>,
    help: impl AsRef<str>,
) -> syn::Error {
    let text = format!("{}\nhelp: {}", message.as_ref(), help.as_ref());
    syn::Error::new_spanned(tokens, text)
}

/// The mistakes found so far.
#[derive(Default)]
pub(crate) struct Errors {
    found: Vec<syn::Error>,
    excused: Vec<(&'static str, &'static str)>,
}

impl Errors {
    /// Keeps a mistake.
    pub(crate) fn push(&mut self, error: syn::Error) {
        self.found.push(error);
    }

    /// Keeps the mistake, if it is one.
    pub(crate) fn ok<T>(&mut self, result: syn::Result<T>) -> Option<T> {
        result.map_err(|error| self.push(error)).ok()
    }

    /// How many mistakes there are.
    pub(crate) fn len(&self) -> usize {
        self.found.len()
    }

    /// A setting was meant, understood or not: that it is missing is no second mistake.
    pub(crate) fn excuse(&mut self, block: &'static str, key: &'static str) {
        self.excused.push((block, key));
    }

    /// A setting was meant, and so were the blocks around it.
    pub(crate) fn excuse_all(&mut self, block: &'static str, key: &'static str) {
        self.excuse(block, key);
        if !block.is_empty() {
            let (around, own) = block.rsplit_once('.').unwrap_or(("", block));
            self.excuse_all(around, own);
        }
    }

    /// Several settings of a block were meant.
    pub(crate) fn excuse_block(
        &mut self,
        block: &'static str,
        keys: impl IntoIterator<Item = &'static str>,
    ) {
        keys.into_iter().for_each(|key| self.excuse(block, key));
    }

    /// Whether a setting was meant, understood or not.
    pub(crate) fn excused(&self, block: &'static str, key: &'static str) -> bool {
        self.excused.contains(&(block, key))
    }

    /// Whether one of several settings was meant, or something in their block that is none.
    pub(crate) fn excused_one_of(&self, block: &'static str, keys: &[&'static str]) -> bool {
        self.excused(block, "") || keys.iter().any(|key| self.excused(block, key))
    }

    /// Keeps the mistake that a required setting is missing, unless the setting was meant.
    pub(crate) fn missing(&mut self, block: &'static str, key: &'static str, error: syn::Error) {
        if !self.excused(block, key) {
            self.push(error);
        }
    }

    /// What each mistake says.
    #[cfg(test)]
    pub(crate) fn messages(&self) -> Vec<String> {
        self.found.iter().map(ToString::to_string).collect()
    }

    /// All mistakes as one error.
    pub(crate) fn finish(self) -> Option<syn::Error> {
        self.found.into_iter().reduce(|mut all, error| {
            all.combine(error);
            all
        })
    }
}
