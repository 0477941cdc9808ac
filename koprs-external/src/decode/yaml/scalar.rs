//! What a plain scalar is by the core schema of YAML 1.2 (§10.3.2). All else is text: `NO`, `on`, `1_000`,
//! `0b11`, `1:30`, a date.

/// What a scalar is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Null,
    Bool(bool),
    Integer,
    Float,
    Text,
}

impl Kind {
    /// Of a plain scalar.
    pub(super) fn of_plain(text: &str) -> Self {
        match text {
            "" | "~" | "null" | "Null" | "NULL" => Self::Null,
            "true" | "True" | "TRUE" => Self::Bool(true),
            "false" | "False" | "FALSE" => Self::Bool(false),
            ".nan" | ".NaN" | ".NAN" => Self::Float,
            _ => number(text),
        }
    }
}

fn number(text: &str) -> Kind {
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    let all = |digits: &str, radix| !digits.is_empty() && digits.chars().all(|c| c.is_digit(radix));
    if all(unsigned, 10)
        || text.strip_prefix("0o").is_some_and(|digits| all(digits, 8))
        || text.strip_prefix("0x").is_some_and(|digits| all(digits, 16))
    {
        return Kind::Integer;
    }
    if matches!(unsigned, ".inf" | ".Inf" | ".INF") {
        return Kind::Float;
    }
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (unsigned, None),
    };
    let exponent = exponent.map(|exponent| exponent.strip_prefix(['-', '+']).unwrap_or(exponent));
    let is_float = match mantissa.split_once('.') {
        Some(("", digits)) => all(digits, 10),
        Some((whole, digits)) => all(whole, 10) && (digits.is_empty() || all(digits, 10)),
        None => all(mantissa, 10),
    };
    if is_float && exponent.is_none_or(|digits| all(digits, 10)) { Kind::Float } else { Kind::Text }
}

/// The value of an integer; `None` for one that 128 bits do not hold.
pub(super) fn integer(text: &str) -> Option<i128> {
    match radix(text) {
        Some((digits, radix)) => i128::from_str_radix(digits, radix).ok(),
        None => text.parse().ok(),
    }
}

/// The value of an integer that is not negative; `None` for one that 128 bits do not hold.
pub(super) fn unsigned(text: &str) -> Option<u128> {
    match radix(text) {
        Some((digits, radix)) => u128::from_str_radix(digits, radix).ok(),
        None => text.parse().ok(),
    }
}

fn radix(text: &str) -> Option<(&str, u32)> {
    let octal = text.strip_prefix("0o").map(|digits| (digits, 8));
    octal.or_else(|| text.strip_prefix("0x").map(|digits| (digits, 16)))
}

/// The value of a float or an integer; `None` for a finite one that is too large.
pub(super) fn float(text: &str) -> Option<f64> {
    let (sign, unsigned) = match text.strip_prefix('-') {
        Some(unsigned) => (-1.0, unsigned),
        None => (1.0, text.strip_prefix('+').unwrap_or(text)),
    };
    match unsigned {
        ".inf" | ".Inf" | ".INF" => Some(sign * f64::INFINITY),
        ".nan" | ".NaN" | ".NAN" => Some(f64::NAN),
        _ if unsigned.starts_with("0x") || unsigned.starts_with("0o") => {
            integer(text).map(|integer| integer as f64)
        }
        _ => text.parse().ok().filter(|float: &f64| float.is_finite()),
    }
}
