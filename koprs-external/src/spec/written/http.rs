//! The block `http` as it is written.

use url::Url;

use super::value::{Map, Value, of_bytes, of_path, of_secret, of_time};
use super::{Refused, refuse};
use crate::spec::{
    Auth, Body, CursorFrom, HttpSpec, Method, NextPage, OAuth2, Pages, Tls, auth, body_limit,
    limits, pages, timeout,
};

/// Headers that carry a credential by their definition.
const CREDENTIALS: [http::HeaderName; 2] = [http::header::AUTHORIZATION, http::header::COOKIE];

pub(super) fn block(http: &HttpSpec) -> Result<Map, Refused> {
    let HttpSpec {
        url,
        show: _,
        secrets: _,
        method,
        headers: _,
        body,
        auth,
        tls,
        unix_socket,
        pages,
        timeout,
        retries,
        respect_max_age,
        max_in_flight,
        body_limit,
        header_limit,
        redirect_limit,
    } = http;
    let mut map = Map::of("url", of_url("http.url", url)?);
    let by_default = if body.is_some() { Method::Post } else { Method::Get };
    map.differing("method", method.word(), by_default.word());
    map.filled("header", headers(http)?);
    match body {
        Some(Body::Json(json)) => map.put("body", Map::of("json", json.as_str())),
        Some(Body::Text(text)) => map.put("body", Map::of("text", text.as_str())),
        None => {}
    }
    if let Some(auth) = auth {
        map.put("auth", credential(auth)?);
    }
    map.filled("tls", files(tls)?);
    if let Some(path) = unix_socket {
        map.put("unixSocket", of_path("http.unix_socket", path)?);
    }
    if let Some(pages) = pages {
        map.put("pages", paging(pages));
    }
    if *timeout != timeout::DEFAULT {
        map.put("timeout", of_time("http.timeout", *timeout)?);
    }
    map.differing("retries", *retries, limits::RETRIES);
    map.differing("respectMaxAge", *respect_max_age, false);
    map.differing("maxInFlight", *max_in_flight, limits::MAX_IN_FLIGHT);
    map.differing("bodyLimit", of_bytes(*body_limit), of_bytes(body_limit::DEFAULT));
    map.differing("headerLimit", of_bytes(*header_limit), of_bytes(limits::HEADER_LIMIT));
    map.differing("redirectLimit", *redirect_limit, limits::REDIRECT_LIMIT);
    Ok(map)
}

/// A URL. A brace in it would be read as a placeholder.
pub(super) fn of_url(setting: &str, url: &Url) -> Result<Value, Refused> {
    if !url.username().is_empty() || url.password().is_some() {
        let help = "write the credential as `auth`, from an environment variable or a file";
        return Err(refuse(
            setting,
            "a literal secret is not written, and the URL has userinfo",
            help,
        ));
    }
    Ok(Value::Text(url.as_str().replace('{', "%7B").replace('}', "%7D")))
}

fn headers(http: &HttpSpec) -> Result<Map, Refused> {
    let mut map = Map::default();
    for (name, value) in &http.headers {
        let setting = format!("http.header.{name}");
        if CREDENTIALS.contains(name) {
            let help = "write it as `auth`, from an environment variable or a file";
            return Err(refuse(&setting, "a literal secret is not written", help));
        }
        if map.has(name.as_str()) {
            let help = "join the values, with a comma between them";
            return Err(refuse(&setting, "a header that stands twice cannot be written", help));
        }
        let text = std::str::from_utf8(value.as_bytes());
        let text = text.map_err(|_| refuse(&setting, "the value is not UTF-8", "leave it out"))?;
        map.put(name.as_str(), text);
    }
    Ok(map)
}

fn credential(auth: &Auth) -> Result<Map, Refused> {
    Ok(match auth {
        Auth::Bearer(secret) => Map::of("bearer", of_secret("http.auth.bearer", secret)?),
        Auth::Basic { username, password } => {
            let mut map = Map::of("username", username.as_str());
            map.put("password", of_secret("http.auth.basic.password", password)?);
            Map::of("basic", map)
        }
        Auth::Header { name, prefix, secret } => {
            let mut map = Map::of("name", name.as_str());
            map.differing("prefix", prefix.as_str(), "");
            map.join(of_secret("http.auth.header", secret)?);
            Map::of("header", map)
        }
        Auth::Query { name, secret } => {
            let mut map = Map::of("name", name.as_str());
            map.join(of_secret("http.auth.query", secret)?);
            Map::of("query", map)
        }
        Auth::OAuth2(credentials) => Map::of("oauth2", oauth2(credentials)?),
    })
}

fn oauth2(credentials: &OAuth2) -> Result<Map, Refused> {
    let OAuth2 {
        token_url,
        show: _,
        secrets: _,
        client_id,
        client_secret,
        scopes,
        audience,
        margin,
    } = credentials;
    let at = |name: &str| format!("http.auth.oauth2.{name}");
    let mut map = Map::of("tokenUrl", of_url(&at("token_url"), token_url)?);
    map.put("clientId", client_id.as_str());
    map.put("clientSecret", of_secret(&at("client_secret"), client_secret)?);
    map.filled("scopes", scopes.iter().map(String::as_str).collect::<Value>());
    if let Some(audience) = audience {
        map.put("audience", audience.as_str());
    }
    if *margin != auth::MARGIN {
        map.put("margin", of_time(&at("margin"), *margin)?);
    }
    Ok(map)
}

fn files(tls: &Tls) -> Result<Map, Refused> {
    let Tls { ca, identity } = tls;
    let (cert, key) = identity.as_ref().map(|(cert, key)| (cert, key)).unzip();
    let mut map = Map::default();
    for (name, path) in [("ca", ca.as_ref()), ("cert", cert), ("key", key)] {
        if let Some(path) = path {
            map.put(name, of_path(&format!("http.tls.{name}"), path)?);
        }
    }
    Ok(map)
}

fn paging(pages: &Pages) -> Map {
    let Pages { next, limit, origins } = pages;
    let mut map = match next {
        NextPage::Link => Map::of("linkHeader", Map::default()),
        NextPage::Cursor { from, param } => {
            let mut map = match from {
                CursorFrom::Body(at) => Map::of("at", at.to_string().as_str()),
                CursorFrom::Header(name) => Map::of("header", name.as_str()),
            };
            if let Some(param) = param {
                map.put("param", param.as_str());
            }
            Map::of("cursor", map)
        }
        NextPage::Number { param, first } => {
            let mut map = Map::of("param", param.as_str());
            map.differing("first", *first, pages::FIRST);
            Map::of("number", map)
        }
        NextPage::Offset { param } => Map::of("offset", Map::of("param", param.as_str())),
    };
    map.differing("limit", *limit, pages::LIMIT);
    map.filled("origins", origins.iter().map(Url::as_str).collect::<Value>());
    map
}
