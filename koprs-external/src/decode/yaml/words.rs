//! What the parser refuses, in the words of who wrote the text: by its kind, and what to do.

use granit_parser::ErrorKind;

/// What is wrong, and what to do. Where nothing is said, the words of the parser are as good.
pub(crate) fn yaml_words(kind: &ErrorKind) -> Option<(&'static str, &'static str)> {
    use ErrorKind as K;
    let words = match kind {
        K::UnexpectedEofFlowSequence
        | K::UnexpectedEofFlowMapping
        | K::UnexpectedEofImplicitFlowMapping => (
            "there is a comma too many, or nothing between two of them",
            "remove the comma, or write what it separates",
        ),
        K::TabNotAllowed
        | K::TabInBlockIndentation
        | K::TabInIndentation
        | K::TabInPlainScalar
        | K::TabAtBlockScalarStart => {
            ("a tab stands where there can be spaces only", "indent with spaces")
        }
        K::UnknownQuotedScalarEscape => (
            "a backslash is followed by a character that it does not escape",
            "use single quotes for a value with backslashes",
        ),
        K::ExpectedBlockSequenceEntry => (
            "there is no dash where the next item should be",
            "mend the indentation: the line stands below no other",
        ),
        K::UnexpectedEofBlockSequence | K::UnexpectedEofBlockMapping | K::UnexpectedEof => {
            ("the file ends too early", "write what is missing at its end")
        }
        K::ExpectedDocumentStart => (
            "something follows the end of the document",
            "remove what follows, or mend the brackets and the indentation above",
        ),
        K::UnsupportedYamlMajorVersion
        | K::DuplicateVersionDirective
        | K::MissingYamlVersion
        | K::MissingYamlVersionSeparator
        | K::YamlVersionTooLong
        | K::MissingDocumentEndBeforeDirective
        | K::InvalidDirectiveName
        | K::MissingDirectiveName
        | K::InvalidDirectiveTerminator
        | K::DuplicateTagDirective => {
            ("the line that begins with `%` is not a directive of YAML", "remove the line")
        }
        K::UndeclaredTagHandle => (
            "the tag has a handle that is not declared",
            "remove the tag, or quote a text that begins with `!`",
        ),
        K::UnknownAnchor => (
            "the alias refers to an anchor that is not defined above",
            "define it above, as `&name`, or quote a value that begins with `*`",
        ),
        K::MissingAnchorOrAliasName => (
            "the name of an anchor or of an alias is missing",
            "quote a value that begins with `&` or `*`",
        ),
        K::ExpectedBlockMappingKey => (
            "there is no key where the next one should be",
            "write `key: value` at the indentation of the keys above",
        ),
        K::SimpleKeyExpected | K::InvalidSimpleKey => (
            "a line has neither a colon nor a value to continue",
            "write `key: value`, or indent a text that goes on in a second line",
        ),
        K::ExpectedFlowMappingSeparator => (
            "there is no comma or `}` between two members",
            "write a comma between them, and quote a value with `{`, `}`, `[`, `]` or a comma in it, as `\"${NAME}\"`",
        ),
        K::ExpectedFlowSequenceSeparator => (
            "there is no comma or `]` between two items",
            "write a comma between them, and quote a value with `{`, `}`, `[`, `]` or a comma in it, as `\"${NAME}\"`",
        ),
        K::MisplacedFlowCollectionEnd => {
            ("a bracket is closed that is not open", "remove it, or quote the value that it is in")
        }
        K::BlockEntryInFlowCollection | K::PlainScalarStartsWithDashFlowIndicator => (
            "a dash within brackets begins no item",
            "separate the items by commas, or quote a value that begins with a dash",
        ),
        K::BlockSequenceEntryNotAllowed => {
            ("an item of a list cannot begin here", "write the dash in a line of its own")
        }
        K::MappingKeyNotAllowed => {
            ("a `?` cannot begin a key here", "quote a value that begins with `?`")
        }
        K::InvalidBlockScalarHeader | K::ZeroBlockScalarIndent => (
            "behind `|` or `>` there can be a number from 1 to 9, `+` or `-`, and no text",
            "write the text in the lines below",
        ),
        K::InvalidBlockScalarIndent | K::InvalidIndentation | K::InvalidQuotedScalarIndent => {
            ("the indentation is less than that of the text above", "indent the text alike")
        }
        K::InvalidTrailingSingleQuotedScalar => (
            "there is something behind the closing `'`",
            "quote the whole value; a `'` in it is written `''`",
        ),
        K::InvalidTrailingDoubleQuotedScalar => (
            "there is something behind the closing `\"`",
            "quote the whole value; a `\"` in it is written `\\\"`",
        ),
        K::InvalidQuotedScalarHexEscape
        | K::InvalidLowSurrogateHexEscape
        | K::InvalidLowSurrogate
        | K::MissingLowSurrogate
        | K::UnpairedLowSurrogate
        | K::InvalidUnicodeEscape => (
            "an escape is not that of a character",
            "write the character itself, or use single quotes for a value with backslashes",
        ),
        K::DocumentIndicatorInQuotedScalar => {
            ("a quoted text is not closed before the `---`", "close the quote")
        }
        K::CommentInterceptedScalar => (
            "a text goes on behind a comment",
            "move the comment to a line of its own above, or mend the indentation of the line below",
        ),
        K::CommentNotSeparated => (
            "a `#` follows a value without a space",
            "put a space before a comment, or quote the value",
        ),
        K::BomInsideDocument => (
            "a byte order mark (U+FEFF) stands inside the file",
            "remove it: files that were joined have one each",
        ),
        K::InvalidColonPlacement => {
            ("a colon within brackets belongs to no key", "close the bracket, or quote the value")
        }
        _ => return None,
    };
    Some(words)
}
