use crate::SheetError;
use std::borrow::Cow;

/// The byte order mark that Excel writes before UTF-8.
pub(crate) const UTF8_MARK: &[u8] = b"\xEF\xBB\xBF";

/// Bytes as text: UTF-8 with or without byte order mark, UTF-16 with one. Never guesses.
pub(crate) fn decode(bytes: &[u8]) -> Result<Cow<'_, str>, SheetError> {
    match bytes {
        [0xFF, 0xFE, rest @ ..] => utf16(rest, u16::from_le_bytes).map(Cow::Owned),
        [0xFE, 0xFF, rest @ ..] => utf16(rest, u16::from_be_bytes).map(Cow::Owned),
        _ => utf8(bytes).map(Cow::Borrowed),
    }
}

fn utf8(bytes: &[u8]) -> Result<&str, SheetError> {
    std::str::from_utf8(bytes).map(|text| text.strip_prefix('\u{FEFF}').unwrap_or(text)).map_err(|error| {
        let offset = error.valid_up_to();
        SheetError::NotUtf8 { line: bytes[..offset].split(|byte| *byte == b'\n').count(), offset }
    })
}

fn utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> Result<String, SheetError> {
    let (pairs, odd) = bytes.as_chunks::<2>();
    let mut text = String::with_capacity(bytes.len());
    let mut offset = 2;
    for letter in char::decode_utf16(pairs.iter().map(|pair| unit(*pair))) {
        let letter = letter.map_err(|_| SheetError::NotUtf16 { offset })?;
        offset += 2 * letter.len_utf16();
        text.push(letter);
    }
    if !odd.is_empty() {
        return Err(SheetError::NotUtf16 { offset });
    }
    Ok(text)
}
