//! Every setting once: where it stands, what it is called, what it says.
//!
//! The derive and the builders spell a name in `snake_case`, YAML spells it in `camelCase`.

/// One setting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Setting {
    /// The block it stands in: `""` for the watcher itself, or `http`.
    pub(crate) block: &'static str,
    /// Its name in the derive and the builders.
    pub(crate) name: &'static str,
    /// What it is, in a line.
    pub(crate) doc: &'static str,
}

impl Setting {
    /// Its name in YAML.
    pub(crate) fn yaml(&self) -> String {
        let mut words = self.name.split('_');
        let first = words.next().unwrap_or_default().to_owned();
        words.fold(first, |name, word| {
            let (head, tail) = word.split_at(word.len().min(1));
            name + &head.to_ascii_uppercase() + tail
        })
    }
}

const fn setting(block: &'static str, name: &'static str, doc: &'static str) -> Setting {
    Setting { block, name, doc }
}

/// The settings of a watcher.
pub(crate) const SETTINGS: [Setting; 12] = [
    setting("", "name", "how the watcher is called; a DNS-1123 label"),
    setting("", "interval", "the wait after a successful poll, as `30s`"),
    setting("", "max_backoff", "the longest wait after failures, as `5m`"),
    setting("", "jitter", "by how much a wait may differ, as `5%`"),
    setting("", "decode", "the format of the content: `json`, `yaml`, `text` or `bytes`"),
    setting("", "http", "an HTTP source"),
    setting("http", "url", "what is polled"),
    setting("http", "query", "query parameters, by name"),
    setting("http", "header", "request headers, by name"),
    setting("http", "auth", "the credential of the requests"),
    setting("http", "timeout", "the time for one request with its body, as `10s`"),
    setting("http", "body_limit", "the most bytes of a body, decompressed, as `8MiB`"),
];
