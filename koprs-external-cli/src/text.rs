//! Texts as a terminal can show them.

use koprs_external::private::{is_printable, printable};
use unicode_width::UnicodeWidthChar;

/// One line of visible characters: what would move the cursor, or turn the text around, is escaped.
pub(crate) fn visible(text: &str) -> String {
    printable(text).whole().to_string()
}

/// A JSON document as it is, but that a terminal does not obey what its texts hold: they are escaped as JSON does.
pub(crate) fn inert(json: &str) -> String {
    let mut shown = String::with_capacity(json.len());
    for c in json.chars() {
        match c {
            // A line break of a text is escaped already.
            '\n' => shown.push(c),
            c if is_printable(c) => shown.push(c),
            c => c
                .encode_utf16(&mut [0; 2])
                .iter()
                .for_each(|unit| shown += &format!("\\u{unit:04x}")),
        }
    }
    shown
}

/// As much of a text as fits into so many columns.
pub(crate) fn cut(text: &str, columns: usize) -> String {
    let mut used = 0;
    let width = |c: char| c.width().unwrap_or_default();
    if text.chars().map(width).sum::<usize>() <= columns {
        return text.to_owned();
    }
    let fits = text.chars().take_while(|c| {
        used += width(*c);
        used < columns
    });
    fits.chain((columns > 0).then_some('…')).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_terminal_would_obey_is_escaped() {
        assert_eq!(visible("a\u{1b}[2J\u{9b}b\u{202e}ü\n"), "a\\u{1b}[2J\\u{9b}b\\u{202e}ü\\n");
    }

    #[test]
    fn what_a_terminal_would_obey_is_escaped_in_json_and_means_the_same() {
        let value = serde_json::json!({ "a\u{9b}": "\u{1b}[2J\u{202e}\u{7f}ü\n\u{e0041}" });
        let shown = inert(&serde_json::to_string_pretty(&value).unwrap());
        assert!(shown.chars().all(|c| c == '\n' || visible(&c.to_string()).len() == c.len_utf8()));
        assert_eq!(serde_json::from_str::<serde_json::Value>(&shown).unwrap(), value);
    }

    #[test]
    fn a_text_is_cut_to_the_columns_that_it_takes() {
        for (columns, shown) in [(6, "日本語"), (5, "日本…"), (4, "日…"), (1, "…"), (0, "")]
        {
            assert_eq!(cut("日本語", columns), shown, "{columns}");
        }
        assert_eq!(cut("abc", 2), "a…");
    }
}
