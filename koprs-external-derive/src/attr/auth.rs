//! The block `auth(…)` as it is written: one kind of credential, and where its secret comes from.

use std::marker::PhantomData;

use syn::{Ident, LitStr};

use crate::quantity::bare;
use crate::read::{Block, Entry, Key};

/// `auth(…)`.
pub(crate) struct Auth {
    pub(crate) here: Ident,
    pub(crate) bearer: Option<Secret<OfBearer>>,
    pub(crate) basic: Option<Basic>,
    pub(crate) header: Option<AuthHeader>,
    pub(crate) query: Option<AuthQuery>,
    pub(crate) oauth2: Option<OAuth2>,
}

impl Auth {
    pub(super) fn read(mut entry: Entry<'_, '_>) -> syn::Result<Self> {
        let here = entry.key.clone();
        entry.block(Self {
            here,
            bearer: None,
            basic: None,
            header: None,
            query: None,
            oauth2: None,
        })
    }
}

impl Block for Auth {
    const NAME: &'static str = "http.auth";
    const ONE_OF: bool = true;
    const KEYS: &'static [Key<Self>] = &[
        Key {
            name: "bearer",
            form: "bearer(env = \"TOKEN\")",
            read: |auth, entry| Secret::read(entry).map(|bearer| auth.bearer = Some(bearer)),
        },
        Key {
            name: "basic",
            form: "basic(username = \"operator\", password(env = \"PASSWORD\"))",
            read: |auth, mut entry| {
                let empty = Basic { here: entry.key.clone(), username: None, password: None };
                entry.block(empty).map(|basic| auth.basic = Some(basic))
            },
        },
        Key {
            name: "header",
            form: "header(name = \"X-Api-Key\", env = \"KEY\")",
            read: |auth, mut entry| {
                let (here, secret) = (entry.key.clone(), Texts::default());
                let empty = AuthHeader { here, name: None, prefix: None, secret };
                entry.block(empty).map(|header| auth.header = Some(header))
            },
        },
        Key {
            name: "query",
            form: "query(name = \"api_key\", env = \"KEY\")",
            read: |auth, mut entry| {
                let empty =
                    AuthQuery { here: entry.key.clone(), name: None, secret: Texts::default() };
                entry.block(empty).map(|query| auth.query = Some(query))
            },
        },
        Key {
            name: "oauth2",
            form: "oauth2(token_url = \"https://…\", client_id = \"operator\", client_secret(env = \"SECRET\"))",
            read: |auth, entry| OAuth2::read(entry).map(|oauth2| auth.oauth2 = Some(oauth2)),
        },
    ];
}

/// Where a secret comes from.
#[derive(Default)]
pub(crate) struct Texts {
    pub(crate) env: Option<LitStr>,
    pub(crate) file: Option<LitStr>,
    pub(crate) value: Option<LitStr>,
}

/// A block that says where a secret comes from.
pub(crate) trait HasSecret: Block {
    fn secret(&mut self) -> &mut Texts;
}

const fn env<B: HasSecret>() -> Key<B> {
    Key {
        name: "env",
        form: "env = \"TOKEN\"",
        read: |block, mut entry| entry.text().map(|text| block.secret().env = Some(text)),
    }
}

const fn file<B: HasSecret>() -> Key<B> {
    Key {
        name: "file",
        form: "file = \"/var/run/secrets/token\"",
        read: |block, mut entry| entry.text().map(|text| block.secret().file = Some(text)),
    }
}

const fn value<B: HasSecret>() -> Key<B> {
    Key {
        name: "value",
        form: "value = \"{token}\"",
        read: |block, mut entry| entry.text().map(|text| block.secret().value = Some(text)),
    }
}

/// A block that has nothing but a secret, in a place.
pub(crate) struct Secret<P> {
    pub(crate) here: Ident,
    pub(crate) texts: Texts,
    place: PhantomData<P>,
}

/// Where a block of a secret stands.
pub(crate) trait Place: 'static {
    const NAME: &'static str;
}

pub(crate) enum OfBearer {}
pub(crate) enum OfPassword {}
pub(crate) enum OfClientSecret {}

impl Place for OfBearer {
    const NAME: &'static str = "http.auth.bearer";
}

impl Place for OfPassword {
    const NAME: &'static str = "http.auth.basic.password";
}

impl Place for OfClientSecret {
    const NAME: &'static str = "http.auth.oauth2.client_secret";
}

impl<P: Place> Secret<P> {
    fn read(mut entry: Entry<'_, '_>) -> syn::Result<Self> {
        let here = entry.key.clone();
        entry.block(Self { here, texts: Texts::default(), place: PhantomData })
    }
}

impl<P: Place> HasSecret for Secret<P> {
    fn secret(&mut self) -> &mut Texts {
        &mut self.texts
    }
}

impl<P: Place> Block for Secret<P> {
    const NAME: &'static str = P::NAME;
    const ONE_OF: bool = true;
    const KEYS: &'static [Key<Self>] = &[env(), file(), value()];
}

/// `basic(…)`.
pub(crate) struct Basic {
    pub(crate) here: Ident,
    pub(crate) username: Option<LitStr>,
    pub(crate) password: Option<Secret<OfPassword>>,
}

impl Block for Basic {
    const NAME: &'static str = "http.auth.basic";
    const KEYS: &'static [Key<Self>] = &[
        Key {
            name: "username",
            form: "username = \"operator\"",
            read: |basic, mut entry| entry.text().map(|text| basic.username = Some(text)),
        },
        Key {
            name: "password",
            form: "password(env = \"PASSWORD\")",
            read: |basic, entry| Secret::read(entry).map(|it| basic.password = Some(it)),
        },
    ];
}

/// `header(…)` in `auth(…)`.
pub(crate) struct AuthHeader {
    pub(crate) here: Ident,
    pub(crate) name: Option<LitStr>,
    pub(crate) prefix: Option<LitStr>,
    pub(crate) secret: Texts,
}

impl HasSecret for AuthHeader {
    fn secret(&mut self) -> &mut Texts {
        &mut self.secret
    }
}

impl Block for AuthHeader {
    const NAME: &'static str = "http.auth.header";
    const KEYS: &'static [Key<Self>] = &[
        Key {
            name: "name",
            form: "name = \"X-Api-Key\"",
            read: |header, mut entry| entry.text().map(|text| header.name = Some(text)),
        },
        Key {
            name: "prefix",
            form: "prefix = \"Token \"",
            read: |header, mut entry| entry.text().map(|text| header.prefix = Some(text)),
        },
        env(),
        file(),
        value(),
    ];
}

/// `query(…)` in `auth(…)`.
pub(crate) struct AuthQuery {
    pub(crate) here: Ident,
    pub(crate) name: Option<LitStr>,
    pub(crate) secret: Texts,
}

impl HasSecret for AuthQuery {
    fn secret(&mut self) -> &mut Texts {
        &mut self.secret
    }
}

impl Block for AuthQuery {
    const NAME: &'static str = "http.auth.query";
    const KEYS: &'static [Key<Self>] = &[
        Key {
            name: "name",
            form: "name = \"api_key\"",
            read: |query, mut entry| entry.text().map(|text| query.name = Some(text)),
        },
        env(),
        file(),
        value(),
    ];
}

/// `oauth2(…)`.
pub(crate) struct OAuth2 {
    pub(crate) here: Ident,
    pub(crate) token_url: Option<LitStr>,
    pub(crate) client_id: Option<LitStr>,
    pub(crate) client_secret: Option<Secret<OfClientSecret>>,
    pub(crate) scopes: Vec<LitStr>,
    pub(crate) audience: Option<LitStr>,
    pub(crate) margin: Option<LitStr>,
}

impl OAuth2 {
    fn read(mut entry: Entry<'_, '_>) -> syn::Result<Self> {
        entry.block(Self {
            here: entry.key.clone(),
            token_url: None,
            client_id: None,
            client_secret: None,
            scopes: Vec::new(),
            audience: None,
            margin: None,
        })
    }
}

impl Block for OAuth2 {
    const NAME: &'static str = "http.auth.oauth2";
    const KEYS: &'static [Key<Self>] = &[
        Key {
            name: "token_url",
            form: "token_url = \"https://…\"",
            read: |oauth2, mut entry| entry.text().map(|text| oauth2.token_url = Some(text)),
        },
        Key {
            name: "client_id",
            form: "client_id = \"operator\"",
            read: |oauth2, mut entry| entry.text().map(|text| oauth2.client_id = Some(text)),
        },
        Key {
            name: "client_secret",
            form: "client_secret(env = \"SECRET\")",
            read: |oauth2, entry| Secret::read(entry).map(|it| oauth2.client_secret = Some(it)),
        },
        Key {
            name: "scopes",
            form: "scopes(\"read\", \"write\")",
            read: |oauth2, mut entry| entry.texts().map(|texts| oauth2.scopes = texts),
        },
        Key {
            name: "audience",
            form: "audience = \"api\"",
            read: |oauth2, mut entry| entry.text().map(|text| oauth2.audience = Some(text)),
        },
        Key {
            name: "margin",
            form: "margin = \"30s\"",
            read: |oauth2, mut entry| {
                entry.quantity(bare::duration).map(|text| oauth2.margin = Some(text))
            },
        },
    ];
}
