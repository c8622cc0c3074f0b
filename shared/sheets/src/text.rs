use std::borrow::Cow;

/// Makes a cell's text plain: line ends become LF; control characters other than tab and LF, and the two
/// code points that are never characters (U+FFFE, U+FFFF), are dropped. All else stays, spaces included.
///
/// Both the reader and the writers apply it, so it is what "the same value" means in a round trip.
pub fn clean(text: &str) -> Cow<'_, str> {
    if !text.bytes().any(is_suspect) {
        return Cow::Borrowed(text);
    }
    let mut plain = String::with_capacity(text.len());
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '\r' => {
                letters.next_if_eq(&'\n');
                plain.push('\n');
            }
            '\t' | '\n' => plain.push(letter),
            '\u{FFFE}' | '\u{FFFF}' => {}
            _ if letter.is_control() => {}
            _ => plain.push(letter),
        }
    }
    Cow::Owned(plain)
}

/// Bytes that start, or may start, something to be cleaned: C0, DEL, C1 (after 0xC2), U+FFFE (after 0xEF).
fn is_suspect(byte: u8) -> bool {
    (byte < b' ' && byte != b'\n' && byte != b'\t') || matches!(byte, 0x7F | 0xC2 | 0xEF)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_characters_go_and_text_stays() {
        assert_eq!(clean("a\0b\u{1b}c\u{85}d\u{7f}\u{FFFF}"), "abcd");
        assert_eq!(clean("one\r\ntwo\rthree\nfour\tfive"), "one\ntwo\nthree\nfour\tfive");
        assert_eq!(clean(" आशा £5 ＝ 😀 "), " आशा £5 ＝ 😀 ");
    }
}
