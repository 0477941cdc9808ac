//! What is read of the credential of an endpoint.

use std::path::Path;

use super::super::raw::{RawAuth, RawOAuth2};
use super::{Reading, text};
use crate::spec::{ClientCredentials, duration};

impl Reading<'_> {
    pub(super) fn auth(mut self, raw: RawAuth, folder: &Path) -> Self {
        self.builder = match raw {
            RawAuth::Bearer(secret) => {
                let secret = self.secret("http.auth.bearer", secret, folder);
                self.builder.bearer(secret)
            }
            RawAuth::Basic { username, password } => {
                let username = self.required("http.auth.basic.username", username, text);
                let password = self.secret("http.auth.basic.password", password, folder);
                self.builder.basic(username, password)
            }
            RawAuth::Header { name, prefix, secret } => {
                let name = self.required("http.auth.header.name", name, text);
                let prefix = self.read("http.auth.header.prefix", prefix, text);
                let secret = self.secret("http.auth.header", secret, folder);
                self.builder.auth_header(name, prefix.unwrap_or_default(), secret)
            }
            RawAuth::Query { name, secret } => {
                let name = self.required("http.auth.query.name", name, text);
                let secret = self.secret("http.auth.query", secret, folder);
                self.builder.auth_query(name, secret)
            }
            RawAuth::OAuth2(raw) => {
                let credentials = self.oauth2(raw, folder);
                self.builder.oauth2(credentials)
            }
        };
        self
    }

    fn oauth2(&mut self, raw: RawOAuth2, folder: &Path) -> ClientCredentials {
        let RawOAuth2 { token_url, client_id, client_secret, scopes, audience, margin } = raw;
        let token_url = self.required("http.auth.oauth2.token_url", token_url, text);
        let client_id = self.required("http.auth.oauth2.client_id", client_id, text);
        let client_secret = self.secret("http.auth.oauth2.client_secret", client_secret, folder);
        let mut credentials = ClientCredentials::new(token_url, client_id, client_secret);
        for scope in self.list("http.auth.oauth2.scopes", scopes) {
            credentials = credentials.scope(scope);
        }
        if let Some(audience) = self.read("http.auth.oauth2.audience", audience, text) {
            credentials = credentials.audience(audience);
        }
        if let Some(margin) = self.read("http.auth.oauth2.margin", margin, duration::parse) {
            credentials = credentials.margin(margin);
        }
        credentials
    }
}
