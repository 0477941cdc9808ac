//! What a bucket answers.

use std::fmt::Write;
use std::time::SystemTime;

use super::asked::{Get, List};
use super::bucket::{Bucket, Page};
use crate::reply::Reply;

/// An error as S3 words it.
pub fn error(status: u16, code: &str) -> Reply {
    xml(&format!("<Error><Code>{code}</Code><Message>scripted</Message></Error>"))
        .status_code(status)
}

/// A listing that says that nothing is there.
pub fn nothing() -> Reply {
    listing(&Page { entries: Vec::new(), next: None })
}

pub(crate) fn list(bucket: &Bucket, asked: &List) -> Reply {
    listing(&bucket.page(asked))
}

pub(crate) fn get(bucket: &Bucket, asked: &Get) -> Reply {
    let Some(stored) = bucket.objects.get(&asked.key) else {
        return error(404, "NoSuchKey");
    };
    if asked.if_match.as_ref().is_some_and(|etag| *etag != stored.etag) {
        return error(412, "PreconditionFailed");
    }
    let reply = Reply::bytes("application/octet-stream", stored.content.clone());
    reply.etag(&stored.etag).last_modified(&httpdate::fmt_http_date(stored.modified))
}

fn listing(page: &Page<'_>) -> Reply {
    let mut body = String::from("<ListBucketResult>");
    let mut put = |name: &str, value: &str| {
        write!(body, "<{name}>{}</{name}>", escaped(value)).expect("a string takes all");
    };
    put("KeyCount", &page.entries.len().to_string());
    put("IsTruncated", if page.next.is_some() { "true" } else { "false" });
    if let Some(next) = page.next {
        put("NextContinuationToken", next);
    }
    for (name, stored) in &page.entries {
        let name = escaped(name);
        let entry = match stored {
            None => format!("<CommonPrefixes><Prefix>{name}</Prefix></CommonPrefixes>"),
            Some(stored) => format!(
                "<Contents><Key>{name}</Key><LastModified>{}</LastModified><ETag>{}</ETag>\
                 <Size>{}</Size></Contents>",
                modified(stored.modified),
                escaped(&stored.etag),
                stored.content.len(),
            ),
        };
        body.push_str(&entry);
    }
    body.push_str("</ListBucketResult>");
    xml(&body)
}

/// S3 lists seconds.
fn modified(time: SystemTime) -> String {
    humantime::format_rfc3339_seconds(time).to_string()
}

fn escaped(text: &str) -> String {
    let text = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    text.replace('"', "&quot;")
}

fn xml(body: &str) -> Reply {
    let head = r#"<?xml version="1.0" encoding="UTF-8"?>"#;
    Reply::bytes("application/xml", format!("{head}{body}"))
}
