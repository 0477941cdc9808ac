//! Headers that the library sends by itself, and those of a connection. The derive has the same file.

/// Names in lower case, and why they cannot be declared.
const OWN: [(&str, &str); 5] = [
    ("if-none-match if-modified-since", "conditional requests are made by the library"),
    ("range", "a part of a body is not the value"),
    ("content-length transfer-encoding trailer", "it follows from the body"),
    ("expect", "the body is sent at once"),
    (
        "connection http2-settings keep-alive te upgrade",
        "it is about the connection, which others use too",
    ),
];

/// Why a header cannot be declared, and what to do. Its name is in lower case.
pub(crate) fn refusal(name: &str) -> Option<(&'static str, &'static str)> {
    if name.starts_with("proxy-") {
        let help = "leave it out; a credential stands in the URL of the proxy, in `HTTPS_PROXY`";
        return Some(("it is for a proxy", help));
    }
    let own = OWN.iter().find(|(names, _)| names.split(' ').any(|own| own == name));
    own.map(|(_, why)| (*why, "leave it out"))
}
