//! How a server reads the parameters of a query: rightly, wrongly, or not at all.

use percent_encoding::percent_decode_str;

/// How a server reads a parameter.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Parameter {
    /// As it is meant.
    #[default]
    Honoured,
    /// As if it were not there.
    Ignored,
    /// A request with it is answered with this status.
    Refused(u16),
    /// A `+` stays a `+` and is not a space.
    PlusIsLiteral,
    /// Percent-decoded twice, so that `%252B` becomes a `+`.
    DecodedTwice,
    /// In lower case.
    LowerCased,
    /// Only so many bytes of it.
    Cut(usize),
}

impl Parameter {
    /// Reads a value as it was sent. An error is the status of the answer.
    pub(crate) fn read(self, raw: Option<&str>) -> Result<Option<String>, u16> {
        let Some(raw) = raw else { return Ok(None) };
        let spaced = raw.replace('+', " ");
        Ok(Some(match self {
            Self::Honoured => decoded(&spaced),
            Self::Ignored => return Ok(None),
            Self::Refused(status) => return Err(status),
            Self::PlusIsLiteral => decoded(raw),
            Self::DecodedTwice => decoded(&decoded(&spaced).replace('+', " ")),
            Self::LowerCased => decoded(&spaced).to_lowercase(),
            Self::Cut(most) => {
                let value = decoded(&spaced);
                let end =
                    (0..=most.min(value.len())).rev().find(|end| value.is_char_boundary(*end));
                value[..end.unwrap_or_default()].to_owned()
            }
        }))
    }
}

fn decoded(text: &str) -> String {
    percent_decode_str(text).decode_utf8_lossy().into_owned()
}

/// A query, its values still encoded.
pub(crate) struct Query<'a>(Vec<(&'a str, &'a str)>);

impl<'a> Query<'a> {
    pub(crate) fn new(query: &'a str) -> Self {
        let pairs = query.split('&').filter(|pair| !pair.is_empty());
        Self(pairs.map(|pair| pair.split_once('=').unwrap_or((pair, ""))).collect())
    }

    pub(crate) fn raw(&self, name: &str) -> Option<&'a str> {
        self.0.iter().find(|(other, _)| *other == name).map(|(_, value)| *value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_parameter_is_read_rightly_or_wrongly() {
        let cases = [
            (Parameter::Honoured, Ok(Some("A b+c%2B"))),
            (Parameter::Ignored, Ok(None)),
            (Parameter::Refused(501), Err(501)),
            (Parameter::PlusIsLiteral, Ok(Some("A+b+c%2B"))),
            (Parameter::DecodedTwice, Ok(Some("A b c+"))),
            (Parameter::LowerCased, Ok(Some("a b+c%2b"))),
            (Parameter::Cut(3), Ok(Some("A b"))),
        ];
        let query = Query::new("list-type=2&start-after=A+b%2Bc%252B&flag");
        for (parameter, expected) in cases {
            let read = parameter.read(query.raw("start-after"));
            assert_eq!(read.as_ref().map(Option::as_deref).map_err(|it| *it), expected);
            assert_eq!(parameter.read(query.raw("prefix")), Ok(None));
        }
    }
}
