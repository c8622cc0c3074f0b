//! What a template may be made of.

use domain::Invalid;

/// The statements there are.
const STATEMENTS: [&str; 7] = ["if", "elif", "else", "endif", "for", "endfor", "in"];
/// The filters there are.
pub(crate) const FILTERS: [&str; 4] = ["upper", "lower", "trim", "default"];
/// Words after which a bracket groups: it calls nothing.
const OPERATORS: [&str; 6] = ["and", "or", "not", "in", "if", "elif"];
/// What expressions are made of beside words, digits and texts: no arithmetic and no joining, by which values grow.
const MARKS: &str = "._|()[],<>=! \t\n";

/// Refuses what is outside the grammar, with the line it stands in.
pub(crate) fn check(source: &str) -> Result<(), (usize, Invalid)> {
    let mut rest = source;
    let mut line = 1;
    while let Some(at) = rest.find('{') {
        line += rest[..at].matches('\n').count();
        let tag = &rest[at..];
        let (close, is_statement) = match tag.as_bytes().get(1) {
            Some(b'{') => ("}}", false),
            Some(b'%') => ("%}", true),
            Some(b'#') => ("#}", false),
            _ => {
                rest = &tag[1..];
                continue;
            }
        };
        let refuse = |code, message: &'static str| (line, Invalid::new(code, message));
        let end = tag[2..].find(close).ok_or_else(|| refuse("unclosed", "is opened and not closed"))? + 2;
        let inner = &tag[2..end];
        if close != "#}" {
            let inner = inner.strip_prefix('-').unwrap_or(inner);
            let inner = inner.strip_suffix('-').unwrap_or(inner);
            let word = inner.split_whitespace().next().unwrap_or_default();
            if is_statement && !STATEMENTS.contains(&word) {
                return Err(refuse("unknown_statement", "must be if, elif, else or for, and their ends"));
            }
            expression(inner).map_err(|invalid| (line, invalid))?;
        }
        line += tag[..end].matches('\n').count();
        rest = &tag[end + close.len()..];
    }
    Ok(())
}

/// What stands last in an expression, for what may stand behind it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Last {
    /// Nothing, or a mark that begins something.
    Mark,
    /// A bar: a filter comes.
    Bar,
    /// A filter, which may be handed something.
    Filter,
    /// A value, which cannot be called.
    Value,
}

/// Refuses marks that are not of the grammar, filters that there are not, and calls.
fn expression(inner: &str) -> Result<(), Invalid> {
    let mut rest = inner;
    let mut last = Last::Mark;
    while let Some(char) = rest.chars().next() {
        let length = match char {
            '"' | '\'' => {
                let text = &rest[1..];
                let end = text.find(char).ok_or(Invalid::new("unclosed", "holds a text that is not closed"))?;
                if text[..end].contains('\\') {
                    return Err(Invalid::new("unknown_mark", "must hold no backslash in a text"));
                }
                last = Last::Value;
                end + 2
            }
            _ if char.is_alphanumeric() || char == '_' => {
                let end = rest.find(|char: char| !char.is_alphanumeric() && char != '_').unwrap_or(rest.len());
                last = word(&rest[..end], last)?;
                end
            }
            _ if MARKS.contains(char) => {
                last = mark(char, last)?;
                1
            }
            _ => return Err(Invalid::new("unknown_mark", "must hold names, texts, comparisons and filters alone")),
        };
        rest = &rest[length..];
    }
    Ok(())
}

fn word(word: &str, last: Last) -> Result<Last, Invalid> {
    match last {
        Last::Bar if FILTERS.contains(&word) => Ok(Last::Filter),
        Last::Bar => {
            let message = "has a filter other than upper, lower, trim and default";
            Err(Invalid::new("unknown_filter", message))
        }
        _ if word == "is" => Err(Invalid::new("unknown_mark", "must compare by ==, !=, <, >, <= and >=, not by is")),
        _ if OPERATORS.contains(&word) => Ok(Last::Mark),
        _ => Ok(Last::Value),
    }
}

fn mark(mark: char, last: Last) -> Result<Last, Invalid> {
    match mark {
        _ if mark.is_whitespace() => Ok(last),
        '|' => Ok(Last::Bar),
        '(' if last == Last::Value => {
            Err(Invalid::new("unknown_function", "calls something; there is nothing to call"))
        }
        ')' | ']' => Ok(Last::Value),
        _ => Ok(Last::Mark),
    }
}
