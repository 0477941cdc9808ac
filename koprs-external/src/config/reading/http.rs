//! What is read of an HTTP endpoint.

use std::path::Path;

use super::super::carried::value_of;
use super::super::place::{At, Given, PATIENCE};
use super::super::raw::{RawBody, RawHttp, RawHttpDefaults, RawTls};
use super::told::told;
use super::{Reading, in_folder, text};
use crate::spec::word::flag;
use crate::spec::{Method, TlsFiles, WatcherBuilder, duration, header, number, size};

impl Reading<'_> {
    /// The settings of `http` beside its URL. Relative paths begin in `folder`.
    pub(in super::super) fn request(mut self, raw: RawHttp, folder: &Path) -> Self {
        let RawHttp { url: _, method, query, body, auth, unix_socket, pages, common } = raw;
        for (name, value) in query {
            let setting = format!("http.query.{}", name.value);
            self.places.insert(value_of(&setting), value.place);
            self.places.insert(setting, name.place);
            self.builder = self.builder.query(name.value, value.value);
        }
        self = self.set("http.method", method, Method::parse, WatcherBuilder::method);
        self = self.set("http.unix_socket", unix_socket, text, |builder, path| {
            builder.unix_socket(in_folder(folder, path))
        });
        if let Given::Written(At { place, value }) = body {
            self.places.insert("http.body", place);
            self = match value {
                RawBody::Json(json) => {
                    self.set("http.body.json", json, text, WatcherBuilder::json_body)
                }
                RawBody::Text(body) => {
                    self.set("http.body.text", body, text, WatcherBuilder::text_body)
                }
            };
        }
        if let Given::Written(At { place, value }) = auth {
            self.places.insert("http.auth", place);
            self = self.auth(value, folder);
        }
        if let Given::Written(At { place, value }) = pages {
            self.places.insert("http.pages", place);
            self = self.pages(value);
        }
        self.http_defaults(common, folder)
    }

    /// The settings of `http` that can have a default.
    pub(in super::super) fn http_defaults(mut self, raw: RawHttpDefaults, folder: &Path) -> Self {
        for (name, value) in raw.header {
            if self.out.len() >= PATIENCE {
                break;
            }
            // Two refused names may be called the same, so each is checked where its place is known.
            match header::check(&name.value, &value.value) {
                Ok(_) => {
                    let setting = format!("http.header.{}", name.value);
                    self.places.insert(value_of(&setting), value.place);
                    self.places.insert(setting, name.place);
                    self.builder = self.builder.header(name.value, value.value);
                }
                Err(invalid) => self.out.push(told(name.place, invalid)),
            }
        }
        let on = |builder: WatcherBuilder, on| if on { builder.respect_max_age() } else { builder };
        self.tls(raw.tls, folder)
            .set("http.timeout", raw.timeout, duration::parse, WatcherBuilder::timeout)
            .set("http.retries", raw.retries, number::parse, WatcherBuilder::retries)
            .set("http.respect_max_age", raw.respect_max_age, flag, on)
            .set(
                "http.max_in_flight",
                raw.max_in_flight,
                number::parse,
                WatcherBuilder::max_in_flight,
            )
            .set("http.body_limit", raw.body_limit, size::parse, WatcherBuilder::body_limit)
            .set("http.header_limit", raw.header_limit, size::parse, WatcherBuilder::header_limit)
            .set(
                "http.redirect_limit",
                raw.redirect_limit,
                number::parse,
                WatcherBuilder::redirect_limit,
            )
    }

    fn tls(mut self, raw: RawTls, folder: &Path) -> Self {
        let RawTls { block, ca, cert, key } = raw;
        let Given::Written(At { place, value: () }) = block else { return self };
        self.places.insert("http.tls", place);
        let excused = self.excused.len();
        let mut path = |setting: &'static str, path| {
            self.read(setting, path, text).map(|it| in_folder(folder, it))
        };
        let ca = path("http.tls.ca", ca);
        let cert = path("http.tls.cert", cert);
        let key = path("http.tls.key", key);
        if self.excused.len() == excused {
            self.builder = self.builder.tls(TlsFiles { ca, cert, key });
        }
        self
    }
}
