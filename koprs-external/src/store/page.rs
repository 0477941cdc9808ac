//! A page of a listing of S3, Google Cloud Storage or Azure: whether it can be believed, and which keys on it
//! cannot be represented.
//!
//! `object_store` 0.14 reads a page leniently: any root will do, flags are ignored, and one key without a
//! [`Path`] fails the whole page. So the page is read here first. What contradicts itself is an error, and the
//! entries whose keys cannot be represented are cut out before `object_store` sees them.

use std::borrow::Cow;
use std::error::Error;
use std::fmt;
use std::ops::Range;

use object_store::path::Path;
use percent_encoding::percent_decode_str;

use super::details::BadKeys;
use xxhash_rust::xxh3::Xxh3;

use super::xml::{self, Element, XmlError, escape};
use crate::printable::printable;

/// The longest key, and the longest token. Stores allow 1 KiB; a URL of more than 64 KiB makes `object_store` panic.
pub(super) const LONGEST: usize = 8 * 1024;

/// Whose pages they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Dialect {
    /// S3, and the XML API of Google Cloud Storage.
    S3,
    Azure,
}

/// What a page says beside its objects.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Page {
    pub(super) bad_keys: BadKeys,
    /// What `object_store` must not see of the page, and what it has to see instead.
    pub(super) edits: Vec<Edit>,
    /// A digest of its entries, if there are any.
    pub(super) content: Option<u64>,
    /// Where the next page begins, with its place.
    pub(super) token: Option<(String, Range<usize>)>,
    /// Whether the server says that nothing follows; its token may say otherwise.
    pub(super) says_complete: bool,
}

/// A part of a page, and what stands in its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Edit {
    pub(super) span: Range<usize>,
    pub(super) with: String,
}

impl Edit {
    pub(super) fn cut(element: &Element) -> Self {
        Self { span: element.span.clone(), with: String::new() }
    }
}

/// Why an answer is not believed.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum PageError {
    /// It is another document.
    Root(String),
    Malformed(String),
    TooLong(usize),
    /// The server answered 404.
    #[cfg(feature = "http")]
    Missing,
    /// There is more, and no token to continue with.
    NoToken,
    /// It is full, and does not say whether there is more.
    Silent(u64),
    /// The token is longer than any store's.
    LongToken(&'static str),
    /// A flag has a value that means nothing.
    Unreadable {
        flag: &'static str,
        value: String,
    },
    /// A flag appears twice, with two values.
    Differs {
        flag: &'static str,
        values: [String; 2],
    },
    /// It has fewer keys than it says.
    Cut {
        keys: u64,
        count: u64,
    },
    /// It is a listing of another prefix.
    OtherPrefix {
        asked: String,
        listed: String,
    },
    /// Keys are encoded, and nobody asked for that.
    Encoded(String),
    /// An entry cannot be read.
    Entry(String),
    /// A key that cannot be represented, which nobody would hear of.
    BadKey(String),
    #[cfg(feature = "http")]
    WebDav(super::multistatus::WebDavError),
}

/// Reads a page of a listing of the keys that begin with this prefix.
pub(super) fn read(page: &[u8], dialect: Dialect, prefix: &str) -> Result<Page, PageError> {
    let mut reading = Reading { document: page, prefix, ..Reading::default() };
    let mut error = None;
    let (root, list) = match dialect {
        Dialect::S3 => ("ListBucketResult", ""),
        Dialect::Azure => ("EnumerationResults", "Blobs"),
    };
    let read = xml::read(page, root, list, |element| {
        if error.is_none() {
            error = reading.take(&element, dialect).err();
        }
    });
    // A page that is cut is cut, whatever is wrong with the rest.
    read?;
    match error {
        Some(error) => Err(error),
        None => reading.finish(dialect),
    }
}

/// Most servers of S3 give no more at a time.
const FULL: u64 = 1000;

#[derive(Default)]
struct Reading<'a> {
    document: &'a [u8],
    digest: Xxh3,
    prefix: &'a str,
    page: Page,
    keys: u64,
    truncated: Flag,
    token: Flag,
    count: Flag,
    most: Flag,
    encoding: Flag,
    listed_prefix: Flag,
    /// A key that does not begin with the prefix.
    outside: Option<String>,
}

impl Reading<'_> {
    fn take(&mut self, element: &Element, dialect: Dialect) -> Result<(), PageError> {
        let text = element.text.trim_ascii();
        match (dialect, element.name.as_str()) {
            (Dialect::S3, "Contents") => self.entry(element, "Key"),
            (Dialect::Azure, "Blob") => self.entry(element, "Name"),
            (Dialect::S3, "CommonPrefixes") | (Dialect::Azure, "BlobPrefix") => {
                self.keys += 1;
                Ok(())
            }
            // `NextMarker` of S3 is of the first version of its listing: the second does not continue with it.
            (Dialect::S3, "NextContinuationToken") => self.next("NextContinuationToken", element),
            (Dialect::Azure, "NextMarker") => self.next("NextMarker", element),
            (_, name) => self.flag(name, text, element),
        }
    }

    fn flag(&mut self, name: &str, text: &str, element: &Element) -> Result<(), PageError> {
        match name {
            "IsTruncated" => self.truncated.set("IsTruncated", text, element),
            "KeyCount" => self.count.set("KeyCount", text, element),
            "MaxKeys" => self.most.set("MaxKeys", text, element),
            "EncodingType" => self.encoding.set("EncodingType", text, element),
            "Prefix" => self.listed_prefix.set("Prefix", &element.text, element),
            _ => Ok(()),
        }
    }

    fn entry(&mut self, element: &Element, name: &str) -> Result<(), PageError> {
        self.keys += 1;
        self.digest.update(self.document.get(element.span.clone()).unwrap_or_default());
        let mut names = element.children(name);
        let (Some(key), None) = (names.next(), names.next()) else {
            return Err(PageError::Entry(format!("an entry does not have one `{name}`")));
        };
        let decoded = key.is_encoded.then(|| percent_decode_str(&key.text).decode_utf8());
        let is_readable = key.is_readable && key.is_leaf() && !matches!(decoded, Some(Err(_)));
        let text = decoded.and_then(Result::ok).unwrap_or(Cow::Borrowed(&key.text));
        let is_outside = is_readable && !text.starts_with(self.prefix);
        if is_outside {
            self.outside.get_or_insert_with(|| text.clone().into_owned());
        }
        if !is_readable || key.is_normalised || !is_representable(&text) {
            self.page.edits.push(Edit::cut(element));
            if !is_outside {
                self.page.bad_keys.add(text.into_owned());
            }
        } else if key.is_encoded {
            let with = format!("<{name}>{}</{name}>", escape(&text));
            self.page.edits.push(Edit { span: key.span.clone(), with });
        }
        Ok(())
    }

    /// A token that says nothing, or that is there twice, is not for `object_store` to see.
    fn next(&mut self, flag: &'static str, element: &Element) -> Result<(), PageError> {
        let is_empty = element.text.trim_ascii().is_empty();
        if is_empty || self.page.token.is_some() {
            self.page.edits.push(Edit::cut(element));
        }
        if is_empty {
            return Ok(());
        }
        if element.text.len() > LONGEST {
            return Err(PageError::LongToken(flag));
        }
        self.token.set(flag, &element.text, element)?;
        if element.is_normalised {
            let with = format!("<{flag}>{}</{flag}>", escape(&element.text));
            self.page.edits.push(Edit { span: element.span.clone(), with });
        }
        self.page.token.get_or_insert_with(|| (element.text.clone(), element.span.clone()));
        Ok(())
    }

    fn finish(mut self, dialect: Dialect) -> Result<Page, PageError> {
        let is_truncated = self.truncated.said().map(|value| flag("IsTruncated", value));
        let is_truncated = is_truncated.transpose()?;
        let has_token = self.page.token.is_some();
        if is_truncated == Some(true) && !has_token {
            return Err(PageError::NoToken);
        }
        if let Some(encoding) = self.encoding.said() {
            return Err(PageError::Encoded(cut(encoding)));
        }
        let count = self.count.said().map(|value| number("KeyCount", value)).transpose()?;
        if let Some(count) = count.filter(|count| *count > self.keys) {
            return Err(PageError::Cut { keys: self.keys, count });
        }
        let most = self.most.said().and_then(|value| value.parse().ok()).filter(|most| *most > 0);
        let is_full = self.keys >= most.unwrap_or(FULL);
        if dialect == Dialect::S3 && is_truncated.is_none() && !has_token && is_full {
            return Err(PageError::Silent(self.keys));
        }
        self.check_prefix()?;
        self.page.says_complete = is_truncated == Some(false);
        self.page.content = (self.keys > 0).then(|| self.digest.digest());
        Ok(self.page)
    }

    /// A listing of a shorter prefix shows all that was asked for, and more.
    fn check_prefix(&self) -> Result<(), PageError> {
        let other = |listed: &str| PageError::OtherPrefix {
            asked: self.prefix.to_owned(),
            listed: cut(listed),
        };
        let listed = self.listed_prefix.value.as_deref().map(|it| it.trim_start_matches('/'));
        match (listed, &self.outside) {
            (Some(listed), _) if !self.prefix.starts_with(listed) => Err(other(listed)),
            (Some(listed), _) if listed != self.prefix => Ok(()),
            (_, Some(key)) => Err(other(key)),
            (_, None) => Ok(()),
        }
    }
}

/// The value of an element that may appear once.
#[derive(Default)]
struct Flag {
    value: Option<String>,
}

impl Flag {
    fn said(&self) -> Option<&str> {
        self.value.as_deref().filter(|value| !value.is_empty())
    }

    fn set(&mut self, flag: &'static str, text: &str, element: &Element) -> Result<(), PageError> {
        if !element.is_readable || !element.is_leaf() {
            return Err(PageError::Unreadable { flag, value: cut(text) });
        }
        match &self.value {
            Some(value) if value != text => {
                Err(PageError::Differs { flag, values: [cut(value), cut(text)] })
            }
            _ => {
                self.value = Some(text.to_owned());
                Ok(())
            }
        }
    }
}

fn flag(flag: &'static str, value: &str) -> Result<bool, PageError> {
    match value.to_ascii_lowercase().as_str() {
        "true" | "1" => Ok(true),
        "false" | "0" => Ok(false),
        _ => Err(PageError::Unreadable { flag, value: cut(value) }),
    }
}

fn number(flag: &'static str, value: &str) -> Result<u64, PageError> {
    value.parse().map_err(|_| PageError::Unreadable { flag, value: cut(value) })
}

/// Whether `object_store` has a path for a key, which is the key. The placeholder of a folder, `dir/`, is told
/// without its last `/`.
fn is_representable(key: &str) -> bool {
    let is_the_key =
        |path: Path| path.as_ref() == key.strip_suffix('/').unwrap_or(key) && !path.is_root();
    key.len() <= LONGEST && Path::parse(key).is_ok_and(is_the_key)
}

/// So much of a foreign text as can be shown.
pub(super) fn cut(text: &str) -> String {
    printable(text).to_string()
}

impl From<XmlError> for PageError {
    fn from(error: XmlError) -> Self {
        match error {
            XmlError::Root(name) => Self::Root(cut(&name)),
            XmlError::Malformed(why) => Self::Malformed(cut(&why)),
        }
    }
}

impl fmt::Display for PageError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Root(name) if name.ends_with("ListAllMyBucketsResult") => f.write_str(
                "the server lists its buckets instead of the objects: leave out \
                 `aws_virtual_hosted_style_request`, or begin the host of the endpoint with the bucket",
            ),
            Self::Root(name) => write!(
                f,
                "the answer is no listing but `{name}`: is there a proxy or a login in between?"
            ),
            Self::Malformed(why) => write!(
                f,
                "the page of the listing is not well-formed, so it may be cut: {why}; is there a proxy in between?"
            ),
            Self::TooLong(limit) => {
                write!(f, "the page of the listing is longer than {limit} bytes")
            }
            #[cfg(feature = "http")]
            Self::Missing => {
                f.write_str("the store answered 404; check the folder in the URL, and that the server is up behind a proxy")
            }
            Self::NoToken => f.write_str(
                "the page of the listing is cut short: the server says that there is more (`IsTruncated`), and \
                 not how to continue (`NextContinuationToken`); does it know the second version of S3's listing?",
            ),
            Self::Silent(keys) => write!(
                f,
                "the page of the listing has {keys} keys, as many as it may have, and does not say whether there is \
                 more (`IsTruncated`); does the server know the second version of S3's listing?"
            ),
            Self::LongToken(flag) => write!(
                f,
                "the store gave a `{flag}` of more than {LONGEST} bytes, which is none of an object store; is this \
                 an S3 server?"
            ),
            Self::Unreadable { flag, value } => write!(
                f,
                "the listing says `{flag}` is `{value}`, which cannot be read; is this an S3 server?"
            ),
            Self::Differs { flag, values: [one, other] } => write!(
                f,
                "the listing contradicts itself: `{flag}` is `{one}` and `{other}`; is this an S3 server?"
            ),
            Self::Cut { keys, count } => write!(
                f,
                "the page of the listing has {keys} keys, and says that it has {count} (`KeyCount`); is there a \
                 proxy in between that cuts it?"
            ),
            Self::OtherPrefix { asked, listed } => write!(
                f,
                "the server was asked for what is below `{}`, and lists `{listed}`; is there a cache or a proxy \
                 in between that ignores the query?",
                cut(asked)
            ),
            Self::Encoded(encoding) => write!(
                f,
                "the server encodes the keys of the listing (`EncodingType` is `{encoding}`), although this was not \
                 requested; turn it off in the server or in the proxy in between",
                encoding = cut(encoding)
            ),
            Self::Entry(why) => write!(f, "the listing cannot be read: {why}"),
            Self::BadKey(key) => write!(
                f,
                "the key `{}` cannot be followed: it has no path; rename the object, follow a longer path, or \
                 list with `koprs_external::store`, which reports such keys",
                cut(key)
            ),
            #[cfg(feature = "http")]
            Self::WebDav(error) => error.fmt(f),
        }
    }
}

impl Error for PageError {}

#[cfg(test)]
mod tests {
    use super::*;

    const S3: Dialect = Dialect::S3;

    fn contents(keys: &[&str]) -> String {
        let one = |key: &&str| format!("<Contents><Key>{key}</Key><Size>1</Size></Contents>");
        keys.iter().map(one).collect()
    }

    fn s3(inner: &str) -> String {
        format!("<ListBucketResult>{inner}</ListBucketResult>")
    }

    fn azure(blobs: &[&str], rest: &str) -> String {
        let one = |name: &&str| format!("<Blob><Name>{name}</Name></Blob>");
        let blobs: String = blobs.iter().map(one).collect();
        format!("<EnumerationResults><Blobs>{blobs}</Blobs>{rest}</EnumerationResults>")
    }

    fn read(page: &str, dialect: Dialect) -> Result<Page, PageError> {
        super::read(page.as_bytes(), dialect, "")
    }

    #[test]
    fn a_full_page_says_whether_there_is_more() {
        let keys: Vec<String> = (0..1000).map(|n| format!("{n:04}")).collect();
        let page = |count: usize, rest: &str| {
            let keys: Vec<_> = keys.iter().take(count).map(String::as_str).collect();
            s3(&format!("{rest}{}", contents(&keys)))
        };
        for (count, rest, is_believed) in [
            (999, "", true),
            (1000, "", false),
            (1000, "<IsTruncated/>", false),
            (1000, "<IsTruncated>false</IsTruncated>", true),
            (1000, "<NextContinuationToken>t</NextContinuationToken>", true),
            (1000, "<MaxKeys>5000</MaxKeys>", true),
            (5, "<MaxKeys>5</MaxKeys>", false),
            (5, "<MaxKeys>0</MaxKeys>", true),
        ] {
            let read = read(&page(count, rest), S3);
            let silent = PageError::Silent(count as u64);
            assert_eq!(read.err(), (!is_believed).then_some(silent), "{count} {rest}");
        }
    }

    #[test]
    fn only_a_listing_of_its_kind_is_taken_for_one() {
        let root = |name: &str| Err(PageError::Root(name.to_owned()));
        let page = || Ok(Page::default());
        for (text, dialect, expected) in [
            ("<ListBucketResult><Name>b</Name></ListBucketResult>", S3, page()),
            ("\u{feff}<?xml version=\"1.0\"?>\n<ListBucketResult xmlns=\"x\"/>", S3, page()),
            ("<!-- so --><EnumerationResults ServiceEndpoint=\"x\"/>", Dialect::Azure, page()),
            ("<EnumerationResults/>", S3, root("EnumerationResults")),
            ("<ListBucketResult/>", Dialect::Azure, root("ListBucketResult")),
            ("<html><body>Sign in<br></body></html>", S3, root("html")),
            ("<?xml version=\"1.0\"?><Error><Code>SlowDown</Code></Error>", S3, root("Error")),
            ("", S3, root("")),
            ("{}", S3, root("")),
        ] {
            assert_eq!(read(text, dialect), expected, "{text}");
        }
    }

    #[test]
    fn a_page_that_contradicts_itself_is_an_error() {
        let unreadable = |flag, value: &str| PageError::Unreadable { flag, value: value.into() };
        let differs = |flag, one: &str, other: &str| PageError::Differs {
            flag,
            values: [one.into(), other.into()],
        };
        let token = "<NextContinuationToken>t</NextContinuationToken>";
        let truncated = |value: &str| format!("<IsTruncated>{value}</IsTruncated>");
        let count = |value: &str| format!("<KeyCount>{value}</KeyCount>{}", contents(&["a", "b"]));
        for (inner, expected) in [
            (truncated("true"), Some(PageError::NoToken)),
            (truncated(" true\n"), Some(PageError::NoToken)),
            (truncated("TRUE"), Some(PageError::NoToken)),
            (truncated("tru&#101;"), Some(PageError::NoToken)),
            (truncated("<![CDATA[true]]>"), Some(PageError::NoToken)),
            (truncated("true") + "<NextContinuationToken/>", Some(PageError::NoToken)),
            (
                truncated("true") + "<NextContinuationToken> </NextContinuationToken>",
                Some(PageError::NoToken),
            ),
            (
                truncated("true") + "<!-- <NextContinuationToken>t</NextContinuationToken> -->",
                Some(PageError::NoToken),
            ),
            (truncated("true") + "<Owner>" + token + "</Owner>", Some(PageError::NoToken)),
            (truncated("true") + token, None),
            (truncated("false") + token, None),
            (truncated("false"), None),
            (truncated(""), None),
            (truncated("maybe"), Some(unreadable("IsTruncated", "maybe"))),
            (truncated("&what;"), Some(unreadable("IsTruncated", "&what;"))),
            (
                truncated("true") + &truncated("false") + token,
                Some(differs("IsTruncated", "true", "false")),
            ),
            (truncated("true") + &truncated("true") + token + token, None),
            (
                token.to_owned() + &token.replace(">t<", ">u<"),
                Some(differs("NextContinuationToken", "t", "u")),
            ),
            // The first version of S3's listing.
            (truncated("true") + "<NextMarker>b</NextMarker>", Some(PageError::NoToken)),
            (truncated("true") + "<NextMarker>b</NextMarker>" + token, None),
            (count("2"), None),
            (count("1"), None),
            (count(""), None),
            (count("3"), Some(PageError::Cut { keys: 2, count: 3 })),
            (count("-1"), Some(unreadable("KeyCount", "-1"))),
            (count("many"), Some(unreadable("KeyCount", "many"))),
            ("<EncodingType>url</EncodingType>".to_owned(), Some(PageError::Encoded("url".into()))),
            ("<EncodingType/>".to_owned(), None),
            (
                "<Contents><Size>1</Size></Contents>".to_owned(),
                Some(PageError::Entry("an entry does not have one `Key`".into())),
            ),
        ] {
            assert_eq!(read(&s3(&inner), S3).err(), expected, "{inner}");
        }
        let cut = s3(&contents(&["a", "b"]));
        for end in 18..cut.len() {
            let read = read(&cut[..end], S3);
            assert!(matches!(read, Err(PageError::Malformed(_))), "{}: {read:?}", &cut[..end]);
        }
    }

    /// What is left of a page for `object_store`, and the keys that are reported.
    fn left(page: &str, dialect: Dialect) -> (String, String) {
        let Page { bad_keys, mut edits, .. } = read(page, dialect).unwrap();
        let mut left = page.to_owned();
        edits.sort_by_key(|edit| edit.span.start);
        edits.into_iter().rev().for_each(|edit| left.replace_range(edit.span, &edit.with));
        let keys: Vec<_> =
            bad_keys.names().iter().map(|key| key.escape_debug().to_string()).collect();
        (left, keys.join(" "))
    }

    #[test]
    fn keys_that_cannot_be_represented_are_cut_out() {
        for (key, reported) in [
            ("a", None),
            ("a/b", None),
            ("dir/", None),
            (" a ", None),
            ("a&amp;b", None),
            ("<![CDATA[a<b]]>", None),
            ("a//b", Some("a//b")),
            ("a//", Some("a//")),
            ("a/./b", Some("a/./b")),
            ("a/../b", Some("a/../b")),
            ("/a", Some("/a")),
            ("/", Some("/")),
            ("", Some("")),
            ("a\rb", Some("a\\rb")),
            ("a&#13;b", Some("a\\rb")),
            ("a&#xD;b", Some("a\\rb")),
            ("a\nb", Some("a\\nb")),
            ("a&#x1;b", Some("a\\u{1}b")),
            ("a\u{7f}b", Some("a\\u{7f}b")),
            ("a&none;b", Some("a&none;b")),
            ("a & b", Some("a & b")),
        ] {
            let all = s3(&contents(&["0", key, "z"]));
            let expected =
                if reported.is_some() { s3(&contents(&["0", "z"])) } else { all.clone() };
            let reported = reported.unwrap_or_default().to_owned();
            assert_eq!(left(&all, S3), (expected, reported.clone()), "{key}");
            let all = azure(&["0", key, "z"], "<NextMarker/>");
            assert_eq!(left(&all, Dialect::Azure).1, reported, "{key}");
        }
    }

    #[test]
    fn what_object_store_reads_of_other_keys_is_what_the_server_meant() {
        let mut keys: Vec<String> =
            ["two  spaces", " a", "a ", "\u{2028}", "\u{a0}x", "&#32;a&#32;", "&#9;"]
                .map(str::to_owned)
                .into();
        keys.extend([" ", "  ", "a<!-- c --> b", "<![CDATA[ ]]> ", "&#x20;"].map(str::to_owned));
        for key in keys {
            let page = s3(&contents(&[&key]));
            let (left, reported) = left(&page, S3);
            if reported.is_empty() {
                #[derive(serde::Deserialize)]
                struct Read {
                    #[serde(rename = "Contents")]
                    contents: Vec<Entry>,
                }
                #[derive(serde::Deserialize)]
                struct Entry {
                    #[serde(rename = "Key")]
                    key: String,
                }
                let read: Read = quick_xml::de::from_str(&left).unwrap();
                let mut meant = String::new();
                xml::read(page.as_bytes(), "ListBucketResult", "", |it| {
                    meant.clone_from(&it.child("Key").unwrap().text);
                })
                .unwrap();
                assert_eq!(read.contents[0].key, meant, "{key:?}");
            }
        }
    }

    #[test]
    fn names_that_azure_encodes_are_decoded() {
        let page = |name: &str| {
            format!("<EnumerationResults><Blobs><Blob>{name}</Blob></Blobs></EnumerationResults>")
        };
        for (name, expected, reported) in [
            ("a%25%EF%BF%BE%26", "<Name>a%\u{fffe}&amp;</Name>", ""),
            ("a%01b", "", "a\\u{1}b"),
            ("%FF", "", "%FF"),
        ] {
            let encoded = page(&format!("<Name Encoded=\"true\">{name}</Name>"));
            let expected = if reported.is_empty() { page(expected) } else { azure(&[], "") };
            assert_eq!(left(&encoded, Dialect::Azure), (expected, reported.to_owned()), "{name}");
        }
    }

    #[test]
    fn a_key_or_a_token_that_no_url_can_hold_is_not_followed() {
        let token = |length: usize| {
            let token = "t".repeat(length);
            read(&s3(&format!("<NextContinuationToken>{token}</NextContinuationToken>")), S3)
        };
        assert!(token(LONGEST).is_ok());
        assert_eq!(token(LONGEST + 1), Err(PageError::LongToken("NextContinuationToken")));
        let bad = |length: usize| {
            let key = "k".repeat(length);
            read(&s3(&contents(&[&key])), S3).unwrap().bad_keys.count()
        };
        assert_eq!([bad(LONGEST), bad(LONGEST + 1)], [0, 1]);
    }

    #[test]
    fn a_token_that_says_nothing_is_not_followed() {
        let empty =
            s3("<NextContinuationToken> </NextContinuationToken><IsTruncated>false</IsTruncated>");
        assert_eq!(left(&empty, S3).0, s3("<IsTruncated>false</IsTruncated>"));
        let marker = azure(&["a"], "<NextMarker>\n</NextMarker>");
        assert_eq!(left(&marker, Dialect::Azure).0, azure(&["a"], ""));
        let odd = s3("<NextContinuationToken>a\r&amp;</NextContinuationToken>");
        assert_eq!(left(&odd, S3).0, odd.replace('\r', "&#13;"));
        let says = |inner: &str| read(&s3(inner), S3).unwrap().says_complete;
        assert!(says("<IsTruncated>false</IsTruncated>"));
        assert!(!says(""));
    }

    #[test]
    fn a_listing_of_another_prefix_is_an_error() {
        let page = |prefix: Option<&str>, keys: &[&str]| {
            let prefix = prefix.map(|it| format!("<Prefix>{it}</Prefix>")).unwrap_or_default();
            s3(&format!("{prefix}{}", contents(keys)))
        };
        for (prefix, keys, listed) in [
            (Some("p/"), &["p/a"][..], None),
            (Some("p"), &["p/a", "pa"], None),
            (Some("/p/"), &["p/a"], None),
            (None, &["p/a"], None),
            (None, &[], None),
            // It lists more than it was asked for.
            (Some(""), &["a", "p/a"], None),
            (Some("q/"), &["q/a"], Some("q/")),
            (Some("q/"), &[], Some("q/")),
            (Some("p/q/"), &["p/q/a"], Some("p/q/")),
            (Some("p/"), &["p/a", "q/a"], Some("q/a")),
            (None, &["q/a"], Some("q/a")),
        ] {
            let read = super::read(page(prefix, keys).as_bytes(), S3, "p/");
            let expected = listed
                .map(|listed| PageError::OtherPrefix { asked: "p/".into(), listed: listed.into() });
            assert_eq!(read.err(), expected, "{prefix:?}, {keys:?}");
        }
    }
}
