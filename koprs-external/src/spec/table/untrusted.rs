//! What an untrusted declaration may have of a setting.

use super::Default;

/// What [`Trust::Untrusted`](crate::spec::Trust::Untrusted) makes of a setting.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Untrusted {
    /// The same as anybody.
    Allowed,
    /// Nothing: the setting reaches for what the operator has.
    Refused { code: &'static str, because: &'static str },
    /// Hosts on the public internet.
    PublicHosts,
    /// Any header but `Host`.
    WithoutHost,
    /// No other value than the default.
    OnlyDefault,
    /// No more than the default.
    AtMostDefault,
    /// No more than this.
    AtMost(Default),
}

pub(super) const ENV: Untrusted =
    Untrusted::Refused { code: "untrusted-env", because: "reads the environment of the operator" };
pub(super) const FILE: Untrusted =
    Untrusted::Refused { code: "untrusted-file", because: "reads a file of the operator" };
pub(super) const SOCKET: Untrusted =
    Untrusted::Refused { code: "untrusted-socket", because: "is a socket of the operator" };
pub(super) const STORE: Untrusted =
    Untrusted::Refused { code: "untrusted-store", because: "is opened with what the operator may" };

impl super::Setting {
    /// The most that an untrusted declaration may have of an amount.
    pub(crate) fn most_untrusted(&self) -> Option<Default> {
        match self.untrusted {
            Untrusted::AtMost(most) => Some(most),
            Untrusted::AtMostDefault => Some(self.default),
            _ => None,
        }
    }
}
