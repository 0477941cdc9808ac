//! Servers that hand back what they are sent, in every place of an answer and in every spelling.

use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD, Engine};
use serde_json::json;

use super::At;
use crate::{Recorded, Reply};

/// What a request holds, one part a line: its target, each header, its body.
fn parts(request: &Recorded) -> Vec<String> {
    let headers = request.headers.values().filter_map(|value| value.to_str().ok());
    let body = String::from_utf8_lossy(&request.body);
    let all = headers.chain([request.target(), &*body]);
    // A part of a header, behind its scheme.
    let words = all.flat_map(|part| [part].into_iter().chain(part.split_once(' ').map(|it| it.1)));
    words.filter(|part| !part.is_empty()).map(str::to_owned).collect()
}

fn percent(text: &str, upper: bool) -> String {
    let byte = |byte: u8| match (byte.is_ascii_alphanumeric(), upper) {
        (true, _) => char::from(byte).to_string(),
        (false, true) => format!("%{byte:02X}"),
        (false, false) => format!("%{byte:02x}"),
    };
    text.bytes().map(byte).collect()
}

fn decoded(text: &str) -> String {
    percent_encoding::percent_decode_str(text).decode_utf8_lossy().into_owned()
}

fn xml(text: &str) -> String {
    let text = text.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;");
    text.replace('/', "&#47;").replace('+', "&#x2b;")
}

fn wrapped(text: &str) -> String {
    let chars: Vec<char> = text.chars().collect();
    chars.chunks(19).map(|line| line.iter().collect::<String>()).collect::<Vec<_>>().join("\r\n ")
}

/// Every part of a request in every spelling.
fn spelled(request: &Recorded) -> Vec<String> {
    let spelled = parts(request).into_iter().flat_map(|part| {
        let bare = decoded(&part);
        [
            percent(&bare, true),
            percent(&bare, false),
            bare.replace(' ', "+"),
            BASE64_STANDARD.encode(&part),
            BASE64_URL_SAFE_NO_PAD.encode(format!("u:{bare}")),
            wrapped(&part),
            serde_json::to_string(&part).unwrap(),
            serde_json::to_string(&serde_json::to_string(&bare).unwrap()).unwrap(),
            bare,
            part,
        ]
    });
    spelled.collect()
}

/// One line that can stand in a header.
fn line(request: &Recorded) -> String {
    let text = parts(request).join(" ");
    text.chars().filter(|c| *c == ' ' || c.is_ascii_graphic()).collect()
}

/// An error document of an object store.
fn refused(code: &str, message: &str) -> String {
    format!("<Error><Code>{}</Code><Message>{}</Message></Error>", xml(code), xml(message))
}

/// In the body, in all spellings, and in the headers that are read.
pub fn plainly(request: &Recorded, status: u16) -> Reply {
    let line = line(request);
    Reply::json(json!({ "error": spelled(request) }).to_string())
        .status_code(status)
        .header("www-authenticate", format!("Bearer realm=\"{}\"", line.replace('"', "'")))
        .header("x-echo", &line)
}

/// What a server does, and how.
pub type Row = (String, Reply);

/// Another name of the host of all servers, which makes another origin.
pub const OTHER_HOST: &str = "localhost";

fn row(what: impl Into<String>, reply: impl Fn(&Recorded) -> Reply + Send + Sync + 'static) -> Row {
    (what.into(), Reply::with(reply))
}

/// Answers of which each ends a poll in another way, and hands something back.
#[must_use]
pub fn failures() -> Vec<Row> {
    let mut rows = vec![
        row("a value of another type", |it| Reply::json(json!(spelled(it).join(" ")).to_string())),
        row("each part as a string", |it| Reply::json(json!(spelled(it)).to_string())),
        row("items without keys", |it| {
            let items: Vec<_> = spelled(it).into_iter().map(|part| json!({ part: 1 })).collect();
            Reply::json(json!({ "items": items }).to_string())
        }),
        row("items of another type", |it| {
            let items = spelled(it).into_iter().map(|part| json!({ "id": part, "n": part }));
            Reply::json(json!({ "items": items.collect::<Vec<_>>() }).to_string())
        }),
        row("no JSON", |it| Reply::json(format!("{{{}", spelled(it).join(" ")))),
        row("a page", |it| Reply::bytes("text/html", format!("<p>{}", spelled(it).join(" ")))),
        row("a content type", |it| {
            Reply::bytes("application/json", "1").header("content-type", line(it))
        }),
        row("a content coding", |it| Reply::json("1").header("content-encoding", line(it))),
        row("a range", |it| {
            Reply::json("[]")
                .status_code(206)
                .header("content-range", format!("items {}", line(it)))
        }),
        row("a next page", |it| {
            let next = format!("<{}>; rel=\"next\"", line(it).replace(['<', '>'], ""));
            Reply::json(r#"{"items":[{"id":"a","n":1}]}"#).header("link", next)
        }),
        row("a next page elsewhere", |it| {
            let next = format!("<http://127.0.0.1:9/{}>; rel=\"next\"", percent(&line(it), true));
            Reply::json(r#"{"items":[{"id":"a","n":1}]}"#).header("link", next)
        }),
        row("an ETag", |it| Reply::json("{").header("etag", format!("\"{}\"", line(it)))),
        row("a cut body", |it| Reply::json(json!(spelled(it)).to_string()).truncate(40)),
        row("a reset body", |it| Reply::json(json!(spelled(it)).to_string()).reset_after(40)),
        row("no HTTP", |it| Reply::garbage(format!("{}\r\n\r\n", line(it)))),
        row("a header that is none", |it| {
            Reply::garbage(format!("HTTP/1.1 200 OK\r\n{}\r\n\r\n", line(it)))
        }),
        row("a page of a listing", |it| {
            let keys = spelled(it).into_iter().map(|key| {
                format!("<Contents><Key>{}</Key><Size>{}</Size></Contents>", xml(&key), xml(&key))
            });
            let keys = keys.collect::<String>();
            Reply::bytes("application/xml", format!("<ListBucketResult>{keys}</ListBucketResult>"))
        }),
        row("XML that is no listing", |it| {
            let name = line(it).replace(|c: char| !c.is_ascii_alphanumeric(), "");
            Reply::bytes("application/xml", format!("<{name}>{}</{name}>", xml(&line(it))))
        }),
        ("reset".to_owned(), Reply::reset()),
        ("closed".to_owned(), Reply::close()),
        ("no content".to_owned(), Reply::status(204)),
        ("304".to_owned(), Reply::status(304)),
        ("410".to_owned(), Reply::status(410)),
    ];
    for status in [400, 401, 403, 404] {
        rows.push(row(format!("{status}, plainly"), move |it| plainly(it, status)));
        rows.push(row(format!("{status}, XML"), move |it| {
            let body = refused("AccessDenied", &spelled(it).join(" "));
            Reply::bytes("application/xml", body).status_code(status)
        }));
        rows.push(row(format!("{status}, a code"), move |it| {
            let body = refused(&line(it), &wrapped(&line(it)));
            Reply::bytes("application/xml", body).status_code(status)
        }));
        // A secret that begins where messages are cut.
        for before in [180, 290] {
            rows.push(row(format!("{status}, behind {before} characters"), move |it| {
                let parts = parts(it);
                let longest = parts.iter().max_by_key(|part| part.len()).cloned();
                let words = format!("{} {}", "x".repeat(before), longest.unwrap_or_default());
                let body = refused("AccessDenied", &words);
                Reply::bytes("application/xml", body).status_code(status)
            }));
        }
        rows.push(row(format!("{status}, of Google"), move |it| {
            let error = json!({ "status": line(it), "message": spelled(it).join(" ") });
            Reply::json(json!({ "error": error }).to_string()).status_code(status)
        }));
    }
    // Stores try these again.
    rows.push(row("500, plainly", move |it| plainly(it, 500)));
    rows
}

/// A delay that cannot be read. Who is asked for one is left alone for a while, so it comes last.
pub fn delay() -> Row {
    row("a delay", |it| Reply::status(429).header("retry-after", line(it)))
}

/// Redirects to these other origins, to another scheme and host, and round and round, with everything in the address.
#[must_use]
pub fn redirects(server: At, others: &[String]) -> Vec<Row> {
    let here = server.url("");
    let swapped = match server.scheme {
        "http" => here.replace("http:", "https:"),
        _ => here.replace("https:", "http:"),
    };
    let ftp = format!("ftp://{}", server.address);
    let host = here.replace("127.0.0.1", OTHER_HOST);
    let mut rows = Vec::new();
    for status in [301, 302, 303, 307, 308] {
        let places = [swapped.clone(), ftp.clone(), host.clone(), here.clone()];
        for place in others.iter().cloned().chain(places) {
            rows.push(row(format!("{status} to {place}"), {
                let place = place.clone();
                move |it| plainly(it, status).header("location", format!("{place}/there"))
            }));
            rows.push(row(format!("{status} to {place} with everything"), move |it| {
                let path: Vec<_> = parts(it).iter().map(|part| percent(part, true)).collect();
                let location = format!("{place}/{}?{}", path.join("/"), path.join("&"));
                // The guard against loops is not what is tested.
                plainly(it, status).header("location", &location[..location.len().min(4000)])
            }));
        }
        rows.push(row(format!("{status} to nowhere"), move |it| plainly(it, status)));
        rows.push(row(format!("{status} to no address"), move |it| {
            plainly(it, status).header("location", format!("http://[{}", line(it)))
        }));
    }
    rows
}

/// What a token endpoint answers, with a token in it, or with `known` where it is an error.
#[must_use]
pub fn at_token_endpoint(token: &str, known: &str) -> Vec<Row> {
    let token = token.to_owned();
    let with = move |what: &str, reply: fn(&Recorded, &str) -> Reply| {
        let token = token.clone();
        row(what, move |it| reply(it, &token))
    };
    let known = known.to_owned();
    let error = move |what: &str, reply: fn(&Recorded, &str) -> Reply| {
        let known = known.clone();
        row(what, move |it| reply(it, &known))
    };
    vec![
        with("a token", |_, token| {
            Reply::json(
                json!({
                    "access_token": token, "token_type": "Bearer", "expires_in": 3600,
                    "AccessKeyId": "AKIAIOSFODNN7", "SecretAccessKey": token, "Token": token,
                    "Code": "Success", "LastUpdated": "2030-01-01T00:00:00Z", "Type": "AWS-HMAC",
                    "Expiration": "2030-01-01T00:00:00Z", "expires_on": "1893456000",
                })
                .to_string(),
            )
        }),
        with("a token in XML", |it, token| {
            let credentials = format!(
                "<AccessKeyId>AKIAIOSFODNN7</AccessKeyId><SecretAccessKey>{token}</SecretAccessKey>\
                 <SessionToken>{token}</SessionToken><Expiration>2030-01-01T00:00:00Z</Expiration>"
            );
            let result = format!("<Credentials>{credentials}</Credentials>{}", xml(&line(it)));
            let name = "AssumeRoleWithWebIdentity";
            let body =
                format!("<{name}Response><{name}Result>{result}</{name}Result></{name}Response>");
            Reply::bytes("text/xml", body)
        }),
        with("a token of another kind", |_, token| {
            Reply::json(json!({ "access_token": token, "token_type": token }).to_string())
        }),
        with("a token in the place of a document", |_, token| {
            Reply::json(json!(token).to_string())
        }),
        with("a token in the place of a number", |_, token| {
            Reply::json(
                json!({ "access_token": token, "expires_in": token, "Expiration": token, "expires_on": token }).to_string(),
            )
        }),
        error("an error of OAuth", |it, token| {
            let words = format!("{} {token} {}", "x".repeat(150), spelled(it).join("\r\n"));
            let error = json!({ "error": line(it), "error_description": words });
            Reply::json(error.to_string()).status_code(401)
        }),
        error("an error that begins with the secret", |it, _| {
            let error =
                json!({ "error": "invalid_client", "error_description": wrapped(&line(it)) });
            Reply::json(error.to_string()).status_code(400)
        }),
        error("an error in 200", |it, token| {
            let error =
                json!({ "error": "no", "error_description": format!("{token} {}", line(it)) });
            Reply::json(error.to_string())
        }),
        error("a redirect", |it, token| {
            Reply::redirect(307, &format!("http://127.0.0.1:9/{token}")).body(line(it))
        }),
        with("no JSON", |it, token| Reply::text(format!("{token} {}", line(it)))),
    ]
}
