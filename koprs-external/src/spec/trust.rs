//! Who wrote a declaration, and what it may do.

mod tenant;

use super::{Invalid, InvalidSpec, WatcherSpec};

#[cfg(feature = "object-store")]
pub(crate) use self::tenant::store;

/// Who wrote a declaration: see [specs of tenants](super#specs-of-tenants).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Trust {
    /// Somebody who may do what the process may: its author, its operator.
    Trusted,
    /// Somebody who may not, as a tenant of the cluster: no secret, file or identity of the process is used, and
    /// only hosts on the public internet are asked.
    Untrusted,
}

impl WatcherSpec {
    /// Says who wrote the declaration. What the builder made, and so the derive and YAML, is
    /// [`Trusted`](Trust::Trusted); of one that was deserialized it has to be said before a source is made of it.
    ///
    /// Trust only falls: a trusted declaration can be put under [`Untrusted`](Trust::Untrusted), and what is
    /// untrusted stays so, in each copy. Who serializes it and reads it again is asked again.
    ///
    /// ```
    /// use std::time::Duration;
    /// use koprs_external::spec::{Trust, WatcherSpec};
    ///
    /// let of_a_tenant = WatcherSpec::http("flags", "http://169.254.169.254/latest/meta-data")
    ///     .interval(Duration::from_secs(30))
    ///     .build()?;
    /// let refused = of_a_tenant.under(Trust::Untrusted).unwrap_err();
    /// assert_eq!(refused.mistakes[0].code, "not-public");
    /// # Ok::<(), koprs_external::spec::InvalidSpec>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`InvalidSpec`] with each setting that is not for who wrote it, or with `trust` where that would rise.
    pub fn under(self, trust: Trust) -> Result<Self, InvalidSpec> {
        let mut mistakes = Vec::new();
        let refuse = |mistake| mistakes.push(mistake);
        match (self.trust, trust) {
            (Some(Trust::Untrusted), Trust::Trusted) => mistakes.push(risen()),
            (_, Trust::Trusted) => {}
            (_, Trust::Untrusted) => tenant::check(&self, refuse),
        }
        if mistakes.is_empty() {
            Ok(Self { trust: Some(trust), ..self })
        } else {
            Err(InvalidSpec { watcher: self.name, mistakes })
        }
    }

    /// Lets the declaration ask these ports under [`Untrusted`](Trust::Untrusted), beside 80, 443 and those from 1024
    /// on. This is the word of the operator, and is neither read nor written with a declaration: it is given before
    /// [`under`](Self::under), which refuses other ports by `untrusted-port`, and holds for redirects, next links and
    /// token endpoints too.
    ///
    /// ```
    /// use std::time::Duration;
    /// use koprs_external::spec::{Trust, WatcherSpec};
    ///
    /// let of_a_tenant = WatcherSpec::http("flags", "https://api.example.com:944/flags")
    ///     .interval(Duration::from_secs(30))
    ///     .build()?;
    /// let refused = of_a_tenant.clone().under(Trust::Untrusted).unwrap_err();
    /// assert_eq!(refused.mistakes[0].code, "untrusted-port");
    /// assert!(of_a_tenant.allow_ports([944]).under(Trust::Untrusted).is_ok());
    /// # Ok::<(), koprs_external::spec::InvalidSpec>(())
    /// ```
    pub fn allow_ports(mut self, ports: impl IntoIterator<Item = u16>) -> Self {
        self.ports = ports.into_iter().collect();
        self
    }

    /// Who wrote it; nothing, where that has not been said.
    pub fn trust(&self) -> Option<Trust> {
        self.trust
    }
}

fn risen() -> Invalid {
    Invalid::new("trust", "trust-rises", "an untrusted declaration does not become a trusted one")
        .help("if it is yours, read it again and say so first")
}

#[cfg(test)]
mod tests;
