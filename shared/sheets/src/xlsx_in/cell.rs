/// Gathers the text of one cell or shared string from the elements that hold it, up to a bound.
pub(super) struct Collector {
    text: String,
    limit: usize,
    /// The element whose text counts: `v` for values, `t` for strings.
    wanted: &'static str,
    inside: bool,
    /// Inside a phonetic hint (`rPh`), which is no part of the text.
    hint: bool,
    too_long: bool,
}

impl Collector {
    pub(super) fn new(limit: usize) -> Self {
        Self { text: String::new(), limit, wanted: "v", inside: false, hint: false, too_long: false }
    }

    pub(super) fn restart(&mut self, wanted: &'static str) {
        self.text.clear();
        self.wanted = wanted;
        self.inside = false;
        self.hint = false;
        self.too_long = false;
    }

    pub(super) fn open(&mut self, element: &str) {
        if element == "rPh" {
            self.hint = true;
        } else if element == self.wanted {
            self.inside = !self.hint;
        }
    }

    pub(super) fn close(&mut self, element: &str) {
        if element == "rPh" {
            self.hint = false;
        } else if element == self.wanted {
            self.inside = false;
        }
    }

    pub(super) fn push(&mut self, text: &str) {
        if !self.inside || self.too_long {
            return;
        }
        if self.text.len() + text.len() > self.limit {
            self.too_long = true;
        } else {
            self.text.push_str(text);
        }
    }

    /// The text as written; `None` where it was too long.
    pub(super) fn text(&self) -> Option<&str> {
        (!self.too_long).then_some(&self.text)
    }

    /// The text with `_xHHHH_` resolved; `None` where it was too long.
    pub(super) fn take_escaped(&mut self) -> Option<String> {
        self.text().map(unescape)
    }
}

/// Resolves `_x000D_` and its like, by which XLSX writes what XML cannot (ECMA-376 part 1, 22.9.2.19).
fn unescape(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("_x") {
        let (before, escape) = rest.split_at(at);
        plain.push_str(before);
        let letter = escape
            .get(2..6)
            .filter(|digits| escape[6..].starts_with('_') && digits.bytes().all(|digit| digit.is_ascii_hexdigit()))
            .and_then(|digits| u32::from_str_radix(digits, 16).ok())
            .and_then(char::from_u32);
        if let Some(letter) = letter {
            plain.push(letter);
            rest = &escape[7..];
        } else {
            plain.push_str("_x");
            rest = &escape[2..];
        }
    }
    plain.push_str(rest);
    plain
}

#[cfg(test)]
mod tests {
    use super::unescape;

    #[test]
    fn escapes_are_resolved_once() {
        assert_eq!(unescape("a_x000D_b"), "a\rb");
        assert_eq!(unescape("_x005F_x000D_"), "_x000D_");
        assert_eq!(unescape("max_xray_x12"), "max_xray_x12");
        assert_eq!(unescape("_xD800_ _x00e9_"), "_xD800_ é");
        assert_eq!(unescape("_x12é4_"), "_x12é4_");
    }
}
